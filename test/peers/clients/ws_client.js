// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// npm ws as a client; the scenarios are those of scenarios.py.
'use strict';
const fs = require('fs');
const WebSocket = require('ws');

const [url, scenario, number, closeCode, origin] = process.argv.slice(2);
const say = (event) => fs.writeSync(1, JSON.stringify(event) + '\n');
const socket = new WebSocket(url, origin ? { origin } : {});
const waiting = [];
const arrived = [];
let code;

socket.on('message', (data) => {
  if (waiting.length) waiting.shift()(data.toString());
  else arrived.push(data.toString());
});
const closed = new Promise((resolve) => socket.on('close', (c) => {
  code = c;
  waiting.splice(0).forEach((answer) => answer(null));
  resolve();
}));
const receive = () => new Promise((resolve) => {
  if (arrived.length) resolve(arrived.shift());
  else if (code !== undefined) resolve(null);
  else waiting.push(resolve);
});
const ping = (text) => new Promise((resolve) => {
  socket.once('pong', (data) => resolve(data.toString() === text));
  socket.ping(text);
});

function sendNumbers(count) {
  for (let n = 1; n <= count; ++n) socket.send(String(n));
}

async function receiveNumbers(count) {
  let inOrder = true;
  for (let n = 1; n <= count; ++n) inOrder = (await receive()) === String(n) && inOrder;
  return { received: count, in_order: inOrder };
}

const scenarios = {
  async echo(count) {
    sendNumbers(count);
    return receiveNumbers(count);
  },
  async send(count) {
    sendNumbers(count);
    await ping('all there?');
    return {};
  },
  listen: receiveNumbers,
  async heartbeat() {
    if (!(await ping('still there?'))) throw new Error('a wrong pong');
    socket.send('{"type":"ping"}');
    const answer = JSON.parse(await receive());
    socket.send('hello');
    return { answer, echo: await receive() };
  },
  async wait() {
    await new Promise((resolve) => process.stdin.once('data', resolve));
    return scenarios.echo(1);
  },
  async large(size) {
    socket.send('x'.repeat(size));
    return { echo: await receive() };
  },
};

socket.on('open', async () => {
  say({ event: 'ready' });
  const result = await scenarios[scenario](Number(number));
  socket.close(Number(closeCode));
  await closed;
  say({ event: 'done', closed: code, ...result });
  process.exit(0);
});
