#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Paths that work, badly: narrow, slow, uneven, lossy. A link stays up on them, unless nothing at all comes through."""
import time
import unittest

from packet_delay import PacketDelay, compiled
from stage import needs, rig
from traffic import PATIENT, Between_machines


class Bad_path(Between_machines):
    group = "bad paths"

    def stays_up(self, name, both, seconds):
        """Messages flow for so long and none is lost, and the link was never declared dead."""
        time.sleep(seconds)  # what is watched for is that nothing happens
        for one in both:
            counted = one.finish()
            self.note(name, one, counted)
            self.nothing_lost(one, counted)
            self.assertEqual(self.summary_of(one), (0, 0))

    def summary_of(self, one):
        return one.summary["reconnects"], len(one.events("down"))


@needs("namespaces", "tc")
class Narrow(Bad_path):
    # A backlog takes more than twice the heartbeat's timeout, and the system swallows it at once: questions and answers
    # wait behind it.
    def narrow(self, mode):
        for where, card in ((self.stage.client, "c0"), (self.stage.server, "s0")):
            where.do("tc", "qdisc", "add", "dev", card, "root", "tbf", "rate", "1mbit", "burst", "8k", "limit", "60k")
        one = self.converse(mode)
        one.burst(count=60, size=5_000)
        self.stays_up("1 Mbit/s, a backlog of 300 kB", [one], 0)

    def test_a_backlog_on_a_narrow_link_is_slow_and_not_dead_in_session_mode(self):
        self.narrow("session")

    def test_a_backlog_on_a_narrow_link_is_slow_and_not_dead_in_plain_mode(self):
        self.narrow("plain")


@needs("namespaces", "iptables")
@unittest.skipIf(compiled()[1], compiled()[1])
class Uneven(Bad_path):
    def on_both_sides(self, **what):
        for where in (self.stage.client, self.stage.server):
            PacketDelay(self, where, **what)

    def test_delay_with_jitter_and_reordering_is_no_death(self):
        both = self.in_both_modes(server=PATIENT, client=PATIENT)
        self.on_both_sides(delay=100, jitter=40)
        self.stays_up("100 to 140 ms each way, reordered", both, 3)

    def test_one_packet_of_twenty_lost_is_no_death(self):
        both = self.in_both_modes(server=PATIENT, client=PATIENT)
        self.on_both_sides(delay=5, jitter=5, loss=5)
        self.stays_up("5 % of packets lost each way", both, 3)

    # A third each way: connections may well be declared dead, and attempts fail; TCP's own patience doubles.
    def test_one_packet_of_three_lost_for_a_while_loses_no_message(self):
        name = "30 % of packets lost each way for 3 s"
        both = self.in_both_modes()
        lossy = [PacketDelay(self, where, delay=5, jitter=5, loss=30) for where in (self.stage.client, self.stage.server)]
        time.sleep(3)  # the fault's own duration
        for one in lossy:
            one.end()
        for one in both:
            counted = one.flow().finish()
            self.note(name, one, counted)
            self.nothing_lost(one, counted)


if __name__ == "__main__":
    rig.main(__doc__)
