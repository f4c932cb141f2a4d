# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""A TCP proxy on loopback that harms the connections through it, at exact bytes of their streams."""
import collections
import selectors
import socket
import struct
import threading
import time

# After so many bytes from the client on one connection (since the last fault on it), what is done:
#   "reset"   both ends get a reset
#   "close"   both ends get an orderly end, in the middle of whatever was being sent
#   "hole"    nothing crosses any more in either direction, and nobody is told
#   a number  so many seconds of "hole", then "reset"
#   callable  it is called; the connection goes on
Fault = collections.namedtuple("Fault", "after what")

MOST_BUFFERED = 256 * 1024


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


class Way:
    """One direction of a connection."""

    def __init__(self, source, sink):
        self.source = source
        self.sink = sink
        self.waiting = bytearray()
        self.passed = 0
        self.ended = False
        self.end_told = False


class Connection:
    def __init__(self, client, server):
        for s in (client, server):
            s.setblocking(False)
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client = client
        self.server = server
        self.out = Way(client, server)
        self.back = Way(server, client)
        self.dark = False
        self.reset_at = None


class FaultProxy:
    """Runs in a thread of its own until the test is over. The faults of the plan happen once each, in their
    order, each on the connection that gets as far as it says; `over` counts those that are complete, and `struck` has
    the moment of each, in milliseconds on the clock of the program's events."""

    def __init__(self, test, target_port, plan=()):
        self.target = ("127.0.0.1", target_port)
        self.plan = collections.deque(plan)
        self.over = 0
        self.struck = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = "ws://127.0.0.1:%d/" % self.port
        self.listener.setblocking(False)
        self.selector = selectors.DefaultSelector()
        self.connections = set()
        self.wake, self.waker = socket.socketpair()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        test.addCleanup(self._end)

    def _end(self):
        self.waker.close()
        self.thread.join()

    def _run(self):
        while True:
            self._watch()
            ready = self.selector.select(self._until_next_reset())
            for key, mask in ready:
                if key.fileobj is self.wake:
                    return self._close_all()
                if key.fileobj is self.listener:
                    self._accept()
                elif key.data in self.connections:
                    self._serve(key.data, key.fileobj, mask)
            now = time.monotonic()
            for c in [c for c in self.connections if c.reset_at is not None and c.reset_at <= now]:
                self._reset(c)

    # What is waited for depends on what is buffered; so it is told afresh each turn.
    def _watch(self):
        for key in list(self.selector.get_map().values()):
            self.selector.unregister(key.fileobj)
        self.selector.register(self.wake, selectors.EVENT_READ)
        self.selector.register(self.listener, selectors.EVENT_READ)
        for c in self.connections:
            for incoming, outgoing in ((c.out, c.back), (c.back, c.out)):
                mask = 0
                if not incoming.ended and len(incoming.waiting) < MOST_BUFFERED:
                    mask |= selectors.EVENT_READ
                if outgoing.waiting:
                    mask |= selectors.EVENT_WRITE
                if mask:
                    self.selector.register(incoming.source, mask, c)

    def _until_next_reset(self):
        times = [c.reset_at for c in self.connections if c.reset_at is not None]
        return max(0, min(times) - time.monotonic()) if times else None

    def _accept(self):
        try:
            client, _ = self.listener.accept()
        except OSError:
            return
        try:
            server = socket.create_connection(self.target, timeout=5)
        except OSError:
            return reset(client)
        self.connections.add(Connection(client, server))

    def _serve(self, c, ready, mask):
        try:
            if mask & selectors.EVENT_READ:
                self._read(c, c.out if ready is c.client else c.back)
            if c in self.connections:
                self._write(c, c.out)
            if c in self.connections:
                self._write(c, c.back)
        except BlockingIOError:
            pass
        except OSError:
            self._reset(c)

    def _read(self, c, way):
        data = way.source.recv(65536)
        if not data:
            way.ended = True
        elif not c.dark:
            way.waiting += data
        if c.dark and c.out.ended:
            self._reset(c)

    def _write(self, c, way):
        while way.waiting:
            count = way.sink.send(way.waiting[:self._allowed(way) if way is c.out else None])
            way.passed += count
            del way.waiting[:count]
            if way is c.out:
                self._do_what_is_due(c)
        if way.ended and not way.end_told and c in self.connections and not c.dark:
            way.end_told = True
            way.sink.shutdown(socket.SHUT_WR)
        if c.out.end_told and c.back.end_told and c in self.connections:
            self._drop(c)

    def _allowed(self, way):
        return max(1, self.plan[0].after - way.passed) if self.plan else len(way.waiting)

    def _do_what_is_due(self, c):
        if c.dark or not self.plan or c.out.passed < self.plan[0].after:
            return
        what = self.plan.popleft().what
        self.struck.append(time.time() * 1000)
        c.out.passed = 0
        if isinstance(what, float):
            c.reset_at = time.monotonic() + what
        else:
            self.over += 1
        if callable(what):
            what()
        elif what == "reset":
            self._reset(c)
        else:
            self._darken(c, what)

    def _darken(self, c, what):
        if what == "close":
            c.client.shutdown(socket.SHUT_WR)
            c.server.shutdown(socket.SHUT_WR)
        c.dark = True
        c.out.waiting.clear()
        c.back.waiting.clear()

    def _reset(self, c):
        self.connections.discard(c)
        if c.reset_at is not None:
            self.over += 1
        c.out.waiting.clear()
        c.back.waiting.clear()
        self._forget(c)
        reset(c.client)
        reset(c.server)

    def _drop(self, c):
        self.connections.discard(c)
        self._forget(c)
        c.client.close()
        c.server.close()

    def _forget(self, c):
        for s in (c.client, c.server):
            try:
                self.selector.unregister(s)
            except KeyError:
                pass

    def _close_all(self):
        for c in list(self.connections):
            self._reset(c)
        self.selector.close()
        self.listener.close()
        self.wake.close()
