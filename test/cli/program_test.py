#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""tautline connect as others use it: lines, exit codes, signals and files of the built program."""
import json
import os
import pty
import re
import signal
import socket
import subprocess
import threading
import time

from harness import FAST, Peer, Run, Test, free_port, main, numbered, run_once


class Usage(Test):
    def test_version_and_help_go_to_standard_output(self):
        done = run_once("--version")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"tautline 0.1.0\n", b""))
        for command in ([], ["connect"], ["serve"], ["demo"], ["faults"]):
            done = run_once(*command, "--help")
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertIn(b"--help", done.stdout)

    def test_wrong_usage_is_one_line_and_exit_code_2(self):
        for arguments in ([], ["nonsense"], ["connect"], ["connect", "nonsense"], ["connect", "ws://x", "--linger", "1"],
                          ["serve", "--listen", "x"], ["serve", "--mode", "x"], ["demo", "--cuts", "x"],
                          ["connect", "ws://x", "--ca", "/no/such"], ["connect", "ws://x", "--spill", "/no/such/file"]):
            with self.subTest(arguments=arguments):
                done = run_once(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, b""))
                self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)

    def test_every_option_of_connect_is_accepted(self):
        peer = Peer(self)
        done = run_once(
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
        done = run_once("serve", "--listen", "127.0.0.1:%d" % peer.port)
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
        self.assertEqual((up["status"], up["attempt"], up["cause"], up["session"]), ("connected", 1, "", "new"))
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
        # Long enough apart that the line is read before the last of them.
        run = self.connect("ws://127.0.0.1:%d" % free_port(), "--backoff-initial", "200ms", "--jitter", "none",
                           "--max-attempts", "3")
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
        run = self.connect(Peer(self, "--session", "off").url, "--session", "require")
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


if __name__ == "__main__":
    main(__doc__)
