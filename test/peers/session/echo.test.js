// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Both clients against an echo server of someone else: the built tautline if it speaks the protocol, or the command of
// TAUTLINE_SESSION_SERVER.
'use strict';
const assert = require('assert');
const { webcrypto } = require('crypto');
const { test, before } = require('node:test');
const WebSocket = require('ws');
const { chooseServer, startServer } = require('./browser_support');
const { Client } = require('./node_session');
const { CutProxy, loadTautline, randomFrom } = require('./support');

const COUNT = 10_000;
const DEADLINE = { timeout: 60_000 };
const lines = Array.from({ length: COUNT }, (_, n) => `${n} ${'.'.repeat(57)}`);
let command, tautline;
before(async () => {
  command = await chooseServer();
  tautline = await loadTautline();
  console.log(`session server: ${command.join(' ')}`);
});

/** Each sends all lines, and resolves to what came back when all is there and both ends have said bye. */
const clients = {
  'tautline.js'(url) {
    const received = [];
    const link = new tautline.Link(
      url,
      {
        initialMs: 10,
        maxMs: 50,
        maxAttempts: Infinity,
        maxQueuedMessages: COUNT,
        window: { messages: 100, bytes: 1e6 },
      },
      { WebSocket, crypto: webcrypto, events: null },
    );
    link.start();
    for (const line of lines) link.send(line);
    return new Promise((resolve, reject) => {
      link.on('session_reset', (account) => reject(new Error(JSON.stringify(account))));
      link.on('message', async ({ data }) => {
        if (received.push(data) === COUNT) resolve({ received, delivered: await link.close({ timeoutMs: 20_000 }) });
      });
    });
  },
  node_session(url) {
    const received = [];
    return new Promise((resolve, reject) => {
      const client = new Client(
        url,
        { 'retry-ms': 10, 'window-messages': 100 },
        {
          reset: (account) => reject(new Error(JSON.stringify(account))),
          message: (payload) => received.push(payload.toString()) === COUNT && client.end(),
          ended: (fault) => (fault ? reject(new Error(fault)) : resolve({ received, delivered: true })),
        },
      );
      for (const line of lines) client.send(line);
    });
  },
};

for (const [kind, run] of Object.entries(clients)) {
  test(`${kind}: 10,000 messages through 50 cuts come back once and in order`, DEADLINE, async (t) => {
    const server = await startServer(command);
    t.after(() => server.kill());
    const random = randomFrom(2026);
    const proxy = await new CutProxy(
      server.port,
      Array.from({ length: 50 }, () => 200 + random(40_000)),
    ).listen();
    t.after(() => proxy.close());
    const { received, delivered } = await run(proxy.url);
    assert.deepStrictEqual(received, lines);
    assert.ok(delivered);
    assert.strictEqual(proxy.cuts, 50);
  });
}
