#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Makes demo.svg and demo.txt: what `tautline demo` shows on a terminal.

Runs the program on a terminal of its own and records the status line, which is rewritten in place,
with the time of each change. The picture shows some of these moments one below the other.

Usage: demo.py PROGRAM [SEED]     for example: docs/pictures/demo.py build/release/bin/tautline
"""
import fcntl
import html
import os
import pathlib
import pty
import re
import struct
import sys
import termios
import time

COLUMNS = 104
COLOURS = {"31": "#f0524f", "32": "#3fb950", "33": "#e3b341"}
ESCAPE = re.compile(r"\x1b\[(\d*)([mK])")


def record(program, seed):
    """(seconds, text) of everything that the program wrote, as it came."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.environ.pop("NO_COLOR", None)
        os.execv(program, [program, "demo", "--seed", seed])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    start, pieces = time.monotonic(), []
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        pieces.append((time.monotonic() - start, data.decode()))
    if os.waitpid(pid, 0)[1] != 0:
        sys.exit("the demo failed, so there is no picture")
    return pieces


def split(pieces):
    """The moments of the status line, and the lines that stay."""
    moments, lasting = [], []
    for when, text in pieces:
        for part in re.split(r"(\r\n|\r)", text):
            plain = ESCAPE.sub("", part).strip()
            if not plain:
                continue
            if "●" in part:
                moments.append((when, part.replace("\x1b[K", "")))
            else:
                lasting.append(plain)
    return moments, lasting


def choose(moments):
    """One moment of each kind that a reader should see, in the order of time."""
    wanted = ["disconnected", "connected .*rtt.*unconfirmed 0", "degraded", "reconnecting.*attempt",
              "connected .*queued [1-9]", "reconnecting.*black hole", "connected .*black hole.*rtt",
              "reconnecting.*refusal.*in 0"]
    chosen, after = [], 0
    for pattern in wanted:
        for i in range(after, len(moments)):
            if re.search(pattern, ESCAPE.sub("", moments[i][1])):
                chosen.append(moments[i])
                after = i + 1
                break
    if moments[-1] not in chosen:
        chosen.append(moments[-1])
    return chosen


def spans(text):
    """A line with escape codes as tspans."""
    out, colour, at = "", None, 0
    for code in ESCAPE.finditer(text):
        out += span(text[at:code.start()], colour)
        colour, at = COLOURS.get(code.group(1)), code.end()
    return out + span(text[at:], colour)


def span(text, colour):
    if not text:
        return ""
    text = html.escape(text)
    return f'<tspan fill="{colour}">{text}</tspan>' if colour else f"<tspan>{text}</tspan>"


def picture(rows):
    height, width = 20 * len(rows) + 44, 8 * (COLUMNS + 10) + 24
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
           f'viewBox="0 0 {width} {height}" role="img" aria-label="tautline demo on a terminal">',
           f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>']
    for i, colour in enumerate(("#f0524f", "#e3b341", "#3fb950")):
        out.append(f'<circle cx="{18 + 18 * i}" cy="16" r="5" fill="{colour}"/>')
    out.append('<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="13" '
               'fill="#c9d1d9" xml:space="preserve">')
    for i, (when, text) in enumerate(rows):
        y = 48 + 20 * i
        if when is not None:
            out.append(f'<text x="14" y="{y}" fill="#6e7681">{when:5.1f} s</text>')
        out.append(f'<text x="{84 if when is not None else 14}" y="{y}">{spans(text)}</text>')
    return "\n".join(out + ["</g>", "</svg>", ""])


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__.strip().splitlines()[-1])
    moments, lasting = split(record(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else "1"))
    chosen = [(when, text.rstrip()) for when, text in choose(moments)]
    rows = [(None, "$ ./dev demo"), (None, lasting[0]), *chosen, *((None, line) for line in lasting[1:])]
    here = pathlib.Path(__file__).parent
    (here / "demo.svg").write_text(picture(rows))
    plain = [f"{when:5.1f} s  {ESCAPE.sub('', text)}" if when is not None else text for when, text in rows]
    (here / "demo.txt").write_text("\n".join(plain) + "\n")


if __name__ == "__main__":
    main()
