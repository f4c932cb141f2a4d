// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// When tautline.js tries again, and when it stops: in virtual time.
'use strict';
const assert = require('assert');
const { test } = require('node:test');
const { World } = require('./support');
const { start } = require('./link_world');

/** Fails `count` attempts and returns how long it waited behind each. */
function delays({ link, world }, count) {
  return Array.from({ length: count }, () => {
    world.socket.end();
    const { retryInMs } = link.status;
    if (retryInMs !== null) world.advance(retryInMs);
    return retryInMs;
  });
}

test('the delay doubles from 1 s to the cap of 30 s, with full jitter behind the cap', async () => {
  for (const chance of [0, 0.5, 0.75]) {
    const one = await start({ maxAttempts: Infinity });
    one.world.chance = chance;
    const caps = [1, 2, 4, 8, 16, 30, 30, 30].map((seconds) => seconds * 1000 * chance);
    assert.deepStrictEqual(delays(one, 8), caps);
    assert.strictEqual(one.world.sockets.length, 9);
  }
});

test('after 10 failed attempts it is disconnected, keeps the queue and goes on when it is started again', async () => {
  const one = await start();
  const receipt = one.link.send('kept');
  delays(one, 10);
  assert.strictEqual(one.world.sockets.length, 10);
  assert.strictEqual(one.link.status.text, 'Disconnected');
  assert.match(one.link.status.cause, /attempts used up/);
  one.world.advance(3_600_000);
  assert.strictEqual(one.world.sockets.length, 10);
  one.link.start();
  one.welcome({ recv: 0 });
  assert.deepStrictEqual(
    one.sent().map(({ data }) => data),
    ['kept'],
  );
  one.world.socket.receive({ type: 'ack', recv: 1 });
  assert.deepStrictEqual(await receipt, { origin: one.link.origin, seq: 1 });
});

test('a link that gave up starts again when the browser is online', async () => {
  const one = await start();
  delays(one, 10);
  one.world.fire('online');
  assert.strictEqual(one.world.sockets.length, 11);
  assert.strictEqual(one.link.status.state, 'reconnecting');
});

test('a connection that was up for 5 s and got an ack is retried within 100 ms', async () => {
  const one = await start();
  const socket = one.welcome();
  one.link.send('x');
  socket.receive({ type: 'ack', recv: 1 });
  one.world.advance(5000);
  assert.deepStrictEqual(delays(one, 3), [50, 500, 1000]);
});

test('a connection without an answer is asked after 5 s, and its pong proves it stable', async () => {
  const one = await start();
  const socket = one.welcome();
  one.world.advance(5000);
  const [ping] = socket.controls('ping');
  socket.receive({ type: 'pong', id: ping.id, timestamp: 1, recv: 0 });
  assert.deepStrictEqual(delays(one, 1), [50]);
});

test('a connection that was up for less, or proved nothing, counts as a failed attempt', async () => {
  const short = await start();
  short.welcome();
  short.link.send('x');
  short.world.socket.receive({ type: 'ack', recv: 1 });
  short.world.advance(4999);
  assert.deepStrictEqual(delays(short, 2), [500, 1000]);
  const silent = await start();
  silent.welcome();
  silent.world.advance(6000);
  assert.deepStrictEqual(delays(silent, 2), [500, 1000]);
});

test('a server that welcomes and drops at once uses the attempts up', async () => {
  const one = await start();
  one.welcome();
  one.world.socket.end();
  for (let n = 1; n < 10; ++n) {
    one.world.advance(one.link.status.retryInMs);
    one.resume();
    one.world.socket.end();
  }
  assert.strictEqual(one.link.status.state, 'disconnected');
});

test('overloaded is retried no earlier than it says', async () => {
  const one = await start();
  one.world.socket.open();
  one.world.socket.receive({ type: 'error', code: 'overloaded', message: 'busy', retry_after_ms: 7000 });
  assert.strictEqual(one.link.status.retryInMs, 7000);
  one.world.advance(6999);
  assert.strictEqual(one.world.sockets.length, 1);
  one.world.advance(1);
  assert.strictEqual(one.world.sockets.length, 2);
});

test('an attempt that hangs is given up after 10 s, open or not', async () => {
  const one = await start();
  one.world.advance(10_000);
  assert.strictEqual(one.world.socket.closedWith, 1000);
  one.world.advance(500);
  one.world.socket.open();
  one.world.advance(10_000);
  assert.strictEqual(one.world.socket.closedWith, 1000);
  assert.strictEqual(one.link.status.state, 'reconnecting');
});

