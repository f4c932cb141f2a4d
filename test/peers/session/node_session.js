// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// tautline.v1 with npm ws, a second implementation, as server and as client. Its command line: node_session_cli.js.
'use strict';
const crypto = require('crypto');
const WebSocket = require('ws');
const { CLOSE, ProtocolError, check, decodeControl, decodeData } = require('./session_codec');
const { Conversation } = require('./conversation');

const PROTOCOL = 'tautline.v1';
const HEARTBEAT_TIMEOUT_MS = 10_000;
const DEFAULTS = {
  port: 0,
  echo: false,
  'window-messages': 1024,
  'window-bytes': 1 << 20,
  'retain-ms': 120_000,
  'heartbeat-ms': 30_000,
  'max-message-bytes': 16 << 20,
  'hello-timeout-ms': 10_000,
  resume: 'allowed',
  'retry-ms': 50,
  'queue-messages': 2048,
};
const hash = (text) => crypto.createHash('sha256').update(text.toLowerCase()).digest();
const windowOf = (options) => ({ messages: options['window-messages'], bytes: options['window-bytes'] });

function fail(socket, code, message, more = {}) {
  socket.send(JSON.stringify({ type: 'error', code, message, ...more }));
  socket.close(CLOSE[code], code);
}

// Hands each message of a socket to handle(control, data), and answers what is malformed.
function listen(socket, handle) {
  socket.on('error', () => {});
  socket.on('message', (bytes, binary) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    try {
      handle(binary ? null : decodeControl(bytes), binary ? decodeData(bytes) : null);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      fail(socket, error.code, error.message);
    }
  });
}

// Drops a socket that has said nothing for so long, even when it was asked in between.
function watch(socket, heartbeatMs, ask = () => {}) {
  let heard = Date.now();
  socket.on('message', () => {
    heard = Date.now();
  });
  const timer = setInterval(() => {
    const silence = Date.now() - heard;
    if (silence >= 2 * heartbeatMs + HEARTBEAT_TIMEOUT_MS) socket.terminate();
    else if (silence >= heartbeatMs) ask();
  }, heartbeatMs);
  socket.on('close', () => clearInterval(timer));
}

class Server {
  constructor(options = {}, onMessage = () => {}) {
    this.options = { ...DEFAULTS, ...options };
    this.onMessage = onMessage;
    this.instance = crypto.randomBytes(4).toString('hex');
    this.origins = new Map();
    this.counts = { sessions: 0, connections: 0, accepted: 0, resumed: 0, superseded: 0 };
    this.listener = new WebSocket.Server({
      host: '127.0.0.1',
      port: this.options.port,
      maxPayload: 2 * this.options['max-message-bytes'] + 4096,
      handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
    });
    this.ready = new Promise((resolve) => this.listener.on('listening', resolve));
    this.listener.on('connection', (socket) => this.connected(socket));
  }

  get url() {
    return `ws://127.0.0.1:${this.listener.address().port}`;
  }
  get sessions() {
    return [...this.origins.values()].filter((known) => known.session).map((known) => known.session);
  }

  connected(socket) {
    if (socket.protocol !== PROTOCOL) return socket.close(1002, `this server speaks ${PROTOCOL} only`);
    this.counts.connections += 1;
    watch(socket, this.options['heartbeat-ms']);
    const late = setTimeout(() => fail(socket, 'hello_timeout', 'no hello in time'), this.options['hello-timeout-ms']);
    let session = null;
    listen(socket, (control, data) => {
      if (control?.type === 'hello') {
        check(!session, 'a second hello');
        clearTimeout(late);
        session = this.hello(socket, control);
        return;
      }
      check(session || (control === null && data === null), 'something before the hello');
      check(!data || data.payload.length <= this.options['max-message-bytes'], 'a message is too large', 'too_large');
      if (data) session.onData(data);
      else if (control) session.onControl(control);
    });
    socket.on('close', () => {
      clearTimeout(late);
      if (session?.socket === socket) this.retain(session);
    });
  }

  retain(session) {
    session.detach();
    session.retained = setTimeout(() => this.forget(session), this.options['retain-ms']);
  }

  // The counters of an ended session stay known, unless told otherwise.
  forget(session, keepCounters = true) {
    clearTimeout(session.retained);
    const { known } = session;
    if (known.session === session) known.session = null;
    if (keepCounters) known.ended.set(session.id, { recv: session.in.recv, sent: session.numbered });
    session.in.inbox = [];
    const { socket } = session;
    session.detach();
    return socket;
  }

