// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One way out with npm ws: node send.mjs PORT SIZE COUNT, with build/peers/node_modules/ws.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(`${process.cwd()}/build/peers/`));
const WebSocket = require("ws");
const [port, size, count] = process.argv.slice(2).map(Number);
const text = "x".repeat(size);
const ws = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
const most = 1 << 20; // buffered: as much as the other clients' queues may hold in a turn

ws.on("error", () => process.exit(1));
ws.on("open", () => {
  let sent = 0;
  const some = () => {
    while (sent < count && ws.bufferedAmount < most) {
      ws.send(text);
      ++sent;
    }
    if (sent < count) setImmediate(some);
  };
  some();
});
