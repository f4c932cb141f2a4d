// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// For the tests in a real browser: a session server to talk to, a server of the example's files, and Chromium.
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const http = require('http');
const path = require('path');
const readline = require('readline');
const WebSocket = require('ws');
const { BROWSER_FOLDER } = require('./support');

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const NODE_SESSION = [process.execPath, path.join(__dirname, 'node_session.js'), 'serve', '--echo'];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A row of the table of faults, where test/cli/figures.py finds it. The test has counted that none is lost or twice. */
function noteFigures(scenario, { sent, detect_ms, recover_ms }) {
  if (!process.env.TAUTLINE_BIN_DIR) return;
  const folder = path.join(process.env.TAUTLINE_BIN_DIR, '..', 'reports', 'faults');
  const counted = { lost: 0, repeated: 0, out_of_order: 0 };
  const row = { group: 'browser', scenario, mode: 'session', sent, detect_ms, allowed_ms: null, recover_ms, ...counted };
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'browser-setoffline-session.json'), JSON.stringify(row));
}

/** A child that prints "listening URL"; it ends with the test, and end() ends it before. */
class SessionServer {
  constructor(command) {
    this.command = command;
    this.child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = readline.createInterface({ input: this.child.stdout });
    this.gone = new Promise((resolve) => this.child.on('exit', resolve));
  }
  async listening() {
    const ended = this.gone.then((code) => {
      throw new Error(`${this.command.join(' ')} ended with ${code}`);
    });
    const line = await Promise.race([new Promise((resolve) => this.lines.once('line', resolve)), ended]);
    [, this.url] = line.match(/^listening (\S+)$/);
    this.port = Number(new URL(this.url).port);
    return this;
  }
  kill() {
    this.child.kill('SIGKILL');
    return this.gone;
  }
}

function speaks(url) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, ['tautline.v1']);
    socket.on('open', () => resolve(socket.protocol === 'tautline.v1'));
    socket.on('error', () => resolve(false));
  });
}

/** TAUTLINE_SESSION_SERVER, else the built tautline if it speaks the protocol, else node_session.js. */
async function chooseServer() {
  if (process.env.TAUTLINE_SESSION_SERVER) return process.env.TAUTLINE_SESSION_SERVER.split(' ');
  const bin = process.env.TAUTLINE_BIN_DIR || path.join(__dirname, '..', '..', '..', 'build', 'dev', 'bin');
  const command = [path.join(bin, 'tautline'), 'serve', '--mode', 'echo'];
  if (!fs.existsSync(command[0])) return NODE_SESSION;
  const server = await new SessionServer([...command, '--listen', '127.0.0.1:0']).listening();
  const answer = await speaks(server.url);
  await server.kill();
  return answer ? command : NODE_SESSION;
}

/** Starts it at a port, 0 for any. */
function startServer(command, port = 0) {
  const isTautline = path.basename(command[0]) === 'tautline';
  const where = isTautline ? ['--listen', `127.0.0.1:${port}`] : ['--port', String(port)];
  return new SessionServer([...command, ...where]).listening();
}

function servePage() {
  const server = http.createServer((request, response) => {
    const name = path.basename(new URL(request.url, 'http://x').pathname) || 'index.html';
    fs.readFile(path.join(BROWSER_FOLDER, name), (error, content) => {
      response.writeHead(error ? 404 : 200, { 'content-type': TYPES[path.extname(name)] || 'text/plain' });
      response.end(error ? '' : content);
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

module.exports = { FLAGS, chooseServer, noteFigures, servePage, startServer };
