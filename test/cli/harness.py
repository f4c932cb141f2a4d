#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Runs the built tautline and reads what it writes.

Nothing here sleeps: a test waits for lines, for the end of a process, or fails at its deadline.
"""
import json
import os
import queue
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

DEADLINE = float(os.environ.get("TAUTLINE_TEST_DEADLINE", "60"))
FAST = ["--backoff-initial", "20ms", "--backoff-max", "50ms", "--max-attempts", "0"]
program = ""


class Lines:
    """The lines of a stream, as they come; None behind the last one."""

    def __init__(self, stream):
        self.queue = queue.Queue()
        self.seen = []
        self.stream = stream
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in iter(self.stream.readline, b""):
            self.queue.put(line)
        self.queue.put(None)

    def next(self):
        line = self.queue.get(timeout=DEADLINE)
        if line is None:
            self.queue.put(None)
            return None
        self.seen.append(line)
        return line

    def until(self, wanted):
        while True:
            line = self.next()
            if line is None:
                raise AssertionError("the stream ended before the wanted line; it held %r" % self.seen[-20:])
            if wanted(line):
                return line

    def rest(self):
        while self.next() is not None:
            pass
        return self.seen


class Run:
    """A tautline under test; whatever happens, it is gone at the end of the test."""

    def __init__(self, test, *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=None, inside=(), **more):
        """`inside` is the command that runs another one in a place of its own, such as nsenter."""
        self.process = subprocess.Popen([*inside, program, *arguments], stdin=stdin, stdout=stdout,
                                        stderr=subprocess.PIPE, env=env, **more)
        self.out = Lines(self.process.stdout) if self.process.stdout else None
        self.err = Lines(self.process.stderr)
        test.addCleanup(self.end)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdin:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        for lines in (self.out, self.err):
            if lines:
                lines.thread.join()
                lines.stream.close()

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def close_input(self):
        self.process.stdin.close()

    def signal(self, number):
        self.process.send_signal(number)

    def code(self):
        return self.process.wait(timeout=DEADLINE)

    def event(self, name):
        return json.loads(self.err.until(lambda line: json.loads(line).get("event") == name))

    def summary(self):
        """Of a run with --status json that ended: its last line."""
        last = json.loads(self.err.rest()[-1])
        assert last["event"] == "summary", last
        assert last["sent"] == last["delivered"] + last["unknown"] + last["not_sent"], last
        return last


class Peer(Run):
    """tautline serve."""

    def __init__(self, test, *arguments, listen="127.0.0.1:0", **more):
        super().__init__(test, "serve", "--listen", listen, *arguments, stdin=subprocess.DEVNULL, **more)
        self.url = None
        if self.out:
            self.wait_until_listening(self.out.next())

    def wait_until_listening(self, line):
        match = re.fullmatch(rb"listening (wss?://(.+):(\d+))\n", line or b"")
        assert match, (line, self.err.seen)
        self.url = match.group(1).decode()
        self.port = int(match.group(3))

    def get(self, target):
        with socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE) as s:
            s.sendall(("GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % target).encode())
            data = b""
            while chunk := s.recv(65536):
                data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        return head.decode(), body.decode()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def numbered(first, last):
    return b"".join(b"%d\n" % n for n in range(first, last + 1))


class Test(unittest.TestCase):
    maxDiff = None

    def folder(self):
        path = tempfile.mkdtemp(prefix="tautline-test-")
        self.addCleanup(shutil.rmtree, path)
        return path

    def connect(self, url, *arguments, **more):
        return Run(self, "connect", url, "--status", "json", *arguments, **more)

    def ended_well(self, run):
        self.assertEqual(run.code(), 0, run.err.rest()[-5:])


def run_once(*arguments, **more):
    """A run that needs no input: its end, with all that it wrote."""
    return subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=2 * DEADLINE, check=False, **more)


def main(what_for):
    """For the end of a test script: its first argument is the program."""
    global program
    if len(sys.argv) < 2:
        sys.exit("usage: %s PROGRAM [unittest's arguments]\n%s" % (sys.argv[0], what_for))
    program = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
