# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""One way out with Python websockets: send.py PORT SIZE COUNT."""

import asyncio
import sys

import websockets


async def main(port, size, count):
    text = "x" * size
    async with websockets.connect(f"ws://127.0.0.1:{port}/", compression=None, ping_interval=None) as ws:
        for _ in range(count):
            await ws.send(text)


try:
    asyncio.run(main(*map(int, sys.argv[1:4])))
except websockets.ConnectionClosed:
    pass
