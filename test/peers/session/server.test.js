// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the server of node_session.js refuses, resumes and forgets.
'use strict';
const assert = require('assert');
const { test, before } = require('node:test');
const WebSocket = require('ws');
const { DEADLINE, clients, nodeEnvironment, quick, serve } = require('./socket_world');
const { MemoryStorage, loadTautline } = require('./support');

let tautline;
before(async () => {
  tautline = await loadTautline();
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
  const refused = new Promise((resolve) =>
    thief.on('status', ({ state, cause }) => state === 'disconnected' && resolve(cause)),
  );
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
    socket.on('open', () =>
      messages.forEach((message) =>
        socket.send(
          Buffer.isBuffer(message) ? message : typeof message === 'string' ? message : JSON.stringify(message),
        ),
      ),
    );
    socket.on('close', (code) =>
      resolve({ code, controls, error: controls.find(({ type }) => type === 'error')?.code }),
    );
  });
}

const HELLO = {
  type: 'hello',
  version: 1,
  origin: '0'.repeat(32),
  token: '1'.repeat(64),
  attach: 5,
  resume: 'allowed',
  recv: 0,
  from: 1,
  window: { messages: 10, bytes: 1000 },
};

test('the server answers each breach with the error and the close of the page', DEADLINE, async (t) => {
  const { server, received } = await serve(t, {
    'window-messages': 2,
    'max-message-bytes': 100,
    'hello-timeout-ms': 50,
  });
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

test(
  'more than twice the window is too_large, but not what may be sent before the first welcome',
  DEADLINE,
  async (t) => {
    const { server } = await serve(t, { echo: true, 'window-messages': 2, 'queue-messages': 0 });
    const messages = (count) => Array.from({ length: count }, (_, i) => Buffer.from([0, i + 1]));
    const { error, code } = await answerTo(server.url, [HELLO, ...messages(65)]);
    assert.deepStrictEqual([error, code], ['too_large', 4413]);
    assert.strictEqual(server.sessions[0].in.accepted, 65);
  },
);

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
