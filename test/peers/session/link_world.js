// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A Link of tautline.js in virtual time, with the test as its server.
'use strict';
const { World, loadTautline } = require('./support');

let tautline;
const WELCOME = {
  type: 'welcome',
  version: 1,
  session: 's1',
  resumed: false,
  reason: 'new',
  recv: 0,
  from: 1,
  window: { messages: 1024, bytes: 1_048_576 },
  heartbeat_ms: 30_000,
  retain_ms: 120_000,
  max_message_bytes: 16_777_216,
};

/** A started link, with all its events in `events` as [name, detail]. */
async function start(options = {}, { world = new World(), url = 'ws://server/' } = {}) {
  tautline ||= await loadTautline();
  const link = new tautline.Link(url, options, world.environment);
  const events = [];
  for (const name of ['status', 'message', 'delivered', 'session_reset', 'bye'])
    link.on(name, (detail) => events.push([name, detail]));
  link.start();
  const named = (name) => events.filter(([other]) => other === name).map(([, detail]) => detail);
  return {
    link,
    world,
    events,
    named,
    states: () => named('status').map(({ state }) => state),
    /** The socket is open; the server answers the hello. */
    welcome(more = {}) {
      world.socket.open();
      world.socket.receive({ ...WELCOME, ...more });
      return world.socket;
    },
    /** The server goes on with the session that it has. */
    resume(more = {}) {
      world.socket.open();
      const [hello] = world.socket.controls('hello');
      world.socket.receive({
        ...WELCOME,
        session: hello.session,
        resumed: true,
        recv: hello.from - 1,
        from: hello.recv + 1,
        ...more,
      });
      return world.socket;
    },
    data: (seq, more = {}, socket = world.socket) =>
      socket.receive(tautline.encodeData({ seq, text: true, payload: Buffer.from(`m${seq}`), ...more })),
    sent: (socket = world.socket) => socket.data.map(tautline.decodeData),
  };
}

const send = (one, ...texts) => texts.map((text) => one.link.send(text));
const seqs = (all) => all.map(({ seq }) => seq);
const range = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** Ends the connection and lets the link make the next. */
function again(one) {
  one.world.socket.end();
  one.world.advance(one.link.status.retryInMs);
}

module.exports = { WELCOME, again, range, send, seqs, start };
