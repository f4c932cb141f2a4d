#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""tautline serve and demo as others use them, the status row on a terminal, and TLS."""
import os
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import termios
import time
from fcntl import ioctl

import harness
from harness import FAST, Peer, Run, Test, free_port, main, numbered, run_once


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
        self.assertIn("1012", run.event("down")["cause"])  # it had nowhere else to go
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


class Responsibility(Test):
    """A session's message is confirmed once standard output has it, not before: its reader may be slow, or gone."""
    LINES = b"".join(b"%01023d\n" % n for n in range(1, 1001))  # a pipe holds 64 of them

    def counted(self, peer, name):
        return int(re.search(r"(?m)^tautline_link_messages_%s (\d+)$" % name, peer.get("/metrics")[1]).group(1))

    def until_counted(self, peer, name, number):
        deadline = time.monotonic() + harness.DEADLINE
        while self.counted(peer, name) < number:
            self.assertLess(time.monotonic(), deadline)

    def lines_taken(self, pipe):
        with open(pipe, "rb") as f:
            return len(re.findall(rb"(?m)^\d{1023}\n", f.read()))

    def test_a_server_confirms_what_it_has_printed(self):
        from_peer, to_test = os.pipe()
        port = free_port()
        peer = Peer(self, "--mode", "print", listen="127.0.0.1:%d" % port, stdout=to_test)
        peer.port = port
        os.close(to_test)
        run = self.connect("ws://127.0.0.1:%d" % port, *FAST, "--drain-timeout", "1ms")
        run.write(self.LINES)
        run.event("up")
        self.until_counted(peer, "received_total", 1000)
        peer.process.kill()
        taken = self.lines_taken(from_peer)
        run.event("down")
        run.signal(signal.SIGTERM)
        run.code()
        self.assertLessEqual(run.summary()["delivered"], taken)

    def test_a_client_confirms_what_it_has_printed(self):
        from_run, to_test = os.pipe()
        peer = Peer(self)
        run = self.connect(peer.url, stdout=to_test)
        os.close(to_test)
        run.write(self.LINES)
        self.until_counted(peer, "received_total", 1000)
        run.process.kill()
        taken = self.lines_taken(from_run)
        self.assertLessEqual(self.counted(peer, "delivered_total"), taken)


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
        process = subprocess.Popen([harness.program, "connect", peer.url], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   stderr=theirs, env=env)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        os.close(theirs)
        text = self.read_until(ours, until)
        process.stdin.close()
        text += self.read_until(ours, b"reconnects 0")
        self.assertEqual(process.wait(timeout=harness.DEADLINE), 0)
        return text

    def read_until(self, fd, wanted):
        text = b""
        end = time.monotonic() + harness.DEADLINE
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
        done = run_once("demo", *arguments)
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

    def test_session_mode_is_exact(self):
        done = run_once("demo", "--mode", "session", "--messages", "500", "--cuts", "2")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(b"lost 0, repeated 0, out of order 0", done.stdout)


if __name__ == "__main__":
    main(__doc__)
