#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""The example page in Chromium, against a session server."""
import rig
from node_cases import loader

load_tests = loader(("browser.test.js", ("ws", "playwright-core", "chromium")))

if __name__ == "__main__":
    rig.main(__doc__)
