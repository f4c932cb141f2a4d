// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// npm ws as a server that records what it gets; rig.py says how a server of these tests behaves.
// The record is written synchronously in the 'message' handler, so no pong leaves before it.
'use strict';
const fs = require('fs');
const readline = require('readline');
const { WebSocketServer } = require('ws');

const options = {};
for (let i = 2; i < process.argv.length; ++i) {
  const name = process.argv[i].slice(2);
  options[name] = name === 'echo' ? true : process.argv[++i];
}

const say = (event) => fs.writeSync(1, JSON.stringify(event) + '\n');
const record = options.record ? fs.openSync(options.record, 'a', 0o600) : -1;
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(options.port || 0),
  perMessageDeflate: { threshold: 0 },
  handleProtocols: (offered) => (offered.has(options.subprotocol) ? options.subprotocol : false),
});

server.on('listening', () => fs.writeSync(1, 'listening ' + server.address().port + '\n'));
server.on('connection', (socket, request) => {
  say({
    event: 'open',
    headers: request.headers,
    subprotocol: socket.protocol,
    extensions: socket.extensions ? [socket.extensions.split(';')[0]] : [],
  });
  socket.on('message', (data, binary) => {
    if (record >= 0) fs.writeSync(record, data.toString('latin1') + '\n', null, 'latin1');
    if (options.echo) socket.send(data, { binary });
  });
  socket.on('pong', (data) => say({ event: 'pong', data: data.toString() }));
  socket.on('close', (code) => say({ event: 'closed', code }));
  socket.on('error', () => {});
  if (options['close-at-once']) socket.close(Number(options['close-at-once']));
});

const commands = readline.createInterface({ input: process.stdin });
commands.on('line', (line) => {
  const [word, argument, reason] = line.split(' ');
  for (const socket of server.clients) {
    if (word === 'close') socket.close(Number(argument), reason);
    else socket.ping(argument);
  }
});
commands.on('close', () => process.exit(0));

process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  for (const socket of server.clients) socket.close(1001);
  setTimeout(() => server.clients.forEach((socket) => socket.terminate()), 1000);
});
