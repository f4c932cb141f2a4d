# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""What bench/run.py measured, as a table for the terminal and as one page with plots."""

import html
import statistics

COLOURS = {
    "floor": "#9aa5b1",
    "beast": "#c98b2b",
    "tautline": "#1f6feb",
    "tautline session": "#0b8f5a",
    "defaults": "#1f6feb",
    "budget": "#0b8f5a",
    "none": "#cf222e",
}
OTHER = "#8250df"

# measure, client, what it is compared with (a client of the same run, or None: the figure itself), bound, its sense
GOALS = [
    ("reconnect", "tautline", "beast", 1.05, "at most"),
    ("reconnect", "tautline session", "tautline", 1.1, "at most"),
    ("send 64 B", "tautline", None, 12, "at least"),
    ("send 1024 B", "tautline", None, 2.5, "at least"),
    ("send 16384 B", "tautline", None, 0.22, "at least"),
    ("send 64 B, CPU", "tautline", None, 0.1, "at most"),
    ("both ends tautline 64 B", "tautline session", "tautline", 0.7, "at least"),
    ("both ends tautline 64 B", "tautline session", None, 10, "at least"),
    ("receive 64 B", "tautline", None, 12, "at least"),
    ("receive 1024 B", "tautline", None, 2.8, "at least"),
    ("round_trip 64 B", "tautline", "beast", 1.0, "at most"),
    ("heap of an idle link", "tautline session", None, 8, "at most"),
    ("connect 1000 links", "tautline session", "beast", 1.0, "at most"),
    ("offline flush", "tautline", None, 15, "at most"),
    ("offline flush, lost", "tautline", None, 0, "at most"),
    ("reset in the middle, lost", "tautline", None, 0, "at most"),
]
DISTRIBUTIONS = ("reconnect", "round_trip 64 B")


def spread(values):
    ordered = sorted(values)
    at = lambda q: ordered[min(len(ordered) - 1, int(q * (len(ordered) - 1) + 0.5))]
    return at(0.05), statistics.median(ordered), at(0.95)


def number(x):
    return f"{x:.3g}" if abs(x) < 1000 else f"{x:,.0f}"


def is_series(measure):
    return measure.startswith("storm, ")


def goals_of(data, measure, who):
    for name, client, other, bound, sense in GOALS:
        if (name, client) != (measure, who):
            continue
        clients = data["values"][measure]
        figure = statistics.median(clients[who])
        if other and other not in clients:
            continue
        reached = figure / statistics.median(clients[other]) if other else figure
        met = reached <= bound if sense == "at most" else reached >= bound
        against = f" x {other}" if other else ""
        yield f"{number(reached)}{against} (goal {sense} {bound}): {'reached' if met else 'missed'}", met


def rows(data):
    for measure, clients in data["values"].items():
        if is_series(measure):
            continue
        for who, values in clients.items():
            yield measure, who, spread(values), data["units"][measure], list(goals_of(data, measure, who))


def table(data):
    lines = []
    for measure, who, (low, middle, high), unit, goals in rows(data):
        text = "; ".join(words for words, _ in goals)
        lines.append(f"{measure:<34} {who:<18} {number(middle):>9} {unit:<8} {number(low):>8} to {number(high):<8} {text}")
    lines += [f"not measured: {what}" for what in data["missing"]]
    return "\n".join(lines)


def svg(width, height, inside):
    return f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">{inside}</svg>'


