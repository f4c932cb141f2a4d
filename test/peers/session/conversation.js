// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One end of a tautline.v1 session without its opening: numbers, windows, acks, heartbeats, bye. It outlives sockets.
'use strict';
const { check, encodeData } = require('./session_codec');

// What an end may send before it knows the other's window.
const FIRST_WINDOW = { messages: 64, bytes: 65_536 };

class Conversation {
  // hooks: deliver(message); room() says whether the application takes one more; over() when both have said bye
  constructor(window, hooks) {
    this.window = window;
    this.hooks = hooks;
    this.out = { entries: [], acked: 0, sent: 0, cursor: 1, flight: 0, limit: FIRST_WINDOW };
    this.in = { accepted: 0, recv: 0, inbox: [], bytes: 0, due: 0, dueBytes: 0, duplicates: 0, timer: null };
    Object.assign(this, { socket: null, opened: false, wantsBye: false, saidBye: false, heardBye: false, pings: 0 });
  }

  get numbered() {
    return this.out.acked + this.out.entries.length;
  }

  control(message) {
    this.socket.send(JSON.stringify(message));
  }

  // A new socket: all that is not acknowledged goes over it again, and bye, which has no number, too.
  attach(socket) {
    this.detach();
    this.socket = socket;
    this.out.cursor = this.out.acked + 1;
    this.out.flight = 0;
  }

  detach() {
    clearTimeout(this.in.timer);
    Object.assign(this.in, { timer: null, due: 0, dueBytes: 0 });
    Object.assign(this, { socket: null, opened: false, saidBye: false });
  }

  push(payload, text = true) {
    this.out.entries.push({ seq: this.numbered + 1, payload, text });
    this.flush();
  }

  bye() {
    this.wantsBye = true;
    this.flush();
  }

  flush() {
    const { out } = this;
    while (this.socket && this.mayWrite()) {
      const { seq, payload, text } = out.entries[out.cursor - out.acked - 1];
      const ack = this.in.due ? this.clearDue() : null;
      out.cursor += 1;
      out.sent = Math.max(out.sent, seq);
      out.flight += payload.length;
      this.socket.send(encodeData({ seq, ack, text, payload }));
    }
    this.settle();
  }

  mayWrite() {
    const { acked, cursor, entries, flight, limit } = this.out;
    const count = cursor - acked - 1;
    if (count >= entries.length || count >= limit.messages) return false;
    return count === 0 || flight + entries[count].payload.length <= limit.bytes;
  }

  acknowledge(recv) {
    const { out } = this;
    check(recv <= out.sent, 'an ack of what was never sent');
    const gone = out.entries.splice(0, Math.max(0, recv - out.acked));
    for (const { seq, payload } of gone) if (seq < out.cursor) out.flight -= payload.length;
    out.acked += gone.length;
    out.cursor = Math.max(out.cursor, out.acked + 1);
    this.flush();
    this.consume();
  }

  onData(message) {
    const { in: incoming, window } = this;
    if (message.ack !== null) this.acknowledge(message.ack);
    check(message.seq <= incoming.accepted + 1, `number ${message.seq} behind ${incoming.accepted}`, 'gap');
    if (message.last <= incoming.accepted) return void ++incoming.duplicates;
    incoming.accepted = message.last;
    incoming.inbox.push(message);
    incoming.bytes += message.payload.length;
    const alone = incoming.inbox.length === 1;
    const messages = Math.max(2 * window.messages, FIRST_WINDOW.messages);
    const bytes = Math.max(2 * window.bytes, FIRST_WINDOW.bytes);
    check(
      incoming.inbox.length <= messages && (alone || incoming.bytes <= bytes),
      'twice the window is exceeded',
      'too_large',
    );
    this.consume();
  }

  // Takes responsibility for a message when the application has it.
  consume() {
    const { in: incoming, window } = this;
    while (incoming.inbox.length && (incoming.inbox[0].voids || this.hooks.room())) {
      const message = incoming.inbox.shift();
      incoming.bytes -= message.payload.length;
      incoming.recv = message.last;
      incoming.due += 1;
      incoming.dueBytes += message.payload.length;
      if (!message.voids) this.hooks.deliver(message);
      if (incoming.due * 2 >= window.messages || incoming.dueBytes * 2 >= window.bytes) this.ack();
      else incoming.timer ||= setTimeout(() => this.ack(), 20);
    }
    this.settle();
  }

  clearDue() {
    clearTimeout(this.in.timer);
    Object.assign(this.in, { timer: null, due: 0, dueBytes: 0 });
    return this.in.recv;
  }

  ack() {
    const recv = this.clearDue();
    if (this.socket) this.control({ type: 'ack', recv });
    this.settle();
  }

  onControl(message) {
    if (message.type === 'ack') this.acknowledge(message.recv);
    if (message.type === 'ping')
      this.control({ type: 'pong', id: message.id, timestamp: Date.now(), recv: this.clearDue() });
    if (message.type === 'pong' && message.recv !== undefined) this.acknowledge(message.recv);
    if (message.type !== 'bye') return;
    this.heardBye = true;
    if (this.in.due) this.ack();
    this.settle();
  }

  // Bye comes behind the last message, and answers bye when the inbox is empty. Both said and all acknowledged: over.
  settle() {
    const { in: incoming, out } = this;
    if (!this.opened) return;
    const read = incoming.inbox.length === 0;
    if ((this.wantsBye || (this.heardBye && read)) && !this.saidBye && out.cursor > this.numbered) {
      this.saidBye = true;
      this.control({ type: 'bye' });
      this.control({ type: 'ping', id: ++this.pings });
    }
    if (this.saidBye && this.heardBye && read && out.entries.length === 0 && incoming.due === 0) this.hooks.over();
  }
}

module.exports = { Conversation };
