// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// How tautline.js opens, numbers, repeats and acknowledges, message by message, with the test as its server.
'use strict';
const assert = require('assert');
const { test } = require('node:test');
const { WELCOME, again, range, send, seqs, start } = require('./link_world');

test('the first message is the hello of the page', async () => {
  const one = await start({ window: { messages: 7, bytes: 900 } });
  one.world.advance(5);
  one.world.socket.open();
  assert.deepStrictEqual(one.world.socket.protocols, ['tautline.v1']);
  const [hello] = one.world.socket.sent;
  const { origin, token, ...rest } = hello;
  assert.match(origin, /^[0-9a-f]{32}$/);
  assert.match(token, /^[0-9a-f]{64}$/);
  assert.deepStrictEqual(rest, {
    type: 'hello',
    version: 1,
    attach: 1_780_000_000_005,
    resume: 'allowed',
    recv: 0,
    from: 1,
    window: { messages: 7, bytes: 900 },
    agent: 'tautline.js/0.1.0',
  });
});

test('data goes out right behind the hello, within 64 messages and 65,536 bytes', async () => {
  const one = await start({ maxQueuedBytes: 1e6 });
  send(one, ...range(1, 100).map(String));
  one.world.socket.open();
  assert.deepStrictEqual(seqs(one.sent()), range(1, 64));
  one.world.socket.end();
  const other = await start();
  send(other, 'x'.repeat(40_000), 'y'.repeat(30_000), 'z');
  other.world.socket.open();
  assert.deepStrictEqual(seqs(other.sent()), [1]);
});

test('with resume required nothing goes out before the welcome', async () => {
  const one = await start({ resume: 'required' });
  send(one, 'a');
  one.world.socket.open();
  assert.strictEqual(one.world.socket.controls('hello')[0].resume, 'required');
  assert.strictEqual(one.world.socket.data.length, 0);
  one.world.socket.receive(WELCOME);
  assert.strictEqual(one.world.socket.data.length, 1);
});

test('never more than the window is outstanding, and an ack is a credit', async () => {
  const one = await start();
  one.welcome({ window: { messages: 3, bytes: 1000 } });
  send(one, ...'abcdefg');
  assert.deepStrictEqual(seqs(one.sent()), [1, 2, 3]);
  one.world.socket.receive({ type: 'ack', recv: 2 });
  assert.deepStrictEqual(seqs(one.sent()), [1, 2, 3, 4, 5]);
  one.world.socket.receive({ type: 'pong', recv: 5, timestamp: 1 });
  assert.deepStrictEqual(seqs(one.sent()), range(1, 7));
});

test('acknowledged bytes make room in the window', async () => {
  const one = await start();
  one.welcome({ window: { messages: 10, bytes: 100 } });
  send(one, ...['a', 'b', 'c', 'd'].map((letter) => letter.repeat(50)));
  for (const recv of [1, 2, 3]) {
    assert.deepStrictEqual(seqs(one.sent()), range(1, recv + 1));
    one.world.socket.receive({ type: 'ack', recv });
  }
});

test('a message larger than the bytes of the window goes alone', async () => {
  const one = await start();
  one.welcome({ window: { messages: 10, bytes: 10 } });
  send(one, 'small', 'x'.repeat(100), 'small');
  assert.deepStrictEqual(seqs(one.sent()), [1]);
  one.world.socket.receive({ type: 'ack', recv: 1 });
  assert.deepStrictEqual(seqs(one.sent()), [1, 2]);
  one.world.socket.receive({ type: 'ack', recv: 2 });
  assert.deepStrictEqual(seqs(one.sent()), [1, 2, 3]);
});

test('a receipt resolves on the ack of its message and not before', async () => {
  const one = await start();
  one.welcome();
  const done = [];
  send(one, 'a', 'b').forEach((receipt) => receipt.then(({ seq }) => done.push(seq)));
  one.world.socket.receive({ type: 'ack', recv: 1 });
  await null;
  assert.deepStrictEqual(done, [1]);
  assert.deepStrictEqual(one.named('delivered'), [{ seq: 1 }]);
});

