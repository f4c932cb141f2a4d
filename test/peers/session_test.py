#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""tautline.v1 in JavaScript: the client for browsers and node_session.js, against each other."""
import rig
from node_cases import loader

ALONE = ["codec", "backoff", "link", "endings", "storage"]
WITH_WS = ["sockets", "server", "cli", "echo"]
load_tests = loader(*((name + ".test.js", ()) for name in ALONE), *((name + ".test.js", ("ws",)) for name in WITH_WS))

if __name__ == "__main__":
    rig.main(__doc__)
