// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A client of tautline.v1 for browsers: a WebSocket conversation that outlives its connections. Between two ends that
// keep their session every message arrives exactly once, in order. No dependencies; README.md says how to use it.

const PROTOCOL = 'tautline.v1';
const FLAG_TEXT = 1, FLAG_ACK = 2, FLAG_VOID = 4;
const MAX_CONTROL_BYTES = 4096;
const CLOSE_CODES = {
  bad_message: 4400, unauthorized: 4401, session_lost: 4404, hello_timeout: 4408, superseded: 4409, gap: 4410,
  too_large: 4413, unsupported: 4426, overloaded: 4429,
};
const TEXTS = { connected: 'Connected', reconnecting: 'Reconnecting...', disconnected: 'Disconnected' };
const DEFAULTS = {
  initialMs: 1000, maxMs: 30_000, maxAttempts: 10, stableMs: 5000, quickMs: 100,
  connectTimeoutMs: 10_000, heartbeatTimeoutMs: 10_000, probeTimeoutMs: 3000, ackMs: 20,
  maxQueuedMessages: 1000, maxQueuedBytes: 4 << 20, window: { messages: 1024, bytes: 1 << 20 },
  resume: 'allowed', storage: null, storageKey: 'tautline', agent: 'tautline.js/0.1.0',
};
const CODES_OF_CLOSES = { 1009: 'too_large' };
for (const [code, number] of Object.entries(CLOSE_CODES)) CODES_OF_CLOSES[number] = code;
const LONGEST_TIMER = 2 ** 31 - 1;
const LONGEST_HEAD = 21;
const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** An error of the protocol; `code` is one of its names, or one of this module's: closed, queue_full. */
export class TautlineError extends Error {
  constructor(code, message) {
    super(message || code);
    this.code = code;
  }
}
const bad = (message) => new TautlineError('bad_message', message);
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isCountOfSome = (value) => isCount(value) && value > 0;
const isWindow = (value) => isCountOfSome(value?.messages) && isCountOfSome(value?.bytes);

// --- codec -------------------------------------------------------------------------------------

/** Unsigned LEB128. By division: the operators on bits would cut a number to 32 of them. */
export function encodeVarint(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  bytes.push(value);
  return bytes;
}

function readVarint(bytes, at) {
  let value = 0;
  for (let scale = 1, end = at + 10; at < end; scale *= 128) {
    if (at >= bytes.length) throw bad('a number is cut off');
    const byte = bytes[at++];
    value += (byte % 128) * scale;
    if (value > Number.MAX_SAFE_INTEGER) throw bad('a number beyond 2^53');
    if (byte < 128) return [value, at];
  }
  throw bad('a number of more than 10 bytes');
}

/** `count` > 0 makes it void: `seq` and the numbers behind it, so many in all, carry nothing. */
export function encodeData({ seq, ack, text = false, count = 0, payload = new Uint8Array(0) }) {
  const head = [(text ? FLAG_TEXT : 0) + (ack === undefined ? 0 : FLAG_ACK) + (count ? FLAG_VOID : 0)];
  head.push(...encodeVarint(seq), ...(ack === undefined ? [] : encodeVarint(ack)));
  const rest = count ? encodeVarint(count) : payload;
  const bytes = new Uint8Array(head.length + rest.length);
  bytes.set(head);
  bytes.set(rest, head.length);
  return bytes;
}

/** {seq, last, ack, text, void, data}; data is a string or a Uint8Array, and null for a void message. */
export function decodeData(bytes) {
  const flags = bytes[0];
  if (!(flags < 8)) throw bad(bytes.length ? 'unknown flags' : 'an empty data message');
  let [seq, at] = readVarint(bytes, 1);
  if (seq < 1) throw bad('the number 0');
  let ack;
  if (flags & FLAG_ACK) [ack, at] = readVarint(bytes, at);
  const text = (flags & FLAG_TEXT) !== 0;
  if (flags & FLAG_VOID) {
    const [count, end] = readVarint(bytes, at);
    const last = seq - 1 + count;
    if (count < 1 || end !== bytes.length || last > Number.MAX_SAFE_INTEGER) throw bad('a malformed void message');
    return { seq, last, ack, text, void: true, data: null };
  }
  return { seq, last: seq, ack, text, void: false, data: text ? decodeText(bytes.subarray(at)) : bytes.slice(at) };
}

