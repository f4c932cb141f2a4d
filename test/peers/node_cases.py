# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Test files of session/ for node's own runner, each of their cases as one case here."""
import os
import re
import subprocess
import unittest

import harness
from rig import HERE, node_path, what_is_lacking

DEADLINE = 5 * harness.DEADLINE
RESULT = re.compile(r"(not )?ok \d+ - (.*)")


class NodeCase(unittest.TestCase):
    """What node said of one case."""

    def __init__(self, name, failed, report):
        super().__init__()
        self.name, self.failed, self.report = name, failed, report

    def runTest(self):
        if self.failed:
            self.fail(self.report)

    def __str__(self):
        return self.name


class MissingCase(NodeCase):
    def runTest(self):
        self.skipTest(self.report)

    def __str__(self):
        # As a test method would be called, which is how the report of skipped cases knows one.
        return "%s (node)" % self.name


def run(file):
    environment = dict(os.environ, NODE_PATH=node_path())
    if harness.program:
        environment.setdefault("TAUTLINE_BIN_DIR", os.path.dirname(harness.program))
    command = ["node", "--test-reporter=tap", os.path.join(HERE, "session", file)]
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          timeout=DEADLINE, check=False, text=True)


def cases_of(file):
    """Runs the file, and makes a case of each result; the lines behind a result tell more of it."""
    done = run(file)
    cases = []
    for line in done.stdout.splitlines():
        result = RESULT.match(line)
        if result:
            cases.append(NodeCase("%s: %s" % (file, result.group(2)), bool(result.group(1)), ""))
        elif cases:
            cases[-1].report += line + "\n"
    if not cases or (done.returncode != 0 and not any(case.failed for case in cases)):
        cases.append(NodeCase(file, True, "node ended with %d\n%s" % (done.returncode, done.stdout)))
    return cases


def loader(*files):
    """The function load_tests for a script: files are pairs of a name and the kinds of peers that it needs."""

    def load_tests(_loader, _tests, _pattern):
        suite = unittest.TestSuite()
        for file, needed in files:
            lacking = [reason for reason in map(what_is_lacking, ("node:test", *needed)) if reason]
            suite.addTests([MissingCase(file, False, "; ".join(lacking))] if lacking else cases_of(file))
        return suite

    return load_tests
