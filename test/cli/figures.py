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


def rows():
    return os.path.join(folder(), "faults")


def write(path, text):
    """At once or not at all."""
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write(text)
    os.replace(path + ".new", path)


def milliseconds(value):
    return "-" if value is None else "{:,} ms".format(value)


def whole(value):
    """In milliseconds; two clocks' rounding may tell of a time below none."""
    return None if value is None else max(0, round(value))


def markdown(all_rows):
    lines = []
    for row in all_rows:
        cells = [row["scenario"], row["mode"], "{:,}".format(row["sent"]), milliseconds(row["detect_ms"]),
                 milliseconds(row["allowed_ms"]), milliseconds(row["recover_ms"])]
        cells += [str(row[name]) for name in ("lost", "repeated", "out_of_order")]
        lines.append("| %s |\n" % " | ".join(cells))
    return HEAD + "".join(lines)


def tally(numbers, sent):
    """How many of 1..sent are lost, repeated, and came first behind a higher one."""
    seen, highest, repeated, out_of_order = set(), 0, 0, 0
    for n in numbers:
        if n in seen:
            repeated += 1
            continue
        out_of_order += n < highest
        highest = max(highest, n)
        seen.add(n)
    return {"lost": sent - len(seen), "repeated": repeated, "out_of_order": out_of_order}


def record(group, scenario, mode, *, sent, lost, repeated, out_of_order, detect_ms=None, allowed_ms=None,
           recover_ms=None):
    row = {"group": group, "scenario": scenario, "mode": mode, "sent": sent,
           "detect_ms": whole(detect_ms), "allowed_ms": whole(allowed_ms), "recover_ms": whole(recover_ms),
           "lost": lost, "repeated": repeated, "out_of_order": out_of_order}
    name = re.sub(r"[^a-z0-9]+", "-", " ".join((group, scenario, mode)).lower())
    os.makedirs(rows(), exist_ok=True)
    write(os.path.join(rows(), name + ".json"), json.dumps(row))
    publish()


def outages(events):
    """The times without a connection, from each first "down" to the next "up", in these lines of --status json."""
    times, since = [], None
    for event in map(json.loads, events):
        if event["event"] == "down" and since is None:
            since = event["ts"]
        elif event["event"] == "up" and since is not None:
            times.append(event["ts"] - since)
            since = None
    return times


def detections(faults, events):
    """From each of these moments, if there was a connection, to the next "down", in these lines of --status json."""
    told = [event for event in map(json.loads, events) if event["event"] in ("up", "down")]
    times = []
    for moment in faults:
        before = [event["event"] for event in told if event["ts"] < int(moment)]
        after = [event["ts"] for event in told if event["ts"] >= int(moment) and event["event"] == "down"]
        if before[-1:] == ["up"] and after:
            times.append(after[0] - moment)
    return times


def publish():
    with open(os.path.join(rows(), "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        all_rows = []
        for name in sorted(os.listdir(rows())):
            if name.endswith(".json"):
                with open(os.path.join(rows(), name), encoding="utf-8") as f:
                    all_rows.append(json.load(f))
        write(os.path.join(folder(), "faults.json"), json.dumps(all_rows, indent=1) + "\n")
        write(os.path.join(folder(), "faults.md"), markdown(all_rows))
