# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Runs all benchmarks in turns, with floors and peers in the same run, and reports them.

    python3 bench/run.py [--quick] [--bin build/release/bin] [--out build/bench]

Writes results.json and report.html to the output folder and a table to the terminal. A peer that is
not there is named in all three.
"""

import argparse
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import time

import report

HERE = pathlib.Path(__file__).resolve().parent


class Results:
    """Values by measure and client, in the order in which they first came."""

    def __init__(self):
        self.values = {}
        self.units = {}
        self.missing = []

    def add(self, line):
        measure, who = line["measure"], line["who"]
        self.units[measure] = line["unit"]
        self.values.setdefault(measure, {}).setdefault(who, []).extend(line["values"])

    def lack(self, what):
        if what not in self.missing:
            self.missing.append(what)


def run_program(results, command, name):
    """Takes the lines of JSON of a program in."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        return results.lack(f"{name}: took more than 180 s")
    if done.returncode != 0:
        return results.lack(f"{name}: failed ({done.stderr.strip()[-200:]})")
    for line in done.stdout.splitlines():
        results.add(json.loads(line))


def run_peer(results, traffic, client, who, size, count):
    """A client in another language against the neutral server."""
    server = [*traffic, "--json", "--measure=send", "--who=external", f"--as={who}", f"--size={size}", f"--count={count}"]
    with subprocess.Popen(server, stdout=subprocess.PIPE, text=True) as measuring:
        port = measuring.stdout.readline().strip()
        sender = subprocess.Popen([*client, port, str(size), str(count)], stderr=subprocess.DEVNULL)
        try:
            out, _ = measuring.communicate(timeout=120)
            for line in out.splitlines():
                results.add(json.loads(line))
        except subprocess.TimeoutExpired:
            measuring.kill()
            results.lack(f"{who}: took more than 120 s")
        finally:
            sender.kill()
            sender.wait()


def python_with_websockets():
    for python in (sys.executable, "/usr/bin/python3"):
        if shutil.which(python) and not subprocess.run([python, "-c", "import websockets"], capture_output=True).returncode:
            return python
    return None


def jobs(results, folder, quick):
    """Each job is a name and a function that runs it once."""
    part = 0.2 if quick else 1.0

    def program(name, *arguments):
        command = [str(folder / f"bench_{name}"), "--json", *arguments]
        return f"{name} {' '.join(arguments)}", lambda: run_program(results, command, name)

    yield program("reconnect", f"--rounds={100 if quick else 300}")
    sends = {
        "floor": {64: 20_000_000, 1024: 4_000_000, 16384: 300_000},
        "beast": {64: 200_000, 1024: 150_000, 16384: 50_000},
        "tautline": {64: 5_000_000, 1024: 1_500_000, 16384: 150_000},
    }
    for size in (64, 1024, 16384):
        for who, counts in sends.items():
            yield program("traffic", "--measure=send", f"--who={who}", f"--size={size}", f"--count={int(counts[size] * part)}")
        yield program("throughput", f"--size={size}", "--rounds=1", f"--percent={int(100 * part)}")
    receives = {"floor": {64: 20_000_000, 1024: 3_000_000}, "beast": {64: 2_000_000, 1024: 800_000}}
    receives["tautline"] = {64: 10_000_000, 1024: 2_000_000}
    for size in (64, 1024):
        for who, counts in receives.items():
            count = int(counts[size] * part)
            yield program("traffic", "--measure=receive", f"--who={who}", f"--size={size}", f"--count={count}")
    for who in ("floor", "beast", "tautline"):
        yield program("traffic", "--measure=round_trip", f"--who={who}", "--size=64", f"--count={4000 if quick else 20000}")
    yield program("memory", "--links=1000")
    yield program("losses", "--measure=flush")
    for who in ("tautline", "beast"):
        yield program("losses", "--measure=reset", f"--who={who}", f"--count={int(400_000 * part)}")
    yield from peers(results, folder, part)


def peers(results, folder, part):
    traffic = [str(folder / "bench_traffic")]
    clients = []
    if shutil.which("node") and pathlib.Path("build/peers/node_modules/ws").exists():
        clients.append(("npm ws", ["node", str(HERE / "peers/send.mjs")], 400_000))
    else:
        results.lack("npm ws: not installed (build/peers)")
    python = python_with_websockets()
    if python:
        clients.append(("Python websockets", [python, str(HERE / "peers/send.py")], 100_000))
    else:
        results.lack("Python websockets: not installed")
    for name in ("libwebsockets", "websocketpp", "reconnecting-websocket"):
        results.lack(f"{name}: no driver for it here")
    for who, client, count in clients:
        for size, share in ((64, 1), (1024, 0.5), (16384, 0.1)):
            n = max(1000, int(count * share * part))
            yield f"{who}, {size} B", lambda c=client, w=who, s=size, m=n: run_peer(results, traffic, c, w, s, m)


def storms(results, folder, quick):
    for who in ("defaults", "budget", "none"):
        command = [str(folder / "bench_storm"), "--json", f"--who={who}", f"--links={500 if quick else 2000}"]
        yield f"storm {who}", lambda c=command, w=who: run_program(results, c, f"storm {w}")


def progress(done, all_of_them, started, name):
    width = 30
    full = int(width * done / all_of_them)
    text = f"[{'#' * full}{'.' * (width - full)}] {done}/{all_of_them} {time.monotonic() - started:4.0f} s  {name}"
    if sys.stderr.isatty():
        print(f"\r{text[:100]:<100}", end="" if done < all_of_them else "\n", file=sys.stderr, flush=True)
    elif done % 20 == 0 or done == all_of_them:
        print(text, file=sys.stderr, flush=True)


def machine():
    model = "unknown"
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", platform.system()),
        "compiler": subprocess.run(["c++", "--version"], capture_output=True, text=True, check=False).stdout.split("\n")[0],
        "date": time.strftime("%Y-%m-%d"),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller counts and fewer rounds: within 2 minutes")
    parser.add_argument("--bin", default="build/release/bin", type=pathlib.Path)
    parser.add_argument("--out", default="build/bench", type=pathlib.Path)
    options = parser.parse_args()
    results = Results()
    rounds = 1 if options.quick else 5
    plan = [job for _ in range(rounds) for job in jobs(results, options.bin, options.quick)]
    plan += list(storms(results, options.bin, options.quick))
    load_before, started = os.getloadavg()[0], time.monotonic()
    for done, (name, run) in enumerate(plan):
        progress(done, len(plan), started, name)
        run()
    progress(len(plan), len(plan), started, "done")
    about = machine()
    about["load"] = f"{load_before:.1f} before, {os.getloadavg()[0]:.1f} after"
    about["rounds"] = rounds
    options.out.mkdir(parents=True, exist_ok=True)
    data = {"about": about, "missing": results.missing, "units": results.units, "values": results.values}
    (options.out / "results.json").write_text(json.dumps(data), encoding="utf-8")
    (options.out / "report.html").write_text(report.page(data), encoding="utf-8")
    print(report.table(data))
    print(f"{options.out}/report.html, {options.out}/results.json")


if __name__ == "__main__":
    main()
