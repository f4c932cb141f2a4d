# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Two machines and the cable between them, as network namespaces that go with the test.

A namespace is held by a child that waits for the end of its standard input, so that none outlives the test, however
that ends. What is in one sees nothing of the host's network: each test has all ports and addresses to itself.
"""
import functools
import os
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "peers"))

import rig  # noqa: E402
from rig import DEADLINE  # noqa: E402

PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
CLIENT, SERVER = "10.0.0.1", "10.0.0.2"


def tool(name):
    return shutil.which(name, path=PATH)


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=DEADLINE, check=False, env=dict(os.environ, PATH=PATH))
    assert done.returncode == 0, (command, done.stdout)
    return done.stdout


class Namespace:
    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo made; exec cat >/dev/null"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self.holder.stdout.readline() != b"made\n":
            problem = self.holder.stderr.read().decode().strip()
            self.end()
            raise OSError(problem)
        self.inside = ("nsenter", "--net=/proc/%d/ns/net" % self.holder.pid)
        self.do("ip", "link", "set", "lo", "up")

    def do(self, *command):
        return run(*self.inside, *command)

    def end(self):
        for stream in (self.holder.stdin, self.holder.stdout, self.holder.stderr):
            stream.close()
        self.holder.wait(timeout=DEADLINE)


class Stage:
    """A client's machine and a server's, one cable: c0 at the client, s0 at the server."""

    def __init__(self, test):
        self.client, self.server = Namespace(), Namespace()
        test.addCleanup(self.client.end)
        test.addCleanup(self.server.end)
        self.client.do("ip", "link", "add", "c0", "type", "veth", "peer", "name", "s0", "netns",
                       str(self.server.holder.pid))
        for where, card, address in ((self.client, "c0", CLIENT), (self.server, "s0", SERVER)):
            where.do("ip", "addr", "add", address + "/24", "dev", card)
            where.do("ip", "link", "set", card, "up")


@functools.lru_cache(maxsize=None)
def what_is_lacking(kind):
    if kind == "namespaces":
        lacking = [name for name in ("unshare", "nsenter", "ip") if not tool(name)]
        if lacking:
            return "%s is not installed" % ", ".join(lacking)
        try:
            Namespace().end()
        except (OSError, AssertionError) as problem:
            return "network namespaces cannot be made here: %s" % problem
        return None
    if kind in ("iptables", "ss", "tc", "haproxy"):
        return None if tool(kind) else "%s is not installed" % kind
    return rig.what_is_lacking(kind)


def needs(*kinds):
    """Skips a test, visibly, where something that it needs is not to be had."""
    reasons = [reason for reason in map(what_is_lacking, kinds) if reason]
    return unittest.skipIf(reasons, "; ".join(reasons))
