# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""What the Python servers have in common; rig.py says how a server of these tests behaves."""
import argparse
import asyncio
import json
import os
import signal
import sys
import threading


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--record")
    parser.add_argument("--echo", action="store_true")
    parser.add_argument("--subprotocol")
    parser.add_argument("--close-at-once", type=int)
    parser.add_argument("--stall-after", type=int)
    return parser.parse_args()


def say(**event):
    print(json.dumps(event), flush=True)


class Recorder:
    """Each message is with the operating system when take() returns: kill -9 cannot unmake it."""

    def __init__(self, options):
        self.count = 0
        self.stall_after = options.stall_after
        self.file = None
        if options.record:
            self.file = os.open(options.record, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def take(self, message):
        if self.stall_after is not None and self.count >= self.stall_after:
            await asyncio.get_running_loop().create_future()
        self.count += 1
        if self.file is not None:
            os.write(self.file, (message.encode() if isinstance(message, str) else message) + b"\n")


def obey(command):
    """Calls command(word, argument...) for each line of standard input; the end of it ends the process."""
    loop = asyncio.get_running_loop()

    def read():
        for line in sys.stdin:
            loop.call_soon_threadsafe(lambda words: loop.create_task(command(*words)), line.split())
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()


def termination():
    """An event for SIGTERM; to be had before the server says that it listens."""
    done = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, done.set)
    return done