def text(x, y, words, anchor="start", extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{html.escape(words)}</text>'


def bars(clients, unit):
    """A bar to the median for each client, with the spread from the 5th to the 95th percentile."""
    left, width, step = 150, 480, 26
    spreads = {who: spread(values) for who, values in clients.items()}
    most = max(high for _, _, high in spreads.values()) or 1
    parts = []
    for i, (who, (low, middle, high)) in enumerate(spreads.items()):
        y = i * step + 6
        x = lambda v: left + width * v / most
        colour = COLOURS.get(who, OTHER)
        parts.append(text(left - 8, y + 12, who, "end"))
        parts.append(f'<rect x="{left}" y="{y}" width="{max(1, x(middle) - left):.1f}" height="16" fill="{colour}"/>')
        parts.append(f'<path d="M{x(low):.1f} {y + 8}H{x(high):.1f}M{x(low):.1f} {y + 4}v8M{x(high):.1f} {y + 4}v8" class="s"/>')
        parts.append(text(x(high) + 8, y + 12, f"{number(middle)} {unit}"))
    return svg(left + width + 130, len(spreads) * step + 10, "".join(parts))


def plot(lines, x_label, y_label):
    """Lines of (name, colour, points) in one frame."""
    left, top, width, height = 60, 26, 560, 220
    xs = [p[0] for _, _, points in lines for p in points]
    ys = [p[1] for _, _, points in lines for p in points]
    most_x, most_y = max(xs) or 1, max(ys) or 1
    least_x = min(xs)
    span = (most_x - least_x) or 1
    parts = [f'<path d="M{left} {top}V{top + height}H{left + width}" class="s"/>']
    for i in range(5):
        x, y = left + width * i / 4, top + height - height * i / 4
        parts.append(text(x, top + height + 16, number(least_x + span * i / 4), "middle"))
        parts.append(text(left - 6, y + 4, number(most_y * i / 4), "end"))
    for i, (name, colour, points) in enumerate(lines):
        path = " ".join(f"{left + width * (x - least_x) / span:.1f},{top + height - height * y / most_y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(text(left + width + 10, top + 14 + 18 * i, name, extra=f'style="fill:{colour}"'))
    parts.append(text(left + width / 2, top + height + 34, x_label, "middle"))
    parts.append(text(left - 40, 12, y_label))
    return svg(left + width + 160, top + height + 44, "".join(parts))


def distribution(clients, unit):
    """The share of the samples up to a value, without the last hundredth, which would flatten all else."""
    lines = []
    for who, values in clients.items():
        ordered = sorted(values)[: max(2, int(len(values) * 0.99))]
        thin = ordered[:: max(1, len(ordered) // 300)]
        points = [(v, 100 * (i + 1) / len(thin)) for i, v in enumerate(thin)]
        lines.append((who, COLOURS.get(who, OTHER), points))
    return plot(lines, unit, "% of the samples")


def storm(data, what, label):
    values = data["values"]
    lines = []
    for who, seconds in values["storm, time"].items():
        series = values[f"storm, {what}"][who]
        if what == "attempts":
            rates = [(b - a) / max(1e-3, t - s) for a, b, s, t in zip([0, *series], series, [0, *seconds], seconds)]
            series = rates
        lines.append((who, COLOURS.get(who, OTHER), list(zip(seconds, series))))
    return plot(lines, "seconds after the server was killed; it is back after one", label)


STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2328}
svg{max-width:100%;height:auto}text{font:12px system-ui,sans-serif;fill:#1f2328}.s{stroke:#57606a;fill:none}
table{border-collapse:collapse}td,th{padding:.2rem .7rem;border-bottom:1px solid #d0d7de;text-align:left}
.met{color:#0b8f5a}.missed{color:#cf222e}h2{font-size:1.1rem;margin:2rem 0 .3rem}"""


def page(data):
    about = data["about"]
    out = ["<!doctype html><html lang='en'><meta charset='utf-8'><title>tautline: benchmarks</title>"]
    out.append(f"<style>{STYLE}</style><h1>tautline: benchmarks</h1>")
    out.append("<p>" + "<br>".join(f"{html.escape(k)}: {html.escape(str(v))}" for k, v in about.items()) + "</p>")
    out.append("<p>Bars end at the median; the thin line spans the 5th to the 95th percentile of the run.</p>")
    out.append("<h2>Goals</h2><table><tr><th>measure</th><th>client</th><th>figure</th><th>goal</th></tr>")
    for measure, who, (_, middle, _), unit, goals in rows(data):
        for words, met in goals:
            cells = (measure, who, f"{number(middle)} {unit}")
            out.append("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in cells))
            out.append(f"<td class='{'met' if met else 'missed'}'>{html.escape(words)}</td></tr>")
    out.append("</table>")
    for measure, clients in data["values"].items():
        if is_series(measure):
            continue
        out.append(f"<h2>{html.escape(measure)}</h2>{bars(clients, data['units'][measure])}")
        if measure in DISTRIBUTIONS:
            out.append(distribution(clients, data["units"][measure]))
    if "storm, time" in data["values"]:
        out.append(f"<h2>storm: attempts per second</h2>{storm(data, 'attempts', 'attempts per second, all links together')}")
        out.append(f"<h2>storm: links that are up</h2>{storm(data, 'up', 'links')}")
    if data["missing"]:
        out.append("<h2>Not measured</h2><ul>" + "".join(f"<li>{html.escape(m)}</li>" for m in data["missing"]) + "</ul>")
    return "".join(out)
