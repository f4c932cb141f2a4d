#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""tautline.v1 in JavaScript: the client for browsers and node_session.js, against each other."""
import rig
from node_cases import loader

load_tests = loader(("codec.test.js", ()), ("backoff.test.js", ()), ("link.test.js", ()), ("endings.test.js", ()),
                    ("sockets.test.js", ("ws",)), ("cli.test.js", ("ws",)))

if __name__ == "__main__":
    rig.main(__doc__)
