#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""tautline connect and servers that nobody here wrote: what goes over, what they ask, how they close."""
import json
import sys
import time

import rig
from rig import QUICK, Nginx, Server, Test, for_each, needs

KINDS = ["ws", "websockets", "aiohttp"]
RETRIED = [1000, 1001, 1011, 1012, 4000]
LINES = [b"text\n", "gr\u00fc\u00dfe \u2713 \U0001f9f5\n".encode(), b"\n", b"7" * 125 + b"\n", b"8" * 126 + b"\n",
         b"9" * 65_536 + b"\n", b"x" * 2**20 + b"\n"]


def opened_with(headers):
    return {name: headers[name] for name in ("authorization", "x-trace") if name in headers}


@for_each(KINDS, "messages_of_every_size_come_back_from")
@for_each(KINDS, "binary_messages_come_back_from")
@for_each(KINDS, "compressed_messages_come_back_from")
@for_each(KINDS, "subprotocol_and_headers_arrive_at")
@for_each(KINDS, "pings_are_answered_for")
@for_each(KINDS, "close_codes_are_told_and_followed_by_a_retry_from")
@for_each(KINDS, "a_policy_violation_is_fatal_from")
class Conversation(Test):
    def echoes(self, url, lines, *arguments):
        run = self.connect(url, *QUICK, *arguments)
        for line in lines:
            run.write(line)
            self.assertEqual(run.out.next(), line)
        run.close_input()
        self.ended_well(run)
        summary = run.summary()
        self.assertEqual((summary["sent"], summary["delivered"], summary["received"], summary["reconnects"]),
                         (len(lines), len(lines), len(lines), 0))

    def messages_of_every_size_come_back_from(self, kind):
        server = Server(self, kind, "--echo")
        self.echoes(server.url, LINES)
        self.assertEqual(server.event("open")["extensions"], [])
        self.assertEqual(server.event("closed")["code"], 1000)

    def binary_messages_come_back_from(self, kind):
        server = Server(self, kind, "--echo")
        every_byte = bytes(n for n in range(256) if n != 10)
        self.echoes(server.url, [b"\xff\xfe\x00\n", every_byte * 64 + b"\n"], "--binary")

    def compressed_messages_come_back_from(self, kind):
        server = Server(self, kind, "--echo")
        self.echoes(server.url, LINES, "--compress")
        self.assertEqual(server.event("open")["extensions"], ["permessage-deflate"])

    @needs("nginx", "ws")
    def test_messages_of_every_size_come_back_through_nginx(self):
        nginx = Nginx(self, Server(self, "ws", "--echo").port)
        self.echoes(nginx.url, LINES)
        self.echoes(nginx.url, LINES, "--compress")

    def subprotocol_and_headers_arrive_at(self, kind):
        server = Server(self, kind, "--subprotocol", "chat")
        run = self.connect(server.url + "room?x=1", *QUICK, "--subprotocol", "other", "--subprotocol", "chat",
                           "--header", "Authorization: Bearer secret", "--header", "X-Trace: a: b")
        opened = server.event("open")
        self.assertEqual(opened["subprotocol"], "chat")
        self.assertEqual(opened_with(opened["headers"]), {"authorization": "Bearer secret", "x-trace": "a: b"})
        run.close_input()
        self.ended_well(run)
        self.assertNotIn(b"secret", b"".join(run.err.seen))

    def pings_are_answered_for(self, kind):
        server = Server(self, kind)
        run = self.connect(server.url, *QUICK)
        server.event("open")
        for n in range(3):
            server.tell("ping %d" % n)
            self.assertEqual(server.event("pong")["data"], str(n))
        run.close_input()
        self.ended_well(run)

    def close_codes_are_told_and_followed_by_a_retry_from(self, kind):
        server = Server(self, kind)
        run = self.connect(server.url, *QUICK)
        for code in RETRIED:
            run.event("up")
            server.event("open")
            server.tell("close %d because" % code)
            down = run.event("down")
            self.assertIn(str(code), down["cause"])
            self.assertIn("because", down["cause"])
            if kind != "aiohttp":  # it does not wait for the answer to its own close
                self.assertEqual(server.event("closed")["code"], code)
        run.event("up")
        run.close_input()
        self.ended_well(run)
        self.assertEqual(run.summary()["reconnects"], len(RETRIED))

    def a_policy_violation_is_fatal_from(self, kind):
        server = Server(self, kind)
        run = self.connect(server.url, *QUICK)
        server.event("open")
        server.tell("close 1008 no")
        gave_up = run.event("gave_up")
        self.assertEqual(gave_up["status"], "disconnected")
        self.assertIn("1008", gave_up["cause"])
        self.assertEqual(run.code(), 3)
        self.assertEqual(run.summary()["reconnects"], 0)


@for_each(KINDS, "a_server_that_always_turns_away_is_not_hammered")
class Patience(Test):
    # The delays are random (full jitter over 1, 2, 4, 8 s): in one run of 570 there are six connections in 3 s, and
    # a second such run in a row would be no chance.
    def a_server_that_always_turns_away_is_not_hammered(self, kind):
        counts = [self.connections_in_3_s(kind)]
        if counts[0] > 5:
            counts.append(self.connections_in_3_s(kind))
        print("connections in 3 s to %s that closes with 1013 at once: %s" % (kind, counts), file=sys.stderr)
        self.assertLessEqual(counts[-1], 5)

    def connections_in_3_s(self, kind):
        server = Server(self, kind, "--close-at-once", "1013")
        run = self.connect(server.url)
        server.event("open")
        time.sleep(3)  # what is measured is a rate
        run.end()
        down = [json.loads(line) for line in run.err.rest() if b'"down"' in line]
        self.assertTrue(down and all("1013" in event["cause"] for event in down), down)
        server.end()
        return sum(b'"open"' in line for line in server.out.rest())


if __name__ == "__main__":
    rig.main(__doc__)
