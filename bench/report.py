# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""What bench/run.py measured, as a table for the terminal and as one page with plots."""

import html
import statistics

import goals
import plots
from plots import number, spread

ABOUT_GOALS = """All figures are of this run. The best peer is the best client that is neither the floor nor tautline;
the ratio is to what the goal names, or else to the floor, or else to the best peer."""

# The sections of the page, and how the names of their measures begin.
SECTIONS = [
    ("Reconnect", ("reconnect", "defaults", "closed")),
    ("Sending", ("send", "both ends")),
    ("Receiving", ("receive",)),
    ("Round trip", ("round_trip",)),
    ("Offline, and resets", ("offline", "reset")),
    ("Many links", ("connect", "heap", "resident")),
    ("Growth", ("growth",)),
    ("Storm", ("storm",)),
    ("Small parts", ("small",)),
    ("Compiling", ("compile",)),
]


def is_series(measure):
    return measure.startswith("storm, ")


def is_phases(measure):
    return measure.endswith(", phases")


def is_growth(measure):
    return measure.startswith("growth, ")


def has_distribution(clients):
    return any(len(values) >= 100 for values in clients.values())


def rows(data):
    for measure, clients in data["values"].items():
        if is_series(measure):
            continue
        for who, values in clients.items():
            yield measure, who, spread(values), data["units"][measure]


def goal_lines(data):
    all_of_them = [goals.COLUMNS, *map(goals.cells, data["goals"])]
    widths = [max(map(len, column)) for column in zip(*all_of_them)]
    return ["  ".join(word.ljust(width) for word, width in zip(line, widths)).rstrip() for line in all_of_them]


def table(data):
    lines, last = [], None
    for measure, who, (low, middle, high), unit in rows(data):
        shown = measure if measure != last else ""
        last = measure
        lines.append(f"{shown:<42} {who:<38} {number(middle):>9} {unit:<11} {number(low):>8} to {number(high)}")
    lines += ["", *goal_lines(data), ""]
    lines += [f"not measured, or to be noted: {what}" for what in data["missing"]]
    return "\n".join(lines)


# The columns of the page docs/benchmarks.md.
CLIENTS = ["floor", "beast", "beast tuned", "tautline", "tautline session", "libwebsockets", "websocketpp", "npm ws"]
CLIENTS += ["npm ws, corked", "reconnecting-websocket", "Python websockets"]


def markdown_line(cells):
    return "| " + " | ".join(cells) + " |"


def markdown(data):
    """To be put into docs/benchmarks.md: the goals, the medians of several clients side by side, and the rest."""
    lines = [markdown_line(goals.COLUMNS), markdown_line(["---"] * len(goals.COLUMNS))]
    lines += [markdown_line(goals.cells(one)) for one in data["goals"]]
    lines += ["", markdown_line(["measure", "unit", *CLIENTS]), markdown_line(["---"] * (len(CLIENTS) + 2))]
    for measure, clients in data["values"].items():
        if len([c for c in CLIENTS if c in clients]) < 2:
            continue
        cells = [number(statistics.median(clients[c])) if c in clients else "" for c in CLIENTS]
        lines.append(markdown_line([measure, data["units"][measure], *cells]))
    lines += ["", "| measure | of | median |", "| --- | --- | --- |"]
    for measure, who, (_, middle, _), unit in rows(data):
        alone = len([c for c in CLIENTS if c in data["values"][measure]]) < 2
        if who not in CLIENTS or alone:
            lines.append(f"| {measure} | {who} | {number(middle)} {unit} |")
    return "\n".join(lines) + "\n"


def storm(data, what, label):
    values = data["values"]
    lines = []
    for who, seconds in values["storm, time"].items():
        series = values[f"storm, {what}"][who]
        if what == "attempts":
            series = [(b - a) / max(1e-3, t - s) for a, b, s, t in zip([0, *series], series, [0, *seconds], seconds)]
        lines.append((who, list(zip(seconds, series))))
    x_label = "seconds after the server ended or was asked to drain (killed ones are back after one)"
    return plots.plot(lines, x_label, label, y_log=what == "attempts")


def growth(clients, measure, unit):
    points = sorted((float(who), statistics.median(values)) for who, values in clients.items())
    what = measure.rsplit("by ", 1)[1]
    return plots.plot([("tautline", points)], what, unit, x_log=True, y_log=True)


