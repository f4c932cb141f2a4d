// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Both clients, tautline.js and that of node_session.js, against the server of node_session.js over real sockets.
'use strict';
const assert = require('assert');
const { webcrypto } = require('crypto');
const { test, before } = require('node:test');
const WebSocket = require('ws');
const { Client, Server } = require('./node_session');
const { CutProxy, MemoryStorage, loadTautline, randomFrom } = require('./support');

let tautline;
before(async () => { tautline = await loadTautline(); });

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
    return new Promise((resolve) => { this.reached = resolve; });
  }
}

async function serve(t, options = {}) {
  const received = new Arrivals();
  const server = new Server({ 'heartbeat-ms': 1000, ...options }, (message) => received.add(message.payload.toString()));
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
  'node_session'(t, url, options = {}) {
    const one = { received: new Arrivals(), resets: new Arrivals() };
    const ended = new Promise((resolve) => { one.ended = resolve; });
    const client = new Client(url, { 'retry-ms': 10, 'window-messages': options.window?.messages ?? 1024 }, {
      message: (payload) => one.received.add(payload.toString()), reset: (account) => one.resets.add(account), ended: one.ended,
    });
    one.send = (text) => client.send(text);
    one.end = async () => (client.end(), assert.strictEqual(await ended, null));
    t.after(() => client.stop());
    return one;
  },
};

/** A test for each client. */
function forBoth(name, run) {
  for (const kind of Object.keys(clients)) test(`${kind}: ${name}`, DEADLINE, (t) => run(t, (...all) => clients[kind](t, ...all)));
}

forBoth('10,000 messages each way through 50 cuts at any byte arrive once and in order', async (t, connect) => {
  const COUNT = 10_000;
  const { server, received } = await serve(t, { echo: true, 'window-messages': 100 });
  const random = randomFrom(50);
  const proxy = await new CutProxy(server.listener.address().port, Array.from({ length: 50 }, () => 200 + random(40_000))).listen();
  t.after(() => proxy.close());
  const one = connect(proxy.url, { window: { messages: 100, bytes: 1e6 } });
  for (const text of numbers(COUNT)) one.send(text);
  await one.received.until(COUNT);
  await one.end();
  assert.deepStrictEqual([...received], numbers(COUNT));
  assert.deepStrictEqual([...one.received], numbers(COUNT));
  assert.strictEqual(proxy.cuts, 50);
  assert.strictEqual(server.stats().sessions, 1);
  assert.strictEqual(one.resets.length, 0);
});

forBoth('10,000 messages through 50 resets by the server arrive once and in order', async (t, connect) => {
  const COUNT = 10_000;
  const { server, received } = await serve(t, { echo: true, 'window-messages': 100 });
  let cuts = 0, next = 25;
  received.onAdd = () => {
    if (cuts === 50 || received.length < next || server.counts.connections === cuts) return;
    cuts += 1;
    next = received.length + 50;
    server.cut();
  };
  const one = connect(server.url);
  for (const text of numbers(COUNT)) one.send(text);
  await one.received.until(COUNT);
  await one.end();
  assert.deepStrictEqual([...received], numbers(COUNT));
  assert.deepStrictEqual([...one.received], numbers(COUNT));
  assert.strictEqual(server.stats().sessions, 1);
  assert.strictEqual(cuts, 50);
});

forBoth('both ends forget the session when both have said bye', async (t, connect) => {
  const { server, received } = await serve(t, { echo: true });
  const one = connect(server.url);
  for (const text of numbers(5)) one.send(text);
  await one.end();
  assert.deepStrictEqual([...one.received], numbers(5));
  assert.strictEqual(received.length, 5);
  assert.strictEqual(server.stats().open, 0);
});

forBoth('a session that ended with its counters known repeats nothing, and tells what is lost', async (t, connect) => {
  const { server, received } = await serve(t);
  const one = connect(server.url);
  for (const text of numbers(10)) one.send(text);
  await received.until(10);
  const [session] = server.sessions;
  session.push(Buffer.from('first'));
  await one.received.until(1);
  session.socket.send = () => {};
  for (let n = 0; n < 4; ++n) session.push(Buffer.from('lost'));
  received.onAdd = () => received.length === 15 && server.forgetAll(true);
  for (const text of numbers(10, 11)) one.send(text);
  await one.resets.until(1);
  await received.until(20);
  assert.deepStrictEqual([...received], numbers(20));
  const [{ reason, certain, uncertain, lost }] = one.resets;
  assert.deepStrictEqual([reason, uncertain, lost], ['expired', 0, 4]);
  assert.ok(certain >= 5 && certain <= 15, String(certain));
  assert.deepStrictEqual([...one.received], ['first']);
});

