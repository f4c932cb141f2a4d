// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Errors, limits, drains and goodbyes of tautline.js, message by message, with the test as its server.
'use strict';
const assert = require('assert');
const { test } = require('node:test');
const { World } = require('./support');
const { WELCOME, again, send, seqs, start } = require('./link_world');

test('every error of the page ends as the page says', async () => {
  const outcomes = {
    bad_message: 'reconnecting',
    unauthorized: 'disconnected',
    session_lost: 'disconnected',
    hello_timeout: 'reconnecting',
    superseded: 'reconnecting',
    gap: 'reconnecting',
    too_large: 'reconnecting',
    unsupported: 'disconnected',
    overloaded: 'reconnecting',
  };
  const closes = {
    bad_message: 4400,
    unauthorized: 4401,
    session_lost: 4404,
    hello_timeout: 4408,
    superseded: 4409,
    gap: 4410,
    too_large: 4413,
    unsupported: 4426,
    overloaded: 4429,
  };
  for (const [code, state] of Object.entries(outcomes)) {
    const told = await start();
    told.welcome();
    told.world.socket.receive({ type: 'error', code, message: `because of ${code}` });
    assert.strictEqual(told.link.status.state, state, code);
    assert.strictEqual(told.link.status.cause, `because of ${code}`);
    const closed = await start();
    closed.welcome();
    closed.world.socket.end(closes[code]);
    assert.strictEqual(closed.link.status.state, state, `close ${closes[code]}`);
  }
});

test('unauthorized is retried when the url brings a fresh credential', async () => {
  const one = await start({}, { url: () => 'ws://server/?token=fresh' });
  await null;
  one.world.socket.open();
  one.world.socket.receive({ type: 'error', code: 'unauthorized', message: 'no' });
  assert.strictEqual(one.link.status.state, 'reconnecting');
});

test('bad_message is fatal when it comes 3 times in a row', async () => {
  const one = await start();
  for (const round of [1, 2]) {
    one.world.socket.open();
    one.world.socket.receive('{"type":"ack"}');
    assert.strictEqual(one.link.status.state, 'reconnecting', `round ${round}`);
    assert.strictEqual(one.world.socket.closedWith, 4400);
    one.world.advance(one.link.status.retryInMs);
  }
  again(one);
  for (const round of [1, 2, 3]) {
    one.world.socket.open();
    one.world.socket.end(4400);
    assert.strictEqual(one.link.status.state, round < 3 ? 'reconnecting' : 'disconnected');
    if (round < 3) one.world.advance(one.link.status.retryInMs);
  }
});

test('a server that breaks the protocol is told so', async () => {
  const breaches = {
    'data before the welcome': (one) => (one.world.socket.open(), one.data(1)),
    'an ack before the welcome': (one) => (one.world.socket.open(), one.world.socket.receive({ type: 'ack', recv: 0 })),
    'a second welcome': (one) => (one.welcome(), one.world.socket.receive(WELCOME)),
    'an ack of what was never sent': (one) => (one.welcome(), one.world.socket.receive({ type: 'ack', recv: 1 })),
    'a welcome ahead of what was sent': (one) => one.welcome({ recv: 1 }),
    'a session resumed that was never named': (one) => one.welcome({ resumed: true }),
    'a session resumed at another place': (one) => (one.welcome(), again(one), one.resume({ from: 2 })),
    'a session resumed that forgot what it acknowledged': (one) => {
      one.welcome();
      send(one, 'a');
      one.world.socket.receive({ type: 'ack', recv: 1 });
      again(one);
      one.resume({ recv: 0 });
    },
    'numbers that do not begin at 1': (one) => one.welcome({ from: 2 }),
    'text that is no JSON': (one) => (one.welcome(), one.world.socket.receive('hello?')),
    'data that is not UTF-8': (one) => (one.welcome(), one.data(1, { payload: Buffer.from([0xff]) })),
  };
  for (const [name, breach] of Object.entries(breaches)) {
    const one = await start();
    breach(one);
    assert.deepStrictEqual(
      one.world.socket.controls('error').map(({ code }) => code),
      ['bad_message'],
      name,
    );
    assert.strictEqual(one.world.socket.closedWith, 4400, name);
    assert.deepStrictEqual(one.named('message'), [], name);
  }
});

