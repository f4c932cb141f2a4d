#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Runs clang-tidy over src/ and remembers, for each source that passed, the digests of all that it was made of,
so that only what has changed since is looked at again (in ~/.cache/tautline/tidy; --all looks at everything).
Usage: tidy.py SOURCE_DIR BUILD_DIR [--all]   (BUILD_DIR holds compile_commands.json)"""
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

TIDY = "clang-tidy-19"
KEPT = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "tautline" / "tidy"


@functools.lru_cache(maxsize=None)
def digest(path):
    try:
        return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
    except OSError:
        return "gone"


def compiler_call(entry):
    """The command of the compile database without what it writes."""
    words = shlex.split(entry["command"])
    at = words.index("-o")
    return words[:at] + words[at + 2:]


def made_of(entry):
    """All files that the compiler reads for it. The compiler's own word, as make would have it."""
    rule = subprocess.run(compiler_call(entry) + ["-M"], cwd=entry["directory"], capture_output=True, text=True)
    if rule.returncode != 0:
        return None
    files = shlex.split(rule.stdout.partition(":")[2].replace("\\\n", " "))
    return [os.path.normpath(os.path.join(entry["directory"], f)) for f in files]


class Source:
    def __init__(self, root, build, entry, terms):
        self.entry, self.build = entry, build
        self.name = os.path.relpath(entry["file"], root)
        key = json.dumps([entry["file"], compiler_call(entry), terms])
        self.record = KEPT / (hashlib.sha256(key.encode()).hexdigest() + ".json")

    def passed_before(self):
        try:
            files = json.loads(self.record.read_text())
        except (OSError, ValueError):
            return False
        return all(digest(f) == was for f, was in files.items())

    def check(self):
        """None, or what is wrong with it."""
        files = made_of(self.entry)
        before = {f: digest(f) for f in files} if files else None
        done = subprocess.run([TIDY, "-p", self.build, "--quiet", self.entry["file"]], capture_output=True, text=True)
        if done.returncode != 0:
            noise = (" warnings generated.", " warning generated.")
            return "".join(l for l in (done.stdout + done.stderr).splitlines(True) if not l.rstrip().endswith(noise))
        if before:
            half = self.record.with_suffix(f".{os.getpid()}")
            half.write_text(json.dumps(before))
            half.replace(self.record)
        return None


def main():
    root, build = (os.path.realpath(a) for a in sys.argv[1:3])
    entries = json.loads(pathlib.Path(build, "compile_commands.json").read_text())
    version = subprocess.run([TIDY, "--version"], capture_output=True, text=True, check=True).stdout
    terms = [version, digest(os.path.join(root, ".clang-tidy"))]
    inside = os.path.join(root, "src") + os.sep
    ours = {e["file"]: e for e in entries if e["file"].startswith(inside)}
    KEPT.mkdir(parents=True, exist_ok=True)
    sources = [Source(root, build, ours[f], terms) for f in sorted(ours)]
    todo = [s for s in sources if "--all" in sys.argv or not s.passed_before()]
    wrong = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, words in zip(todo, pool.map(Source.check, todo)):
            if words is not None:
                wrong += 1
                print(f"{source.name}:\n{words}", flush=True)
    print(f"{len(sources)} sources: {len(todo)} looked at, {len(sources) - len(todo)} unchanged, {wrong} with findings")
    return 1 if wrong or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