function decodeText(bytes) {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw bad('text that is not UTF-8');
  }
}

// What a control message of this type has to hold; a type that is not here is ignored.
const CONTROL = {
  welcome: (m) => m.version === 1 && typeof m.session === 'string' && m.session !== '' && isWindow(m.window) &&
    typeof m.resumed === 'boolean' && [m.recv, m.max_message_bytes].every(isCount) &&
    [m.from, m.heartbeat_ms].every(isCountOfSome) &&
    (m.previous === undefined || (m.previous && isCount(m.previous.recv) && isCount(m.previous.sent))),
  ack: (m) => isCount(m.recv),
  ping: (m) => m.id === undefined || isCount(m.id),
  pong: (m) => m.recv === undefined || isCount(m.recv),
  drain: (m) => [m.min_ms, m.max_ms].every(isCount) && m.min_ms <= m.max_ms,
  bye: () => true,
  error: (m) => typeof m.code === 'string' && (m.retry_after_ms === undefined || isCount(m.retry_after_ms)),
};

/** The object of a control message, or null for a type that is unknown. */
export function decodeControl(text) {
  if (utf8.encode(text).length > MAX_CONTROL_BYTES) throw bad('a control message of more than 4096 bytes');
  let message = null;
  try {
    message = JSON.parse(text);
  } catch { /* said below */ }
  if (typeof message !== 'object' || typeof message?.type !== 'string') throw bad('no JSON object with a type');
  if (!Object.hasOwn(CONTROL, message.type)) return null;
  if (!CONTROL[message.type](message)) throw bad(`a malformed ${message.type}`);
  return message;
}

// --- what outlives a connection, and with a storage also a page --------------------------------

/** Keeps a link's identity and counters under `key`, and each message that is not acknowledged under `key.SEQ`. */
class Store {
  constructor(storage, key) {
    Object.assign(this, { storage, key });
  }
  load() {
    const state = this.#state(this.storage?.getItem(this.key));
    const entries = [];
    for (let seq = state?.acked + 1, item; (item = this.storage?.getItem(`${this.key}.${seq}`)); ++seq) {
      const [kind, body] = [item[0], item.slice(1)];
      const payload = kind === 'b' ? Uint8Array.from(atob(body), (char) => char.charCodeAt(0)) : utf8.encode(body);
      entries.push({ seq, text: kind === 't', void: kind === 'v', payload });
    }
    return { state, entries };
  }
  #state(text) {
    if (!text) return null;
    try {
      const state = JSON.parse(text);
      const { origin, token, attach, recv, acked, sent } = state;
      if (origin && token && [attach, recv, acked, sent].every(isCount)) return state;
    } catch { /* said below */ }
    throw new TautlineError('storage_failed', `the item ${this.key} of the storage is not the state of a link`);
  }
  save(state) {
    this.storage?.setItem(this.key, JSON.stringify(state));
  }
  put({ seq, text, void: empty, payload }) {
    if (!this.storage) return;
    const binary = () => btoa(Array.from(payload, (byte) => String.fromCharCode(byte)).join(''));
    const body = text || empty ? strictUtf8.decode(payload) : binary();
    this.storage.setItem(`${this.key}.${seq}`, (empty ? 'v' : text ? 't' : 'b') + body);
  }
  drop({ seq }) {
    this.storage?.removeItem(`${this.key}.${seq}`);
  }
}

