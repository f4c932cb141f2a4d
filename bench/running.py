# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""How a job of bench/run.py calls its programs, and takes what they say as results."""

import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import time
import typing

HERE = pathlib.Path(__file__).resolve().parent
LATE = "ended, because the time was up"


class Deadline:
    """When the run has to be over: no program may take longer than until then."""

    def __init__(self, seconds):
        self.end = time.monotonic() + seconds

    def left(self):
        return max(0.0, self.end - time.monotonic())


@dataclasses.dataclass
class Job:
    name: str
    run: typing.Callable  # (results, deadline)
    rounds: int


# --- programs -----------------------------------------------------------------------------------------


@contextlib.contextmanager
def started(command, **streams):
    """A program; if what is done with it fails or takes too long, it ends with all that it has started."""
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, start_new_session=True, **streams) as program:
        try:
            yield program
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
            raise


def call(command, deadline):
    """Its output, what it complains of, and its exit code; TimeoutExpired at the end of the run."""
    with started(command, stderr=subprocess.PIPE) as program:
        out, complaints = program.communicate(timeout=deadline.left())
        return out, complaints, program.returncode


def run_program(command, name):
    def run(results, deadline):
        try:
            out, complaints, code = call(command, deadline)
        except subprocess.TimeoutExpired:
            return results.lack(f"{name}: {LATE}")
        take_lines(results, out)
        for line in complaints.splitlines():
            results.lack(line)
        if code != 0:
            results.lack(f"{name}: failed with {code}")

    return run


def with_server(server, client, name):
    """Calls `client` with the port of a server that says it; returns both outputs, or None."""

    def run(results, deadline):
        try:
            with started(server, stdin=subprocess.PIPE) as serving:
                out, complaints, code = call(client(serving.stdout.readline().strip()), deadline)
                if code != 0:
                    results.lack(f"{name}: failed ({complaints.strip()[-200:]})")
                said, _ = serving.communicate(timeout=min(10, deadline.left()))
        except subprocess.TimeoutExpired:
            results.lack(f"{name}: {LATE}" if deadline.left() == 0 else f"{name}: its server did not end")
            return None
        return figures(out), said

    return run


# --- what they say ------------------------------------------------------------------------------------


def take_lines(results, text):
    for line in text.splitlines():
        got = json.loads(line)
        results.add(got["measure"], got["who"], got["unit"], got["values"])


def figures(text):
    """The lines of a peer, by their first word."""
    out = {}
    for line in text.splitlines():
        word, value = line.split()
        out.setdefault(word, []).append(float(value))
    return out


def percentile(values, q):
    """As bench/measure.hpp counts it, for those who do not count it themselves."""
    return sorted(values)[int(q * (len(values) - 1))]


def take_traffic(results, what, who, count, said):
    if "us" in said:
        results.add(what, who, "us", said["us"])
        results.add(f"{what}, p99", who, "us", [percentile(said["us"], 0.99)])
    results.add(what, who, "M/s", [count / s / 1e6 for s in said.get("seconds", [])])
    results.add(f"{what}, CPU", who, "s per M", [s / count * 1e6 for s in said.get("cpu", [])])


# --- jobs ---------------------------------------------------------------------------------------------


def peer_traffic(folder, peer, measure, size, count, rounds):
    name = f"{measure} {size} B, {peer.name}"
    server = [str(folder / "bench_traffic"), "--json", f"--measure={measure}", "--who=external", f"--as={peer.name}"]
    server += [f"--size={size}", f"--count={count}"]
    both = with_server(server, lambda port: [*peer.command, measure, f"ws://127.0.0.1:{port}", str(size), str(count)], name)

    def run(results, deadline):
        got = both(results, deadline)
        if got:
            said, of_server = got
            take_lines(results, of_server)
            take_traffic(results, f"{measure} {size} B", peer.name, count, said)

    return Job(name, run, rounds)


def peer_memory(folder, peer, links, rounds):
    name = f"memory, {peer.name}"
    server = [str(folder / "bench_memory"), "--who=external", f"--links={links}"]
    both = with_server(server, lambda port: [*peer.memory, "memory", f"ws://127.0.0.1:{port}", str(links)], name)

    def run(results, deadline):
        got = both(results, deadline)
        if not got:
            return
        said, _ = got
        results.add(f"connect {links} links", peer.name, "ms", said.get("ms", []))
        results.add("heap of an idle link", peer.name, "KiB", said.get("heap", []))
        results.add("resident, of an idle link", peer.name, "KiB", said.get("resident", []))

    return Job(name, run, rounds)


def micro(folder, rounds):
    command = [str(folder / "bench_micro"), "--benchmark_format=json", "--benchmark_min_time=0.02"]

    def run(results, deadline):
        if not (folder / "bench_micro").exists():
            return results.lack("the small parts: Google Benchmark is not installed (libbenchmark-dev)")
        try:
            out, _, _ = call(command, deadline)
        except subprocess.TimeoutExpired:
            return results.lack(f"the small parts: {LATE}")
        for each in json.loads(out)["benchmarks"]:
            results.add("small parts, CPU of one", each["name"], "ns", [1e9 / each["items_per_second"]])

    return Job("small parts", run, rounds)


def compile_cost(rounds):
    name = "compile cost"
    return Job(name, run_program([str(HERE / "compile_cost.sh"), "--json"], name), rounds)
