// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
/* The command line of node_session.js.

node node_session.js serve [--port 0] [--echo] [OPTIONS]
    Prints "listening ws://127.0.0.1:PORT", then the payload of each message as a line, or, with --echo, sends each
    back. Obeys lines on its standard input, in order:
      cut               resets all connections
      drain [URL]       asks all clients to connect anew (within 100 ms); drain URL DEADLINE_MS for another deadline
      forget            forgets all sessions, and resets their connections; their counters stay known
      forget all        forgets origins, tokens and counters too, as a restart would
      error CODE [MS]   sends that error, with retry_after_ms MS, and closes
      send TEXT         sends TEXT to every session
      stats             prints "stats {...}"; also a sign that all before it is done
    Ends with its standard input, or on SIGTERM with 1001 to all.

node node_session.js connect URL [OPTIONS]
    Sends each line of its standard input as a text message and prints each message that it gets as a line, through any
    number of connections. Behind the end of the input, when all is acknowledged, it says bye; exit 0. On stderr:
    session_reset {...} for a session that was lost, and at the end stats {...}. A fatal error: its code, and exit 3.

OPTIONS  --window-messages N --window-bytes N --queue-messages N --heartbeat-ms N --retain-ms N --max-message-bytes N
         --hello-timeout-ms N --retry-ms N --resume allowed|required */
'use strict';
const readline = require('readline');
const { Server, Client } = require('./node_session');

function parse(words) {
  const options = {};
  const rest = [];
  while (words.length) {
    const word = words.shift();
    if (!word.startsWith('--')) rest.push(word);
    else if (word === '--echo') options.echo = true;
    else if (word === '--resume') options.resume = words.shift();
    else options[word.slice(2)] = Number(words.shift());
  }
  return { options, rest };
}

const print = (line) => process.stdout.write(Buffer.concat([Buffer.from(line), Buffer.from('\n')]));
const note = (name, object) => process.stderr.write(`${name} ${JSON.stringify(object)}\n`);

async function serve(options) {
  const server = new Server(options, (message) => options.echo || print(message.payload));
  await server.ready;
  print(`listening ${server.url}`);
  const commands = {
    cut: () => server.cut(),
    drain: (url, deadlineMs) => server.drain(url, deadlineMs && Number(deadlineMs)),
    forget: (all) => server.forgetAll(all !== 'all'),
    error: (code, retryAfterMs) => server.error(code, retryAfterMs && Number(retryAfterMs)),
    send: (...words) => server.sessions.forEach((session) => session.push(Buffer.from(words.join(' ')))),
    stats: () => print(`stats ${JSON.stringify(server.stats())}`),
  };
  const input = readline.createInterface({ input: process.stdin });
  input.on('line', (line) => {
    const [word, ...more] = line.split(' ');
    if (Object.hasOwn(commands, word)) commands[word](...more);
    else note('unknown', { command: word });
  });
  input.on('close', () => process.exit(0));
  process.on('SIGTERM', () => {
    for (const socket of server.listener.clients) socket.close(1001);
    server.listener.close(() => process.exit(0));
  });
}

function connect(url, options) {
  const input = readline.createInterface({ input: process.stdin });
  const client = new Client(url, options, {
    message: print,
    reset: (account) => note('session_reset', account),
    room: () => input.resume(),
    ended: (fault) => {
      note('stats', { reconnects: client.reconnects, duplicates: client.conversation.in.duplicates });
      if (fault) process.stderr.write(`${fault}\n`);
      process.exit(fault ? 3 : 0);
    },
  });
  input.on('line', (line) => client.send(line) || input.pause());
  input.on('close', () => client.end());
}

const { options, rest } = parse(process.argv.slice(2));
if (rest[0] === 'serve') serve(options);
else if (rest[0] === 'connect' && rest.length === 2) connect(rest[1], options);
else {
  process.stderr.write(
    'usage: node node_session.js serve [OPTIONS] | connect URL [OPTIONS]; see node_session_cli.js\n',
  );
  process.exit(2);
}