test('a server that does not select the protocol is a fatal error', async () => {
  const one = await start();
  one.world.socket.onopen();
  assert.strictEqual(one.link.status.state, 'disconnected');
  assert.match(one.link.status.cause, /does not speak tautline.v1/);
});

test('a message that the peer would not take fails alone, and its number becomes void', async () => {
  const one = await start();
  const [large, small] = send(one, 'x'.repeat(2000), 'small');
  one.welcome({ max_message_bytes: 1000 });
  await assert.rejects(large, { code: 'too_large' });
  one.world.socket.end(4413);
  one.world.advance(1000);
  one.resume({ max_message_bytes: 1000 });
  assert.deepStrictEqual(
    one.sent().map(({ seq, void: empty, data }) => [seq, empty, data]),
    [
      [1, true, null],
      [2, false, 'small'],
    ],
  );
  one.world.socket.receive({ type: 'ack', recv: 2 });
  assert.strictEqual((await small).seq, 2);
  assert.deepStrictEqual(seqs(one.named('delivered')), [2]);
  await assert.rejects(one.link.send('x'.repeat(1000)), { code: 'too_large' });
});

test('the queue is bounded, and says so', async () => {
  const one = await start({ maxQueuedMessages: 2, maxQueuedBytes: 10 });
  send(one, 'a');
  await assert.rejects(one.link.send('x'.repeat(10)), { code: 'queue_full' });
  send(one, 'b');
  const third = one.link.send('c');
  await assert.rejects(third, { code: 'queue_full' });
  assert.strictEqual(third.seq, undefined);
  one.welcome();
  assert.deepStrictEqual(
    one.sent().map(({ data }) => data),
    ['a', 'b'],
  );
});

test('drain: the new connection is up before the old one is left, and the status never flickers', async () => {
  const one = await start();
  const old = one.welcome();
  old.receive({ type: 'drain', min_ms: 100, max_ms: 300, deadline_ms: 1000, url: 'ws://other/' });
  one.world.advance(199);
  assert.strictEqual(one.world.sockets.length, 1);
  one.world.advance(1);
  assert.strictEqual(one.world.socket.url, 'ws://other/');
  send(one, 'still over the old one');
  assert.deepStrictEqual(seqs(one.sent(old)), [1]);
  assert.strictEqual(old.closedWith, null);
  one.world.socket.open();
  assert.strictEqual(old.closedWith, 1000);
  assert.deepStrictEqual(seqs(one.sent()), [1], 'repeated, as it was not acknowledged');
  one.world.socket.receive({ ...WELCOME, resumed: true, recv: 1, from: 1 });
  assert.deepStrictEqual(one.states(), ['reconnecting', 'connected']);
});

test('drain: when the new connection cannot be made, it is tried again while the old one serves', async () => {
  const one = await start({ maxAttempts: 2 });
  const old = one.welcome();
  old.receive({ type: 'drain', min_ms: 0, max_ms: 0, deadline_ms: 60_000 });
  for (let n = 0; n < 4; ++n) {
    one.world.advance(5000);
    one.world.socket.end();
  }
  assert.strictEqual(one.world.sockets.length, 5);
  assert.strictEqual(one.link.status.state, 'connected');
  old.end(1012);
  assert.strictEqual(one.link.status.state, 'disconnected');
});

test('drain: from an encrypted connection it does not go to a place in the clear', async () => {
  const one = await start({}, { url: 'wss://server/' });
  const socket = one.welcome();
  for (const url of ['ws://server/', 'https://server/', 7]) {
    socket.receive({ type: 'drain', min_ms: 0, max_ms: 0, deadline_ms: 1000, url });
    one.world.advance(0);
    assert.strictEqual(one.world.socket.url, 'wss://server/');
    assert.strictEqual(one.world.sockets.length, 2);
  }
});

test('drain: where bye was said, the new connection is not used', async () => {
  const one = await start();
  const old = one.welcome();
  old.receive({ type: 'drain', min_ms: 0, max_ms: 0, deadline_ms: 1000 });
  one.world.advance(0);
  const closed = one.link.close();
  one.world.socket.open();
  assert.deepStrictEqual(one.world.socket.sent, []);
  old.receive({ type: 'bye' });
  old.end(1000);
  assert.strictEqual(await closed, true);
});