forBoth('what the server had not consumed of a session that ended is sent again, and consumed once', async (t, connect) => {
  const { server, received } = await serve(t, { echo: true, 'window-messages': 50, 'queue-messages': 5 });
  const one = connect(server.url, { window: { messages: 4, bytes: 1e6 } });
  let unconsumed = 0;
  received.onAdd = () => {
    const [session] = server.sessions;
    if (unconsumed > 0 || received.length < 100 || session.in.inbox.length === 0) return;
    unconsumed = session.in.inbox.length;
    server.forgetAll(true);
  };
  for (const text of numbers(1000)) one.send(text);
  await received.until(1000);
  assert.deepStrictEqual([...received], numbers(1000));
  assert.ok(unconsumed > 0);
  assert.strictEqual(one.resets.length, 1);
});

forBoth('a session that is forgotten with its counters sends again what is uncertain, and counts it', async (t, connect) => {
  const { server, received } = await serve(t);
  const one = connect(server.url);
  for (const text of numbers(10)) one.send(text);
  received.onAdd = () => received.length === 15 && server.forgetAll(false);
  await received.until(10);
  for (const text of numbers(10, 11)) one.send(text);
  await one.resets.until(1);
  const [{ certain, uncertain, lost }] = one.resets;
  assert.deepStrictEqual([certain, lost], [0, null]);
  await received.until(20 + 15 - (20 - uncertain));
  await one.end();
  assert.deepStrictEqual([...new Set(received)], numbers(20));
  assert.strictEqual(received.length, 15 + uncertain);
});

forBoth('a slow server slows the sender down, across cuts, and drops nothing', async (t, connect) => {
  const { server, received } = await serve(t, { echo: true, 'window-messages': 20, 'queue-messages': 30 });
  const one = connect(server.url, { window: { messages: 10, bytes: 1e6 } });
  const most = { inbox: 0, queued: 0, outstanding: 0 };
  received.onAdd = () => {
    const [session] = server.sessions;
    most.inbox = Math.max(most.inbox, session.in.inbox.length);
    most.queued = Math.max(most.queued, session.out.entries.length);
    most.outstanding = Math.max(most.outstanding, session.out.cursor - 1 - session.out.acked);
    if (received.length % 500 === 0) server.cut();
  };
  for (const text of numbers(2000)) one.send(text);
  await one.received.until(2000);
  assert.deepStrictEqual([...one.received], numbers(2000));
  assert.ok(most.inbox <= 64 && most.queued <= 30 && most.outstanding <= 10, JSON.stringify(most));
});

forBoth('a drain under load moves to a new connection: nothing lost, nothing twice', async (t, connect) => {
  const { server, received } = await serve(t, { echo: true });
  const one = connect(server.url);
  received.onAdd = () => received.length % 1000 === 500 && server.drain();
  for (let n = 0; n < 5; ++n) {
    for (const text of numbers(1000, 1000 * n + 1)) one.send(text);
    await one.received.until(1000 * (n + 1));
  }
  while (server.stats().superseded === 0) await new Promise(setImmediate);
  assert.deepStrictEqual([...one.received], numbers(5000));
  assert.deepStrictEqual([...received], numbers(5000));
  if (one.states) assert.deepStrictEqual(one.states, ['reconnecting', 'connected']);
});

forBoth('a connection that is left over is closed with 4409', async (t, connect) => {
  const { server, received } = await serve(t, { echo: true });
  const one = connect(server.url);
  one.send('a');
  await one.received.until(1);
  const [session] = server.sessions;
  const [stale] = server.listener.clients;
  const closed = new Promise((resolve) => stale.on('close', resolve));
  // The client believes that its connection is dead, the server does not: what a NAT makes of it.
  server.drain();
  await closed;
  one.send('b');
  await one.received.until(2);
  assert.strictEqual(session.socket !== stale, true);
  assert.deepStrictEqual([...received], ['a', 'b']);
});

