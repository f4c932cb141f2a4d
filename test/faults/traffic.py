# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Numbered messages from tautline connect to tautline serve, all through a scenario, and who counts them.

In session mode the server echoes, and the client's output is counted: each message has then gone both ways. In plain
mode, and where a server dies, it prints what it gets, and that is counted: an echo into a connection that broke, or of
a process that died, is lost.
"""
import signal
import threading
import time

import stage
from harness import Peer, Run
from rig import DEADLINE, Test, figures

INTERVAL, TIMEOUT = 1.0, 1.0
# A half-open link is declared dead within the heartbeat's interval and timeout and a tenth of them.
DEAD_WITHIN = 1100 * (INTERVAL + TIMEOUT)
# After the path is whole: an attempt that still hangs, a delay, a handshake, and a busy machine.
BACK_WITHIN = 2000
BEAT = ["--heartbeat-interval", "%gs" % INTERVAL, "--heartbeat-timeout", "%gs" % TIMEOUT]
# For paths that lose packets: TCP may need several tries for each question and answer.
PATIENT = ["--heartbeat-interval", "1s", "--heartbeat-timeout", "4s"]
EAGER = ["--backoff-initial", "20ms", "--backoff-max", "100ms", "--max-attempts", "0", "--connect-timeout", "500ms"]
MODES = ["session", "plain"]


def now():
    """On the clock of the program's events."""
    return time.time() * 1000


class Machine:
    """How late this machine lets a process run at worst, which a limit in real time has to make allowance for: on a
    busy one the fault itself, the program and the test wait for a processor."""

    def __init__(self):
        self.worst, self.over = 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self):
        while not self.over.is_set():
            due = now() + 5
            self.over.wait(0.005)
            self.worst = max(self.worst, now() - due)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


class Conversation:
    def __init__(self, test, mode, *, host=stage.SERVER, client_inside=(), server_inside=(), rate=200, url=None,
                 server=BEAT, client=BEAT, counted_at=None):
        self.test, self.mode, self.host, self.rate = test, mode, host, rate
        self.client_inside, self.server_inside = client_inside, server_inside
        self.counted_at = counted_at or ("client" if mode == "session" else "server")
        self.server_options = ["--mode", "echo" if self.counted_at == "client" else "print", *server]
        self.client_options = [*EAGER, *client, "--session", "require" if mode == "session" else "off"]
        self.earlier, self.sent, self.sent_earlier = [], 0, 0
        self.flowing, self.stopped = threading.Event(), threading.Event()
        self.writer = threading.Thread(target=self.write, daemon=True)
        test.addCleanup(self.stop)
        self.server = self.serve("%s:0" % host)
        self.url = url(self.server.port) if url else self.server.url
        self.client = self.connect()
        self.client.event("up")

    def serve(self, listen):
        return Peer(self.test, *self.server_options, listen=listen, inside=self.server_inside)

    def connect(self):
        return Run(self.test, "connect", self.url, "--status", "json", *self.client_options, inside=self.client_inside)

    def write(self):
        while not self.stopped.wait(1 / self.rate):
            if self.flowing.is_set():
                self.client.write(b"%d\n" % (self.sent + 1))
                self.sent += 1

    def start(self):
        self.writer.start()
        return self.flow()

    def flow(self, count=20):
        """Messages go from now on, and this returns when `count` more have arrived."""
        goal = self.sent + count
        self.flowing.set()
        self.lines().until(lambda line: int(line.split()[0]) >= goal)
        return self

    def burst(self, count, size):
        """So many large messages at once, in place of a flow."""
        def write():
            for n in range(1, count + 1):
                self.client.write(b"%d %s\n" % (n, b"x" * size))

        self.sent = count
        self.writer = threading.Thread(target=write, daemon=True)
        self.writer.start()

    def pause(self):
        """No more messages; and all that there were have arrived."""
        self.flowing.clear()
        time.sleep(2 / self.rate)  # the one that is being written
        while self.arrived()[-1:] != [self.sent]:
            self.lines().next()
        return self

    def lines(self):
        return (self.client if self.counted_at == "client" else self.server).out

    def arrived(self):
        now_seen = self.lines().seen
        return self.earlier + [int(line.split()[0]) for line in now_seen if not line.startswith(b"listening")]

    def serve_again(self):
        """A new server at the same place, behind one that is gone; what that one printed still counts."""
        self.server.process.wait(timeout=DEADLINE)
        if self.counted_at == "server":
            self.lines().rest()
            self.earlier = self.arrived()
        self.server = self.serve("%s:%d" % (self.host, self.server.port))

    def connect_again(self):
        """A new client behind one that is gone, which goes on with the numbers."""
        self.client.process.wait(timeout=DEADLINE)
        if self.counted_at == "client":
            self.lines().rest()
            self.earlier = self.arrived()
        self.sent_earlier = self.sent
        self.client = self.connect()

    def stop(self):
        self.stopped.set()
        if self.writer.is_alive():
            self.writer.join(DEADLINE)

    def finish(self):
        """Ends both programs well, and counts."""
        self.stop()
        if self.counted_at == "client":
            deadline = time.monotonic() + DEADLINE
            while len(set(self.arrived())) < self.sent and time.monotonic() < deadline:
                assert self.client.out.next() is not None, self.client.err.rest()[-3:]
        self.client.close_input()
        self.test.ended_well(self.client)
        self.summary = self.client.summary()
        count = self.sent - self.sent_earlier
        self.test.assertEqual((self.summary["sent"], self.summary["delivered"]), (count, count))
        self.server.signal(signal.SIGTERM)
        self.server.code()
        self.lines().rest()
        return figures.tally(self.arrived(), self.sent)

    def down_since(self, when):
        """When it was declared down behind this moment: a busy machine may have cost it a connection before."""
        while (ts := self.client.event("down")["ts"]) < int(when):
            pass
        return ts

    def told(self):
        """What the client said of its connection, for the report of a failure."""
        return b"".join(line for line in self.client.err.seen if b'"drained"' not in line).decode()

    def events(self, name):
        """Of those that have been read."""
        return [line for line in self.client.err.seen if b'"event":"%s"' % name.encode() in line]


