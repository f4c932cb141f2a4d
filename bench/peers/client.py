# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Python websockets as a client (bench/peers/README.md has the arguments)."""

import asyncio
import ssl
import sys
import time

import websockets


def connect(url, **more):
    return websockets.connect(url, compression=None, **{"ping_interval": None, "max_queue": None, **more})


async def reconnect(url, messages, ca_file, heartbeat):
    text = "x" * 64
    more = {}
    if url.startswith("wss"):
        more["ssl"] = ssl.create_default_context(cafile=ca_file)
    if heartbeat:
        more.update(ping_interval=heartbeat / 1000, ping_timeout=heartbeat / 1000, close_timeout=0.001)
    while True:
        try:
            async with connect(url, **more) as ws:
                for _ in range(messages):
                    await ws.send(text)
                await ws.wait_closed()
        except (OSError, websockets.WebSocketException):
            continue


async def send(url, size, count):
    text = "x" * size
    async with connect(url) as ws:
        before = time.process_time()
        for _ in range(count):
            await ws.send(text)
        await ws.wait_closed()
    print("cpu", time.process_time() - before)


async def receive(url, _size, count):
    async with connect(url) as ws:
        await ws.recv()
        before, start = time.process_time(), time.perf_counter()
        for _ in range(count - 1):
            await ws.recv()
        print("seconds", time.perf_counter() - start)
        print("cpu", time.process_time() - before)


async def round_trip(url, size, count):
    text = "x" * size
    async with connect(url) as ws:
        for _ in range(count):
            start = time.perf_counter()
            await ws.send(text)
            await ws.recv()
            print("us", (time.perf_counter() - start) * 1e6)


def resident():
    with open("/proc/self/statm", encoding="ascii") as f:
        return int(f.read().split()[1]) * 4


async def memory(url, links):
    before, start = resident(), time.perf_counter()
    everyone = await asyncio.gather(*(connect(url, open_timeout=60) for _ in range(links)))
    print("ms", (time.perf_counter() - start) * 1000)
    await asyncio.gather(*(ws.send("x" * 64) for ws in everyone))
    await asyncio.gather(*(ws.recv() for ws in everyone))
    await asyncio.sleep(0.5)
    print("resident", (resident() - before) / links, flush=True)
    for ws in everyone:
        ws.transport.abort()


def main():
    measure, url, *rest = sys.argv[1:]
    if measure == "reconnect":
        asyncio.run(reconnect(url, int(rest[0]), rest[1], int(rest[2])))
    else:
        asyncio.run({"send": send, "receive": receive, "round_trip": round_trip, "memory": memory}[measure](url, *map(int, rest)))


try:
    main()
except websockets.ConnectionClosed:
    pass
