# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Plots as SVG, with colours of the page that they are in (see STYLE in report.py)."""

import html
import itertools
import math
import statistics

COLOURS = {
    "floor": "floor",
    "beast": "beast",
    "beast tuned": "beast",
    "tautline": "ours",
    "tautline session": "session",
    "libwebsockets": "c1",
    "websocketpp": "c2",
    "npm ws": "c3",
    "npm ws, corked": "c3",
    "reconnecting-websocket": "c4",
    "Python websockets": "c5",
    "defaults": "ours",
    "budget": "session",
    "drain": "beast",
    "none": "bad",
}
OTHERS = ("c1", "c2", "c3", "c4", "c5", "c6")


def colours(names):
    """A colour for each, as a name of the page's style."""
    free = itertools.cycle(OTHERS)
    known = lambda name: COLOURS.get(name) or ("ours" if name.startswith("tautline") else None)
    return {name: known(name) or next(free) for name in names}


def spread(values):
    ordered = sorted(values)
    at = lambda q: ordered[min(len(ordered) - 1, int(q * (len(ordered) - 1) + 0.5))]
    return at(0.05), statistics.median(ordered), at(0.95)


def number(x):
    return f"{x:.3g}" if abs(x) < 1000 else f"{x:,.0f}"


def svg(width, height, inside):
    return f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">{inside}</svg>'


def text(x, y, words, anchor="start", css=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{css}">{html.escape(words)}</text>'


def bars(clients, unit):
    """A bar to the median for each client, with the spread from the 5th to the 95th percentile."""
    left, width, step = 16 + 7 * max(len(who) for who in clients), 400, 24
    spreads = {who: spread(values) for who, values in clients.items()}
    most = max(high for _, _, high in spreads.values()) or 1
    fills = colours(clients)
    parts = []
    for i, (who, (low, middle, high)) in enumerate(spreads.items()):
        y = i * step + 4
        x = lambda v: left + width * v / most
        parts.append(text(left - 8, y + 12, who, "end"))
        parts.append(f'<rect x="{left}" y="{y}" width="{max(1, x(middle) - left):.1f}" height="16" class="f {fills[who]}"/>')
        if high > low:
            parts.append(f'<path d="M{x(low):.1f} {y + 8}H{x(high):.1f}M{x(low):.1f} {y + 4}v8M{x(high):.1f} {y + 4}v8" class="s"/>')
        parts.append(text(x(high) + 8, y + 12, f"{number(middle)} {unit}"))
    return svg(left + width + 120, len(spreads) * step + 8, "".join(parts))


def stacked(parts_of_it, unit):
    """One bar of the means of its parts, in their order."""
    left, width = 8, 720
    means = {name: max(0.0, statistics.fmean(values)) for name, values in parts_of_it.items()}
    total = sum(means.values()) or 1
    fills = dict(zip(means, ("ours", "session", "beast", *OTHERS)))
    out, x = [], left
    for i, (name, mean) in enumerate(means.items()):
        w = width * mean / total
        out.append(f'<rect x="{x:.1f}" y="4" width="{max(0.5, w):.1f}" height="24" class="f {fills[name]}"/>')
        column, row = i % 4, i // 4
        lx, ly = left + column * 180, 50 + row * 20
        out.append(f'<rect x="{lx}" y="{ly - 10}" width="10" height="10" class="f {fills[name]}"/>')
        out.append(text(lx + 16, ly, f"{name} {number(mean)} {unit}"))
        x += w
    return svg(left + width + 12, 60 + 20 * ((len(means) + 3) // 4), "".join(out))


def round_steps(least, most):
    """1, 2 and 5 of each power of ten, from below `least` to above `most`."""
    first, last = math.floor(math.log10(least)), math.ceil(math.log10(most))
    steps = [m * 10.0**e for e in range(first, last + 1) for m in (1, 2, 5)]
    low = max(v for v in steps if v <= least * 1.0001)
    high = min(v for v in steps if v >= most * 0.9999)
    return [v for v in steps if low <= v <= high]


def ticks(least, most, log):
    """Of an axis: from zero if it is linear."""
    if log:
        marks = round_steps(least, most)
        tens = [v for v in marks if math.isclose(math.log10(v), round(math.log10(v)), abs_tol=1e-9)]
        return marks if len(marks) <= 7 or len(tens) < 2 else [marks[0], *(v for v in tens if marks[0] < v < marks[-1]), marks[-1]]
    step = round_steps(most / 5, most / 5)[-1]
    return [step * i for i in range(math.ceil(most / step - 1e-9) + 1)]


def plot(lines, x_label, y_label, x_ticks=None, x_log=False, y_log=False):
    """Lines of (name, points) in one frame. `x_ticks`: pairs of a place and a word."""
    left, top, width, height = 64, 28, 520, 220
    lines = [(name, points) for name, points in lines if points]
    xs = [x for _, points in lines for x, _ in points]
    ys = [y for _, points in lines for _, y in points]
    y_marks = ticks(min(y for y in ys if y > 0), max(ys), True) if y_log else ticks(0, max(ys) or 1, False)
    x_marks = x_ticks or [(x, number(x)) for x in ticks(min(xs), max(xs), x_log)]

    def scale(marks, log):
        f = (lambda v: math.log10(max(v, marks[0]))) if log else (lambda v: v)
        low, high = f(marks[0]), f(marks[-1])
        return lambda v: (f(v) - low) / ((high - low) or 1)

    across, up = scale([x for x, _ in x_marks], x_log), scale(y_marks, y_log)
    px = lambda v: left + width * across(v)
    py = lambda v: top + height * (1 - up(v))
    parts = []
    for y in y_marks:
        parts.append(f'<path d="M{left} {py(y):.1f}h{width}" class="grid"/>' + text(left - 6, py(y) + 4, number(y), "end"))
    for x, word in x_marks:
        parts.append(text(px(x), top + height + 16, word, "middle"))
    strokes = colours([name for name, _ in lines])
    for i, (name, points) in enumerate(lines):
        path = " ".join(f"{px(x):.1f},{py(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" class="l {strokes[name]}"/>')
        if len(lines) > 1:
            y = top + 10 + 18 * i
            parts.append(f'<path d="M{left + width + 14} {y - 4}h16" class="l {strokes[name]}"/>' + text(left + width + 36, y, name))
    parts.append(f'<path d="M{left} {top}v{height}h{width}" class="s"/>')
    parts.append(text(left + width / 2, top + height + 36, x_label, "middle"))
    parts.append(text(8, 14, y_label))
    return svg(left + width + 210, max(top + height + 46, top + 18 * len(lines)), "".join(parts))


def percentiles(clients, unit):
    """As HdrHistogram plots them: the value below which a share of the samples lies, drawn out towards the last."""
    nines = (0.0, 0.5, 0.9, 0.99, 0.999)
    most = max(len(values) for values in clients.values())
    shown = [q for q in nines if q <= 1 - 2 / most]
    place = lambda q: -math.log10(1 - q)
    last = shown[-1]
    lines = []
    for who, values in clients.items():
        ordered = sorted(values)
        qs = [1 - 10 ** -(i * place(last) / 100) for i in range(101)]
        lines.append((who, [(place(q), ordered[min(len(ordered) - 1, int(q * len(ordered)))]) for q in qs]))
    marks = [(place(q), "least" if q == 0 else f"{100 * q:g} %") for q in shown]
    return plot(lines, "share of the samples that took at most so long", unit, marks, y_log=True)