/** Messages that are not acknowledged, with the numbers acked+1, acked+2, ... without a gap. */
class Outbox {
  // sent: the highest number ever written. cursor: what this connection writes next; flight: its bytes outstanding.
  constructor(store, acked, sent, entries) {
    Object.assign(this, { store, acked, sent, entries, cursor: acked + 1, flight: 0 });
    this.bytes = entries.reduce((sum, entry) => sum + entry.payload.length, 0);
  }
  get next() {
    return this.acked + 1 + this.entries.length;
  }
  /** An error if the storage refuses the message, which then is not in the outbox either. */
  add(entry) {
    try {
      this.store.put(entry);
    } catch (error) {
      return new TautlineError('storage_failed', error.message);
    }
    this.entries.push(entry);
    this.bytes += entry.payload.length;
    return null;
  }
  rewind() {
    this.cursor = this.acked + 1;
    this.flight = 0;
  }
  /** What may be written now, or undefined: the window is full or there is nothing. */
  ready(window) {
    const count = this.cursor - this.acked - 1;
    const entry = this.entries[count];
    const fits = count < window.messages && (count === 0 || this.flight + entry?.payload.length <= window.bytes);
    return fits ? entry : undefined;
  }
  wrote(entry) {
    this.cursor = entry.seq + 1;
    this.sent = Math.max(this.sent, entry.seq);
    this.flight += entry.payload.length;
  }
  /** Forgets what the peer is responsible for, and returns it. */
  acknowledge(recv) {
    if (recv > this.sent) throw bad('an ack of what was never sent');
    const gone = this.entries.splice(0, Math.max(0, recv - this.acked));
    for (const entry of gone) this.#unweigh(entry);
    this.acked += gone.length;
    this.cursor = Math.max(this.cursor, this.acked + 1);
    return gone;
  }
  /** Its number is used, so something has to go in its place. */
  makeVoid(entry) {
    this.#unweigh(entry);
    Object.assign(entry, { void: true, payload: new Uint8Array(0) });
    this.store.put(entry);
  }
  #unweigh(entry) {
    this.bytes -= entry.payload.length;
    if (entry.seq < this.cursor) this.flight -= entry.payload.length;
  }
}

// --- the link ----------------------------------------------------------------------------------

/**
 * One end of a conversation. `url` is a string, or a function that returns one (or a promise of one) for each attempt;
 * `options` overrides DEFAULTS; `environment` what the browser provides. Events, for on(name, handler):
 *   status {state, text, cause, attempt, retryInMs}   message {data, seq}   delivered {seq}   bye {}
 *   session_reset {reason, certain, uncertain, lost}: of the messages sent and not acknowledged, so many were delivered
 *   and so many may have been (and are sent again); and so many to this side are lost, null if nobody knows
 */
