// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// npm ws as a client, with build/peers/node_modules/ws (bench/peers/README.md has the arguments). In front of
// them: --corked, 64 KiB are sent in one write, by way of its private socket; --tickets, TLS sessions go on.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(`${process.cwd()}/build/peers/`));
const WebSocket = require("ws");
const flags = process.argv.slice(2).filter((a) => a.startsWith("--"));
const corked = flags.includes("--corked");
const [measure, url, ...rest] = process.argv.slice(2 + flags.length);
const open = (more) => new WebSocket(url, { perMessageDeflate: false, ...more });
const cpu = (since) => {
  const used = process.cpuUsage(since);
  return (used.user + used.system) / 1e6;
};

function reconnect(messages, caFile, heartbeat) {
  const text = "x".repeat(64);
  const tls = url.startsWith("wss") ? { ca: readFileSync(caFile) } : {};
  const connect = () => {
    const ws = open(tls);
    let asking;
    // What Node connects with is passed on; a ticket stands in front of the answer.
    if (flags.includes("--tickets")) ws.on("upgrade", (answer) => (tls.session = answer.socket.getSession()));
    ws.on("error", () => {});
    ws.on("open", () => {
      if (messages > 1) ws._socket.cork(); // private, but by far its best
      for (let i = 0; i < messages; ++i) ws.send(text);
      if (messages > 1) ws._socket.uncork();
      if (heartbeat > 0) asking = ask(ws, heartbeat);
    });
    ws.on("close", () => {
      clearInterval(asking?.timer);
      connect();
    });
  };
  connect();
}

// The recipe of its documentation: a ping now and then, and the end if nothing came by the next.
function ask(ws, heartbeat) {
  const state = { alive: true, timer: undefined };
  ws.on("pong", () => (state.alive = true));
  ws.on("message", () => (state.alive = true));
  state.timer = setInterval(() => {
    if (!state.alive) return ws.terminate();
    state.alive = false;
    ws.ping();
  }, heartbeat);
  return state;
}

// Runs `begin` once it is open, and says what the processor did until the end.
function sending(begin) {
  const ws = open();
  let before;
  ws.on("error", () => {});
  ws.on("open", () => {
    before = process.cpuUsage();
    begin(ws);
  });
  ws.on("close", () => console.log(`cpu ${cpu(before)}`));
}

function send(size, count) {
  const text = "x".repeat(size);
  const most = 1 << 20; // buffered: as much as the other clients' queues may hold in a turn
  let sent = 0;
  sending(function some(ws) {
    for (; sent < count && ws.bufferedAmount < most; ++sent) ws.send(text);
    if (sent < count) setImmediate(some, ws);
  });
}

// A Buffer, because its frame is one piece, where that of a string is two.
function sendCorked(size, count) {
  const text = Buffer.alloc(size, "x");
  const inOne = Math.max(1, Math.floor(65536 / size));
  let sent = 0;
  sending(function some(ws) {
    const end = Math.min(count, sent + inOne);
    ws._socket.cork();
    while (++sent < end) ws.send(text, { binary: false });
    ws.send(text, { binary: false }, sent < count ? () => some(ws) : undefined);
    ws._socket.uncork();
  });
}

function receive(count) {
  const ws = open({ allowSynchronousEvents: true });
  let got = 0, start, before;
  ws.on("message", () => {
    if (got++ === 0) [start, before] = [performance.now(), process.cpuUsage()];
    if (got < count) return;
    console.log(`seconds ${(performance.now() - start) / 1000}`);
    console.log(`cpu ${cpu(before)}`);
    ws.terminate();
  });
}

function roundTrip(size, count) {
  const text = "x".repeat(size);
  const ws = open();
  let start;
  const us = [];
  const ask = () => {
    start = performance.now();
    ws.send(text);
  };
  ws.on("open", ask);
  ws.on("message", () => {
    us.push((performance.now() - start) * 1000);
    if (us.length < count) return ask();
    console.log(us.map((v) => `us ${v}`).join("\n"));
    ws.terminate();
  });
}

function memory(links) {
  const resident = () => {
    globalThis.gc?.();
    return process.memoryUsage().rss / 1024;
  };
  const before = resident(), start = performance.now();
  let up = 0, echoed = 0;
  const all = [];
  for (let i = 0; i < links; ++i) {
    const ws = open();
    all.push(ws);
    ws.on("open", () => {
      if (++up < links) return;
      console.log(`ms ${performance.now() - start}`);
      for (const each of all) each.send("x".repeat(64));
    });
    ws.on("message", () => {
      if (++echoed < links) return;
      setTimeout(() => {
        console.log(`resident ${(resident() - before) / links}`);
        process.exit(0);
      }, 500);
    });
  }
}

const numbers = rest.map(Number);
if (measure === "reconnect") reconnect(numbers[0], rest[1], numbers[2]);
if (measure === "send") (corked ? sendCorked : send)(numbers[0], numbers[1]);
if (measure === "receive") receive(numbers[1]);
if (measure === "round_trip") roundTrip(numbers[0], numbers[1]);
if (measure === "memory") memory(numbers[0]);