  hello(socket, m) {
    const known = this.origins.get(m.origin.toLowerCase()) || {
      token: hash(m.token),
      attach: 0,
      session: null,
      ended: new Map(),
    };
    check(crypto.timingSafeEqual(known.token, hash(m.token)), 'the token is not that of this origin', 'unauthorized');
    check(m.attach > known.attach, 'a newer attach was here', 'superseded');
    const held = known.session;
    const named = held !== null && held.id === m.session;
    const canResume =
      held !== null &&
      m.from <= held.in.recv + 1 &&
      (named ? m.recv >= held.out.acked && m.recv <= held.out.sent : held.out.acked === 0);
    check(
      m.resume !== 'required' || m.session === undefined || (named && canResume),
      'that session is gone',
      'session_lost',
    );
    known.attach = m.attach;
    this.origins.set(m.origin.toLowerCase(), known);
    const old = held && (canResume ? held.socket : this.forget(held));
    if (old) {
      this.counts.superseded += 1;
      fail(old, 'superseded', 'a newer attach holds the session');
    }
    const session = canResume ? held : this.open(known, m);
    clearTimeout(session.retained);
    this.welcome(socket, session, m, { resumed: canResume && named, broken: held !== null && !canResume });
    return session;
  }

  open(known, m) {
    const session = new Conversation(windowOf(this.options), {
      room: () => !this.options.echo || session.out.entries.length < this.options['queue-messages'],
      deliver: (message) => this.deliver(session, message),
      over: () => this.forget(session).close(1000),
    });
    this.counts.sessions += 1;
    session.id = `${this.instance}-${this.counts.sessions}`;
    session.in.recv = session.in.accepted = Math.max(m.from - 1, known.ended.get(m.session)?.recv ?? 0);
    session.known = known;
    known.session = session;
    return session;
  }

  welcome(socket, session, m, { resumed, broken }) {
    const previous = resumed ? undefined : session.known.ended.get(m.session);
    const restarted = m.session !== undefined && !m.session.startsWith(this.instance);
    const reason = broken
      ? 'unknown'
      : m.session === undefined
        ? 'new'
        : previous
          ? 'expired'
          : restarted
            ? 'restarted'
            : 'unknown';
    session.attach(socket);
    session.opened = true;
    session.out.limit = m.window;
    if (resumed) this.counts.resumed += 1;
    session.control({
      type: 'welcome',
      version: 1,
      session: session.id,
      resumed,
      ...(resumed ? {} : { reason, previous }),
      recv: session.in.recv,
      from: resumed ? m.recv + 1 : 1,
      window: windowOf(this.options),
      heartbeat_ms: this.options['heartbeat-ms'],
      retain_ms: this.options['retain-ms'],
      max_message_bytes: this.options['max-message-bytes'],
    });
    if (resumed) session.acknowledge(m.recv);
    session.consume();
    session.flush();
  }

  deliver(session, message) {
    this.counts.accepted += 1;
    if (this.options.echo) session.push(message.payload, message.text);
    this.onMessage(message, session);
  }

  // --- what a test tells it

  cut() {
    for (const socket of this.listener.clients) socket.terminate();
  }
  forgetAll(keepCounters) {
    for (const session of this.sessions) this.forget(session, keepCounters)?.terminate();
    if (!keepCounters) this.origins.clear();
  }
  drain(url, deadlineMs = 15_000) {
    for (const { socket } of this.sessions.filter((session) => session.socket)) {
      socket.send(JSON.stringify({ type: 'drain', min_ms: 0, max_ms: 100, deadline_ms: deadlineMs, url }));
      const deadline = setTimeout(() => socket.close(1012), deadlineMs);
      socket.on('close', () => clearTimeout(deadline));
    }
  }
  error(code, retryAfterMs) {
    for (const { socket } of this.sessions) if (socket) fail(socket, code, 'told so', { retry_after_ms: retryAfterMs });
  }
  stats() {
    const sum = (of) => this.sessions.reduce((all, session) => all + of(session), 0);
    return {
      ...this.counts,
      open: this.sessions.length,
      attached: this.sessions.filter((session) => session.socket).length,
      duplicates: sum((session) => session.in.duplicates),
      unacknowledged: sum((session) => session.out.entries.length),
    };
  }
  close() {
    for (const session of this.sessions) this.forget(session);
    this.cut();
    return new Promise((resolve) => this.listener.close(resolve));
  }
}

