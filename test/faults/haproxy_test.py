#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""haproxy between the program and its server: sessions that are shut down, requests that are dropped, maintenance."""
import os
import socket
import subprocess

import stage
from stage import DEADLINE, needs, rig
from traffic import Conversation, Scenario

AT_ONCE = 500


class Haproxy(rig.Nginx):
    """As nginx: a child that is awaited and ended by its own hand."""

    def __init__(self, test, backend):
        self.folder = test.folder()
        self.port = rig.free_port()
        self.url = "ws://127.0.0.1:%d/" % self.port
        with open(os.path.join(stage.HERE, "haproxy.cfg"), encoding="utf-8") as f:
            text = f.read()
        for name, value in {"folder": self.folder, "port": self.port, "backend": backend}.items():
            text = text.replace("@%s@" % name, str(value))
        path = os.path.join(self.folder, "haproxy.cfg")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        self.process = subprocess.Popen([stage.tool("haproxy"), "-q", "-db", "-f", path], stdin=subprocess.DEVNULL)
        self.out = self.err = None
        test.addCleanup(self.end)
        self.wait_until_listening()

    def ask(self, *commands):
        for command in commands:
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(DEADLINE)
                s.connect(os.path.join(self.folder, "admin"))
                s.sendall(command.encode() + b"\n")
                answer = b""
                while chunk := s.recv(65536):
                    answer += chunk
            assert not answer.strip(), (command, answer)


@needs("haproxy")
class Behind_haproxy(Scenario):
    group = "proxies"

    def setUp(self):
        self.proxies = []

    def converse(self, mode, **how):
        def front(port):
            self.proxies.append(Haproxy(self, port))
            return self.proxies[-1].url

        return Conversation(self, mode, host="127.0.0.1", url=front, **how)

    def telling(self, *commands):
        return lambda: [proxy.ask(*commands) for proxy in self.proxies]

    def test_a_session_that_is_shut_down_is_replaced_at_once(self):
        self.break_and_heal("haproxy: shutdown session", self.telling("shutdown sessions server back/one"),
                            allowed=AT_ONCE)

    # silent-drop leaves the client with an open connection that never answers: the attempt's own limit ends it.
    def test_handshakes_that_are_dropped_silently_end_at_the_attempts_limit(self):
        self.break_and_heal("haproxy: shutdown session, then silent-drop",
                            self.telling("disable server switch/on", "shutdown sessions server back/one"),
                            self.telling("enable server switch/on"), allowed=AT_ONCE)

    def test_maintenance_is_waited_for(self):
        self.break_and_heal("haproxy: maintenance (503)",
                            self.telling("set server back/one state maint", "shutdown sessions server back/one"),
                            self.telling("set server back/one state ready"), allowed=AT_ONCE)


if __name__ == "__main__":
    rig.main(__doc__)
