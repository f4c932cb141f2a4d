# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""What bench/run.py does: each job is one program's run, with a name, and is repeated in some rounds."""

import shlex

import clients
from running import Job, compile_cost, micro, peer_memory, peer_traffic, run_program

ROUNDS = 5


def command_of(peer):
    return peer.command


class Planner:
    def __init__(self, results, folder, quick):
        self.folder = folder
        self.quick = quick
        self.part = 0.2 if quick else 1.0
        self.peers = clients.found(results, folder)

    def count(self, of_full):
        return max(200, int(of_full * self.part))

    def program(self, name, *arguments, rounds=ROUNDS):
        title = f"{name} {' '.join(a.removeprefix('--') for a in arguments if not a.startswith('--peer'))}"
        command = [str(self.folder / f"bench_{name}"), "--json", *arguments]
        return Job(title, run_program(command, title), rounds)

    def reconnect(self, of_full, of_quick, fits, *more, rounds):
        """`fits` says the command of a peer that takes part."""
        peers = [f"--peer={p.name}={shlex.join(command)}" for p in self.peers if p.reconnects and (command := fits(p))]
        return self.program("reconnect", f"--rounds={of_quick if self.quick else of_full}", *more, *peers, rounds=rounds)

    def other_reconnects(self):
        yield self.reconnect(40, 20, command_of, "--drop=close", rounds=3)
        yield self.reconnect(40, 20, lambda p: p.tls and p.command, "--tls=fresh", rounds=3)
        yield self.reconnect(40, 20, lambda p: p.resumes_tls, "--tls=tickets", rounds=3)
        yield self.reconnect(4, 2, command_of, "--queued=10000", rounds=2)
        yield self.reconnect(8, 3, lambda p: p.heartbeat and p.command, "--drop=silence", rounds=2)

    def by_defaults(self):
        yield self.program("defaults", f"--links={200 if self.quick else 500}", rounds=2)
        yield self.program("refusals", rounds=2)

    def sends(self, size):
        counts = {
            "floor": {64: 20_000_000, 1024: 4_000_000, 16384: 300_000},
            "beast": {64: 200_000, 1024: 150_000, 16384: 50_000},
            "beast tuned": {64: 400_000, 1024: 200_000, 16384: 50_000},
            "tautline": {64: 5_000_000, 1024: 1_500_000, 16384: 150_000},
            "tautline session": {64: 5_000_000, 1024: 1_500_000, 16384: 150_000},
        }
        for who, of in counts.items():
            yield self.traffic("send", who, size, of[size])
        for way in ("async_send", "other_thread"):
            yield self.traffic("send", "tautline", size, counts["tautline"][size] // 4, f"--way={way}")
        yield self.program("throughput", f"--size={size}", "--rounds=1", f"--percent={int(100 * self.part)}")
        for p in self.peers:
            if size in p.send:
                yield peer_traffic(self.folder, p, "send", size, self.count(p.send[size]), ROUNDS)

    def receives(self, size):
        counts = {
            "floor": {64: 20_000_000, 1024: 3_000_000, 16384: 300_000},
            "beast": {64: 2_000_000, 1024: 800_000, 16384: 60_000},
            "tautline": {64: 10_000_000, 1024: 2_000_000, 16384: 150_000},
            "tautline session": {64: 5_000_000, 1024: 1_000_000, 16384: 100_000},
        }
        for who, of in counts.items():
            yield self.traffic("receive", who, size, of[size])
        yield self.traffic("receive", "tautline", size, counts["tautline"][size] // 4, "--way=single")
        for p in self.peers:
            if size in p.receive:
                yield peer_traffic(self.folder, p, "receive", size, self.count(p.receive[size]), ROUNDS)

    def traffic(self, measure, who, size, count, *more):
        return self.program("traffic", f"--measure={measure}", f"--who={who}", f"--size={size}", f"--count={self.count(count)}", *more)

    def round_trips(self):
        for who in ("floor", "beast", "tautline"):
            yield self.traffic("round_trip", who, 64, 5_000)
        for p in self.peers:
            if p.round_trips:
                yield peer_traffic(self.folder, p, "round_trip", 64, self.count(p.round_trips), ROUNDS)

    def links(self):
        for who in ("beast", "tautline"):  # each in a process of its own, or the second has the first one's memory
            yield self.program("memory", f"--who={who}", "--links=1000", rounds=3)
        for p in self.peers:
            if p.memory:
                yield peer_memory(self.folder, p, 1000, 3)

    def many_more(self):
        for who in ("beast", "tautline"):
            yield self.program("memory", f"--who={who}", f"--links={2000 if self.quick else 10000}", rounds=1)
        for links in (1, 10, 100, 1000) if self.quick else (1, 10, 100, 1000, 10000):
            yield self.program("growth", f"--links={links}", f"--count={self.count(500_000)}", rounds=2)
        for depth in (1, 1000, 1_000_000):
            yield self.program("growth", f"--queue={depth}", rounds=2)
        for who in ("defaults", "budget", "drain", "none"):
            yield self.program("storm", f"--who={who}", f"--links={1000 if self.quick else 10000}", rounds=1)

    def losses(self):
        for who in ("floor", "beast", "tautline", "tautline session"):
            yield self.program("losses", "--measure=flush", f"--who={who}")
        for who in ("beast", "tautline", "tautline session"):
            yield self.program("losses", "--measure=reset", f"--who={who}", f"--count={self.count(400_000)}", rounds=3)

    def with_goals(self):
        yield self.reconnect(100, 60, command_of, rounds=ROUNDS)
        yield from self.sends(64)
        yield from self.receives(64)
        yield from self.round_trips()
        yield from self.losses()
        yield from self.links()
        yield from self.by_defaults()
        for size in (1024, 16384):
            yield from self.sends(size)
        yield from self.receives(1024)
        yield compile_cost(ROUNDS)
        yield self.program("resume", f"--rounds={60 if self.quick else 100}")

    def one_round(self):
        """What matters most first, for a machine that is too busy for all."""
        yield from self.with_goals()
        yield from self.receives(16384)
        yield from self.other_reconnects()
        yield micro(self.folder, 2)
        yield from self.many_more()


def plan(results, folder, quick):
    """All jobs once, then those again that have further rounds."""
    jobs = list(Planner(results, folder, quick).one_round())
    return [job for turn in range(1 if quick else ROUNDS) for job in jobs if turn < job.rounds]
