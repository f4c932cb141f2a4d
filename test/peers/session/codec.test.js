// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The two codecs written from the page, each alone and against the other.
'use strict';
const assert = require('assert');
const { test, before } = require('node:test');
const node = require('./session_codec');
const { loadTautline, randomFrom } = require('./support');

let browser;
before(async () => {
  browser = await loadTautline();
});

const EDGES = [
  1,
  2,
  127,
  128,
  129,
  16_383,
  16_384,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 35,
  2 ** 49,
  2 ** 53 - 2,
  2 ** 53 - 1,
];
const bytes = (hex) => Buffer.from(hex.replace(/ /g, ''), 'hex');
const decoders = () => [
  ['node_session', node.decodeData],
  ['tautline.js', browser.decodeData],
];
const controls = () => [
  ['node_session', (text) => node.decodeControl(Buffer.from(text))],
  ['tautline.js', browser.decodeControl],
];

function refusedByBoth(all, input, why) {
  for (const [name, decode] of all()) {
    assert.throws(() => decode(input), { code: 'bad_message' }, `${name} takes ${why}`);
  }
}

test('numbers up to 2^53 - 1 become the LEB128 of the other implementation', () => {
  for (const value of EDGES)
    assert.deepStrictEqual(browser.encodeVarint(value), [...node.varint(value)], String(value));
  assert.deepStrictEqual(browser.encodeVarint(624_485), [0xe5, 0x8e, 0x26]);
  assert.deepStrictEqual(browser.encodeVarint(2 ** 31), [0x80, 0x80, 0x80, 0x80, 0x08]);
});

test('data of one implementation is read by the other as it was', () => {
  const random = randomFrom(7);
  for (const seq of EDGES) {
    for (const ack of [null, 0, ...EDGES]) {
      const payload = Buffer.from(Array.from({ length: random(40) }, () => random(128)));
      const text = random(2) === 1;
      const ours = browser.decodeData(new Uint8Array(node.encodeData({ seq, ack, text, payload })));
      const data = text ? payload.toString() : new Uint8Array(payload);
      assert.deepStrictEqual(ours, { seq, last: seq, ack: ack ?? undefined, text, void: false, data });
      const theirs = node.decodeData(Buffer.from(browser.encodeData({ seq, ack: ack ?? undefined, text, payload })));
      assert.deepStrictEqual(theirs, { seq, last: seq, ack, text, voids: 0, payload });
    }
  }
});

test('void messages of one implementation are read by the other as they were', () => {
  for (const count of [1, 2, 127, 128, 2 ** 32]) {
    const ours = browser.decodeData(new Uint8Array(node.encodeData({ seq: 5, text: false, voids: count })));
    assert.deepStrictEqual([ours.seq, ours.last, ours.void, ours.data], [5, 4 + count, true, null]);
    const theirs = node.decodeData(Buffer.from(browser.encodeData({ seq: 5, count })));
    assert.deepStrictEqual([theirs.seq, theirs.last, theirs.voids], [5, 4 + count, count]);
  }
});

test('a payload may be empty and may hold every character', () => {
  for (const text of ['', '\0', 'ä€😀', '\ufeffbom']) {
    const payload = Buffer.from(text);
    assert.strictEqual(browser.decodeData(new Uint8Array(node.encodeData({ seq: 1, payload }))).data, text);
    assert.strictEqual(
      node.decodeData(Buffer.from(browser.encodeData({ seq: 1, text: true, payload }))).payload.toString(),
      text,
    );
  }
});

test('an encoding of a number with superfluous bytes is taken, up to 10 of them', () => {
  for (const [, decode] of decoders()) assert.strictEqual(decode(bytes('00 85 80 80 80 80 80 80 80 80 00 41')).seq, 5);
});