def picture(measure, clients, unit):
    if is_phases(measure):
        return plots.stacked(clients, unit)
    if is_growth(measure):
        return growth(clients, measure, unit)
    drawn = plots.bars(clients, unit)
    return drawn + plots.percentiles(clients, unit) if has_distribution(clients) else drawn


STYLE = """:root{color-scheme:light dark;--ink:#1f2328;--dim:#57606a;--line:#d0d7de;--back:#fff;--floor:#8c959f;--beast:#b7791f;
--ours:#1f6feb;--session:#0b8f5a;--bad:#cf222e;--c1:#8250df;--c2:#bf3989;--c3:#0a7ea4;--c4:#6b7a0f;--c5:#c4532d;--c6:#5b6c8f}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9198a1;--line:#3d444d;--back:#0d1117;--floor:#7d8590;--beast:#d9a441;
--ours:#4493f8;--session:#3fb950;--bad:#f85149;--c1:#ab7df8;--c2:#f778ba;--c3:#39c5cf;--c4:#a3be4c;--c5:#f0883e;--c6:#8ea3c9}}
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:var(--ink);background:var(--back)}
svg{max-width:100%;height:auto;display:block;margin:.3rem 0}text{font:12px system-ui,sans-serif;fill:var(--ink)}
.s{stroke:var(--dim);fill:none}.grid{stroke:var(--line);fill:none;stroke-dasharray:2 3}.l{fill:none;stroke-width:2}
.about{color:var(--dim)}table{border-collapse:collapse;display:block;overflow-x:auto}
td,th{padding:.2rem .7rem;border-bottom:1px solid var(--line);text-align:left}.met{color:var(--session)}.missed{color:var(--bad)}
h2{margin:2.5rem 0 .3rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:1.4rem 0 .2rem}
nav a{margin-right:1rem;color:var(--ours)}""" + "".join(
    f".f.{c}{{fill:var(--{c})}}.l.{c}{{stroke:var(--{c})}}"
    for c in ("floor", "beast", "ours", "session", "bad", "c1", "c2", "c3", "c4", "c5", "c6")
)


def goals_table(data):
    line = lambda tag, words: "".join(f"<{tag}>{html.escape(word)}</{tag}>" for word in words)
    out = [f"<table><tr>{line('th', goals.COLUMNS)}</tr>"]
    for one in data["goals"]:
        *words, result = goals.cells(one)
        css = {"reached": "met", "missed": "missed"}.get(result, "about")
        out.append(f"<tr>{line('td', words)}<td class='{css}'>{html.escape(result)}</td></tr>")
    return "".join([*out, "</table>"])


def section(data, title, starts):
    out = []
    for measure, clients in data["values"].items():
        if measure.startswith(starts) and not is_series(measure):
            out.append(f"<h3>{html.escape(measure)}</h3>{picture(measure, clients, data['units'][measure])}")
    if title == "Storm" and "storm, time" in data["values"]:
        out.append(f"<h3>attempts per second</h3>{storm(data, 'attempts', 'attempts per second, all links together')}")
        out.append(f"<h3>links that are back</h3>{storm(data, 'back', 'links')}")
    return "".join(out)


def page(data):
    about = data["about"]
    out = ["<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"]
    out.append(f"<title>tautline: benchmarks</title><style>{STYLE}</style><h1>tautline: benchmarks</h1>")
    out.append("<p class='about'>" + "<br>".join(f"{html.escape(k)}: {html.escape(str(v))}" for k, v in about.items()) + "</p>")
    drawn = [(title, section(data, title, starts)) for title, starts in SECTIONS]
    drawn = [(title, inside) for title, inside in drawn if inside]
    anchor = lambda title: title.lower().replace(" ", "-").replace(",", "")
    out.append("<nav>" + "".join(f"<a href='#{anchor(t)}'>{html.escape(t)}</a>" for t, _ in drawn) + "</nav>")
    out.append("<p>Bars end at the median; the thin line spans the 5th to the 95th percentile of the run.</p>")
    out.append(f"<h2>Goals</h2>{goals_table(data)}<p class='about'>{html.escape(ABOUT_GOALS)}</p>")
    if data["missing"]:
        items = "".join(f"<li>{html.escape(m)}</li>" for m in data["missing"])
        out.append(f"<h2>Not measured, or to be noted</h2><ul>{items}</ul>")
    out += [f"<h2 id='{anchor(title)}'>{html.escape(title)}</h2>{inside}" for title, inside in drawn]
    return "".join(out)
