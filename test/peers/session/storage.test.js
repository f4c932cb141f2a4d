// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a link of tautline.js keeps in a storage, and how it comes back from it.
'use strict';
const assert = require('assert');
const { test } = require('node:test');
const { MemoryStorage, World } = require('./support');
const { WELCOME, send, start } = require('./link_world');

test('a page that is loaded again keeps origin, token, session, place and messages', async () => {
  const storage = new MemoryStorage();
  const world = new World();
  const before = await start({ storage }, { world });
  before.welcome();
  before.data(1);
  before.world.advance(20);
  send(before, 'a', 'ä', 'c');
  before.link.send(new Uint8Array([0, 200]));
  world.socket.receive({ type: 'ack', recv: 1 });
  const [first] = world.socket.controls('hello');
  const after = await start({ storage: storage.copy() }, { world });
  world.socket.open();
  const [hello] = world.socket.controls('hello');
  assert.deepStrictEqual(
    [hello.origin, hello.token, hello.session, hello.recv, hello.from],
    [first.origin, first.token, 's1', 1, 2],
  );
  assert.ok(hello.attach > first.attach);
  assert.deepStrictEqual(
    after.sent().map(({ seq, data }) => [seq, data]),
    [
      [2, 'ä'],
      [3, 'c'],
      [4, new Uint8Array([0, 200])],
    ],
  );
  world.socket.receive({ ...WELCOME, session: 's2', recv: 1, reason: 'restarted' });
  assert.deepStrictEqual(after.named('session_reset'), [{ reason: 'restarted', certain: 0, uncertain: 3, lost: null }]);
});

test('the storage knows a number before the peer does', async () => {
  const storage = new MemoryStorage();
  const one = await start({ storage });
  const socket = one.welcome();
  const state = () => JSON.parse(storage.getItem('tautline'));
  const written = [];
  const original = socket.send.bind(socket);
  socket.send = (data) => {
    original(data);
    written.push({ ...state(), stored: storage.getItem('tautline.1') });
  };
  send(one, 'a');
  assert.deepStrictEqual([written[0].sent, written[0].stored], [1, 'ta']);
  one.data(1);
  one.world.advance(20);
  assert.strictEqual(written[1].recv, 1);
  one.world.socket.receive({ type: 'ack', recv: 1 });
  assert.strictEqual(storage.getItem('tautline.1'), null);
  assert.strictEqual(state().acked, 1);
});

test('a page that dies between two writes to its storage comes back to the same messages', async () => {
  const storage = new MemoryStorage();
  const one = await start({ storage });
  one.welcome();
  send(one, ...'abc');
  const copies = [];
  for (const name of ['setItem', 'removeItem']) {
    const original = storage[name];
    storage[name] = (...all) => (copies.push(storage.copy()), original.apply(storage, all));
  }
  one.world.socket.receive({ type: 'ack', recv: 2 });
  for (const copy of [...copies, storage.copy()]) {
    const { link } = await start({ storage: copy });
    assert.strictEqual(link.outbox.next, 4);
    assert.strictEqual(link.outbox.entries.at(-1).seq, 3);
  }
});

test('a storage that holds something else is named, and one that takes nothing stops no link', async () => {
  for (const text of ['{', '{}', '7', '{"origin":"x"}']) {
    await assert.rejects(start({ storage: new MemoryStorage([['tautline', text]]) }), {
      code: 'storage_failed',
      message: /the item tautline /,
    });
  }
  const storage = new MemoryStorage();
  storage.setItem = () => {
    throw new Error('no storage here');
  };
  const world = new World();
  world.environment.report = () => {};
  const one = await start({ storage }, { world });
  one.welcome();
  assert.strictEqual(one.link.status.state, 'connected');
  await assert.rejects(one.link.send('x'), { code: 'storage_failed' });
});

test('a storage that is full refuses the message and nothing else', async () => {
  const storage = new MemoryStorage();
  const one = await start({ storage });
  one.welcome();
  const put = storage.setItem;
  storage.setItem = (key, value) => {
    if (value.length > 1000) throw new Error('the quota is exceeded');
    put.call(storage, key, value);
  };
  await assert.rejects(one.link.send('x'.repeat(1000)), { code: 'storage_failed', message: 'the quota is exceeded' });
  send(one, 'small');
  assert.deepStrictEqual(
    one.sent().map(({ seq, data }) => [seq, data]),
    [[1, 'small']],
  );
});
