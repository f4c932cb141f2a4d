#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Checks the pages: every relative link and anchor leads somewhere, and every quoted piece of code
is still in the file that it was quoted from.

A quotation is a code block behind a line `<!-- from docs/examples/NAME.cpp -->`; its lines stand in
that file one after the other, whatever their common indentation.

Usage: pages.py SOURCE_DIR
"""
import pathlib
import re
import sys
import textwrap

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
QUOTE = re.compile(r"<!-- from (\S+) -->\s*\n```\w*\n(.*?)^```", re.S | re.M)
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.S | re.M)


def anchors(page):
    """The anchors that GitHub makes from headings."""
    found = set()
    for line in re.sub(r"^```.*?^```", "", page.read_text(), flags=re.S | re.M).splitlines():
        heading = re.match(r"#+\s+(.*)", line)
        if heading:
            text = re.sub(r"[^\w\- ]", "", heading.group(1).strip().lower())
            found.add(text.replace(" ", "-"))
    return found


def broken_links(root, page, text):
    for match in LINK.finditer(CODE.sub("", text)):
        link = match.group(1)
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        goal = (page.parent / path).resolve() if path else page.resolve()
        if not goal.exists():
            yield f"{page.relative_to(root)}: {link} leads nowhere"
        elif anchor and goal.suffix == ".md" and anchor not in anchors(goal):
            yield f"{page.relative_to(root)}: {link} names no heading"


def stale_quotes(root, page, text):
    for source, code in QUOTE.findall(text):
        file = root / source
        if not file.is_file():
            yield f"{page.relative_to(root)}: quotes {source}, which is not there"
        elif not contains(file.read_text(), code):
            yield f"{page.relative_to(root)}: a quotation is no longer what {source} says"


def contains(source, code):
    wanted = textwrap.dedent(code).strip("\n").splitlines()
    lines = source.splitlines()
    for start in range(len(lines) - len(wanted) + 1):
        piece = textwrap.dedent("\n".join(lines[start:start + len(wanted)])).splitlines()
        if [line.rstrip() for line in piece] == [line.rstrip() for line in wanted]:
            return True
    return False


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip().splitlines()[-1])
    root = pathlib.Path(sys.argv[1]).resolve()
    pages = sorted(root.glob("*.md")) + sorted((root / "docs").rglob("*.md"))
    faults = []
    for page in pages:
        text = page.read_text()
        faults += broken_links(root, page, text)
        faults += stale_quotes(root, page, text)
    for fault in faults:
        print(fault)
    if faults:
        sys.exit(1)
    print(f"{len(pages)} pages are in order")


if __name__ == "__main__":
    main()
