# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Runs all benchmarks in turns, with floors and peers in the same run, and reports them.

    python3 bench/run.py [--quick] [--only TEXT] [--seconds N] [--bin build/release/bin] [--out build/bench]

Writes results.json and report.html to the output folder and a table to the terminal. A peer that is
not there is named in all three, and so is what there was no time for. The programs are ended when the
time is up, so that a run with --quick takes no longer than two minutes, and a whole one fifteen.
"""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

import clients
import goals
import jobs
import report
from running import Deadline


class Results:
    """Values by measure and client, in the order in which they first came."""

    def __init__(self):
        self.values = {}
        self.units = {}
        self.missing = []

    def add(self, measure, who, unit, values):
        if values:
            self.units[measure] = unit
            self.values.setdefault(measure, {}).setdefault(who, []).extend(values)

    def lack(self, what):
        if what not in self.missing:
            self.missing.append(what)


def progress(done, all_of_them, started, name):
    width = 30
    full = int(width * done / all_of_them)
    text = f"[{'#' * full}{'.' * (width - full)}] {done}/{all_of_them} {time.monotonic() - started:4.0f} s  {name}"
    last = name in ("done", "the time was up")
    if sys.stderr.isatty():
        print(f"\r{text[:110]:<110}", end="\n" if last else "", file=sys.stderr, flush=True)
    elif done % 10 == 0 or last:
        print(text, file=sys.stderr, flush=True)


def measure_all(results, plan, seconds):
    """In the order of the plan, until the time is up."""
    deadline, begun = Deadline(seconds), time.monotonic()
    for done, job in enumerate(plan):
        if deadline.left() < 1:
            started = {j.name for j in plan[:done]}
            late = dict.fromkeys(j.name for j in plan[done:] if j.name not in started)
            if late:
                results.lack("no time was left for " + "; ".join(late))
            progress(done, len(plan), begun, "the time was up")
            return f"{time.monotonic() - begun:.0f} s, {done} of {len(plan)} jobs: the time was up"
        progress(done, len(plan), begun, job.name)
        job.run(results, deadline)
    progress(len(plan), len(plan), begun, "done")
    return f"{time.monotonic() - begun:.0f} s, {len(plan)} jobs"


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        for line in info:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def build(folder):
    """What the programs say that they were built with."""
    try:
        said = subprocess.run([folder / "bench_build"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return {"compiler": "unknown", "Boost": "unknown"}
    return dict(line.split(": ", 1) for line in said.splitlines())


def machine(folder):
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", platform.system()),
        "kernel": f"{platform.system()} {platform.release()}",
        **build(folder),
        "date": time.strftime("%Y-%m-%d %H:%M"),
    }


def load():
    return f"{os.getloadavg()[0]:.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller counts and one round: within 2 minutes")
    parser.add_argument("--only", default="", help="only the jobs whose names hold this text")
    parser.add_argument("--seconds", type=int, help="end what still runs after so long; 110 if quick, else 870")
    parser.add_argument("--bin", default="build/release/bin", type=pathlib.Path)
    parser.add_argument("--out", default="build/bench", type=pathlib.Path)
    options = parser.parse_args()
    results = Results()
    plan = [job for job in jobs.plan(results, options.bin, options.quick) if options.only in job.name]
    if not plan:
        parser.error(f"no job has {options.only!r} in its name")
    about = machine(options.bin)
    load_before = load()
    about["peers"] = clients.versions()
    about["time"] = measure_all(results, plan, options.seconds or (110 if options.quick else 870))
    about["load"] = f"{load_before} before, {load()} after (1.0 is one busy core; the run itself makes about one)"
    options.out.mkdir(parents=True, exist_ok=True)
    data = {"about": about, "missing": results.missing, "units": results.units, "values": results.values}
    data["goals"] = goals.rows(data)
    (options.out / "results.json").write_text(json.dumps(data), encoding="utf-8")
    (options.out / "report.html").write_text(report.page(data), encoding="utf-8")
    (options.out / "table.md").write_text(report.markdown(data), encoding="utf-8")
    print(report.table(data))
    print(f"{options.out}/report.html, {options.out}/results.json")


if __name__ == "__main__":
    main()