test('bytes and text arrive as what they are, and leave so', async () => {
  const one = await start();
  one.welcome();
  one.link.send(new Uint8Array([1, 2, 3]).subarray(1));
  one.link.send('ä');
  assert.deepStrictEqual(
    one.sent().map(({ data }) => data),
    [new Uint8Array([2, 3]), 'ä'],
  );
  one.data(1, { text: false, payload: Buffer.from([9, 255]) });
  one.data(2);
  assert.deepStrictEqual(one.named('message'), [
    { data: new Uint8Array([9, 255]), seq: 1 },
    { data: 'm2', seq: 2 },
  ]);
});

test('an ack is due 20 ms behind a message, at half of the window, and in every pong', async () => {
  const one = await start({ window: { messages: 6, bytes: 1000 } });
  const socket = one.welcome();
  one.data(1);
  one.world.advance(19);
  assert.deepStrictEqual(socket.controls('ack'), []);
  one.world.advance(1);
  assert.deepStrictEqual(socket.controls('ack'), [{ type: 'ack', recv: 1 }]);
  for (const seq of [2, 3, 4]) one.data(seq);
  assert.deepStrictEqual(
    socket.controls('ack').map(({ recv }) => recv),
    [1, 4],
  );
  one.data(5, { payload: Buffer.alloc(500) });
  assert.deepStrictEqual(
    socket.controls('ack').map(({ recv }) => recv),
    [1, 4, 5],
  );
  one.data(6);
  socket.receive({ type: 'ping', id: 7 });
  assert.deepStrictEqual(socket.controls('pong'), [{ type: 'pong', id: 7, timestamp: 1_780_000_000_020, recv: 6 }]);
  one.world.advance(100);
  assert.strictEqual(socket.controls('ack').length, 3);
});

test('a pong before the welcome, without a place, is no breach', async () => {
  const one = await start();
  one.world.socket.open();
  one.world.socket.receive({ type: 'pong', timestamp: 1 });
  one.world.socket.receive(WELCOME);
  assert.strictEqual(one.link.status.state, 'connected');
});

test('an ack that is due rides on data', async () => {
  const one = await start();
  const socket = one.welcome();
  one.data(1);
  send(one, 'answer', 'more');
  assert.deepStrictEqual(
    one.sent().map(({ ack }) => ack),
    [1, undefined],
  );
  one.world.advance(100);
  assert.deepStrictEqual(socket.controls('ack'), []);
});

test('what was taken over before is dropped and counted, and a void range moves on', async () => {
  const one = await start();
  one.welcome();
  for (const seq of [1, 2, 1, 2, 3]) one.data(seq);
  assert.deepStrictEqual(
    one.named('message').map(({ data }) => data),
    ['m1', 'm2', 'm3'],
  );
  assert.strictEqual(one.link.duplicates, 2);
  one.data(4, { count: 10 });
  one.data(8, { count: 10 });
  one.data(5, { count: 3 });
  one.data(18);
  assert.deepStrictEqual(seqs(one.named('message')), [1, 2, 3, 18]);
  one.world.advance(20);
  assert.strictEqual(one.world.socket.controls('ack').at(-1).recv, 18);
});

test('a number beyond the next is a gap: it says so, and comes back', async () => {
  const one = await start();
  const socket = one.welcome();
  one.data(1);
  one.data(3);
  assert.deepStrictEqual(
    socket.controls('error').map(({ code }) => code),
    ['gap'],
  );
  assert.strictEqual(socket.closedWith, 4410);
  assert.strictEqual(one.link.status.state, 'reconnecting');
  one.world.advance(1000);
  one.resume();
  assert.strictEqual(one.world.socket.controls('hello')[0].recv, 1);
});

