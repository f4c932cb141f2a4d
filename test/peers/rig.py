# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Servers and clients that nobody here wrote, as children of a test, and the program between them.

How each server of servers/ behaves: it prints "listening PORT", then a JSON line per event (open, pong, closed).
It appends each message to the file of --record before it answers anything that came behind it. It obeys lines on
its standard input: "close CODE REASON" and "ping DATA". SIGTERM ends it gracefully: close 1001 to all, then exit.
The end of its standard input ends it at once, so none outlives its test.
"""
import functools
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "cli"))

import figures  # noqa: E402,F401
import harness  # noqa: E402
from harness import DEADLINE, Lines, Run, Test, free_port, main  # noqa: E402,F401

QUICK = ["--session", "off", "--backoff-initial", "20ms", "--backoff-max", "100ms", "--max-attempts", "0"]
IMPATIENT = ["--heartbeat-interval", "300ms", "--heartbeat-timeout", "600ms"]


def find_nginx():
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def node_path():
    return os.environ.get("NODE_PATH") or os.path.join(HERE, "..", "..", "build", "peers", "node_modules")


def what_node_lacks(module, otherwise):
    if not shutil.which("node"):
        return "node is not installed"
    found = subprocess.run(["node", "-e", "require('%s')" % module], env=dict(os.environ, NODE_PATH=node_path()),
                           stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE, check=False)
    return None if found.returncode == 0 else otherwise


def find_chromium():
    """On Ubuntu the package is a snap, which is not there in a container and has no such file."""
    path = os.environ.get("TAUTLINE_CHROMIUM", "/usr/bin/chromium")
    return path if os.access(path, os.X_OK) else None


# Programs that npm brings along.
NATIVE = {"bun": os.path.join("@oven", "bun-linux-x64", "bin", "bun"),
          "deno": os.path.join("@deno", "linux-x64-glibc", "deno")}


def native(kind):
    return os.path.join(node_path(), NATIVE[kind])


@functools.lru_cache(maxsize=None)
def what_is_lacking(kind):
    """Why this kind of peer cannot run here, or None."""
    if kind in NATIVE:
        return None if os.access(native(kind), os.X_OK) else "the npm package with %s is not installed" % kind
    if kind in ("ws", "playwright-core"):
        return what_node_lacks(kind, "the npm package %s is not installed" % kind)
    if kind == "node:test":
        return what_node_lacks(kind, "this node has no test runner")
    if kind == "chromium":
        return None if find_chromium() else "chromium is not installed"
    if kind == "nginx":
        return None if find_nginx() else "nginx is not installed"
    return None if importlib.util.find_spec(kind) else "the Python package %s is not installed" % kind


def needs(*kinds):
    """Skips a test, visibly, where a peer that it needs is not installed."""
    reasons = [reason for reason in map(what_is_lacking, kinds) if reason]
    return unittest.skipIf(reasons, "; ".join(reasons))


def for_each(kinds, name):
    """Turns the method name(self, kind) into one named test for each kind."""

    def decorate(cls):
        method = getattr(cls, name)
        for kind in kinds:
            def one(self, kind=kind):
                method(self, kind)
            setattr(cls, "test_%s_%s" % (name, kind), needs(kind)(one))
        return cls

    return decorate


def command_of(folder, kind, role):
    if kind == "ws":
        return ["node", os.path.join(HERE, folder, "ws_%s.js" % role)]
    if kind in NATIVE:
        how = ["run", "--quiet", "--no-lock", "--allow-all"] if kind == "deno" else ["run"]
        return [native(kind), *how, os.path.join(HERE, folder, "%s_%s.mjs" % (kind, role))]
    return [sys.executable, os.path.join(HERE, folder, "%s_%s.py" % (kind, role))]


class Child(Run):
    """A peer; its standard error is that of the test."""

    def __init__(self, test, command):
        self.start(command)
        test.addCleanup(self.end)

    def start(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=dict(os.environ, NODE_PATH=node_path(), PYTHONDONTWRITEBYTECODE="1",
                                                 DENO_NO_UPDATE_CHECK="1"))
        self.out = Lines(self.process.stdout)
        self.err = None
        self.unread = []

    def event(self, name):
        """The next of this name. The others stay: the end of one connection may be told after the next began."""
        while not any(event["event"] == name for event in self.unread):
            self.unread.append(json.loads(self.out.until(lambda line: line.startswith(b"{"))))
        return self.unread.pop([event["event"] for event in self.unread].index(name))


class Server(Child):
    def __init__(self, test, kind, *arguments, port=0):
        self.kind, self.arguments = kind, arguments
        super().__init__(test, self.command(port))
        self.wait_until_listening()

    def command(self, port):
        return [*command_of("servers", self.kind, "server"), "--port", str(port), *self.arguments]

    def wait_until_listening(self):
        self.port = int(self.out.until(lambda line: line.startswith(b"listening ")).split()[1])
        self.url = "ws://127.0.0.1:%d/" % self.port

    def again(self):
        """A new process at the same place, when this one is gone."""
        self.process.wait(timeout=DEADLINE)
        self.end()
        self.start(self.command(self.port))
        self.wait_until_listening()

    def restart(self):
        self.signal(signal.SIGTERM)
        self.again()

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=DEADLINE)

    def tell(self, command):
        self.write(command.encode() + b"\n")


class Nginx(Run):
    """A reverse proxy in front of a server."""

    def __init__(self, test, backend, read_timeout="60s"):
        self.folder = test.folder()
        self.port = free_port()
        self.url = "ws://127.0.0.1:%d/" % self.port
        names = {"user": "user root;" if os.geteuid() == 0 else "", "folder": self.folder, "port": str(self.port),
                 "backend": str(backend), "read_timeout": read_timeout}
        with open(os.path.join(HERE, "servers", "nginx.conf"), encoding="utf-8") as f:
            text = f.read()
        for name, value in names.items():
            text = text.replace("@%s@" % name, value)
        path = os.path.join(self.folder, "nginx.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        self.process = subprocess.Popen([find_nginx(), "-p", self.folder, "-c", path, "-e",
                                         os.path.join(self.folder, "error.log")], stdin=subprocess.DEVNULL)
        self.out = self.err = None
        test.addCleanup(self.end)
        self.wait_until_listening()

    def wait_until_listening(self):
        """nginx does not say when."""
        deadline = time.monotonic() + DEADLINE
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port)).close()
            except ConnectionRefusedError:
                assert self.process.poll() is None and time.monotonic() < deadline, "nginx does not listen"
                time.sleep(0.01)

    def end(self):
        """Only by its own hand: killed, its master would leave the workers behind."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(timeout=DEADLINE)

    def reload(self):
        self.signal(signal.SIGHUP)

    def be_busy(self):
        with open(os.path.join(self.folder, "busy"), "w", encoding="utf-8"):
            pass

    def be_free(self):
        os.unlink(os.path.join(self.folder, "busy"))

    def answers(self, count):
        """The statuses that it answered with, when there are so many: it logs an upgrade at its connection's end."""
        deadline = time.monotonic() + DEADLINE
        while True:
            with open(os.path.join(self.folder, "access.log"), encoding="utf-8") as f:
                statuses = [int(line) for line in f]
            if len(statuses) >= count:
                return statuses
            assert time.monotonic() < deadline, statuses
            time.sleep(0.01)
