// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// npm reconnecting-websocket over npm ws, for the reconnect: reconnecting.mjs reconnect URL MESSAGES CA_FILE.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(`${process.cwd()}/build/peers/`));
const Plain = require("ws");
const Reconnecting = require("reconnecting-websocket");
const [, url, messages, caFile] = process.argv.slice(2);
const tls = url.startsWith("wss") ? { ca: readFileSync(caFile) } : {};

class Quick extends Plain {
  constructor(address, protocols) {
    super(address, protocols, { perMessageDeflate: false, ...tls });
  }
}

const text = "x".repeat(64);
const ws = new Reconnecting(url, [], {
  WebSocket: Quick,
  minReconnectionDelay: 0,
  maxReconnectionDelay: 0,
  reconnectionDelayGrowFactor: 1,
  minUptime: 0,
});
const say = () => {
  for (let i = 0; i < Number(messages); ++i) ws.send(text);
};
ws.addEventListener("close", say);
ws.addEventListener("error", () => {});
say();
