# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""What bench/run.py does: each job is one program's run, with a name, and is repeated in some rounds."""

import dataclasses
import json
import pathlib
import shlex
import shutil
import subprocess
import sys
import typing

HERE = pathlib.Path(__file__).resolve().parent
MODULES = pathlib.Path("build/peers/node_modules")
ROUNDS = 5


@dataclasses.dataclass
class Job:
    name: str
    run: typing.Callable
    rounds: int = ROUNDS


@dataclasses.dataclass
class Peer:
    """A client made with another library (bench/peers/README.md), and how much of each measure it is given."""

    name: str
    command: list
    send: dict
    receive: dict
    round_trips: int
    memory: list | None = None  # the command for this measure; None: it has no part in it
    heartbeat: bool = True
    tls: bool = True


# --- running ------------------------------------------------------------------------------------------


def take_lines(results, text):
    for line in text.splitlines():
        got = json.loads(line)
        results.add(got["measure"], got["who"], got["unit"], got["values"])


def run_program(command, name):
    def run(results):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        except subprocess.TimeoutExpired:
            return results.lack(f"{name}: took more than 180 s")
        take_lines(results, done.stdout)
        for line in done.stderr.splitlines():
            results.lack(line)
        if done.returncode != 0:
            results.lack(f"{name}: failed with {done.returncode}")

    return run


def figures(text):
    """The lines of a peer, by their first word."""
    out = {}
    for line in text.splitlines():
        word, value = line.split()
        out.setdefault(word, []).append(float(value))
    return out


