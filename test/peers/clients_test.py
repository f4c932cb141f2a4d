#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Clients that nobody here wrote, and tautline serve as their server."""
import re
import time

import rig
from rig import DEADLINE, Child, Test, command_of, for_each
from harness import Peer

KINDS = ["ws", "websockets", "aiohttp"]
COUNT = 10_000
ORIGIN = "https://example.org"


class Client(Child):
    def __init__(self, test, kind, url, scenario, number=0, close_code=1000, origin=""):
        super().__init__(test, [*command_of("clients", kind, "client"), url, scenario, str(number), str(close_code),
                                origin])
        self.event("ready")

    def result(self):
        return self.event("done")


def counter(server, name):
    _, text = server.get("/metrics")
    return int(re.search(r"^tautline_%s (\d+)$" % name, text, re.MULTILINE).group(1))


@for_each(KINDS, "messages_are_echoed_in_order_to")
@for_each(KINDS, "messages_are_swallowed_and_counted_from")
@for_each(KINDS, "a_broadcast_reaches_all_others_from")
@for_each(KINDS, "both_kinds_of_ping_are_answered_for")
@for_each(KINDS, "pings_of_the_server_are_answered_by")
@for_each(KINDS, "a_close_code_is_answered_for")
@for_each(KINDS, "a_message_that_is_too_large_is_refused_with_1009_to")
class Clients(Test):
    def messages_are_echoed_in_order_to(self, kind):
        client = Client(self, kind, Peer(self).url, "echo", COUNT, origin=ORIGIN)
        self.assertEqual(client.result(), {"event": "done", "closed": 1000, "received": COUNT, "in_order": True})

    def messages_are_swallowed_and_counted_from(self, kind):
        server = Peer(self, "--mode", "sink")
        self.assertEqual(Client(self, kind, server.url, "send", COUNT).result(), {"event": "done", "closed": 1000})
        self.assertEqual(counter(server, "link_messages_received_total"), COUNT)

    def a_broadcast_reaches_all_others_from(self, kind):
        server = Peer(self, "--mode", "broadcast")
        listeners = [Client(self, kind, server.url, "listen", COUNT) for _ in range(2)]
        Client(self, kind, server.url, "send", COUNT).result()
        for listener in listeners:
            self.assertEqual(listener.result(), {"event": "done", "closed": 1000, "received": COUNT, "in_order": True})

    def both_kinds_of_ping_are_answered_for(self, kind):
        result = Client(self, kind, Peer(self).url, "heartbeat").result()
        self.assertEqual(result["echo"], "hello")
        self.assertEqual(result["answer"]["type"], "pong")
        self.assertLess(abs(result["answer"]["timestamp"] / 1000 - time.time()), 600)

    def pings_of_the_server_are_answered_by(self, kind):
        server = Peer(self, "--heartbeat-interval", "50ms", "--heartbeat-timeout", "30s")
        client = Client(self, kind, server.url, "wait")
        deadline = time.monotonic() + DEADLINE
        while counter(server, "link_pongs_total") < 3:
            self.assertLess(time.monotonic(), deadline)
        client.write(b"go\n")
        self.assertEqual(client.result()["in_order"], True)

    def a_close_code_is_answered_for(self, kind):
        url = Peer(self).url
        for code in (1000, 1001, 3000, 4999):
            self.assertEqual(Client(self, kind, url, "echo", 1, close_code=code).result()["closed"], code)

    def a_message_that_is_too_large_is_refused_with_1009_to(self, kind):
        server = Peer(self, "--max-message-bytes", "1KiB")
        self.assertEqual(Client(self, kind, server.url, "large", 1025).result()["closed"], 1009)
        self.assertEqual(len(Client(self, kind, server.url, "large", 1024).result()["echo"]), 1024)


if __name__ == "__main__":
    rig.main(__doc__)
