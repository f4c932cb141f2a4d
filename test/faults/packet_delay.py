# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""packet_delay.c, compiled where its library is there, at work on what arrives at one machine."""
import functools
import os
import shutil
import subprocess
import tempfile

import stage
from stage import DEADLINE


@functools.lru_cache(maxsize=None)
def compiled():
    """The path of the program, or why there is none."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang-19")
    if not compiler:
        return None, "no C compiler is installed"
    folder = tempfile.TemporaryDirectory(prefix="tautline-test-")
    path = os.path.join(folder.name, "packet_delay")
    done = subprocess.run([compiler, "-O1", "-o", path, os.path.join(stage.HERE, "packet_delay.c"),
                           "-lnetfilter_queue"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=DEADLINE, check=False)
    if done.returncode:
        missing = "libnetfilter_queue/libnetfilter_queue.h" in done.stderr
        assert missing, done.stderr
        return None, "libnetfilter-queue-dev is not installed"
    compiled.folder = folder  # goes with this process
    return path, None


class PacketDelay:
    """On all TCP packets that arrive in the namespace; 20 milliseconds are delay=20."""

    def __init__(self, test, where, delay=0, jitter=0, loss=0, seed=1):
        self.where = where
        self.process = subprocess.Popen([*where.inside, compiled()[0], "0", str(delay), str(jitter), str(loss),
                                         str(seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        test.addCleanup(self.end)
        test.assertEqual(self.process.stdout.readline(), b"ready\n")
        # Between the end of the program and that of the rule, packets pass.
        where.do("iptables", "-w", "-I", "INPUT", "-p", "tcp", "-j", "NFQUEUE", "--queue-num", "0", "--queue-bypass")

    def end(self):
        """Nothing is held any more; what was held is lost, and sent again by TCP."""
        if self.process.poll() is None:
            self.where.do("iptables", "-w", "-F", "INPUT")
            self.process.stdin.close()
            self.process.wait(timeout=DEADLINE)
            self.process.stdout.close()
