#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""The program as others use it: lines, exit codes, signals and files of the built tautline.

Usage: program_test.py PROGRAM [unittest's arguments]
Nothing here sleeps: a test waits for lines, for the end of a process, or fails at its deadline.
"""
import json
import os
import pty
import queue
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest
from fcntl import ioctl

PROGRAM = ""
DEADLINE = float(os.environ.get("TAUTLINE_TEST_DEADLINE", "60"))
FAST = ["--backoff-initial", "20ms", "--backoff-max", "50ms", "--max-attempts", "0"]


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

    def __init__(self, test, *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=None, **more):
        self.process = subprocess.Popen([PROGRAM, *arguments], stdin=stdin, stdout=stdout, stderr=subprocess.PIPE,
                                        env=env, **more)
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


class Usage(Test):
    def run_once(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE)

    def test_version_and_help_go_to_standard_output(self):
        done = self.run_once("--version")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"tautline 0.1.0\n", b""))
        for command in ([], ["connect"], ["serve"], ["demo"]):
            done = self.run_once(*command, "--help")
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertIn(b"--help", done.stdout)

    def test_wrong_usage_is_one_line_and_exit_code_2(self):
        for arguments in ([], ["nonsense"], ["connect"], ["connect", "nonsense"], ["connect", "ws://x", "--linger", "1"],
                          ["serve", "--listen", "x"], ["serve", "--mode", "x"], ["demo", "--cuts", "x"],
                          ["connect", "ws://x", "--ca", "/no/such"], ["connect", "ws://x", "--spill", "/no/such/file"]):
            with self.subTest(arguments=arguments):
                done = self.run_once(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, b""))
                self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)

    def test_every_option_of_connect_is_accepted(self):
        peer = Peer(self)
        done = self.run_once(
            "connect", peer.url, "--status", "json", "--backoff-initial", "250ms", "--backoff-max", "2m",
            "--backoff-multiplier", "1.5", "--jitter", "equal", "--max-attempts", "3", "--stable-after", "1s",
            "--connect-timeout", "10s", "--heartbeat", "json", "--heartbeat-interval", "10s", "--heartbeat-timeout", "5s",
            "--delivery", "at-most-once", "--queue-messages", "10", "--queue-bytes", "64KiB", "--overflow", "drop-oldest",
            "--ttl", "30s", "--session", "auto", "--header", "X-A: 1", "--header", "X-B: 2", "--subprotocol", "chat",
            "--max-message-bytes", "1MiB", "--compress", "--insecure", "--drain-timeout", "5s", "--linger", "0s",
            "--binary", "--spill", os.path.join(self.folder(), "spill"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_every_option_of_serve_is_accepted(self):
        peer = Peer(self, "--mode", "sink", "--session", "on", "--retain", "1m", "--heartbeat-interval", "5s",
                    "--heartbeat-timeout", "5s", "--max-connections", "10", "--max-message-bytes", "1MiB",
                    "--drain-window", "100ms")
        peer.signal(signal.SIGTERM)
        self.ended_well(peer)

    def test_a_port_in_use_is_one_line_and_exit_code_3(self):
        peer = Peer(self)
        done = self.run_once("serve", "--listen", "127.0.0.1:%d" % peer.port)
        self.assertEqual((done.returncode, done.stdout), (3, b""))
        self.assertRegex(done.stderr, rb"^tautline serve: cannot listen on 127.0.0.1:%d: .*\n$" % peer.port)


class Pipe(Test):
    def test_lines_come_back_as_they_were(self):
        peer = Peer(self)
        run = self.connect(peer.url)
        lines = [b"one\n", b"\n", b"with carriage return\r\n", "gr\u00fc\u00dfe \u2713\n".encode(), b"x" * 100_000 + b"\n"]
        run.write(b"".join(lines) + b"last")
        for line in lines:
            self.assertEqual(run.out.next(), line)
        run.close_input()
        self.ended_well(run)
        summary = run.summary()
        self.assertEqual((summary["sent"], summary["delivered"]), (6, 6))

    def test_each_message_is_written_at_once(self):
        peer = Peer(self)
        run = self.connect(peer.url)
        for n in range(20):
            run.write(b"%d\n" % n)
            self.assertEqual(run.out.next(), b"%d\n" % n)
        run.close_input()
        self.ended_well(run)

    def test_json_lines_have_the_members_of_the_contract_in_order(self):
        peer = Peer(self)
        run = self.connect(peer.url)
        run.close_input()
        self.ended_well(run)
        lines = [json.loads(line) for line in run.err.rest()]
        up = next(line for line in lines if line["event"] == "up")
        self.assertEqual(list(up), ["ts", "event", "status", "attempt", "cause", "endpoint", "rtt_ms", "queued",
                                    "unconfirmed", "session"])
        self.assertEqual((up["status"], up["attempt"], up["cause"], up["session"]), ("connected", 1, "", "none"))
        self.assertTrue(up["endpoint"].startswith(peer.url), up)
        self.assertLess(abs(up["ts"] / 1000 - time.time()), 600)
        self.assertEqual(list(lines[-1]), ["event", "sent", "delivered", "unknown", "not_sent", "received", "resent",
                                           "reconnects", "duration_ms"])

    def test_plain_status_tells_changes_and_the_sum(self):
        peer = Peer(self)
        run = Run(self, "connect", peer.url, "--status", "plain")
        self.assertRegex(run.err.next(), rb"^connected to ws://127\.0\.0\.1:%d/? \(attempt 1 of 10\)\n$" % peer.port)
        run.write(b"a\n")
        run.close_input()
        self.ended_well(run)
        self.assertRegex(run.err.rest()[-1], rb"^sent 1, delivered 1, unknown 0, not sent 0, ")

    def test_status_none_is_silent_and_plain_is_the_default_without_a_terminal(self):
        peer = Peer(self)
        run = Run(self, "connect", peer.url, "--status", "none")
        run.close_input()
        self.ended_well(run)
        self.assertEqual(run.err.rest(), [])
        run = Run(self, "connect", peer.url)
        self.assertIn(b"connected to", run.err.next())

    def test_binary_takes_what_is_no_utf8(self):
        peer = Peer(self)
        run = self.connect(peer.url, "--binary")
        run.write(b"\xff\xfe\x00\x80\n")
        self.assertEqual(run.out.next(), b"\xff\xfe\x00\x80\n")
        run.close_input()
        self.ended_well(run)

    def test_text_that_is_no_utf8_is_reported_and_not_sent(self):
        peer = Peer(self)
        run = self.connect(peer.url)
        run.write(b"\xff\nok\n")
        self.assertEqual(run.out.next(), b"ok\n")
        self.assertIn("--binary", run.event("overflow")["policy"])
        run.close_input()
        self.assertEqual(run.code(), 3)
        summary = run.summary()
        self.assertEqual((summary["sent"], summary["delivered"], summary["not_sent"]), (2, 1, 1))

    def test_a_line_that_is_too_long_is_reported_spilled_and_not_sent(self):
        peer = Peer(self)
        spill = os.path.join(self.folder(), "spill")
        run = self.connect(peer.url, "--max-message-bytes", "1KiB", "--spill", spill)
        run.write(b"x" * 200_000 + b"\n" + b"y" * 1024 + b"\n")
        self.assertEqual(run.out.next(), b"y" * 1024 + b"\n")
        self.assertIn("--max-message-bytes", run.event("overflow")["policy"])
        run.close_input()
        self.assertEqual(run.code(), 3)
        self.assertEqual(run.summary()["not_sent"], 1)
        with open(spill, "rb") as f:
            self.assertEqual(f.read(), b"x" * 200_000 + b"\n")

    def test_a_reader_who_leaves_ends_it_cleanly(self):
        peer = Peer(self)
        read_end, write_end = os.pipe()
        run = self.connect(peer.url, stdout=write_end)
        os.close(write_end)
        run.write(b"one\n")
        self.assertEqual(os.read(read_end, 10), b"one\n")
        os.close(read_end)
        run.write(b"two\n")
        self.ended_well(run)
        self.assertEqual(run.summary()["delivered"], 2)

    def test_a_full_queue_stops_reading_and_loses_nothing(self):
        port = free_port()
        count = 20_000
        path = os.path.join(self.folder(), "out")
        run = self.connect("ws://127.0.0.1:%d" % port, "--queue-messages", "100", *FAST)
        writer = threading.Thread(target=lambda: (run.write(numbered(1, count)), run.close_input()), daemon=True)
        writer.start()
        full = run.event("retry_in")
        self.assertLessEqual(full["queued"], 100)
        with open(path, "wb") as out:
            Peer(self, "--mode", "print", listen="127.0.0.1:%d" % port, stdout=out)
            self.ended_well(run)
        writer.join()
        self.assertEqual(run.summary()["delivered"], count)
        with open(path, "rb") as f:
            self.assertEqual(f.read().split(b"\n", 1)[1], numbered(1, count))


class Input(Test):
    def sent_of(self, **more):
        peer = Peer(self, "--mode", "sink")
        run = self.connect(peer.url, **more)
        self.ended_well(run)
        return run.summary()["sent"]

    def test_a_file(self):
        path = os.path.join(self.folder(), "in")
        with open(path, "wb") as f:
            f.write(numbered(1, 30_000) + b"no newline")
        with open(path, "rb") as f:
            self.assertEqual(self.sent_of(stdin=f), 30_001)

    def test_the_null_device(self):
        self.assertEqual(self.sent_of(stdin=subprocess.DEVNULL), 0)

    def test_no_standard_input_at_all(self):
        self.assertEqual(self.sent_of(stdin=None, preexec_fn=lambda: os.close(0)), 0)

    def test_a_socket(self):
        ours, theirs = socket.socketpair()
        ours.sendall(b"a\nb\n")
        ours.close()
        with theirs:
            self.assertEqual(self.sent_of(stdin=theirs), 2)

    def test_a_terminal(self):
        peer = Peer(self)
        ours, theirs = pty.openpty()
        run = self.connect(peer.url, stdin=theirs)
        self.assertFalse(os.get_blocking(theirs) is False, "the terminal became non-blocking for others")
        os.close(theirs)
        os.write(ours, b"typed\n")
        self.assertEqual(run.out.next(), b"typed\n")
        os.write(ours, b"\x04")
        self.ended_well(run)
        os.close(ours)


class Ending(Test):
    def test_linger_receives_after_the_end_of_input(self):
        peer = Peer(self)
        run = self.connect(peer.url, "--linger", "1h")
        run.write(b"a\n")
        run.close_input()
        run.event("drained")
        self.assertEqual(run.out.next(), b"a\n")
        run.signal(signal.SIGINT)
        self.ended_well(run)

    def test_a_short_linger_ends_by_itself(self):
        peer = Peer(self)
        run = self.connect(peer.url, "--linger", "50ms")
        run.write(b"a\n")
        run.close_input()
        self.ended_well(run)

    def test_keep_open_outlives_the_input(self):
        peer = Peer(self, "--mode", "broadcast")
        run = self.connect(peer.url, "--keep-open", stdin=subprocess.DEVNULL)
        run.event("up")
        other = self.connect(peer.url)
        other.write(b"hello\n")
        self.assertEqual(run.out.next(), b"hello\n")
        run.signal(signal.SIGTERM)
        self.ended_well(run)

    def test_the_first_sigint_delivers_what_was_read(self):
        peer = Peer(self)
        run = self.connect(peer.url)
        run.write(b"a\nb\n")
        self.assertEqual(run.out.next(), b"a\n")
        self.assertEqual(run.out.next(), b"b\n")
        run.signal(signal.SIGINT)
        self.ended_well(run)
        self.assertEqual(run.summary()["delivered"], 2)

    def test_a_second_sigint_ends_at_once_and_still_spills(self):
        spill = os.path.join(self.folder(), "spill")
        run = self.connect("ws://127.0.0.1:%d" % free_port(), *FAST, "--drain-timeout", "1h", "--spill", spill)
        run.write(b"a\nb\n")
        run.err.until(lambda line: json.loads(line).get("queued") == 2)
        while run.process.poll() is None:
            run.signal(signal.SIGINT)
            try:
                run.process.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                pass
        self.assertEqual(run.code(), 3)
        self.assertEqual(run.summary()["not_sent"], 2)
        with open(spill, "rb") as f:
            self.assertEqual(f.read(), b"a\nb\n")

    def test_the_drain_timeout_ends_it_and_the_spill_holds_what_is_left_in_order(self):
        spill = os.path.join(self.folder(), "spill")
        run = self.connect("ws://127.0.0.1:%d" % free_port(), *FAST, "--drain-timeout", "300ms", "--spill", spill)
        run.write(numbered(1, 1000))
        run.close_input()
        self.assertEqual(run.code(), 3)
        summary = run.summary()
        self.assertEqual((summary["sent"], summary["not_sent"]), (1000, 1000))
        with open(spill, "rb") as f:
            self.assertEqual(f.read(), numbered(1, 1000))

    def test_a_spill_can_be_the_input_of_the_next_run_and_its_spill(self):
        spill = os.path.join(self.folder(), "spill")
        with open(spill, "wb") as f:
            f.write(numbered(1, 500))
        dead = "ws://127.0.0.1:%d" % free_port()
        with open(spill, "rb") as f:
            self.assertEqual(self.connect(dead, *FAST, "--drain-timeout", "200ms", "--spill", spill, stdin=f).code(), 3)
        with open(spill, "rb") as f:
            self.assertEqual(f.read(), numbered(1, 500))
        with open(spill, "rb") as f:
            self.ended_well(self.connect(Peer(self).url, "--spill", spill, stdin=f))
        self.assertEqual(os.path.getsize(spill), 0)

    def test_dropped_and_expired_messages_are_spilled_too(self):
        for policy in (["--overflow", "drop-oldest"], ["--overflow", "drop-newest"], ["--overflow", "reject"]):
            with self.subTest(policy=policy):
                spill = os.path.join(self.folder(), "spill")
                run = self.connect("ws://127.0.0.1:%d" % free_port(), *FAST, *policy, "--queue-messages", "10",
                                   "--drain-timeout", "200ms", "--spill", spill)
                run.write(numbered(1, 30))
                run.close_input()
                self.assertEqual(run.code(), 3)
                self.assertEqual(run.summary()["not_sent"], 30)
                with open(spill, "rb") as f:
                    self.assertEqual(sorted(f.read().split(), key=int), numbered(1, 30).split())
        spill = os.path.join(self.folder(), "spill")
        run = self.connect("ws://127.0.0.1:%d" % free_port(), *FAST, "--ttl", "50ms", "--keep-open", "--spill", spill)
        run.write(b"old\n")
        self.assertEqual(run.event("expired")["message"], "old")
        run.signal(signal.SIGTERM)
        self.assertEqual(run.code(), 3)
        with open(spill, "rb") as f:
            self.assertEqual(f.read(), b"old\n")


class Giving_up(Test):
    def test_used_up_attempts_are_exit_code_3_with_the_cause(self):
        run = self.connect("ws://127.0.0.1:%d" % free_port(), "--backoff-initial", "1ms", "--max-attempts", "3")
        run.write(b"a\n")
        gave_up = run.event("gave_up")
        self.assertEqual(gave_up["status"], "disconnected")
        self.assertIn("refused", gave_up["cause"].lower())
        self.assertEqual(run.code(), 3)
        self.assertEqual(run.summary()["not_sent"], 1)

    def test_an_unreachable_peer_is_a_failure_even_if_nothing_was_to_be_sent(self):
        run = Run(self, "connect", "ws://127.0.0.1:%d" % free_port(), *FAST, "--drain-timeout", "200ms", "--status", "none",
                  stdin=subprocess.DEVNULL)
        self.assertEqual(run.code(), 3)
        self.assertRegex(b"".join(run.err.rest()), rb"^tautline connect: never connected: .*refused.*\n$")

    def test_what_is_no_websocket_is_a_failure_with_its_cause(self):
        peer = Peer(self)
        run = Run(self, "connect", "http://127.0.0.1:%d" % peer.port)
        self.assertEqual(run.code(), 2)
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        run = self.connect("ws://127.0.0.1:%d" % listener.getsockname()[1], *FAST)
        with listener.accept()[0] as s:
            s.recv(65536)
            s.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            self.assertIn("404", run.event("gave_up")["cause"])
        self.assertEqual(run.code(), 3)

    def test_a_required_session_fails_cleanly(self):
        run = self.connect(Peer(self).url, "--session", "require")
        run.event("gave_up")
        self.assertEqual(run.code(), 3)

    def test_the_next_endpoint_is_tried(self):
        peer = Peer(self)
        run = Run(self, "connect", "ws://127.0.0.1:%d" % free_port(), peer.url, "--status", "json", *FAST)
        run.write(b"a\n")
        self.assertEqual(run.out.next(), b"a\n")
        run.close_input()
        self.ended_well(run)

    def test_sighup_retries_now(self):
        port = free_port()
        run = self.connect("ws://127.0.0.1:%d" % port, "--backoff-initial", "1h", "--backoff-max", "1h", "--jitter", "none")
        self.assertEqual(run.event("retry_in")["retry_in_ms"], 3_600_000)
        Peer(self, listen="127.0.0.1:%d" % port)
        run.signal(signal.SIGHUP)
        run.event("up")


class Serving(Test):
    def test_the_first_line_has_the_real_port(self):
        self.assertRegex(Peer(self).url, r"^ws://127\.0\.0\.1:[1-9]\d*$")
        if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6"):
            peer = Peer(self, listen="[::1]:0")
            self.assertRegex(peer.url, r"^ws://\[::1\]:[1-9]\d*$")
            run = self.connect(peer.url)
            run.write(b"six\n")
            self.assertEqual(run.out.next(), b"six\n")

    def test_health_metrics_and_nothing_else(self):
        peer = Peer(self)
        run = self.connect(peer.url)
        run.write(b"a\nb\n")
        run.out.next(), run.out.next()
        head, body = peer.get("/healthz")
        self.assertTrue(head.startswith("HTTP/1.1 200"), head)
        self.assertEqual(body.strip(), "ok")
        head, body = peer.get("/metrics")
        self.assertTrue(head.startswith("HTTP/1.1 200"), head)
        self.assertRegex(body, r"(?m)^tautline_server_upgraded_total 1$")
        self.assertRegex(body, r"(?m)^tautline_link_received\w* 2$")
        self.assertTrue(peer.get("/other")[0].startswith("HTTP/1.1 404"))

    def test_print_writes_each_message_as_a_line(self):
        peer = Peer(self, "--mode", "print")
        run = self.connect(peer.url)
        run.write(b"one\ntwo\n")
        self.assertEqual(peer.out.next(), b"one\n")
        self.assertEqual(peer.out.next(), b"two\n")

    def test_sink_answers_nothing(self):
        peer = Peer(self, "--mode", "sink")
        run = self.connect(peer.url)
        run.write(numbered(1, 100))
        run.close_input()
        self.ended_well(run)
        self.assertEqual(run.summary()["received"], 0)

    def test_broadcast_reaches_every_other_peer(self):
        peer = Peer(self, "--mode", "broadcast")
        listeners = [self.connect(peer.url) for _ in range(3)]
        for run in listeners:
            run.event("up")
        listeners[0].write(b"to all\n")
        for run in listeners[1:]:
            self.assertEqual(run.out.next(), b"to all\n")
        listeners[1].write(b"back\n")
        self.assertEqual(listeners[0].out.next(), b"back\n")

    def test_too_many_peers_are_asked_to_come_back_later(self):
        peer = Peer(self, "--max-connections", "1")
        first = self.connect(peer.url)
        first.event("up")
        second = self.connect(peer.url, *FAST)
        self.assertIn("503", second.event("down")["cause"])

    def test_sigterm_lets_the_peers_go_and_ends(self):
        peer = Peer(self, "--drain-window", "0s")
        run = self.connect(peer.url, *FAST)
        run.event("up")
        peer.signal(signal.SIGTERM)
        self.assertIn("1001", run.event("down")["cause"])
        self.ended_well(peer)

    def test_kill_9_and_restart_in_the_middle_lose_nothing(self):
        folder = self.folder()
        paths = [os.path.join(folder, name) for name in ("before", "after")]
        port = free_port()
        listen = "127.0.0.1:%d" % port
        with open(paths[0], "wb") as before:
            peer = Peer(self, "--mode", "print", listen=listen, stdout=before)
            run = self.connect("ws://" + listen, *FAST)
            run.write(numbered(1, 5000))
            run.event("drained")
            run.write(numbered(5001, 8000))
            peer.process.kill()
            peer.process.wait()
        run.event("down")
        run.write(numbered(8001, 10_000))
        with open(paths[1], "wb") as after:
            peer = Peer(self, "--mode", "print", listen=listen, stdout=after)
            run.close_input()
            self.ended_well(run)
            peer.signal(signal.SIGTERM)
            self.ended_well(peer)
        summary = run.summary()
        self.assertEqual((summary["sent"], summary["delivered"]), (10_000, 10_000))
        self.assertGreaterEqual(summary["reconnects"], 1)
        got = set()
        for path in paths:
            with open(path, "rb") as f:
                got.update(f.read().split())
        missing = set(numbered(1, 10_000).split()) - got
        self.assertEqual(missing, set())


class Tls(Test):
    def certificate(self):
        if shutil.which("openssl") is None:
            self.skipTest("needs the openssl command to make a certificate")
        folder = self.folder()
        cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", key, "-out", cert], check=True, capture_output=True)
        return cert, key

    def test_wss_is_verified_unless_told_otherwise(self):
        cert, key = self.certificate()
        peer = Peer(self, "--cert", cert, "--key", key)
        self.assertTrue(peer.url.startswith("wss://"))
        for trust in (["--ca", cert], ["--insecure"]):
            run = self.connect(peer.url, *trust)
            run.write(b"secret\n")
            self.assertEqual(run.out.next(), b"secret\n")
            run.close_input()
            self.ended_well(run)
        run = self.connect(peer.url, *FAST)
        self.assertIn("certificate", run.event("gave_up")["cause"].lower())
        self.assertEqual(run.code(), 3)

    def test_a_bad_certificate_file_is_named(self):
        folder = self.folder()
        path = os.path.join(folder, "nonsense.pem")
        with open(path, "w", encoding="ascii") as f:
            f.write("nonsense\n")
        run = Run(self, "serve", "--listen", "127.0.0.1:0", "--cert", path, "--key", path)
        self.assertEqual(run.code(), 3)
        self.assertIn(b"nonsense.pem", b"".join(run.err.rest()))


class Terminal(Test):
    """Standard error on a terminal of our own."""

    def shown(self, columns, until, env=None):
        peer = Peer(self)
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([PROGRAM, "connect", peer.url], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   stderr=theirs, env=env)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        os.close(theirs)
        text = self.read_until(ours, until)
        process.stdin.close()
        text += self.read_until(ours, b"reconnects 0")
        self.assertEqual(process.wait(timeout=DEADLINE), 0)
        return text

    def read_until(self, fd, wanted):
        text = b""
        end = time.monotonic() + DEADLINE
        while wanted not in text:
            self.assertTrue(select.select([fd], [], [], max(0, end - time.monotonic()))[0], text)
            try:
                text += os.read(fd, 4096)
            except OSError:
                break
        return text

    def environment(self, **more):
        env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        env.update(more)
        return env

    def test_the_row_has_a_green_dot_and_is_erased_in_the_end(self):
        text = self.shown(100, b"connected", self.environment())
        self.assertIn("\x1b[32m\u25cf".encode(), text)
        self.assertIn(b"\r\x1b[Ksent 0, delivered 0", text.replace(b"\r\n", b"\n"))

    def test_no_color_is_honoured(self):
        text = self.shown(100, b"connected", self.environment(NO_COLOR="1"))
        self.assertNotIn(b"\x1b[3", text)

    def test_the_row_fits_a_narrow_terminal(self):
        text = self.shown(30, b"connected", self.environment(NO_COLOR="1"))
        rows = re.findall(rb"\r([^\r\n]*)\x1b\[K", text)
        self.assertTrue(any(b"connected" in row for row in rows), rows)
        for row in rows:
            self.assertLess(len(row.decode()), 30, row)


class Demo(Test):
    def run_demo(self, *arguments):
        done = subprocess.run([PROGRAM, "demo", *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=2 * DEADLINE, check=False)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout.decode().splitlines(), done.stderr.decode()

    def test_nothing_is_lost_and_the_verdict_says_so(self):
        lines, status = self.run_demo("--messages", "2000", "--cuts", "5", "--seed", "3")
        self.assertRegex(lines[-1], r"^verdict: sent 2000, delivered 2000, lost 0, repeated \d+, out of order \d+, "
                                    r"reconnects \d+, \d+\.\d s$")
        self.assertGreaterEqual(int(re.search(r"reconnects (\d+)", lines[-1]).group(1)), 5)
        self.assertRegex(lines[-2], r"^cuts: 1 reset, 1 close, 1 stall, 1 black hole, 1 refusal; written again")
        self.assertNotIn("\x1b", status)

    def test_a_seed_repeats_its_faults(self):
        faults = []
        for _ in range(2):
            _, status = self.run_demo("--messages", "100", "--cuts", "3", "--seed", "5")
            faults.append(re.findall(r"cut \d of 3: [a-z ]+", status))
        self.assertEqual(len(faults[0]), 3)
        self.assertEqual(faults[0], faults[1])

    def test_session_mode_says_that_it_is_not_there(self):
        done = subprocess.run([PROGRAM, "demo", "--mode", "session"], capture_output=True, timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"session mode", done.stderr.replace(b"--mode session", b"session mode"))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
