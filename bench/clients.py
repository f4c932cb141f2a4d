# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Which clients made with another library are there (bench/peers/README.md), and what each takes part in."""

import dataclasses
import json
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
MODULES = pathlib.Path("build/peers/node_modules")


@dataclasses.dataclass
class Peer:
    """A client, and how much of each measure it is given."""

    name: str
    command: list
    send: dict
    receive: dict
    round_trips: int
    memory: list | None = None  # the command for this measure; None: it has no part in it
    reconnects: bool = True
    heartbeat: bool = True
    tls: bool = True
    resumes_tls: list | None = None  # the command with which it uses tickets; None: it has no way to


def python_with_websockets():
    for python in (sys.executable, "/usr/bin/python3"):
        if shutil.which(python) and not subprocess.run([python, "-c", "import websockets"], capture_output=True).returncode:
            return python
    return None


def compiled(folder):
    sends = {64: 200_000, 1024: 150_000, 16384: 30_000}
    program = folder / "bench_peer_libwebsockets"
    if program.exists():
        receives = {64: 2_000_000, 1024: 800_000, 16384: 60_000}
        yield Peer("libwebsockets", [str(program)], sends, receives, 5_000, [str(program)])
    sends = {64: 1_000_000, 1024: 500_000, 16384: 50_000}
    program, small = folder / "bench_peer_websocketpp", folder / "bench_peer_websocketpp_small"
    if program.exists():
        receives = {64: 4_000_000, 1024: 1_500_000, 16384: 60_000}
        yield Peer("websocketpp", [str(program)], sends, receives, 5_000, [str(small)])


def in_node():
    if not shutil.which("node") or not (MODULES / "ws").exists():
        return
    script = str(HERE / "peers/ws.mjs")
    sends = {64: 200_000, 1024: 150_000, 16384: 50_000}
    receives = {64: 1_500_000, 1024: 600_000, 16384: 60_000}
    memory, tickets = ["node", "--expose-gc", script], ["node", script, "--tickets"]
    yield Peer("npm ws", ["node", script], sends, receives, 5_000, memory, resumes_tls=tickets)
    sends = {64: 1_500_000, 1024: 500_000, 16384: 50_000}
    yield Peer("npm ws, corked", ["node", script, "--corked"], sends, {}, 0, reconnects=False)
    if (MODULES / "reconnecting-websocket").exists():
        script = str(HERE / "peers/reconnecting.mjs")
        yield Peer("reconnecting-websocket", ["node", script], {}, {}, 0, heartbeat=False)


def in_python():
    python = python_with_websockets()
    if python:
        command = [python, str(HERE / "peers/client.py")]
        sends = {64: 60_000, 1024: 50_000, 16384: 30_000}
        receives = {64: 60_000, 1024: 50_000, 16384: 30_000}
        yield Peer("Python websockets", command, sends, receives, 2_000, command)


def found(results, folder):
    peers = [*compiled(folder), *in_node(), *in_python()]
    for name in ("libwebsockets", "websocketpp", "npm ws", "reconnecting-websocket", "Python websockets"):
        if name not in (p.name for p in peers):
            results.lack(f"{name}: not installed")
    return peers


def versions():
    """As far as they can be asked."""
    out = []
    packages = ("libwebsockets-dev", "libwebsocketpp-dev", "libbenchmark-dev")
    for package in packages if shutil.which("dpkg-query") else ():
        asked = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            out.append(f"{package} {asked.stdout}")
    for package in ("ws", "reconnecting-websocket"):
        about = MODULES / package / "package.json"
        if about.exists():
            out.append(f"npm {package} {json.loads(about.read_text(encoding='utf-8'))['version']}")
    python = python_with_websockets()
    if python:
        asked = "import websockets; print(websockets.__version__)"
        out.append(f"Python websockets {subprocess.run([python, '-c', asked], capture_output=True, text=True).stdout.strip()}")
    return ", ".join(out)