class Client {
  // hooks: message(payload), reset(account), room() when the queue has room again, ended(error or null)
  constructor(url, options = {}, hooks = {}) {
    this.url = url;
    this.options = { ...DEFAULTS, ...options };
    this.hooks = hooks;
    this.identity = { origin: crypto.randomBytes(16).toString('hex'), token: crypto.randomBytes(32).toString('hex') };
    Object.assign(this, {
      attach: 0,
      session: null,
      retry: null,
      ended: false,
      reconnects: -1,
      badInARow: 0,
      fault: null,
    });
    this.conversation = new Conversation(windowOf(this.options), {
      room: () => true,
      deliver: (message) => this.hooks.message?.(message.payload),
      over: () => {},
    });
    this.dial();
  }

  dial(url = this.url) {
    const socket = new WebSocket(url, [PROTOCOL]);
    this.dialing = socket;
    socket.on('open', () => this.opened(socket));
    listen(socket, (control, data) => {
      if (socket !== this.conversation.socket) return;
      if (data) {
        check(this.conversation.opened, 'data before the welcome');
        this.conversation.onData(data);
      } else if (control) this.obey(control);
      if (this.conversation.out.entries.length < this.options['queue-messages']) this.hooks.room?.();
    });
    socket.on('close', (code) => this.closed(socket, code));
  }

  opened(socket) {
    const { conversation } = this;
    // Where bye was said, the session is about to end, and a hello would only open another.
    if (conversation.saidBye) return socket.close(1000);
    this.reconnects += 1;
    this.attach = Math.max(this.attach + 1, Date.now());
    conversation.socket?.close(1000);
    conversation.attach(socket);
    this.sentBefore = conversation.out.sent;
    conversation.control({
      type: 'hello',
      version: 1,
      ...this.identity,
      attach: this.attach,
      session: this.session ?? undefined,
      resume: this.options.resume,
      recv: conversation.in.accepted,
      from: conversation.out.acked + 1,
      window: windowOf(this.options),
      agent: 'node_session',
    });
    if (this.options.resume !== 'required') conversation.flush();
  }

  obey(m) {
    const { conversation } = this;
    if (m.type === 'welcome') this.welcomed(m);
    else if (m.type === 'drain') setTimeout(() => this.dial(m.url), m.min_ms + Math.random() * (m.max_ms - m.min_ms));
    else if (m.type === 'error') this.fault = m;
    else conversation.onControl(m);
  }

  welcomed(m) {
    const { in: incoming, out } = this.conversation;
    const fits = m.resumed
      ? m.session === this.session && m.from === incoming.accepted + 1
      : m.session !== this.session && m.from === 1;
    check(!this.conversation.opened && fits && m.recv >= out.acked, 'a welcome that does not fit');
    if (!m.resumed) {
      const open = Math.max(0, this.sentBefore - out.acked);
      const account = m.previous
        ? {
            certain: Math.min(open, Math.max(0, m.previous.recv - out.acked)),
            uncertain: 0,
            lost: m.previous.sent - incoming.accepted,
          }
        : { certain: 0, uncertain: open, lost: null };
      if (this.session !== null) this.hooks.reset?.({ reason: m.reason, ...account });
      incoming.recv = incoming.accepted = 0;
    }
    this.session = m.session;
    this.conversation.opened = true;
    out.limit = m.window;
    watch(this.conversation.socket, m.heartbeat_ms, () => this.conversation.control({ type: 'ping' }));
    this.conversation.acknowledge(m.recv);
  }

  closed(socket, code) {
    const { conversation, fault } = this;
    if (socket !== conversation.socket && (socket !== this.dialing || conversation.socket)) return;
    const over = conversation.saidBye && conversation.heardBye && conversation.out.entries.length === 0;
    if (socket === conversation.socket) conversation.detach();
    this.fault = null;
    const cause = fault?.code ?? Object.keys(CLOSE).find((name) => CLOSE[name] === code);
    this.badInARow = cause === 'bad_message' ? this.badInARow + 1 : 0;
    if (over || this.ended || this.badInARow === 3 || ['unauthorized', 'session_lost', 'unsupported'].includes(cause)) {
      return this.hooks.ended?.(over || this.ended ? null : cause);
    }
    this.retry = setTimeout(() => this.dial(), Math.max(this.options['retry-ms'], fault?.retry_after_ms ?? 0));
  }

  send(text) {
    this.conversation.push(Buffer.from(text));
    return this.conversation.out.entries.length < this.options['queue-messages'];
  }
  // All is sent: bye, behind it.
  end() {
    this.conversation.bye();
  }
  stop() {
    this.ended = true;
    clearTimeout(this.retry);
    (this.conversation.socket ?? this.dialing).terminate();
  }
}

module.exports = { Server, Client };
if (require.main === module) require('./node_session_cli');