export class Link {
  constructor(url, options = {}, environment = {}) {
    this.url = url;
    this.options = { ...DEFAULTS, ...options };
    this.env = {
      WebSocket: globalThis.WebSocket, crypto: globalThis.crypto,
      events: globalThis.addEventListener ? globalThis : null,
      setTimeout: (...all) => setTimeout(...all), clearTimeout: (id) => clearTimeout(id),
      now: () => performance.now(), utc: () => Date.now(),
      report: (error) => (globalThis.reportError || console.error)(error), ...environment,
    };
    const store = new Store(this.options.storage, this.options.storageKey);
    const { state, entries } = store.load();
    const { acked, sent, ...identity } = state ||
      { origin: this.#hex(16), token: this.#hex(32), attach: 0, session: null, recv: 0, acked: 0, sent: 0 };
    Object.assign(this, identity, {
      outbox: new Outbox(store, acked, sent, entries), handlers: {}, duplicates: 0, failures: 0, badInARow: 0,
      current: null, dialing: null, retryTimer: null, closing: null, pings: 0,
      peerWindow: { messages: 64, bytes: 65_536 }, maxMessageBytes: Infinity,
      status: { state: 'disconnected', text: TEXTS.disconnected, cause: '', attempt: 0, retryInMs: null },
      offline: false, onOnline: () => this.#networkIs(true), onOffline: () => this.#networkIs(false),
    });
  }

  /** Calls the handler for each event of that name. */
  on(name, handler) {
    (this.handlers[name] ||= []).push(handler);
    return this;
  }

  /** Connects, and stays so until stop(), close(), a fatal error or maxAttempts failures in a row. */
  start() {
    if (this.status.state !== 'disconnected') return;
    this.failures = this.badInARow = 0;
    this.env.events?.addEventListener('online', this.onOnline);
    this.env.events?.addEventListener('offline', this.onOffline);
    this.#tell('reconnecting', '');
    this.#dial();
  }

  /** Leaves at once. The session, and what is queued, wait for the next start(). */
  stop() {
    this.#halt('stopped');
  }

  /** Delivers what is queued and ends the session. Resolves to whether all was delivered within timeoutMs. */
  close({ timeoutMs = 5000 } = {}) {
    if (this.status.state === 'disconnected') return Promise.resolve(this.outbox.entries.length === 0);
    if (!this.closing) {
      this.closing = { timer: this.env.setTimeout(() => this.#closeTimedOut(), timeoutMs) };
      this.closing.promise = new Promise((resolve) => (this.closing.resolve = resolve));
      this.#flush();
    }
    return this.closing.promise;
  }

  /** Waits no longer: starts a new attempt, or, connected, asks whether the peer is still there. */
  retryNow() {
    if (this.status.state === 'disconnected') return this.start();
    if (this.current) return this.#probe();
    this.env.clearTimeout(this.retryTimer);
    if (this.dialing) this.#leave(this.dialing);
    this.#dial();
  }

  /**
   * Sends a string as text, or an ArrayBuffer or a view as bytes. The promise, which may be left alone, has the
   * message's number as `seq`. It resolves to {origin, seq} when the peer has taken the message over, and is rejected
   * with the code closed, too_large, queue_full, storage_failed, or session_lost: it may have been delivered.
   */
  send(data) {
    const text = typeof data === 'string';
    if (!text && !ArrayBuffer.isView(data) && !(data instanceof ArrayBuffer)) {
      throw new TypeError('send takes a string or bytes');
    }
    const payload = text ? utf8.encode(data) : ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice() : new Uint8Array(data).slice();
    const entry = { seq: this.outbox.next, text, void: false, payload };
    const receipt = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
    receipt.catch(() => {});
    const refusal = this.#refusal(entry) || this.outbox.add(entry);
    if (refusal) {
      entry.reject(refusal);
    } else {
      receipt.seq = entry.seq;
      this.#flush();
    }
    return receipt;
  }

  #refusal(entry) {
    const { maxQueuedMessages, maxQueuedBytes } = this.options;
    if (this.closing) return new TautlineError('closed', 'the link is being closed');
    if (this.#isTooLarge(entry)) return new TautlineError('too_large', 'larger than the peer takes');
    const { entries, bytes } = this.outbox;
    const full = entries.length >= maxQueuedMessages || bytes + entry.payload.length > maxQueuedBytes;
    return full ? new TautlineError('queue_full', 'too much is queued') : null;
  }

  // --- one connection after the other: `dialing` until its socket is open, then `current`

  async #dial(target = this.url) {
    this.retryTimer = null;
    const c = { timers: {}, welcomedAt: null, proved: false, heard: 0, pinged: null, due: 0, dueBytes: 0 };
    this.dialing = c;
    const giveUp = () => this.#lost(c, 'timeout', 'the attempt took too long');
    this.#after(c, 'attempt', this.options.connectTimeoutMs, giveUp);
    try {
      const url = typeof target === 'function' ? await target() : target;
      if (this.dialing !== c) return;
      c.socket = new this.env.WebSocket(url, [PROTOCOL]);
      c.socket.binaryType = 'arraybuffer';
      c.socket.onopen = () => this.#opened(c);
      c.socket.onmessage = ({ data }) => this.#received(c, data);
      c.socket.onclose = ({ code, reason }) => {
        this.#lost(c, CODES_OF_CLOSES[code], reason || `the connection ended (${code})`);
      };
      c.socket.onerror = () => {};
    } catch (error) {
      this.#lost(c, target === this.url && typeof target === 'string' ? 'invalid_url' : 'failed', error.message);
    }
  }

  // The new connection is open, so a draining one is left now; but one that said bye is about to end with its session.
  #opened(c) {
    if (this.current?.saidBye) {
      this.dialing = null;
      return this.#leave(c);
    }
    if (c.socket.protocol !== PROTOCOL) return this.#lost(c, 'unsupported', `the server does not speak ${PROTOCOL}`);
    const old = this.current;
    this.current = c;
    this.dialing = null;
    this.attach = Math.max(this.attach + 1, this.env.utc());
    this.outbox.rewind();
    Object.assign(c, { named: this.session, from: this.outbox.cursor, sentBefore: this.outbox.sent });
    this.#save();
    const { origin, token, attach, recv } = this;
    const { resume, window, agent } = this.options;
    const session = this.session ?? undefined;
    const { from } = c;
    const hello = { version: 1, origin, token, attach, session, resume, recv, from, window, agent };
    this.#write(c, { type: 'hello', ...hello });
    if (old) this.#leave(old);
    this.#flush();
  }

  #received(c, data) {
    c.heard = this.env.now();
    if (c.timers.probe && this.offline) this.#after(c, 'nextProbe', this.options.probeTimeoutMs, () => this.#probe());
    this.#cancel(c, 'probe');
    try {
      if (typeof data !== 'string') return this.#take(c, decodeData(new Uint8Array(data)));
      const message = decodeControl(data);
      if (message) this.#obey(c, message);
    } catch (error) {
      if (!(error instanceof TautlineError)) throw error;
      this.#write(c, { type: 'error', code: error.code, message: error.message });
      this.#lost(c, error.code, error.message);
    }
  }

