#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""The example page in Chromium, against a session server."""
import os

import rig
from node_cases import loader
from rig import figures

load_cases = loader(("browser.test.js", ("ws", "playwright-core", "chromium")))


def load_tests(*arguments):
    suite = load_cases(*arguments)
    if os.path.isdir(figures.rows()):
        figures.publish()  # with the row that the page's test has put down
    return suite


if __name__ == "__main__":
    rig.main(__doc__)
