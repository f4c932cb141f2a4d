#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Draws loops.svg: the five loops of a link, what they share, and who is at either end.

Usage: loops.py
"""
import pathlib

INK, PALE, LOOP, STORE, STRAND = "#1f2328", "#59636e", "#ddf4ff", "#fff8c5", "#f6f8fa"

LOOPS = {  # name: (x, y, what it does)
    "backoff": (290, 70, "when may the next start?"),
    "connect": (580, 70, "one attempt, one connection"),
    "flush": (580, 190, "batches, then a barrier"),
    "heartbeat": (580, 280, "silence? ask, or give up"),
    "receive": (580, 370, "reads while there is room"),
}
STORES = {"events": (310, 153), "outbox": (310, 203), "inbox": (310, 383)}
BOX = (200, 56)
STORE_BOX = (120, 32)


def text(x, y, words, size=13, colour=INK, weight="normal", anchor="middle"):
    return (f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" font-weight="{weight}" '
            f'text-anchor="{anchor}">{words}</text>')


def arrow(points, label=None, at=None, anchor="middle", dashed=False):
    path = "M" + " L".join(f"{x} {y}" for x, y in points)
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    out = [f'<path d="{path}" fill="none" stroke="{PALE}" stroke-width="1.4" marker-end="url(#tip)"{dash}/>']
    if label:
        out.append(text(*at, label, 11, PALE, anchor=anchor))
    return "\n".join(out)


def box(x, y, size, fill, name, words=None):
    w, h = size
    out = [f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="6" fill="{fill}" stroke="{INK}"/>']
    if words:
        out += [text(x + w / 2, y + 23, name, 14, weight="bold"), text(x + w / 2, y + 42, words, 11, PALE)]
    else:
        out.append(text(x + w / 2, y + h / 2 + 5, name))
    return "\n".join(out)


def main():
    w, h = 1060, 470
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img" '
           'aria-label="The five loops of a link" font-family="system-ui,Helvetica,Arial,sans-serif">',
           f'<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
           f'orient="auto-start-reverse"><path d="M0 0 L8 4 L0 8 z" fill="{PALE}"/></marker></defs>',
           f'<rect width="{w}" height="{h}" fill="#ffffff"/>',
           f'<rect x="265" y="22" width="545" height="428" rx="10" fill="{STRAND}" stroke="{PALE}" '
           'stroke-dasharray="6 4"/>',
           text(537, 46, "one strand for each link", 12, PALE)]
    out += [box(x, y, BOX, LOOP, f"{name} loop", words) for name, (x, y, words) in LOOPS.items()]
    out += [box(x, y, STORE_BOX, STORE, name) for name, (x, y) in STORES.items()]
    out += [box(20, 130, (110, 290), "#ffffff", "application"), box(940, 180, (100, 240), "#ffffff", "peer")]
    out += [
        arrow([(490, 84), (580, 84)], "gate", (535, 78)),
        arrow([(580, 108), (490, 108)], "down, why", (535, 102)),
        arrow([(640, 126), (640, 190)], "up, number n", (632, 162), "end"),
        # What ended, from the three loops on the right side back to the owner of the connection.
        arrow([(780, 206), (796, 206), (796, 98), (780, 98)], "ended, and why", (788, 152), "end", dashed=True),
        arrow([(780, 296), (796, 296), (796, 208)], dashed=True),
        arrow([(780, 386), (796, 386), (796, 298)], dashed=True),
        arrow([(590, 126), (430, 165)]),
        arrow([(430, 219), (580, 219)]),
        arrow([(580, 399), (430, 399)]),
        arrow([(310, 169), (130, 169)], "async_next_event", (196, 162)),
        arrow([(130, 219), (310, 219)], "async_send", (196, 212)),
        arrow([(310, 399), (130, 399)], "async_receive", (196, 392)),
        arrow([(780, 230), (940, 230)], "messages, barriers", (876, 223)),
        arrow([(780, 320), (940, 320)], "pings", (876, 313)),
        arrow([(940, 410), (780, 410)], "messages, pongs", (876, 403)),
        arrow([(580, 380), (370, 300), (370, 235)], "pong: confirmed", (384, 286), "start", dashed=True),
    ]
    (pathlib.Path(__file__).parent / "loops.svg").write_text("\n".join(out + ["</svg>", ""]))


if __name__ == "__main__":
    main()