test('tautline.js: two pages with the same storage take the session from each other, and nothing is lost or twice', DEADLINE, async (t) => {
  const { server, received } = await serve(t, { echo: true });
  const storage = new MemoryStorage();
  const first = clients['tautline.js'](t, server.url, { storage });
  for (const text of numbers(10)) first.send(text);
  await first.received.until(10);
  first.link.stop();
  const second = clients['tautline.js'](t, server.url, { storage: storage.copy() });
  for (const text of numbers(10, 11)) second.send(text);
  await second.received.until(10);
  assert.deepStrictEqual([...received], numbers(20));
  assert.deepStrictEqual([...first.received, ...second.received], numbers(20));
  assert.strictEqual(server.stats().sessions, 1);
});

test('tautline.js: a page that is loaded again in the middle of a burst loses and repeats nothing', DEADLINE, async (t) => {
  const COUNT = 2000;
  const { server, received } = await serve(t);
  const storage = new MemoryStorage();
  let page = clients['tautline.js'](t, server.url, { storage });
  let next = 1;
  received.onAdd = () => {
    if (received.length % 250 !== 0) return;
    page.link.stop();
    page = clients['tautline.js'](t, server.url, { storage: storage.copy() });
    storage.items = page.link.outbox.store.storage.items;
    for (const text of numbers(250, next)) page.send(text);
    next += 250;
  };
  for (const text of numbers(250, next)) page.send(text);
  next += 250;
  await received.until(COUNT);
  assert.deepStrictEqual([...received], numbers(COUNT));
});

test('the server refuses a wrong token and leaves the session alone', DEADLINE, async (t) => {
  const { server, received } = await serve(t, { echo: true });
  const storage = new MemoryStorage();
  const owner = clients['tautline.js'](t, server.url, { storage });
  owner.send('a');
  await owner.received.until(1);
  const stolen = storage.copy();
  stolen.setItem('tautline', JSON.stringify({ ...JSON.parse(stolen.getItem('tautline')), token: 'f'.repeat(64) }));
  const thief = new tautline.Link(server.url, { ...quick, storage: stolen }, nodeEnvironment());
  const refused = new Promise((resolve) => thief.on('status', ({ state, cause }) => state === 'disconnected' && resolve(cause)));
  thief.start();
  assert.match(await refused, /token/);
  owner.send('b');
  await owner.received.until(2);
  assert.deepStrictEqual(owner.states, ['reconnecting', 'connected']);
  assert.deepStrictEqual([...received], ['a', 'b']);
});

/** A bare socket that says these things, and how the server ends it. */
function answerTo(url, messages) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, ['tautline.v1']);
    const controls = [];
    socket.on('message', (data, binary) => binary || controls.push(JSON.parse(data)));
    socket.on('open', () => messages.forEach((message) => socket.send(Buffer.isBuffer(message) ? message : typeof message === 'string' ? message : JSON.stringify(message))));
    socket.on('close', (code) => resolve({ code, controls, error: controls.find(({ type }) => type === 'error')?.code }));
  });
}

const HELLO = {
  type: 'hello', version: 1, origin: '0'.repeat(32), token: '1'.repeat(64), attach: 5, resume: 'allowed', recv: 0, from: 1,
  window: { messages: 10, bytes: 1000 },
};

test('the server answers each breach with the error and the close of the page', DEADLINE, async (t) => {
  const { server, received } = await serve(t, { 'window-messages': 2, 'max-message-bytes': 100, 'hello-timeout-ms': 50 });
  const data = (hex) => Buffer.from(hex.replace(/ /g, ''), 'hex');
  let origins = 0;
  const fresh = (more = {}) => ({ ...HELLO, origin: String(++origins).padStart(32, '0'), ...more });
  for (const [messages, error, code] of [
    [[data('01 01 41')], 'bad_message', 4400],
    [[{ type: 'ping' }], 'bad_message', 4400],
    [['{"type":'], 'bad_message', 4400],
    [[fresh({ origin: 'x' })], 'bad_message', 4400],
    [[fresh({ from: 0 })], 'bad_message', 4400],
    [[fresh({ attach: 2 ** 53 })], 'bad_message', 4400],
    [[fresh({ window: { messages: 0, bytes: 1 } })], 'bad_message', 4400],
    [[fresh(), fresh()], 'bad_message', 4400],
    [[fresh(), { type: 'ack', recv: 1 }], 'bad_message', 4400],
    [[fresh(), data('01 01 ff')], 'bad_message', 4400],
    [[fresh({ version: 2 })], 'unsupported', 4426],
    [[fresh({ resume: 'required', session: 'gone' })], 'session_lost', 4404],
    [[fresh(), data('01 02 41')], 'gap', 4410],
    [[fresh(), Buffer.concat([data('00 01'), Buffer.alloc(101)])], 'too_large', 4413],
    [[], 'hello_timeout', 4408],
  ]) {
    const answer = await answerTo(server.url, messages);
    assert.deepStrictEqual([answer.error, answer.code], [error, code], JSON.stringify(messages));
  }
  assert.deepStrictEqual([...received], []);
});