test('a connection that was left says nothing more', async () => {
  const one = await start();
  const old = one.welcome();
  again(one);
  one.resume();
  const said = old.sent.length;
  old.receive(WELCOME);
  one.data(1, {}, old);
  old.end();
  assert.strictEqual(one.link.status.state, 'connected');
  assert.strictEqual(old.sent.length, said);
  assert.deepStrictEqual(one.named('message'), []);
});

test('close delivers what is queued, says bye and a ping, and ends with the server', async () => {
  const one = await start();
  const socket = one.welcome({ window: { messages: 1, bytes: 1000 } });
  send(one, 'a', 'b');
  const closed = one.link.close();
  await assert.rejects(one.link.send('c'), { code: 'closed' });
  assert.deepStrictEqual(socket.controls('bye'), []);
  socket.receive({ type: 'ack', recv: 1 });
  assert.deepStrictEqual(socket.sent.slice(-2), [{ type: 'bye' }, { type: 'ping', id: 1 }]);
  socket.receive({ type: 'ack', recv: 2 });
  socket.receive({ type: 'bye' });
  socket.end(1000);
  assert.strictEqual(await closed, true);
  assert.deepStrictEqual(one.states(), ['reconnecting', 'connected', 'disconnected']);
  one.link.start();
  one.world.socket.open();
  const [hello] = one.world.socket.controls('hello');
  assert.deepStrictEqual([hello.session, hello.recv, hello.from], [undefined, 0, 3]);
});

test('bye is said again on a new connection', async () => {
  const one = await start();
  one.welcome();
  send(one, 'a');
  const closed = one.link.close();
  again(one);
  const socket = one.resume();
  assert.deepStrictEqual(socket.controls('bye').length, 1);
  socket.receive({ type: 'ack', recv: 1 });
  socket.receive({ type: 'bye' });
  socket.end();
  assert.strictEqual(await closed, true);
});

test('close that takes too long says so and keeps what is queued', async () => {
  const one = await start();
  send(one, 'a');
  one.welcome();
  const closed = one.link.close({ timeoutMs: 3000 });
  one.world.advance(3000);
  assert.strictEqual(await closed, false);
  one.link.start();
  one.world.socket.open();
  assert.strictEqual(one.world.socket.controls('hello')[0].session, 's1');
  assert.deepStrictEqual(seqs(one.sent()), [1]);
});

test('a bye of the server is answered when all is sent', async () => {
  const one = await start();
  const socket = one.welcome();
  socket.receive({ type: 'bye' });
  assert.strictEqual(socket.controls('bye').length, 1);
  assert.deepStrictEqual(one.named('bye'), [{}]);
  socket.end(1000);
  assert.strictEqual(one.link.status.state, 'disconnected');
});

test('what is neither text nor bytes is refused, and so is a url that is none', async () => {
  const one = await start();
  for (const data of [7, null, undefined, {}, ['a']]) assert.throws(() => one.link.send(data), TypeError);
  const world = new World();
  world.environment.WebSocket = class {
    constructor(url) {
      throw new SyntaxError(`no url: ${url}`);
    }
  };
  const other = await start({}, { world, url: 'nonsense' });
  assert.deepStrictEqual([other.link.status.state, other.link.status.cause], ['disconnected', 'no url: nonsense']);
});

test('a handler may stop the link, and what one throws disturbs nothing', async () => {
  const world = new World();
  const reported = [];
  world.environment.report = (error) => reported.push(error.message);
  const one = await start({}, { world });
  one.link.on('message', ({ seq }) => {
    if (seq === 1) throw new Error('in a handler');
    one.link.stop();
  });
  one.welcome();
  one.data(1);
  one.world.advance(20);
  one.data(2);
  assert.deepStrictEqual(reported, ['in a handler']);
  assert.strictEqual(one.link.status.state, 'disconnected');
  assert.strictEqual(one.world.timers.size, 0);
  one.link.start();
  one.world.socket.open();
  assert.strictEqual(one.world.socket.controls('hello')[0].recv, 2);
});
