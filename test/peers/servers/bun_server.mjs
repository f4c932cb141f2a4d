// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Bun's own server, which is uWebSockets, as a server that records what it gets.
import { echo, endWith, listening, port, say, take } from './native.mjs';

const sockets = new Set();
const server = Bun.serve({
  hostname: '127.0.0.1',
  port,
  fetch: (request, self) => (self.upgrade(request) ? undefined : new Response('', { status: 400 })),
  websocket: {
    idleTimeout: 0,
    maxPayloadLength: 2 ** 24,
    open(socket) {
      sockets.add(socket);
      say({ event: 'open' });
    },
    message(socket, data) {
      take(data);
      if (echo) socket.send(data);
    },
    close(socket, code) {
      sockets.delete(socket);
      say({ event: 'closed', code });
    },
  },
});
endWith(sockets);
listening(server.port);
