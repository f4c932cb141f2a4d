# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""What the scenarios measured, as <build>/reports/faults.json and faults.md.

Each test puts down its own row, from whatever process; the two files are made anew from all rows each time, so that
they hold what there is also when a run ends early. Times are in milliseconds. `None`: not measured, or it has no
meaning in this scenario.
"""
import fcntl
import json
import os
import re

import harness

HEAD = """| scenario | mode | sent | noticed after | at most | back after | lost | repeated | out of order |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
"""


def folder():
    return os.path.join(os.path.dirname(os.path.dirname(harness.program)), "reports")


def write(path, text):
    """At once or not at all."""
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write(text)
    os.replace(path + ".new", path)


def milliseconds(value):
    return "-" if value is None else "{:,.0f} ms".format(value)


def markdown(rows):
    lines = []
    for row in rows:
        cells = [row["scenario"], row["mode"], "{:,}".format(row["sent"]), milliseconds(row["detect_ms"]),
                 milliseconds(row["allowed_ms"]), milliseconds(row["recover_ms"])]
        cells += [str(row[name]) for name in ("lost", "repeated", "out_of_order")]
        lines.append("| %s |\n" % " | ".join(cells))
    return HEAD + "".join(lines)


def record(scenario, mode, *, sent, lost, repeated, out_of_order=0, detect_ms=None, allowed_ms=None, recover_ms=None,
           group="paths"):
    rows = os.path.join(folder(), "faults")
    os.makedirs(rows, exist_ok=True)
    row = {"group": group, "scenario": scenario, "mode": mode, "sent": sent, "detect_ms": detect_ms,
           "allowed_ms": allowed_ms, "recover_ms": recover_ms, "lost": lost, "repeated": repeated,
           "out_of_order": out_of_order}
    name = re.sub(r"[^a-z0-9]+", "-", ("%s %s %s" % (group, scenario, mode)).lower())
    write(os.path.join(rows, name + ".json"), json.dumps(row))
    publish()


def publish():
    rows = os.path.join(folder(), "faults")
    with open(os.path.join(rows, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        all_rows = []
        for name in sorted(os.listdir(rows)):
            if name.endswith(".json"):
                with open(os.path.join(rows, name), encoding="utf-8") as f:
                    all_rows.append(json.load(f))
        write(os.path.join(folder(), "faults.json"), json.dumps(all_rows, indent=1) + "\n")
        write(os.path.join(folder(), "faults.md"), markdown(all_rows))