test('it pings after heartbeat_ms of silence, and drops the connection after twice that and its timeout', async () => {
  const one = await start();
  const socket = one.welcome({ heartbeat_ms: 1000 });
  one.world.advance(999);
  assert.strictEqual(socket.controls('ping').length, 0);
  one.world.advance(1);
  assert.strictEqual(socket.controls('ping').length, 1);
  one.world.advance(10_999);
  assert.strictEqual(one.link.status.state, 'connected');
  one.world.advance(1);
  assert.strictEqual(one.link.status.state, 'reconnecting');
});

test('a peer that answers each ping is asked again after each heartbeat_ms, and stays', async () => {
  const one = await start({ stableMs: 1e9 });
  const socket = one.welcome({ heartbeat_ms: 1000 });
  for (let id = 1; id <= 30; ++id) {
    one.world.advance(1000);
    assert.strictEqual(socket.controls('ping').length, id);
    one.world.advance(1);
    socket.receive({ type: 'pong', id, timestamp: 1, recv: 0 });
  }
  assert.strictEqual(one.link.status.state, 'connected');
});

test('any traffic is a sign of life', async () => {
  const one = await start({ stableMs: 1e9 });
  const socket = one.welcome({ heartbeat_ms: 1000 });
  for (let seq = 1; seq <= 100; ++seq) {
    one.world.advance(999);
    one.data(seq);
  }
  assert.strictEqual(one.link.status.state, 'connected');
  assert.strictEqual(socket.controls('ping').length, 0);
});

test('offline leads to a probe: no answer within 3 s ends the connection, any answer keeps it', async () => {
  const one = await start();
  let socket = one.welcome();
  one.world.fire('offline');
  assert.strictEqual(socket.controls('ping').length, 1);
  socket.receive({ type: 'pong', id: 1, timestamp: 1, recv: 0 });
  one.world.advance(3000);
  assert.strictEqual(one.link.status.state, 'connected');
  one.world.fire('offline');
  one.world.advance(3000);
  assert.strictEqual(one.link.status.text, 'Reconnecting...');
});

test('while the browser says offline, a connection that answers is asked again and again', async () => {
  const one = await start({ stableMs: 1e9 });
  const socket = one.welcome();
  one.world.fire('offline');
  for (let id = 1; id <= 5; ++id) {
    assert.strictEqual(socket.controls('ping').length, id);
    socket.receive({ type: 'pong', id, timestamp: 1, recv: 0 });
    one.world.advance(3000);
  }
  one.world.advance(3000);
  assert.strictEqual(one.link.status.state, 'reconnecting');
  one.world.fire('online');
  const next = one.resume();
  one.world.advance(20_000);
  assert.strictEqual(next.controls('ping').length, 0);
});

test('online leads to a retry at once', async () => {
  const one = await start();
  one.world.socket.end();
  assert.strictEqual(one.world.sockets.length, 1);
  one.world.fire('online');
  assert.strictEqual(one.world.sockets.length, 2);
  one.world.advance(9999);
  assert.strictEqual(one.world.sockets.length, 2, 'the old timer is gone');
});

test('the url may come from a function, and its failure is a failed attempt', async () => {
  const answers = [
    () => {
      throw new Error('no token today');
    },
    async () => 'ws://second/',
  ];
  const one = await start({}, { url: () => answers.shift()() });
  await null;
  assert.match(one.link.status.cause, /no token today/);
  one.world.advance(500);
  await null;
  await null;
  assert.strictEqual(one.world.socket.url, 'ws://second/');
});

test('stopped, it touches nothing any more, and what was queued goes out when it is started again', async () => {
  const one = await start();
  one.welcome();
  one.link.stop();
  assert.strictEqual(one.world.socket.closedWith, 1000);
  assert.deepStrictEqual(one.states(), ['reconnecting', 'connected', 'disconnected']);
  one.world.fire('online');
  one.world.fire('offline');
  one.world.advance(3_600_000);
  assert.strictEqual(one.world.sockets.length, 1);
  assert.strictEqual(one.world.timers.size, 0);
  one.link.send('later');
  one.link.start();
  one.resume();
  assert.deepStrictEqual(
    one.sent().map(({ data }) => data),
    ['later'],
  );
});

test('two links never wait the same time', async () => {
  const world = new World();
  const { webcrypto } = require('crypto');
  world.environment.crypto = webcrypto;
  const waits = new Set();
  for (let n = 0; n < 50; ++n) {
    const one = await start({}, { world });
    one.world.socket.end();
    waits.add(one.link.status.retryInMs);
    assert.ok(one.link.status.retryInMs >= 0 && one.link.status.retryInMs < 1000);
  }
  assert.ok(waits.size > 45);
});
