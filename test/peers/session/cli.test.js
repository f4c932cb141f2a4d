// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The command line of node_session.js, as other tests use it.
'use strict';
const assert = require('assert');
const { spawn } = require('child_process');
const path = require('path');
const readline = require('readline');
const { test } = require('node:test');

const DEADLINE = { timeout: 60_000 };
const SCRIPT = path.join(__dirname, 'node_session.js');

/** A run of the script, and its lines one after the other. */
function run(t, ...words) {
  const child = spawn(process.execPath, [SCRIPT, ...words]);
  t.after(() => child.kill('SIGKILL'));
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const errors = [];
  child.stderr.on('data', (text) => errors.push(text.toString()));
  return {
    write: (...all) => child.stdin.write(all.map((text) => `${text}\n`).join('')),
    closeInput: () => child.stdin.end(),
    next: async () => (await lines.next()).value,
    ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, errors: errors.join('') }))),
  };
}

async function serve(t, ...words) {
  const server = run(t, 'serve', '--port', '0', ...words);
  [, server.url] = (await server.next()).match(/^listening (ws:\/\/127\.0\.0\.1:\d+)$/);
  server.stats = async () => {
    server.write('stats');
    return JSON.parse((await server.next()).replace(/^stats /, ''));
  };
  return server;
}

const numbers = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => String(first + i));
const read = async (from, count) => {
  const lines = [];
  while (lines.length < count) lines.push(await from.next());
  return lines;
};

test(
  'lines go to an echo server and come back, through cuts and drains, and the client ends with its input',
  DEADLINE,
  async (t) => {
    const server = await serve(t, '--echo');
    const client = run(t, 'connect', server.url);
    for (const [round, command] of ['cut', 'drain', 'cut', `drain ${server.url} 5000`].entries()) {
      const part = numbers(1000 * round + 1, 1000 * (round + 1));
      client.write(...part);
      server.write(command);
      assert.deepStrictEqual(await read(client, 1000), part);
    }
    client.write('', 'ä€😀');
    assert.deepStrictEqual(await read(client, 2), ['', 'ä€😀']);
    client.closeInput();
    const { code, errors } = await client.ended;
    assert.strictEqual(code, 0, errors);
    const { sessions, open, accepted } = await server.stats();
    assert.deepStrictEqual([sessions, open, accepted], [1, 0, 4002]);
    server.closeInput();
    assert.strictEqual((await server.ended).code, 0);
  },
);

test(
  'the server prints each message once, and the client reports sessions that were forgotten',
  DEADLINE,
  async (t) => {
    const server = await serve(t);
    const client = run(t, 'connect', server.url, '--retry-ms', '1');
    client.write('a', 'b');
    assert.deepStrictEqual(await read(server, 2), ['a', 'b']);
    server.write('send from the server');
    assert.strictEqual(await client.next(), 'from the server');
    for (const [round, command] of ['forget', 'forget all'].entries()) {
      server.write(command);
      client.write(`after ${round}`);
      assert.strictEqual(await server.next(), `after ${round}`);
      server.write(`send again ${round}`);
      assert.strictEqual(await client.next(), `again ${round}`);
    }
    client.closeInput();
    const { code, errors } = await client.ended;
    assert.strictEqual(code, 0, errors);
    assert.deepStrictEqual(errors.match(/"reason":"\w+"/g), ['"reason":"expired"', '"reason":"unknown"']);
  },
);

test('an error that is fatal ends the client with 3 and its code', DEADLINE, async (t) => {
  const server = await serve(t);
  const client = run(t, 'connect', server.url);
  client.write('a');
  await server.next();
  server.write('error unauthorized');
  const { code, errors } = await client.ended;
  assert.strictEqual(code, 3);
  assert.match(errors, /^unauthorized$/m);
});

test('wrong usage is told', DEADLINE, async (t) => {
  const { code, errors } = await run(t, 'connect').ended;
  assert.strictEqual(code, 2);
  assert.match(errors, /usage: /);
});