test('malformed data is a bad_message', () => {
  for (const [input, why] of [
    ['', 'nothing'],
    ['01', 'no number'],
    ['01 80', 'half a number'],
    ['02 01', 'no ack'],
    ['02 01 ff', 'half an ack'],
    ['00 00 41', 'number 0'],
    ['08 01 41', 'flag bit 3'],
    ['80 01 41', 'flag bit 7'],
    ['00 85 80 80 80 80 80 80 80 80 80 00', 'a number of 11 bytes'],
    ['00 ff ff ff ff ff ff ff ff ff ff', 'more than 64 bits'],
    ['00 80 80 80 80 80 80 80 10 41', '2^53'],
    ['00 ff ff ff ff ff ff ff ff ff 01 41', '2^64 - 1'],
    ['00 80 80 80 80 80 80 80 80 80 01', '2^63'],
    ['02 01 80 80 80 80 80 80 80 10 41', 'an ack of 2^53'],
    ['01 01 c3', 'half a character'],
    ['01 01 c0 80', 'overlong UTF-8'],
    ['01 01 ed a0 80', 'a surrogate'],
    ['01 01 f4 90 80 80', 'beyond Unicode'],
    ['04 01', 'a void without a count'],
    ['04 01 00', 'a void of nothing'],
    ['04 01 01 01', 'a void with something behind it'],
    ['04 ff ff ff ff ff ff ff 0f 02', 'a void beyond 2^53'],
    ['04 01 80', 'a void with half a count'],
  ])
    refusedByBoth(decoders, bytes(input), why);
});

test('data cut off anywhere in its header is a bad_message, and in its payload data', () => {
  const whole = node.encodeData({ seq: 300, ack: 2 ** 40, text: false, payload: Buffer.from('payload') });
  for (let length = 0; length < whole.length; ++length) {
    const part = whole.subarray(0, length);
    if (length < 9) refusedByBoth(decoders, part, `${length} bytes`);
    else for (const [, decode] of decoders()) assert.strictEqual(decode(part).seq, 300);
  }
});

test('whatever the bytes, both implementations say the same', () => {
  const random = randomFrom(2026);
  for (let run = 0; run < 20_000; ++run) {
    const input = Buffer.from(Array.from({ length: random(14) }, (_, i) => (i === 0 ? random(10) : random(256))));
    const [ours, theirs] = decoders().map(([, decode]) => {
      try {
        const { seq, last, ack, text } = decode(input);
        return { seq, last, ack: ack ?? null, text };
      } catch (error) {
        return error.code;
      }
    });
    assert.deepStrictEqual(ours, theirs, input.toString('hex'));
  }
});

test('control of unknown type is ignored, and so are unknown members', () => {
  for (const [, decode] of controls()) {
    assert.strictEqual(decode('{"type":"later","recv":"?"}'), null);
    assert.strictEqual(decode('{"type":"toString"}'), null);
    assert.strictEqual(decode('{"type":"ack","recv":3,"colour":"red"}').recv, 3);
  }
});

test('malformed control is a bad_message', () => {
  for (const input of [
    '',
    '{',
    '[]',
    'null',
    '7',
    '"ack"',
    '{}',
    '{"type":7}',
    '{"type":null}',
    '[{"type":"ack"}]',
    '{"type":"ack"}',
    '{"type":"ack","recv":-1}',
    '{"type":"ack","recv":1.5}',
    '{"type":"ack","recv":"1"}',
    '{"type":"ack","recv":null}',
    '{"type":"ack","recv":9007199254740992}',
    '{"type":"ack","recv":9223372036854775808}',
    '{"type":"ack","recv":1e400}',
    '{"type":"pong","recv":-1}',
    '{"type":"ping","id":"x"}',
    '{"type":"error"}',
    '{"type":"drain"}',
    '{"type":"drain","min_ms":0,"max_ms":-1}',
    '{"type":"welcome"}',
    '{"type":"bye"',
    `{"type":"ack","recv":1,"x":"${'x'.repeat(4096)}"}`,
    '['.repeat(4000),
    `{"type":"ack","recv":1,"x":"${'ä'.repeat(2040)}"}`,
  ])
    refusedByBoth(controls, input, input.slice(0, 60));
});