  #obey(c, m) {
    if (m.type === 'welcome') this.#welcome(c, m);
    else if (m.type === 'ack') this.#acked(c, m.recv);
    else if (m.type === 'pong') this.#ponged(c, m.recv);
    else if (m.type === 'ping') this.#pong(c, m.id);
    else if (m.type === 'drain') this.#drain(c, m);
    else if (m.type === 'error') this.#lost(c, m.code, m.message || m.code, m.retry_after_ms);
    else if (m.type === 'bye') this.#peerSaidBye(c);
  }

  #welcome(c, m) {
    const fits = m.resumed ? m.session === c.named && m.from === this.recv + 1 : m.session !== c.named && m.from === 1;
    if (c.welcomedAt !== null || !fits || m.recv < c.from - 1) throw bad('a welcome that does not fit');
    const reset = !m.resumed && c.named !== null ? this.#accountOf(c, m) : null;
    const gone = this.outbox.acknowledge(m.recv);
    if (!m.resumed) Object.assign(this, { session: m.session, recv: 0 });
    Object.assign(this, { peerWindow: m.window, maxMessageBytes: m.max_message_bytes });
    Object.assign(c, { welcomedAt: this.env.now(), heartbeatMs: m.heartbeat_ms });
    this.#cancel(c, 'attempt');
    for (const entry of this.outbox.entries.filter((e) => this.#isTooLarge(e))) {
      this.outbox.makeVoid(entry);
      entry.reject?.(new TautlineError('too_large', 'larger than the peer takes'));
    }
    this.#save();
    this.#watch(c);
    this.#after(c, 'stable', this.options.stableMs, () => c.proved || this.#ping(c));
    this.#tell('connected', '');
    if (reset) this.#emit('session_reset', reset);
    this.#settle(gone);
    this.#flush();
  }

  #accountOf(c, { reason, previous }) {
    const open = this.outbox.entries.filter((e) => !e.void && e.seq <= c.sentBefore);
    if (!previous) return { reason, certain: 0, uncertain: open.length, lost: null };
    const certain = open.filter((e) => e.seq <= previous.recv).length;
    return { reason, certain, uncertain: 0, lost: Math.max(0, previous.sent - this.recv) };
  }

  #take(c, m) {
    if (c.welcomedAt === null) throw bad('data before the welcome');
    if (m.ack !== undefined) this.#acked(c, m.ack);
    if (m.seq > this.recv + 1) throw new TautlineError('gap', `number ${m.seq} behind ${this.recv}`);
    if (m.last <= this.recv) return void ++this.duplicates;
    this.recv = m.last;
    c.due += 1;
    c.dueBytes += m.data?.length || 0;
    if (!m.void) this.#emit('message', { data: m.data, seq: m.seq });
    if (c !== this.current) return;
    const { messages, bytes } = this.options.window;
    if (c.due * 2 >= messages || c.dueBytes * 2 >= bytes) this.#ack(c);
    else if (!c.timers.ack) this.#after(c, 'ack', this.options.ackMs, () => this.#ack(c));
  }

  #acked(c, recv) {
    if (c.welcomedAt === null) throw bad('an ack before the welcome');
    c.proved = true;
    const gone = this.outbox.acknowledge(recv);
    if (gone.length === 0) return;
    this.#save();
    this.#settle(gone);
    this.#flush();
  }

  #ponged(c, recv) {
    c.proved = true;
    if (recv !== undefined) this.#acked(c, recv);
  }

  #peerSaidBye(c) {
    c.peerSaidBye = true;
    this.#emit('bye', {});
    this.#flush();
  }

  // The new connection is made while this one works on; to a place named in the clear only if this one is, too.
  #drain(c, m) {
    const wait = m.min_ms + this.#random() * (m.max_ms - m.min_ms);
    const allowed = c.socket.url.startsWith('wss:') ? /^wss:\/\// : /^wss?:\/\//;
    const url = typeof m.url === 'string' && allowed.test(m.url) ? m.url : this.url;
    this.#after(c, 'drain', wait, () => this.dialing || this.#dial(url));
  }

  // --- writing

  #write(c, message) {
    c.socket.send(JSON.stringify(message));
  }

  // The storage first: a page that comes back must know at least what its peer does.
  #flush() {
    const c = this.current;
    if (!c || (c.welcomedAt === null && this.options.resume === 'required')) return;
    const batch = [];
    for (let entry; (entry = this.outbox.ready(this.peerWindow)); batch.push(entry)) this.outbox.wrote(entry);
    if (batch.length) this.#save();
    for (const { seq, text, void: empty, payload } of batch) {
      const ack = c.due ? this.recv : undefined;
      this.#cleared(c);
      c.socket.send(encodeData({ seq, ack, text, payload, count: empty ? 1 : 0 }));
    }
    const last = (this.closing || c.peerSaidBye) && c.welcomedAt !== null && this.outbox.cursor === this.outbox.next;
    if (!last || c.saidBye) return;
    c.saidBye = true;
    this.#write(c, { type: 'bye' });
    this.#ping(c);
  }

  #cleared(c) {
    this.#cancel(c, 'ack');
    c.due = c.dueBytes = 0;
  }
  #ack(c) {
    this.#cleared(c);
    this.#save();
    this.#write(c, { type: 'ack', recv: this.recv });
  }
  #pong(c, id) {
    this.#cleared(c);
    this.#save();
    const recv = c.welcomedAt === null ? undefined : this.recv;
    this.#write(c, { type: 'pong', id, timestamp: this.env.utc(), recv });
  }
  #ping(c) {
    this.#write(c, { type: 'ping', id: ++this.pings });
  }

  // --- endings

  #watch(c) {
    const now = this.env.now(), { heartbeatMs } = c;
    if (c.pinged !== null && c.heard > c.pinged) c.pinged = null;
    const patience = heartbeatMs + this.options.heartbeatTimeoutMs;
    if (c.pinged !== null && now - c.pinged >= patience) return this.#lost(c, 'timeout', 'the peer is silent');
    if (c.pinged === null && now - c.heard >= heartbeatMs) {
      c.pinged = now;
      this.#ping(c);
    }
    const next = c.pinged === null ? heartbeatMs - (now - c.heard) : Math.min(heartbeatMs, patience - (now - c.pinged));
    this.#after(c, 'watch', next, () => this.#watch(c));
  }

  // The browser may say so before it is so: a connection that answers is asked again for as long as it says offline.
  #networkIs(online) {
    this.offline = !online;
    if (online) this.retryNow();
    else this.#probe();
  }

  #probe() {
    const c = this.current;
    if (!c || c.timers.probe) return;
    this.#ping(c);
    this.#after(c, 'probe', this.options.probeTimeoutMs, () => this.#lost(c, 'timeout', 'no answer to a probe'));
  }

  #lost(c, code, message, retryAfterMs = 0) {
    if (c !== this.current && c !== this.dialing) return;
    this.#leave(c, CLOSE_CODES[code]);
    if (c === this.dialing) this.dialing = null;
    else this.current = null;
    const stable = c.proved && this.env.now() - c.welcomedAt >= this.options.stableMs;
    this.failures = stable ? 0 : this.failures + 1;
    this.badInARow = code === 'bad_message' ? this.badInARow + 1 : 0;
    if (c.saidBye && c.peerSaidBye && this.outbox.entries.length === 0) return this.#endSession();
    if (code === 'session_lost') this.#giveUpWhatWasSent();
    if (this.#isFatal(code)) return this.#halt(message);
    if (this.current === null && this.failures >= this.options.maxAttempts) {
      this.#halt(`${message}; attempts used up`);
      return this.env.events?.addEventListener('online', this.onOnline);
    }
    if (this.dialing || this.retryTimer !== null) return this.#tell('reconnecting', message);
    const cap = Math.min(this.options.maxMs, this.options.initialMs * 2 ** (this.failures - 1));
    const delay = Math.max(retryAfterMs, this.#random() * (this.failures === 0 ? this.options.quickMs : cap));
    this.retryTimer = this.env.setTimeout(() => this.#dial(), Math.min(delay, LONGEST_TIMER));
    if (this.current === null) this.#tell('reconnecting', message, delay);
  }

  #isFatal(code) {
    if (code === 'bad_message') return this.badInARow >= 3;
    if (code === 'unauthorized') return typeof this.url !== 'function';
    return ['unsupported', 'session_lost', 'invalid_url'].includes(code);
  }

  #giveUpWhatWasSent() {
    const gone = this.outbox.acknowledge(this.outbox.sent);
    Object.assign(this, { session: null, recv: 0 });
    this.#save();
    for (const entry of gone) {
      this.outbox.store.drop(entry);
      entry.reject?.(new TautlineError('session_lost', 'it may have been delivered'));
    }
  }

  #endSession() {
    Object.assign(this, { session: null, recv: 0 });
    this.#halt('closed');
  }

  #closeTimedOut() {
    if (this.outbox.entries.length === 0) this.#endSession();
    else this.#halt('closed before all was delivered');
  }

  #halt(cause) {
    this.#save();
    this.env.events?.removeEventListener('online', this.onOnline);
    this.env.events?.removeEventListener('offline', this.onOffline);
    this.env.clearTimeout(this.retryTimer);
    for (const c of [this.current, this.dialing]) if (c) this.#leave(c);
    this.current = this.dialing = this.retryTimer = null;
    this.env.clearTimeout(this.closing?.timer);
    this.closing?.resolve(this.outbox.entries.length === 0);
    this.closing = null;
    this.#tell('disconnected', cause);
  }

  // A socket that is left says nothing more.
  #leave({ socket, timers }, code = 1000) {
    for (const timer of Object.values(timers)) this.env.clearTimeout(timer);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }

  // --- small tools

  // Behind #save(): a page that comes back finds all that stands behind `acked`.
  #settle(entries) {
    for (const { seq, resolve, void: empty } of entries) {
      this.outbox.store.drop({ seq });
      resolve?.({ origin: this.origin, seq });
      if (!empty) this.#emit('delivered', { seq });
    }
  }

  #isTooLarge({ payload }) {
    return payload.length + LONGEST_HEAD > this.maxMessageBytes;
  }

  #save() {
    const { origin, token, attach, session, recv, outbox: { acked, sent } } = this;
    try {
      this.outbox.store.save({ origin, token, attach, session, recv, acked, sent });
    } catch (error) {
      this.env.report(error);
    }
  }

  #tell(state, cause, retryInMs = null) {
    if (state !== 'reconnecting' && state === this.status.state) return;
    this.status = { state, text: TEXTS[state], cause, attempt: this.failures + 1, retryInMs };
    this.#emit('status', this.status);
  }

  // What a handler throws is reported like that of any event, and disturbs nothing here.
  #emit(name, detail) {
    for (const handler of this.handlers[name] || []) {
      try {
        handler(detail);
      } catch (error) {
        this.env.report(error);
      }
    }
  }

  #after(c, name, ms, action) {
    this.#cancel(c, name);
    c.timers[name] = this.env.setTimeout(() => {
      delete c.timers[name];
      action();
    }, Math.min(ms, LONGEST_TIMER));
  }

  #cancel(c, name) {
    this.env.clearTimeout(c.timers[name]);
    delete c.timers[name];
  }

  #random() {
    return this.env.crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32;
  }

  #hex(bytes) {
    const random = this.env.crypto.getRandomValues(new Uint8Array(bytes));
    return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
}