test('the server tells an older attach that it is superseded', DEADLINE, async (t) => {
  const { server } = await serve(t);
  const socket = new WebSocket(server.url, ['tautline.v1']);
  await new Promise((resolve) => socket.on('open', resolve));
  socket.send(JSON.stringify(HELLO));
  await new Promise((resolve) => socket.once('message', resolve));
  for (const attach of [5, 4]) {
    const { error, code } = await answerTo(server.url, [{ ...HELLO, attach }]);
    assert.deepStrictEqual([error, code], ['superseded', 4409]);
  }
  const fenced = new Promise((resolve) => socket.on('close', resolve));
  const newer = new WebSocket(server.url, ['tautline.v1']);
  newer.on('open', () => newer.send(JSON.stringify({ ...HELLO, attach: 6 })));
  const welcome = JSON.parse(await new Promise((resolve) => newer.once('message', resolve)));
  assert.deepStrictEqual([welcome.resumed, welcome.from, welcome.recv], [false, 1, 0]);
  assert.strictEqual(await fenced, 4409);
});

test('the server resumes only what it can', DEADLINE, async (t) => {
  const { server } = await serve(t);
  const hello = async (more) => {
    const socket = new WebSocket(server.url, ['tautline.v1']);
    t.after(() => socket.terminate());
    socket.on('open', () => socket.send(JSON.stringify({ ...HELLO, ...more })));
    return JSON.parse(await new Promise((resolve) => socket.once('message', resolve)));
  };
  const first = await hello({ attach: 1 });
  const told = ({ resumed, reason, recv, from, previous }) => [resumed, reason, recv, from, previous];
  server.sessions[0].push(Buffer.from('one'));
  server.sessions[0].push(Buffer.from('two'));
  const second = await hello({ attach: 2, session: first.session, recv: 1 });
  assert.deepStrictEqual([second.session, ...told(second)], [first.session, true, undefined, 0, 2, undefined]);
  const back = await hello({ attach: 3, session: first.session, recv: 0 });
  assert.deepStrictEqual(told(back), [false, 'unknown', 0, 1, { recv: 0, sent: 2 }], 'what it acknowledged is gone');
  const ahead = await hello({ attach: 4, session: back.session, recv: 1 });
  assert.deepStrictEqual(told(ahead), [false, 'unknown', 0, 1, { recv: 0, sent: 0 }], 'it never sent so much');
  const gap = await hello({ attach: 5, session: ahead.session, recv: 0, from: 3 });
  assert.deepStrictEqual(told(gap), [false, 'unknown', 2, 1, { recv: 0, sent: 0 }], 'it misses numbers before from');
  server.sessions[0].push(Buffer.from('three'));
  await hello({ attach: 6, session: gap.session, recv: 1, from: 3 });
  const unnamed = await hello({ attach: 7, from: 3 });
  assert.deepStrictEqual(told(unnamed), [false, 'unknown', 2, 1, undefined], 'it no longer holds number 1');
  assert.strictEqual(new Set([first, back, ahead, gap, unnamed].map(({ session }) => session)).size, 5);
});

test('more than twice the window is too_large, but not what may be sent before the first welcome', DEADLINE, async (t) => {
  const { server } = await serve(t, { echo: true, 'window-messages': 2, 'queue-messages': 0 });
  const messages = (count) => Array.from({ length: count }, (_, i) => Buffer.from([0, i + 1]));
  const { error, code } = await answerTo(server.url, [HELLO, ...messages(65)]);
  assert.deepStrictEqual([error, code], ['too_large', 4413]);
  assert.strictEqual(server.sessions[0].in.accepted, 65);
});

test('the server ends a session that nobody came back to', DEADLINE, async (t) => {
  const { server, received } = await serve(t, { 'retain-ms': 30 });
  const link = clients['tautline.js'](t, server.url, { initialMs: 400, maxMs: 400 });
  await link.send('a');
  link.link.stop();
  while (server.stats().open > 0) await new Promise(setImmediate);
  link.send('b');
  link.link.start();
  await received.until(2);
  assert.deepStrictEqual([...received], ['a', 'b']);
  await link.resets.until(1);
  assert.strictEqual(link.resets[0].reason, 'expired');
});