test('a new connection repeats what is not acknowledged, and names the session', async () => {
  const one = await start();
  one.welcome();
  send(one, ...'abcde');
  one.world.socket.receive({ type: 'ack', recv: 2 });
  one.data(1);
  again(one);
  one.world.socket.open();
  const [hello] = one.world.socket.controls('hello');
  assert.deepStrictEqual([hello.session, hello.recv, hello.from], ['s1', 1, 3]);
  assert.deepStrictEqual(seqs(one.sent()), [3, 4, 5]);
  one.world.socket.receive({ ...WELCOME, resumed: true, recv: 4, from: 2 });
  assert.deepStrictEqual(seqs(one.sent()), [3, 4, 5], 'nothing twice on one connection');
  assert.deepStrictEqual(seqs(one.named('delivered')), [1, 2, 3, 4]);
});

test('attach rises with every hello, also when the clock does not', async () => {
  const one = await start();
  one.welcome();
  again(one);
  one.world.utcOffset -= 3_600_000;
  one.resume();
  again(one);
  one.resume();
  const attaches = one.world.sockets.map((socket) => socket.controls('hello')[0].attach);
  assert.ok(attaches[0] < attaches[1] && attaches[1] < attaches[2], String(attaches));
});

test('a cut between hello and welcome loses nothing and is no reset', async () => {
  const one = await start();
  send(one, 'a', 'b');
  one.world.socket.open();
  again(one);
  one.world.socket.open();
  one.world.socket.receive({ ...WELCOME, recv: 2 });
  assert.deepStrictEqual(seqs(one.named('delivered')), [1, 2]);
  assert.deepStrictEqual(one.named('session_reset'), []);
});

test('a reset with the previous counters says exactly what was delivered and lost', async () => {
  const one = await start();
  one.welcome();
  one.data(1);
  one.data(2);
  send(one, ...'abcde');
  one.world.socket.receive({ type: 'ack', recv: 1 });
  one.world.socket.end();
  send(one, 'unsent');
  one.world.advance(1000);
  one.welcome({ session: 's2', reason: 'expired', previous: { recv: 3, sent: 9 }, recv: 3 });
  assert.deepStrictEqual(one.named('session_reset'), [{ reason: 'expired', certain: 2, uncertain: 0, lost: 7 }]);
  assert.deepStrictEqual(seqs(one.named('delivered')), [1, 2, 3]);
  one.data(1);
  assert.deepStrictEqual(seqs(one.named('message')), [1, 2, 1], 'numbers from the server begin again');
});

test('a reset without the previous counters says how much is uncertain, and sends it again', async () => {
  const one = await start();
  one.welcome();
  send(one, ...'abc');
  one.world.socket.receive({ type: 'ack', recv: 1 });
  one.world.socket.end();
  send(one, 'unsent');
  one.world.advance(1000);
  one.welcome({ session: 's2', reason: 'restarted', recv: 1 });
  assert.deepStrictEqual(one.named('session_reset'), [{ reason: 'restarted', certain: 0, uncertain: 2, lost: null }]);
  assert.deepStrictEqual(seqs(one.sent()), [2, 3, 4]);
});

test('session_lost is fatal and rejects what was sent, not what was queued behind it', async () => {
  const one = await start({ resume: 'required' });
  one.welcome();
  const sent = send(one, 'a', 'b');
  one.world.socket.end();
  const [queued] = send(one, 'c');
  one.world.advance(1000);
  one.world.socket.open();
  one.world.socket.receive({ type: 'error', code: 'session_lost', message: 'gone' });
  for (const receipt of sent) await assert.rejects(receipt, { code: 'session_lost' });
  assert.strictEqual(one.link.status.state, 'disconnected');
  one.link.start();
  one.welcome({ session: 's2', recv: 2 });
  assert.deepStrictEqual(seqs(one.sent()), [3]);
  one.world.socket.receive({ type: 'ack', recv: 3 });
  assert.strictEqual((await queued).seq, 3);
});
