// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The server of node_session.js in this process, and both clients under one face.
'use strict';
const assert = require('assert');
const { webcrypto } = require('crypto');
const { before } = require('node:test');
const WebSocket = require('ws');
const { Client, Server } = require('./node_session');
const { loadTautline } = require('./support');

let tautline;
before(async () => {
  tautline = await loadTautline();
});

const DEADLINE = { timeout: 60_000 };
const line = (n) => `${String(n).padStart(5, '0')} ${'.'.repeat(57)}`;
const numbers = (count, first = 1) => Array.from({ length: count }, (_, i) => line(first + i));

/** A list that can be awaited until it has so many. */
class Arrivals extends Array {
  add(item) {
    this.push(item);
    this.onAdd?.(item);
    if (this.length === this.wanted) this.reached();
  }
  until(count) {
    if (this.length >= count) return Promise.resolve();
    this.wanted = count;
    return new Promise((resolve) => {
      this.reached = resolve;
    });
  }
}

async function serve(t, options = {}) {
  const received = new Arrivals();
  const server = new Server({ 'heartbeat-ms': 1000, ...options }, (message) =>
    received.add(message.payload.toString()),
  );
  await server.ready;
  t.after(() => server.close());
  return { server, received };
}

const quick = { initialMs: 10, maxMs: 50, maxAttempts: Infinity, maxQueuedMessages: 1e6, maxQueuedBytes: 1e9 };
const nodeEnvironment = () => ({ WebSocket, crypto: webcrypto, events: null });

/** What both clients are for these tests. */
const clients = {
  'tautline.js'(t, url, options = {}) {
    const link = new tautline.Link(url, { ...quick, ...options }, nodeEnvironment());
    const one = { received: new Arrivals(), resets: new Arrivals(), states: [], link };
    link.on('message', ({ data }) => one.received.add(data));
    link.on('session_reset', (account) => one.resets.add(account));
    link.on('status', ({ state }) => state !== one.states.at(-1) && one.states.push(state));
    one.send = (text) => link.send(text);
    one.end = async () => assert.ok(await link.close({ timeoutMs: 30_000 }), 'not all was delivered');
    t.after(() => link.stop());
    link.start();
    return one;
  },
  node_session(t, url, options = {}) {
    const one = { received: new Arrivals(), resets: new Arrivals() };
    const ended = new Promise((resolve) => {
      one.ended = resolve;
    });
    const client = new Client(
      url,
      { 'retry-ms': 10, 'window-messages': options.window?.messages ?? 1024 },
      {
        message: (payload) => one.received.add(payload.toString()),
        reset: (account) => one.resets.add(account),
        ended: one.ended,
      },
    );
    one.send = (text) => client.send(text);
    one.end = async () => (client.end(), assert.strictEqual(await ended, null));
    t.after(() => client.stop());
    return one;
  },
};

module.exports = { DEADLINE, clients, nodeEnvironment, numbers, quick, serve };
