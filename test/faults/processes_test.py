#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Processes that stop, go on, die and come back, at either end."""
import signal
import time

from stage import rig
from traffic import BEAT, INTERVAL, MODES, TIMEOUT, Scenario, now

NEVER = ["--heartbeat-interval", "1h"]
# What happens at once here is a matter of processes that start and end, also on a machine that is busy.
BACK_WITHIN = 5000
# Longer than a heartbeat: who is asked meanwhile does not answer.
SUSPENDED = 1.5 * (INTERVAL + TIMEOUT)


class Processes(Scenario):
    group = "processes"

    def settle(self, name, one, *, detect=None, allowed=None, recover=None, repeats_allowed=False):
        counted = one.flow().finish()
        self.note(name, one, counted, detect_ms=detect, allowed_ms=allowed, recover_ms=recover)
        if repeats_allowed:
            self.assertEqual((counted["lost"], counted["out_of_order"]), (0, 0))
        else:
            self.nothing_lost(one, counted)
        if allowed is not None:
            self.assertLessEqual(detect, allowed)
        self.assertLessEqual(recover, BACK_WITHIN)

    def test_a_server_that_stands_still_is_dead_in_time_and_is_found_again_when_it_goes_on(self):
        both = self.in_both_modes()
        self.break_and_heal("SIGSTOP of the server, then SIGCONT",
                            lambda: [one.server.signal(signal.SIGSTOP) for one in both],
                            lambda: [one.server.signal(signal.SIGCONT) for one in both], both=both)

    def suspend(self, both):
        """Both clients stand still as a suspended machine does. Returns when they went on."""
        for one in both:
            one.client.signal(signal.SIGSTOP)
        time.sleep(SUSPENDED)  # the fault's own duration
        for one in both:
            one.client.signal(signal.SIGCONT)
        return now()

    def test_a_client_that_was_suspended_asks_before_it_judges_and_stays(self):
        both = self.in_both_modes(server=NEVER, client=BEAT)
        woke = self.suspend(both)
        for one in both:
            one.flow()
            flows_after = now() - woke
            counted = one.finish()
            self.note("suspend of the client, short for the server", one, counted, recover_ms=flows_after)
            self.nothing_lost(one, counted)
            self.assertEqual(one.summary["reconnects"], 0)

    def test_a_client_that_was_suspended_until_the_server_gave_it_up_comes_back(self):
        both = self.in_both_modes()
        woke = self.suspend(both)
        for one in both:
            down, up = one.client.event("down")["ts"], one.client.event("up")["ts"]
            self.settle("suspend of the client, long for the server", one, detect=down - woke, allowed=BACK_WITHIN,
                        recover=up - woke)

    def killed_and_restarted(self, name, one, **how):
        struck = now()
        one.server.process.kill()
        detect = one.client.event("down")["ts"] - struck
        for _ in range(2):
            one.client.event("retry_in")
        one.serve_again()
        listening = now()
        self.settle(name, one, detect=detect, allowed=BACK_WITHIN, recover=one.client.event("up")["ts"] - listening, **how)

    # The server's memory of the session is gone, so what it had taken over and not acknowledged may come twice.
    def test_a_server_that_is_killed_while_messages_flow_loses_none_of_a_session(self):
        one = self.converse("session", counted_at="server").start()
        self.killed_and_restarted("SIGKILL of the server, busy, and a new one", one, repeats_allowed=True)

    # With messages on their way, what the stack had taken over would be lost with it: test/peers shows that.
    def test_a_server_that_is_killed_between_messages_loses_none_in_plain_mode(self):
        one = self.converse("plain").start().pause()
        self.killed_and_restarted("SIGKILL of the server, idle, and a new one", one)

    # A session's client is asked to move, and has nowhere to go: the server waits 5 s for it. What it has taken over in
    # the last 20 ms may not be acknowledged yet.
    def test_a_server_that_is_terminated_and_started_again_loses_none(self):
        for mode in MODES:
            one = self.converse(mode, counted_at="server", server=[*BEAT, "--drain-window", "100ms"]).start()
            struck = now()
            one.server.signal(signal.SIGTERM)
            detect = one.client.event("down")["ts"] - struck
            one.serve_again()
            listening = now()
            recover = one.client.event("up")["ts"] - listening
            self.settle("SIGTERM of the server, busy, and a new one", one, detect=detect,
                        allowed=5000 + BACK_WITHIN, recover=recover, repeats_allowed=True)

    def test_a_client_that_is_killed_loses_nothing_that_was_delivered_and_a_new_one_goes_on(self):
        for mode in MODES:
            one = self.converse(mode).start().pause()
            one.client.process.kill()
            one.connect_again()
            struck = now()
            recover = one.client.event("up")["ts"] - struck
            self.settle("SIGKILL of the client, and a new one", one, recover=recover)


if __name__ == "__main__":
    rig.main(__doc__)
