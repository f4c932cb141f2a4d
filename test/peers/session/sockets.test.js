// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Both clients, tautline.js and that of node_session.js, against the server of node_session.js over real sockets.
'use strict';
const assert = require('assert');
const { test } = require('node:test');
const { DEADLINE, clients, numbers, serve } = require('./socket_world');
const { CutProxy, MemoryStorage, randomFrom } = require('./support');

/** A test for each client. */
function forBoth(name, run) {
  for (const kind of Object.keys(clients))
    test(`${kind}: ${name}`, DEADLINE, (t) => run(t, (...all) => clients[kind](t, ...all)));
}

forBoth('10,000 messages each way through 50 cuts at any byte arrive once and in order', async (t, connect) => {
  const COUNT = 10_000;
  const { server, received } = await serve(t, { echo: true, 'window-messages': 100 });
  const random = randomFrom(50);
  const proxy = await new CutProxy(
    server.listener.address().port,
    Array.from({ length: 50 }, () => 200 + random(40_000)),
  ).listen();
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
  let cuts = 0,
    next = 25;
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

forBoth(
  'what the server had not consumed of a session that ended is sent again, and consumed once',
  async (t, connect) => {
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
  },
);

forBoth(
  'a session that is forgotten with its counters sends again what is uncertain, and counts it',
  async (t, connect) => {
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
  },
);

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

test(
  'tautline.js: two pages with the same storage take the session from each other, and nothing is lost or twice',
  DEADLINE,
  async (t) => {
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
  },
);

test(
  'tautline.js: a page that is loaded again in the middle of a burst loses and repeats nothing',
  DEADLINE,
  async (t) => {
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
  },
);
