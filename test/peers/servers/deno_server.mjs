// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Deno's own server as a server that records what it gets.
import { echo, endWith, listening, port, say, take } from './native.mjs';

const sockets = new Set();
endWith(sockets);
Deno.serve({ hostname: '127.0.0.1', port, onListen: (address) => listening(address.port) }, (request) => {
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') return new Response('', { status: 400 });
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => {
    sockets.add(socket);
    say({ event: 'open' });
  };
  socket.onmessage = ({ data }) => {
    take(data);
    if (echo) socket.send(data);
  };
  socket.onclose = ({ code }) => {
    sockets.delete(socket);
    say({ event: 'closed', code });
  };
  socket.onerror = () => {};
  return response;
});
