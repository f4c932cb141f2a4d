#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Numbered messages to real servers, through connections that break and servers that die: none is lost."""
import os
import sys
import threading
import time

import rig
from fault_proxy import Fault, FaultProxy
from rig import DEADLINE, IMPATIENT, QUICK, Nginx, Server, Test, figures, for_each, free_port, needs

COUNT = 10_000
# At most so much is unconfirmed at once, so that a cut hits messages of every stage.
NARROW = ["--queue-messages", "500", "--drain-timeout", "%ds" % DEADLINE]


def line(n):
    return b"%05d %s\n" % (n, b"." * 57)


def lines(first, last):
    return b"".join(line(n) for n in range(first, last + 1))


class Delivery(Test):
    def setUp(self):
        self.record = os.path.join(self.folder(), "record")
        self.server = None

    def serve(self, kind, *more, **how):
        self.server = Server(self, kind, "--record", self.record, *more, **how)
        return self.server

    def recorded(self):
        with open(self.record, "rb") as f:
            return [int(text.split()[0]) for text in f]

    def send(self, proxy, *more):
        return self.connect(proxy.url, *QUICK, *NARROW, *more)

    def send_all(self, proxy, *more):
        run = self.send(proxy, *more)
        writer = threading.Thread(target=lambda: (run.write(lines(1, COUNT)), run.close_input()), daemon=True)
        writer.start()
        return run

    def at(self, bytes_passed, do=lambda: None):
        """A point of the stream at which something is done, and an event that the test can wait for."""
        reached = threading.Event()
        return Fault(bytes_passed, lambda: (do(), reached.set())), reached

    def wait(self, event):
        self.assertTrue(event.wait(DEADLINE), "the stream did not get so far")

    def everything_counted(self, run, count=COUNT):
        self.ended_well(run)
        summary = run.summary()
        self.assertEqual((summary["sent"], summary["delivered"], summary["unknown"], summary["not_sent"]),
                         (count, count, 0, 0))
        return summary

    def note(self, run, count, struck, what=""):
        """Into the table of docs/faults.md: the longest that a fault was not noticed, and the longest time without a
        connection, also for a server to start anew."""
        name = what or self._testMethodName.replace("test_none_is_lost_", "a server, ").replace("_", " ")
        figures.record("peers", name, "plain", sent=count,
                       detect_ms=max(figures.detections(struck, run.err.seen)),
                       recover_ms=max(figures.outages(run.err.seen)), **figures.tally(self.recorded(), count))

    def nothing_lost(self, run, proxy, cuts):
        summary = self.everything_counted(run)
        numbers = self.recorded()
        self.note(run, COUNT, proxy.struck)
        first_arrivals = list(dict.fromkeys(numbers))
        self.assertEqual(first_arrivals, list(range(1, COUNT + 1)))
        self.assertLessEqual(len(numbers) - COUNT, summary["resent"])
        self.assertFalse(proxy.plan, "not all faults happened")
        self.assertGreaterEqual(summary["reconnects"], cuts)

    def survives_cuts_and_a_restart(self, front_port):
        restart, reached = self.at(60_000)
        plan = [Fault(30_000, "reset"), Fault(40_001, "close"), Fault(50_002, "hole"), restart,
                Fault(40_003, "reset"), Fault(70_004, "hole"), Fault(30_005, "close")]
        proxy = FaultProxy(self, front_port, plan)
        run = self.send_all(proxy, *IMPATIENT)
        self.wait(reached)
        self.server.restart()
        # The restart may fall into one of the other cuts.
        self.nothing_lost(run, proxy, len(plan) - 1)

    def survives_kills(self, kind):
        self.serve(kind)
        plan, times = zip(*(self.at(n, self.server.kill) for n in (100_001, 120_002, 140_003)))
        proxy = FaultProxy(self, self.server.port, plan)
        run = self.send_all(proxy)
        for reached in times:
            self.wait(reached)
            self.server.again()
        self.nothing_lost(run, proxy, len(plan))


@for_each(["ws", "websockets", "aiohttp", "bun", "deno"], "none_is_lost_by_cuts_and_a_restart_of")
class Cuts(Delivery):
    def none_is_lost_by_cuts_and_a_restart_of(self, kind):
        self.serve(kind)
        self.survives_cuts_and_a_restart(self.server.port)

    @needs("nginx", "ws")
    def test_none_is_lost_by_cuts_and_a_restart_behind_nginx(self):
        nginx = Nginx(self, self.serve("ws").port)
        self.survives_cuts_and_a_restart(nginx.port)

    @needs("ws")
    def test_none_is_lost_on_a_path_that_goes_dark_and_is_then_reset(self):
        per_message = len(line(0)) - 1 + 6
        # Each time behind about 30 messages of a new connection: a third of a second of traffic.
        proxy = FaultProxy(self, self.serve("ws").port, [Fault(30 * per_message + 7 * n, 0.5) for n in range(10)])
        run = self.connect(proxy.url, *QUICK)
        sent = 0
        due = time.monotonic()
        deadline = due + DEADLINE
        while proxy.over < 10:
            self.assertLess(time.monotonic(), deadline, "not all faults happened")
            sent += 1
            run.write(line(sent))
            due += 0.01
            time.sleep(max(0, due - time.monotonic()))
        run.close_input()
        summary = self.everything_counted(run, sent)
        self.note(run, sent, proxy.struck)
        self.assertEqual(list(dict.fromkeys(self.recorded())), list(range(1, sent + 1)))
        self.assertGreaterEqual(summary["reconnects"], 10)


@for_each(["ws", "aiohttp", "bun", "deno"], "none_is_lost_by_kill_9_of")
class Kills(Delivery):
    # Both record a message before they answer the ping behind it: npm ws hands frames to the application one by
    # one as it reads them, aiohttp answers a ping only when the application asks for what comes next. So do Bun and Deno.
    def none_is_lost_by_kill_9_of(self, kind):
        self.survives_kills(kind)

    # The stack of Python websockets reads ahead of its application: up to 32 messages, and it answers the pings
    # between them at once. A pong proves receipt by that stack (RFC 6455, 5.5.3), so messages that it had taken
    # over were delivered by tautline's account, and are lost with the process. No client can see that. So the
    # server's application stands still here while 20 messages come in, until each of them is confirmed; then the
    # server is killed, and exactly those are missing.
    @needs("websockets")
    def test_what_the_stack_of_websockets_took_over_is_lost_by_kill_9_and_counted(self):
        handled, taken_over = 3_000, 20
        port = free_port()
        run = self.connect("ws://127.0.0.1:%d" % port, *QUICK)
        run.write(lines(1, handled))
        while run.event("retry_in")["queued"] != handled:
            pass
        self.serve("websockets", "--stall-after", str(handled), port=port)
        run.event("drained")
        run.write(lines(handled + 1, handled + taken_over))
        run.event("drained")
        killed = time.time() * 1000
        self.server.kill()
        self.server.arguments = ("--record", self.record)
        self.server.again()
        run.write(lines(handled + taken_over + 1, COUNT))
        run.close_input()
        self.everything_counted(run)
        self.note(run, COUNT, [killed], "a server, by kill 9 of websockets, with %d read and not handled" % taken_over)
        lost = sorted(set(range(1, COUNT + 1)) - set(self.recorded()))
        print("Python websockets, killed: lost %d of %d, all confirmed by its stack" % (len(lost), COUNT),
              file=sys.stderr)
        self.assertEqual(lost, list(range(handled + 1, handled + taken_over + 1)))


if __name__ == "__main__":
    rig.main(__doc__)
