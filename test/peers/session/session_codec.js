// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What tautline.v1 puts on the wire, written from its page alone. Payloads are Buffers.
'use strict';

const CLOSE = {
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

class ProtocolError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
const check = (condition, what, code = 'bad_message') => {
  if (!condition) throw new ProtocolError(code, what);
};

function varint(number) {
  const bytes = [];
  let rest = BigInt(number);
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

function readVarint(bytes, at) {
  let value = 0n;
  for (let i = 0; i < 10; ++i) {
    check(at + i < bytes.length, 'a number is cut off');
    value |= BigInt(bytes[at + i] & 127) << BigInt(7 * i);
    if (bytes[at + i] > 127) continue;
    check(value <= BigInt(Number.MAX_SAFE_INTEGER), 'a number that JavaScript cannot hold');
    return { value: Number(value), end: at + i + 1 };
  }
  throw new ProtocolError('bad_message', 'a number of more than 10 bytes');
}

// voids: how many numbers, from seq on, carry nothing; 0 for a message with a payload.
function encodeData({ seq, ack = null, text = true, voids = 0, payload = Buffer.alloc(0) }) {
  const flags = (text ? 1 : 0) | (ack === null ? 0 : 2) | (voids ? 4 : 0);
  return Buffer.concat([
    Buffer.from([flags]),
    varint(seq),
    ack === null ? Buffer.alloc(0) : varint(ack),
    voids ? varint(voids) : payload,
  ]);
}

function decodeData(bytes) {
  check(bytes.length > 0, 'an empty data message');
  check(bytes[0] < 8, 'unknown flags');
  const seq = readVarint(bytes, 1);
  check(seq.value >= 1, 'the number 0');
  const ack = bytes[0] & 2 ? readVarint(bytes, seq.end) : { value: null, end: seq.end };
  const text = (bytes[0] & 1) !== 0;
  const payload = bytes.subarray(ack.end);
  if ((bytes[0] & 4) === 0) {
    check(!text || isUtf8(payload), 'text that is not UTF-8');
    return { seq: seq.value, last: seq.value, ack: ack.value, text, voids: 0, payload };
  }
  const voids = readVarint(payload, 0);
  const last = seq.value - 1 + voids.value;
  check(voids.value >= 1 && voids.end === payload.length && Number.isSafeInteger(last), 'a malformed void message');
  return { seq: seq.value, last, ack: ack.value, text, voids: voids.value, payload: Buffer.alloc(0) };
}

function isUtf8(bytes) {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const count = (value) => Number.isSafeInteger(value) && value >= 0;
const optional = (test) => (value) => value === undefined || test(value);
const window = (value) =>
  Boolean(value) && count(value.messages) && value.messages > 0 && count(value.bytes) && value.bytes > 0;
const hex = (digits) => (value) => typeof value === 'string' && value.length === digits && /^[0-9a-f]+$/i.test(value);
const name = (value) => typeof value === 'string' && value !== '';
const CONTROL = {
  hello: {
    origin: hex(32),
    token: hex(64),
    attach: (v) => count(v) && v > 0,
    session: optional(name),
    resume: optional((v) => v === 'allowed' || v === 'required'),
    recv: count,
    from: (v) => count(v) && v > 0,
    window,
  },
  welcome: {
    session: name,
    resumed: (v) => typeof v === 'boolean',
    recv: count,
    from: (v) => count(v) && v > 0,
    window,
    heartbeat_ms: (v) => count(v) && v > 0,
    max_message_bytes: count,
    previous: optional((v) => Boolean(v) && count(v.recv) && count(v.sent)),
  },
  ack: { recv: count },
  ping: { id: optional(count) },
  pong: { recv: optional(count) },
  drain: { min_ms: count, max_ms: count },
  bye: {},
  error: { code: name },
};

// The message, or null if its type is unknown.
function decodeControl(bytes) {
  check(bytes.length <= 4096, 'a control message of more than 4096 bytes');
  let message = null;
  try {
    message = JSON.parse(bytes.toString());
  } catch {
    /* null is no object either */
  }
  check(message && typeof message === 'object' && typeof message.type === 'string', 'no JSON object with a type');
  if (!Object.hasOwn(CONTROL, message.type)) return null;
  if (message.type === 'hello' || message.type === 'welcome') {
    check(message.version === 1, 'this end speaks version 1', count(message.version) ? 'unsupported' : 'bad_message');
  }
  for (const [member, test] of Object.entries(CONTROL[message.type])) {
    check(test(message[member]), `${message.type}: its ${member} is missing or malformed`);
  }
  return message;
}

module.exports = { CLOSE, ProtocolError, check, varint, encodeData, decodeData, decodeControl };
