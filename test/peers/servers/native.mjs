// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the servers of Bun and Deno have in common; rig.py says how a server of these tests behaves, and of its commands
// these know none. The record is written synchronously in the message handler, so no pong leaves before it.
import { Buffer } from 'node:buffer';
import fs from 'node:fs';
import process from 'node:process';

const value = (name) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
export const port = Number(value('--port') || 0);
export const echo = process.argv.includes('--echo');
const record = value('--record') ? fs.openSync(value('--record'), 'a', 0o600) : -1;

export const say = (event) => fs.writeSync(1, JSON.stringify(event) + '\n');
export const listening = (where) => fs.writeSync(1, 'listening ' + where + '\n');

export function take(data) {
  if (record < 0) return;
  const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer || data);
  fs.writeSync(record, Buffer.concat([bytes, Buffer.from('\n')]));
}

/** Ends the process with its standard input at once, and with SIGTERM once all sockets were closed with 1001. */
export function endWith(sockets) {
  process.stdin.on('end', () => process.exit(0));
  process.stdin.resume();
  process.on('SIGTERM', () => {
    for (const socket of sockets) socket.close(1001);
    const leave = () => (sockets.size ? setTimeout(leave, 5) : process.exit(0));
    leave();
    setTimeout(() => process.exit(0), 1000);
  });
}