def with_server(server, client, name):
    """Calls `client` with the port of a server that says it; returns both outputs, or None."""

    def run(results):
        with subprocess.Popen(server, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as serving:
            port = serving.stdout.readline().strip()
            try:
                done = subprocess.run(client(port), capture_output=True, text=True, timeout=120, check=False)
                said, _ = serving.communicate(timeout=10)
                if done.returncode != 0:
                    results.lack(f"{name}: failed ({done.stderr.strip()[-200:]})")
                return figures(done.stdout), said
            except subprocess.TimeoutExpired:
                serving.kill()
                results.lack(f"{name}: took too long")
                return None

    return run


def peer_traffic(folder, peer, measure, size, count):
    name = f"{measure} {size} B, {peer.name}"
    server = [str(folder / "bench_traffic"), "--json", f"--measure={measure}", "--who=external", f"--as={peer.name}"]
    server += [f"--size={size}", f"--count={count}"]
    call = lambda port: [*peer.command, measure, f"ws://127.0.0.1:{port}", str(size), str(count)]
    both = with_server(server, call, name)

    def run(results):
        got = both(results)
        if not got:
            return
        said, of_server = got
        take_lines(results, of_server)
        what = f"{measure} {size} B"
        results.add(what, peer.name, "us", said.get("us", []))
        results.add(what, peer.name, "M/s", [count / s / 1e6 for s in said.get("seconds", [])])
        results.add(f"{what}, CPU", peer.name, "s per M", [s / count * 1e6 for s in said.get("cpu", [])])

    return Job(name, run)


def peer_memory(folder, peer, links):
    name = f"memory, {peer.name}"
    server = [str(folder / "bench_memory"), "--who=external", f"--links={links}"]
    both = with_server(server, lambda port: [*peer.memory, "memory", f"ws://127.0.0.1:{port}", str(links)], name)

    def run(results):
        got = both(results)
        if not got:
            return
        said, _ = got
        results.add(f"connect {links} links", peer.name, "ms", said.get("ms", []))
        results.add("heap of an idle link", peer.name, "KiB", said.get("heap", []))
        results.add("resident, of an idle link", peer.name, "KiB", said.get("resident", []))

    return Job(name, run, 3)


def micro(folder):
    command = [str(folder / "bench_micro"), "--benchmark_format=json", "--benchmark_min_time=0.02"]

    def run(results):
        if not (folder / "bench_micro").exists():
            return results.lack("the small parts: Google Benchmark is not installed (libbenchmark-dev)")
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        for each in json.loads(done.stdout)["benchmarks"]:
            results.add("small parts, CPU of one", each["name"], "ns", [1e9 / each["items_per_second"]])

    return Job("small parts", run, 2)


# --- the peers ----------------------------------------------------------------------------------------


def python_with_websockets():
    for python in (sys.executable, "/usr/bin/python3"):
        if shutil.which(python) and not subprocess.run([python, "-c", "import websockets"], capture_output=True).returncode:
            return python
    return None


def compiled_peers(folder):
    sends = {64: 200_000, 1024: 150_000, 16384: 30_000}
    program = folder / "bench_peer_libwebsockets"
    if program.exists():
        yield Peer("libwebsockets", [str(program)], sends, {64: 2_000_000, 1024: 800_000}, 5_000, [str(program)])
    sends = {64: 1_000_000, 1024: 500_000, 16384: 50_000}
    program, small = folder / "bench_peer_websocketpp", folder / "bench_peer_websocketpp_small"
    if program.exists():
        yield Peer("websocketpp", [str(program)], sends, {64: 4_000_000, 1024: 1_500_000}, 5_000, [str(small)])


def scripted_peers():
    if shutil.which("node") and (MODULES / "ws").exists():
        script = str(HERE / "peers/ws.mjs")
        sends = {64: 200_000, 1024: 150_000, 16384: 50_000}
        memory = ["node", "--expose-gc", script]
        yield Peer("npm ws", ["node", script], sends, {64: 1_500_000, 1024: 600_000}, 5_000, memory)
        if (MODULES / "reconnecting-websocket").exists():
            script = str(HERE / "peers/reconnecting.mjs")
            yield Peer("reconnecting-websocket", ["node", script], {}, {}, 0, heartbeat=False)
    python = python_with_websockets()
    if python:
        command = [python, str(HERE / "peers/client.py")]
        sends = {64: 60_000, 1024: 50_000, 16384: 30_000}
        yield Peer("Python websockets", command, sends, {64: 60_000, 1024: 50_000}, 2_000, command)


def all_peers(results, folder):
    found = [*compiled_peers(folder), *scripted_peers()]
    for name in ("libwebsockets", "websocketpp", "npm ws", "reconnecting-websocket", "Python websockets"):
        if name not in (p.name for p in found):
            results.lack(f"{name}: not installed")
    return found


def versions():
    """Of the peers, as far as they can be asked."""
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


# --- the plan -----------------------------------------------------------------------------------------


class Planner:
    def __init__(self, results, folder, quick):
        self.folder = folder
        self.quick = quick
        self.part = 0.2 if quick else 1.0
        self.peers = all_peers(results, folder)

    def count(self, of_full):
        return max(200, int(of_full * self.part))

    def program(self, name, *arguments, rounds=ROUNDS):
        title = f"{name} {' '.join(a.removeprefix('--') for a in arguments if not a.startswith('--peer'))}"
        command = [str(self.folder / f"bench_{name}"), "--json", *arguments]
        return Job(title, run_program(command, title), rounds)

    def reconnect(self, of_full, of_quick, fits, *more, rounds):
        peers = [f"--peer={p.name}={shlex.join(p.command)}" for p in self.peers if fits(p)]
        return self.program("reconnect", f"--rounds={of_quick if self.quick else of_full}", *more, *peers, rounds=rounds)

    def other_reconnects(self):
        everyone, nobody = lambda _: True, lambda _: False
        yield self.reconnect(40, 20, everyone, "--drop=close", rounds=3)
        yield self.reconnect(40, 20, lambda p: p.tls, "--tls=fresh", rounds=3)
        yield self.reconnect(40, 20, nobody, "--tls=tickets", rounds=3)
        yield self.reconnect(4, 2, everyone, "--queued=10000", rounds=2)
        yield self.reconnect(8, 3, lambda p: p.heartbeat, "--drop=silence", rounds=2)
        yield self.program("defaults", f"--links={200 if self.quick else 500}", rounds=2)

    def sends(self, size):
        counts = {
            "floor": {64: 20_000_000, 1024: 4_000_000, 16384: 300_000},
            "beast": {64: 200_000, 1024: 150_000, 16384: 50_000},
            "tautline": {64: 5_000_000, 1024: 1_500_000, 16384: 150_000},
        }
        for who, of in counts.items():
            yield self.traffic("send", who, size, of[size])
        for way in ("async_send", "other_thread"):
            yield self.traffic("send", "tautline", size, counts["tautline"][size] // 4, f"--way={way}")
        yield self.program("throughput", f"--size={size}", "--rounds=1", f"--percent={int(100 * self.part)}")
        for p in self.peers:
            if size in p.send:
                yield peer_traffic(self.folder, p, "send", size, self.count(p.send[size]))

    def receives(self, size):
        counts = {
            "floor": {64: 20_000_000, 1024: 3_000_000},
            "beast": {64: 2_000_000, 1024: 800_000},
            "tautline": {64: 10_000_000, 1024: 2_000_000},
        }
        for who, of in counts.items():
            yield self.traffic("receive", who, size, of[size])
        yield self.traffic("receive", "tautline", size, counts["tautline"][size] // 4, "--way=single")
        for p in self.peers:
            if size in p.receive:
                yield peer_traffic(self.folder, p, "receive", size, self.count(p.receive[size]))

    def traffic(self, measure, who, size, count, *more):
        return self.program("traffic", f"--measure={measure}", f"--who={who}", f"--size={size}", f"--count={self.count(count)}", *more)

    def round_trips(self):
        for who in ("floor", "beast", "tautline"):
            yield self.traffic("round_trip", who, 64, 5_000)
        for p in self.peers:
            if p.round_trips:
                yield peer_traffic(self.folder, p, "round_trip", 64, self.count(p.round_trips))

    def links(self):
        for who in ("beast", "tautline"):  # each in a process of its own, or the second has the first one's memory
            yield self.program("memory", f"--who={who}", "--links=1000", rounds=3)
        for p in self.peers:
            if p.memory:
                yield peer_memory(self.folder, p, 1000)

    def many_more(self):
        for who in ("beast", "tautline"):
            yield self.program("memory", f"--who={who}", f"--links={2000 if self.quick else 10000}", rounds=1)
        for links in (1, 10, 100, 1000) if self.quick else (1, 10, 100, 1000, 10000):
            yield self.program("growth", f"--links={links}", f"--count={self.count(500_000)}", rounds=2)
        for depth in (1, 1000, 1_000_000):
            yield self.program("growth", f"--queue={depth}", rounds=2)
        for who in ("defaults", "budget", "drain", "none"):
            yield self.program("storm", f"--who={who}", f"--links={1000 if self.quick else 10000}", rounds=1)

    def losses(self):
        yield self.program("losses", "--measure=flush")
        for who in ("tautline", "beast"):
            yield self.program("losses", "--measure=reset", f"--who={who}", f"--count={self.count(400_000)}", rounds=3)

    def one_round(self):
        """What matters most first, for a machine that is too busy for all."""
        yield self.reconnect(100, 60, lambda _: True, rounds=ROUNDS)
        yield self.program("resume", f"--rounds={60 if self.quick else 100}")
        yield from self.sends(64)
        yield from self.receives(64)
        yield from self.round_trips()
        yield from self.losses()
        yield from self.links()
        for size in (1024, 16384):
            yield from self.sends(size)
        yield from self.receives(1024)
        yield from self.other_reconnects()
        yield micro(self.folder)
        yield from self.many_more()


def plan(results, folder, quick):
    """All jobs once, then those again that have further rounds."""
    jobs = list(Planner(results, folder, quick).one_round())
    return [job for turn in range(1 if quick else ROUNDS) for job in jobs if turn < job.rounds]
