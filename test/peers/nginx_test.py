#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""nginx as a reverse proxy between the program and a server: reloads, refusals and timeouts."""
import os
import threading
import time

import rig
from fault_proxy import Fault, FaultProxy
from rig import DEADLINE, QUICK, Nginx, Server, Test, figures, needs

COUNT = 10_000


@needs("nginx", "ws")
class Behind_nginx(Test):
    def setUp(self):
        self.record = os.path.join(self.folder(), "record")
        self.server = Server(self, "ws", "--record", self.record)

    def recorded(self):
        with open(self.record, "rb") as f:
            return [int(line) for line in f]

    def delivered(self, run, count):
        run.close_input()
        self.ended_well(run)
        summary = run.summary()
        self.assertEqual((summary["sent"], summary["delivered"]), (count, count))
        return summary

    # A reload starts new workers; the old ones cut off what is still open 100 ms later.
    def test_none_is_lost_when_nginx_is_reloaded_in_the_middle(self):
        nginx = Nginx(self, self.server.port)
        reloads = 3
        proxy = FaultProxy(self, nginx.port)
        run = self.connect(proxy.url, *QUICK, "--queue-messages", "200")
        part = COUNT // (reloads + 1)
        detected = []
        for n in range(reloads):
            turn = threading.Event()
            proxy.plan.append(Fault(10_000, turn.set))
            run.write(rig.harness.numbered(n * part + 1, (n + 1) * part))
            self.assertTrue(turn.wait(DEADLINE))
            reloaded = time.time() * 1000
            nginx.reload()
            down = run.event("down")
            self.assertRegex(down["cause"], "1006|end of file|End of file|reset")
            detected.append(down["ts"] - reloaded)
        run.write(rig.harness.numbered(reloads * part + 1, COUNT))
        self.assertGreaterEqual(self.delivered(run, COUNT)["reconnects"], reloads)
        figures.record("proxies", "nginx: reload, three times", "plain", sent=COUNT, detect_ms=max(detected),
                       recover_ms=max(figures.outages(run.err.seen)), **figures.tally(self.recorded(), COUNT))
        self.assertEqual(list(dict.fromkeys(self.recorded())), list(range(1, COUNT + 1)))

    def test_a_503_with_retry_after_is_honoured(self):
        nginx = Nginx(self, self.server.port)
        nginx.be_busy()
        run = self.connect(nginx.url, *QUICK)
        run.write(b"1\n")
        refused = run.event("retry_in")
        self.assertIn("503", refused["cause"])
        self.assertGreaterEqual(refused["retry_in_ms"], 1000)
        nginx.be_free()
        self.assertGreaterEqual(run.event("up")["ts"] - refused["ts"], 1000)
        self.delivered(run, 1)
        self.assertEqual(nginx.answers(2), [503, 101])
        self.assertEqual(self.recorded(), [1])

    # Two links through the same nginx, which cuts what is silent for a second: one asks for a sign of life now and
    # then and stays, the other never asks, is cut, and comes back; it is also the clock of this test.
    def test_a_heartbeat_keeps_alive_what_nginx_would_cut_and_a_cut_is_survived(self):
        nginx = Nginx(self, self.server.port, read_timeout="1s")
        asking = self.connect(nginx.url, *QUICK, "--heartbeat-interval", "150ms", "--heartbeat-timeout", "30s")
        asking.event("up")
        silent = self.connect(nginx.url, *QUICK, "--heartbeat", "none")
        for _ in range(2):
            silent.event("up")
            silent.event("down")
        silent.event("up")
        asking.write(b"1\n")
        silent.write(b"2\n")
        self.assertEqual(self.delivered(asking, 1)["reconnects"], 0)
        self.assertGreaterEqual(self.delivered(silent, 1)["reconnects"], 2)
        self.assertEqual(sorted(self.recorded()), [1, 2])


if __name__ == "__main__":
    rig.main(__doc__)
