#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Draws the pictures of docs/protocol.md: the states of a session, and four conversations.

Usage: protocol.py
"""
import html
import pathlib

INK, PALE, RED = "#1f2328", "#59636e", "#cf222e"
CLIENT, SERVER, NOTE = "#ddf4ff", "#dafbe1", "#fff8c5"
HERE = pathlib.Path(__file__).parent


def text(x, y, words, size=12, colour=INK, weight="normal", anchor="middle"):
    return (f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" font-weight="{weight}" '
            f'text-anchor="{anchor}">{html.escape(words)}</text>')


def rect(x, y, w, h, fill, stroke=INK):
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="6" fill="{fill}" stroke="{stroke}"/>'


def path(points, colour=INK, dashed=False, tip=True):
    line = "M" + " L".join(f"{x} {y}" for x, y in points)
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    end = ' marker-end="url(#tip)"' if tip else ""
    return f'<path d="{line}" fill="none" stroke="{colour}" stroke-width="1.3"{dash}{end}/>'


def save(name, label, width, height, parts):
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" aria-label="{html.escape(label)}" '
            'font-family="system-ui,Helvetica,Arial,sans-serif">',
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            f'orient="auto-start-reverse"><path d="M0 0 L8 4 L0 8 z" fill="{INK}"/></marker></defs>',
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>']
    (HERE / name).write_text("\n".join(head + parts + ["</svg>", ""]))


class conversation:
    """Lifelines side by side, and what passes between them from top to bottom."""

    step = 34

    def __init__(self, columns):
        self.columns = columns  # (name, x, fill)
        self.y = 70
        self.body = []
        self.ends = {}

    def x(self, column):
        return self.columns[column][1]

    def send(self, source, goal, words, lost=False):
        a, b = self.x(source), self.x(goal)
        colour = RED if lost else INK
        if lost:
            b = a + (b - a) * 0.6
            self.body.append(text(b + (8 if b > a else -8), self.y + 5, "✕", 14, RED))
        self.body.append(path([(a, self.y), (b, self.y)], colour, tip=not lost))
        self.body.append(text((self.x(source) + self.x(goal)) / 2, self.y - 6, words, 12, colour))
        self.y += self.step

    def note(self, column, words, anchor="start"):
        x = self.x(column)
        wide = 6.1 * len(words) + 16
        left = x + 8 if anchor == "start" else x - 8 - wide
        self.body += [rect(left, self.y - 18, wide, 22, NOTE, "#d4a72c"),
                      text(left + wide / 2, self.y - 3, words, 11)]
        self.y += self.step

    def cut(self, words):
        left, right = self.x(0) - 40, self.x(len(self.columns) - 1) + 40
        self.body += [path([(left, self.y - 6), (right, self.y - 6)], RED, dashed=True, tip=False),
                      text((left + right) / 2, self.y - 11, words, 12, RED)]
        self.y += self.step

    def end(self, column):
        self.ends[column] = self.y - self.step + 12

    def save(self, name, label, width):
        parts = []
        for i, (title, x, fill) in enumerate(self.columns):
            parts.append(path([(x, 44), (x, self.ends.get(i, self.y))], PALE, dashed=True, tip=False))
            parts += [rect(x - 90, 14, 180, 30, fill), text(x, 34, title, 13, weight="bold")]
        save(name, label, width, self.y + 14, parts + self.body)


def resume():
    c = conversation([("client", 190, CLIENT), ("server", 620, SERVER)])
    c.send(0, 1, "data 107, 108, 109")
    c.send(1, 0, "data 40, 41, 42")
    c.note(1, "takes over up to 108")
    c.send(1, 0, "ack 108", lost=True)
    c.cut("the connection breaks, the session lives")
    c.note(0, "still holds 107, 108, 109; has taken over 41, and 42 waits in its inbox", "start")
    c.send(0, 1, "hello: session s, recv 41, from 107")
    c.send(0, 1, "data 107, 108, 109 again, right behind it")
    c.note(1, "drops 107 to 109: its inbox has had them", "end")
    c.send(1, 0, "welcome: resumed, recv 108, from 42")
    c.note(0, "107 and 108 are delivered", "start")
    c.send(1, 0, "data 42 again")
    c.note(0, "drops it: the inbox has had it", "start")
    c.send(1, 0, "ack 109")
    c.save("session-resume.svg", "A session that goes on after a break", 810)


def reset():
    c = conversation([("client", 190, CLIENT), ("server", 620, SERVER)])
    c.send(0, 1, "data 107 to 112")
    c.send(1, 0, "data 40 to 44, of which 42 to 44 are lost", lost=True)
    c.cut("the connection breaks; nobody comes back within retain_ms")
    c.note(1, "session s ends: recv 110, sent 44", "end")
    c.send(0, 1, "hello: session s, recv 41, from 107")
    c.send(0, 1, "data 107 to 112 again")
    c.send(1, 0, "welcome: session t, not resumed, reason expired, recv 110, from 1")
    c.note(1, "with it, of session s: previous recv 110, sent 44", "end")
    c.note(0, "certain: 107 to 110. uncertain: none. lost: 42 to 44, three messages", "start")
    c.note(1, "drops 107 to 110; takes 111 and 112", "end")
    c.send(1, 0, "data 1 of session t")
    c.save("session-reset.svg", "A session that has ended, and a new one in its place", 810)


def move():
    c = conversation([("client", 160, CLIENT), ("old server", 430, SERVER), ("new server", 720, SERVER)])
    c.send(0, 1, "data 107, 108")
    c.send(1, 0, "drain: min 0, max 5000, deadline 15000")
    c.note(0, "waits a random time; data goes on", "start")
    c.send(0, 1, "data 109")
    c.send(0, 2, "a second connection: hello, from the oldest unacknowledged")
    c.send(0, 2, "data from there on, right behind it")
    c.note(0, "leaves the old connection only now", "start")
    c.send(0, 1, "(closed)")
    c.end(1)
    c.send(2, 0, "welcome: resumed if this server has the session")
    c.save("session-move.svg", "Drain: make before break", 870)


def fencing():
    c = conversation([("connection 1", 160, CLIENT), ("server", 440, SERVER), ("connection 2", 720, CLIENT)])
    c.send(0, 1, "hello: attach 1000")
    c.send(1, 0, "welcome")
    c.send(0, 1, "data 1, 2")
    c.note(0, "stands still: nobody has noticed yet", "start")
    c.send(2, 1, "hello: the same origin and token, attach 1001")
    c.send(1, 2, "welcome: resumed, recv 2")
    c.send(1, 0, "error superseded, close 4409")
    c.end(0)
    c.send(0, 1, "data 3, too late", lost=True)
    c.send(2, 1, "data 3")
    c.save("session-fencing.svg", "The newer attach has the session", 880)


def state(x, y, name, words, fill, w=190):
    out = [rect(x, y, w, 50, fill), text(x + w / 2, y + 21, name, 13, weight="bold")]
    return out + [text(x + w / 2, y + 39, words, 11, PALE)]


def states():
    left, right = 30, 560
    parts = [text(left + 220, 26, "at the client", 14, PALE, "bold"), text(right + 220, 26, "at the server", 14, PALE, "bold")]
    parts += state(left, 50, "no session", "numbers may be queued", CLIENT)
    parts += state(left + 250, 50, "hello said", "data may follow at once", CLIENT)
    parts += state(left + 250, 190, "open", "data, acks, pings", CLIENT)
    parts += state(left, 190, "between connections", "keeps all that is unacknowledged", CLIENT)
    parts += state(left + 250, 330, "ended", "both have said bye", CLIENT)
    parts += state(left, 330, "ended with an error", "4404, 4426, 4401, three 4400", CLIENT)
    parts += [
        path([(220, 68), (280, 68)]), text(250, 62, "upgrade", 11, PALE),
        path([(400, 100), (400, 190)]), text(408, 140, "welcome, resumed", 11, PALE, anchor="start"),
        text(408, 156, "or new: a reset", 11, PALE, anchor="start"), text(408, 172, "if one was named", 11, PALE, anchor="start"),
        path([(280, 222), (220, 222)]), text(250, 239, "cut", 11, PALE),
        path([(150, 190), (290, 100)]), text(168, 150, "hello", 11, PALE, anchor="end"),
        path([(340, 100), (200, 190)], dashed=True), text(292, 152, "cut", 11, PALE, anchor="start"),
        path([(375, 240), (375, 330)]), text(383, 290, "bye, bye, 1000", 11, PALE, anchor="start"),
        path([(125, 240), (125, 330)], dashed=True), text(133, 290, "fatal error", 11, PALE, anchor="start"),
    ]
    parts += state(right, 50, "nothing known", "of this origin", SERVER)
    parts += state(right + 250, 50, "attached", "one connection", SERVER)
    parts += state(right + 250, 190, "waiting", "holds what is unacknowledged", SERVER)
    parts += state(right, 190, "ended, counters kept", "recv and sent, for 24 hours", SERVER)
    parts += state(right, 330, "ended by agreement", "token and attach, for 24 hours", SERVER)
    parts += [
        path([(750, 68), (810, 68)]), text(780, 62, "hello", 11, PALE),
        path([(880, 100), (880, 190)]), text(872, 140, "cut", 11, PALE, anchor="end"),
        path([(930, 190), (930, 100)]), text(938, 140, "hello that", 11, PALE, anchor="start"),
        text(938, 156, "can go on", 11, PALE, anchor="start"),
        path([(810, 222), (750, 222)]), text(780, 239, "retain_ms", 11, PALE),
        path([(690, 190), (820, 100)]), text(700, 138, "hello: a new", 11, PALE, anchor="end"),
        text(700, 154, "session", 11, PALE, anchor="end"),
        path([(1000, 75), (1030, 75), (1030, 355), (750, 355)]), text(890, 348, "bye from both", 11, PALE),
        path([(980, 50), (980, 36), (925, 36), (925, 50)]), text(985, 40, "newer attach: fenced", 11, PALE, anchor="start"),
    ]
    save("session-states.svg", "The states of a session at both ends", 1110, 400, parts)


if __name__ == "__main__":
    for draw in (resume, reset, move, fencing, states):
        draw()
