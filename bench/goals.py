# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""What tautline is to reach, and whether a run says that it does: one row for each goal, all of one run."""

import dataclasses
import statistics

from plots import number

COLUMNS = ("measure", "floor", "best peer", "tautline", "ratio", "goal", "result")
NO_PEERS = ("floor", "tautline")


@dataclasses.dataclass
class Goal:
    title: str
    measure: str
    bound: float
    client: str = "tautline"
    least: bool = False  # the figure is to be at least the bound, not at most
    against: str | None = None  # what is bounded is the ratio to this client; None: the figure itself
    by: float | None = None  # the floor beside the bound when the goal was set: what is bounded is the ratio of the two
    of: object = statistics.median  # of the values of the run


SESSION = "tautline session"
PUBLIC = "best public interface"  # of the peers
UNOFFICIAL = ("npm ws, corked",)  # reaches into what its library does not offer
IN_A_SESSION = "send 64 B in a session"
GOALS = [
    Goal("reconnect after a reset", "reconnect", 1.0, against="libwebsockets"),
    Goal("reconnect after a reset", "reconnect", 1.05, against="beast"),
    Goal("reconnect, a session that resumes", "reconnect", 1.0, SESSION, against="libwebsockets"),
    Goal("reconnect, a session that resumes", "reconnect", 1.05, SESSION, against="beast"),
    Goal("reconnect, a session that resumes", "reconnect", 1.1, SESSION, against="tautline"),
    Goal("reconnect, tautline at both ends", "reconnect, both ends tautline", 1.1, SESSION, against="tautline"),
    Goal("defaults: how long a link is down", "defaults: how long a link is down", 60),
    Goal("defaults: connections in 3 s if closed with 1013, most", "closed with 1013: connections in 3 s", 5, of=max),
    Goal("send 64 B", "send 64 B", 12, least=True, by=46),
    Goal("send 64 B", "send 64 B", 10, least=True, against=PUBLIC),
    Goal("send 1 KiB", "send 1024 B", 2.5, least=True, by=4.0),
    Goal("send 16 KiB", "send 16384 B", 0.22, least=True, by=0.30),
    Goal("send 64 B, CPU of the sender", "send 64 B, CPU", 0.1, by=0.018),
    Goal(IN_A_SESSION, "send 64 B", 10, SESSION, True, by=46),
    Goal(IN_A_SESSION, "send 64 B", 8, SESSION, True, against=PUBLIC),
    Goal("send 64 B in a session, tautline at both ends", "both ends tautline 64 B", 0.7, SESSION, True, against="tautline"),
    Goal("receive 64 B", "receive 64 B", 12, least=True, by=22),
    Goal("receive 1 KiB", "receive 1024 B", 2.8, least=True, by=2.7),
    Goal("round trip 64 B, p50", "round_trip 64 B", 1.0, against="beast"),
    Goal("round trip 64 B, p99", "round_trip 64 B, p99", 1.0, against="beast"),
    Goal("heap of an idle link", "heap of an idle link", 8, SESSION),
    Goal("1,000 links connected", "connect 1000 links", 1.0, SESSION, against="beast"),
    Goal("100,000 sent while offline, lost", "offline flush, lost", 0, of=max),
    Goal("100,000 sent while offline, flushed", "offline flush", 15, by=5),
    Goal("100,000 sent while offline in a session, lost", "offline flush, lost", 0, SESSION, of=max),
    Goal("100,000 sent while offline in a session, flushed", "offline flush", 15, SESSION, by=5),
    Goal("400,000 sent and a reset, lost", "reset in the middle, lost", 0, of=max),
    Goal("400,000 sent in a session and a reset, lost", "reset in the middle, lost", 0, SESSION, of=max),
    Goal("400,000 sent in a session and a reset, repeated", "reset in the middle, repeated", 0, SESSION, of=max),
    Goal("compile a user's file, against Asio alone", "compile a user's file", 1.3, against="floor"),
]


def best_of(clients, least, without=()):
    """The best client that is neither the floor nor ours, and its median."""
    medians = {
        who: statistics.median(values)
        for who, values in clients.items()
        if not who.startswith(NO_PEERS) and who not in without
    }
    if not medians:
        return None
    who = (max if least else min)(medians, key=medians.get)
    return {"name": who, "figure": medians[who]}


def ratio_to(ours, other, name):
    return {"to": name, "ratio": ours / other} if ours is not None and other else None


def figure_of(goal, clients, who):
    return goal.of(clients[who]) if who in clients else None


def ratio_of(goal, ours, clients):
    """To whom the goal says; where it says nothing, to the floor, or else to the best peer."""
    if goal.against and goal.against != PUBLIC:
        return ratio_to(ours, figure_of(goal, clients, goal.against), goal.against)
    best = best_of(clients, goal.least, UNOFFICIAL if goal.against else ())
    to_best = best and ratio_to(ours, best["figure"], best["name"])
    return to_best if goal.against else ratio_to(ours, figure_of(goal, clients, "floor"), "floor") or to_best


def judge(goal, ours, ratio):
    figure, bound = ours, goal.bound
    if goal.against or goal.by:
        figure = ratio and ratio["ratio"]
    if goal.by:
        bound /= goal.by
        if ratio and ratio["to"] != "floor":
            figure = None
    if figure is None:
        return "not measured"
    return "reached" if (figure >= bound if goal.least else figure <= bound) else "missed"


def row(goal, data):
    clients = data["values"].get(goal.measure, {})
    ours = figure_of(goal, clients, goal.client)
    ratio = ratio_of(goal, ours, clients)
    return {
        "measure": goal.title,
        "unit": data["units"].get(goal.measure, ""),
        "floor": figure_of(goal, clients, "floor"),
        "best peer": best_of(clients, goal.least),
        "tautline": ours,
        "ratio": ratio,
        "goal": {
            "sense": "at least" if goal.least else "at most",
            "bound": goal.bound,
            "against": goal.against,
            "floor": goal.by,
        },
        "result": judge(goal, ours, ratio),
    }


def rows(data):
    return [row(goal, data) for goal in GOALS]


def cells(one):
    """A row as words, in the order of COLUMNS."""
    unit = f" {one['unit']}" if one["unit"] else ""
    worded = lambda value: "-" if value is None else f"{number(value)}{unit}"
    best, ratio, goal = one["best peer"], one["ratio"], one["goal"]
    aim = f"{goal['bound']:g}" + (f" x {goal['against']}" if goal["against"] else unit)
    if goal["floor"]:
        aim = f"{number(goal['bound'] / goal['floor'])} x floor ({aim} by {goal['floor']:g})"
    return (
        one["measure"],
        worded(one["floor"]),
        f"{best['name']} {worded(best['figure'])}" if best else "-",
        worded(one["tautline"]),
        f"{number(ratio['ratio'])} x {ratio['to']}" if ratio else "-",
        f"{goal['sense']} {aim}",
        one["result"],
    )