class Scenario(Test):
    """One fault, with a conversation in each mode that it happens to."""
    group = ""

    def converse(self, mode, **how):
        return Conversation(self, mode, host="127.0.0.1", **how)

    def in_both_modes(self, **how):
        both = [self.converse(mode, **how) for mode in MODES]
        for one in both:
            one.start()
        return both

    def note(self, name, one, counted, **measured):
        figures.record(self.group, name, one.mode, sent=one.sent, **counted, **measured)

    def nothing_lost(self, one, counted):
        expected = {"lost": 0, "repeated": 0 if one.mode == "session" else counted["repeated"], "out_of_order": 0}
        self.assertEqual(counted, expected)

    def break_and_heal(self, name, strike, heal=None, *, idle=False, allowed=DEAD_WITHIN, back_within=BACK_WITHIN,
                       both=None):
        """The fault stays until attempts to connect have met it, too; without `heal` it does not last."""
        both = both or self.in_both_modes()
        if idle:
            for one in both:
                one.pause()
        with Machine() as machine:
            struck = whole = now()
            strike()
            late = now() - struck
            noticed = [one.down_since(struck) - struck for one in both]
            if heal:
                for one in both:
                    for _ in range(3):
                        one.client.event("retry_in")
                whole = now()
                heal()
                late = max(late, now() - whole)
            back = [one.client.event("up")["ts"] - whole for one in both]
        late += 3 * machine.worst  # the program, its peer and the system may each have waited so long
        for one, detect, recover in zip(both, noticed, back):
            counted = one.flow().finish()
            self.note(name, one, counted, detect_ms=detect, allowed_ms=allowed, recover_ms=recover)
            self.nothing_lost(one, counted)
            self.assertLessEqual(detect, allowed + late, one.told())
            self.assertLessEqual(recover, (back_within if heal else allowed + back_within) + late, one.told())


class Between_machines(Scenario):
    """The conversations go over a cable."""
    group = "paths"

    def setUp(self):
        self.stage = stage.Stage(self)

    def converse(self, mode, **how):
        return Conversation(self, mode, client_inside=self.stage.client.inside, server_inside=self.stage.server.inside,
                            **how)
