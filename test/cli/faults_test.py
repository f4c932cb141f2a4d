#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""tautline faults as others use it: the lines, the faults on real sockets, exit codes."""
import json
import os
import re
import signal
import socket
import struct
import subprocess
import threading

from harness import DEADLINE, FAST, Peer, Run, Test, free_port, main, numbered, run_once


class Echo:
    """A peer that is no tautline: sends back what comes on each connection."""

    def __init__(self, test):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()
        test.addCleanup(self.listener.close)

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._echo, args=(peer,), daemon=True).start()

    @staticmethod
    def _echo(peer):
        with peer:
            try:
                while data := peer.recv(65536):
                    peer.sendall(data)
            except OSError:
                pass


def received(s, count):
    data = b""
    while len(data) < count and (chunk := s.recv(count - len(data))):
        data += chunk
    return data


class Faults(Test):
    def script(self, *steps):
        path = os.path.join(self.folder(), "script.json")
        with open(path, "w") as f:
            json.dump(steps, f)
        return path

    def start(self, target, *arguments):
        run = Run(self, "faults", "127.0.0.1:0", "127.0.0.1:%d" % target, *arguments, stdin=subprocess.DEVNULL)
        match = re.fullmatch(rb"listening (127\.0\.0\.1:(\d+)) -> 127\.0\.0\.1:%d\n" % target, run.out.next() or b"")
        self.assertTrue(match, (run.out.seen, run.err.seen))
        run.port = int(match.group(2))
        return run

    def through(self, run):
        s = socket.create_connection(("127.0.0.1", run.port), timeout=DEADLINE)
        self.addCleanup(s.close)
        return s

    def counters(self, run, number=signal.SIGTERM):
        run.signal(number)
        self.assertEqual(run.code(), 0, run.err.rest())
        return json.loads(run.out.rest()[-1])

    def test_each_step_is_a_line_and_the_counters_are_the_last(self):
        run = self.start(free_port(), "--duration", "200ms", "--script",
                         self.script({"do": "latency", "delay": "5ms"}, {"after": "20ms", "do": "heal"}))
        self.assertEqual(run.code(), 0)
        lines = [line.decode() for line in run.out.rest()]
        self.assertRegex(lines[1], r"^ +0\.\d{3} s  latency both 5ms\n$")
        self.assertRegex(lines[2], r"^ +0\.\d{3} s  heal\n$")
        self.assertEqual(lines[3], "counters: accepted 0, open 0, failed 0, resets 0, closes 0, corrupted 0, "
                                   "bytes up 0, bytes down 0\n")
        self.assertEqual(len(lines), 4)

    def test_json_lines_are_json(self):
        run = self.start(free_port(), "--log", "json", "--duration", "150ms", "--script",
                         self.script({"do": "repeat", "times": 2, "steps": [{"after": "10ms", "do": "reset"}]}))
        self.assertEqual(run.code(), 0)
        lines = [json.loads(line) for line in run.out.rest()[1:]]
        self.assertEqual([line["event"] for line in lines], ["fault", "fault", "counters"])
        self.assertGreaterEqual(lines[1]["at_ms"], 20)

    def test_it_forwards_and_counts(self):
        run = self.start(Echo(self).port, "--log", "json", "--script", self.script({"do": "heal"}))
        s = self.through(run)
        s.sendall(b"hello")
        self.assertEqual(received(s, 5), b"hello")
        c = self.counters(run, signal.SIGINT)
        self.assertEqual((c["accepted"], c["open"], c["bytes_up"], c["bytes_down"]), (1, 1, 5, 5))

    def test_a_reset_reaches_the_client(self):
        run = self.start(Echo(self).port, "--log", "json", "--script",
                         self.script({"do": "repeat", "steps": [{"after": "20ms", "do": "reset"}]}))
        s = self.through(run)
        with self.assertRaises(ConnectionResetError):
            while True:
                s.sendall(b"x")
                s.recv(1)
        self.assertGreaterEqual(self.counters(run)["resets"], 1)

    def test_a_connection_is_cut_at_a_byte(self):
        run = self.start(Echo(self).port, "--script", self.script({"do": "cut", "after_bytes": 8, "how": "close"}))
        run.out.next()
        s = self.through(run)
        s.sendall(b"12345678")
        self.assertEqual(s.recv(100), b"")

    def test_a_byte_is_corrupted(self):
        run = self.start(Echo(self).port, "--log", "json", "--script",
                         self.script({"do": "corrupt", "at_byte": 1, "direction": "down"}))
        run.out.next()
        s = self.through(run)
        s.sendall(b"abc")
        self.assertEqual(received(s, 3), b"a\x9dc")
        self.assertEqual(self.counters(run)["corrupted"], 1)

    def test_clients_are_refused_until_it_heals(self):
        run = self.start(Echo(self).port, "--script", self.script({"do": "refuse"}, {"after": "300ms", "do": "heal"}))
        self.assertIn(b"refuse", run.out.next())
        with self.assertRaises(ConnectionRefusedError):
            self.through(run)
        self.assertIn(b"heal", run.out.next())
        s = self.through(run)
        s.sendall(b"x")
        self.assertEqual(s.recv(1), b"x")

    def test_it_forwards_to_another_target_from_then_on(self):
        run = self.start(free_port(), "--script",
                         self.script({"do": "retarget", "target": "localhost:%d" % Echo(self).port}))
        self.assertIn(b"retarget to localhost:", run.out.next())
        s = self.through(run)
        s.sendall(b"x")
        self.assertEqual(s.recv(1), b"x")

    def test_a_target_that_has_no_address_ends_it(self):
        run = self.start(free_port(), "--script", self.script({"do": "retarget", "target": "nowhere.invalid:1"}))
        self.assertEqual(run.code(), 3)
        self.assertRegex(run.err.rest()[0], rb"^tautline faults: cannot forward to nowhere\.invalid:1: ")
        lines = run.out.rest()
        self.assertEqual(len(lines), 2, lines)  # it has not been retargeted, and nothing stands behind the counters
        self.assertIn(b"counters", lines[-1])

    def test_a_link_through_drawn_faults_loses_nothing(self):
        peer = Peer(self, "--mode", "print")
        run = self.start(peer.port, "--log", "json", "--seed", "5", "--every", "80ms")
        link = self.connect("ws://127.0.0.1:%d" % run.port, *FAST, "--heartbeat-interval", "200ms",
                            "--heartbeat-timeout", "300ms", "--drain-timeout", "60s", "--keep-open")
        for _ in range(8):
            link.write(numbered(1, 100))
            run.out.until(lambda line: json.loads(line)["do"] in ("reset", "close"))
        link.signal(signal.SIGTERM)
        self.ended_well(link)
        self.assertEqual(link.summary()["delivered"], 800)
        for _ in range(8):
            for n in range(1, 101):
                self.assertEqual(peer.out.next(), b"%d\n" % n)
        self.assertGreater(self.counters(run)["resets"], 0)

    def test_other_clients_may_use_it_too(self):
        run = self.start(Echo(self).port, "--script", self.script({"do": "latency", "delay": "30ms"}))
        run.out.next()
        s = self.through(run)
        s.sendall(struct.pack("!I", 7))
        self.assertEqual(struct.unpack("!I", received(s, 4)), (7,))

    def test_wrong_usage_is_one_line_and_exit_code_2(self):
        broken = os.path.join(self.folder(), "broken.json")
        with open(broken, "w") as f:
            f.write('[{"do":"reset"},{"do":"stall"}]')
        for arguments in (["faults"], ["faults", "127.0.0.1:0"], ["faults", "127.0.0.1:0", "127.0.0.1:1"],
                          ["faults", "x", "127.0.0.1:1", "--seed", "1"], ["faults", "127.0.0.1:0", "x", "--seed", "1"],
                          ["faults", "127.0.0.1:0", "127.0.0.1:1", "--seed", "-1"],
                          ["faults", "127.0.0.1:0", "127.0.0.1:1", "--seed", "1", "--log", "x"],
                          ["faults", "127.0.0.1:0", "127.0.0.1:1", "--script", "/no/such"],
                          ["faults", "127.0.0.1:0", "127.0.0.1:1", "--script", broken],
                          ["faults", "127.0.0.1:0", "127.0.0.1:1", "--script", broken, "--seed", "1"]):
            with self.subTest(arguments=arguments):
                done = run_once(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, b""))
                self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
        self.assertIn(b"broken.json: step 2 (stall): 'for' is missing",
                      run_once("faults", "127.0.0.1:0", "127.0.0.1:1", "--script", broken).stderr)

    def test_an_address_that_is_taken_is_one_line_and_exit_code_3(self):
        peer = Peer(self)
        done = run_once("faults", "127.0.0.1:%d" % peer.port, "127.0.0.1:1", "--seed", "1")
        self.assertEqual((done.returncode, done.stdout), (3, b""))
        self.assertRegex(done.stderr, rb"^tautline faults: cannot forward 127\.0\.0\.1:%d to 127\.0\.0\.1:1: .*\n$" % peer.port)


if __name__ == "__main__":
    main(__doc__)
