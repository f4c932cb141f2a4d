#!/usr/bin/env bash
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
# What a user's file costs to compile that includes the whole public face and awaits a send, against
# the same file with Asio alone. Five interleaved compilations of each, medians; with --json one of each,
# for bench/run.py, which has rounds of its own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/asio.cpp" <<'CPP'
#include <boost/asio.hpp>
namespace asio = boost::asio;
asio::awaitable<void> say(asio::steady_timer& t) { co_await t.async_wait(asio::use_awaitable); }
int main() {
  asio::io_context io;
  asio::steady_timer t(io);
  asio::co_spawn(io, say(t), asio::detached);
  io.run();
}
CPP
cat >"$work/tautline.cpp" <<'CPP'
#include <boost/asio.hpp>
#include <tautline/tautline.hpp>
namespace asio = boost::asio;
asio::awaitable<void> say(tautline::link& l) { co_await l.async_send({"hello"}, asio::use_awaitable); }
int main() {
  asio::io_context io;
  tautline::link l(io.get_executor(), tautline::options("ws://localhost/"));
  asio::co_spawn(io, say(l), asio::detached);
  io.run();
}
CPP

compile() {
  local start end
  start=$(date +%s%N)
  "${CXX:-c++}" -std=c++20 -Iinclude -c "$work/$1.cpp" -o "$work/$1.o"
  end=$(date +%s%N)
  echo $(((end - start) / 1000000)) >>"$work/$1.ms"
}

# Asio alone is the floor of this measure.
say() { printf '{"measure":"compile a user'"'"'s file","who":"%s","unit":"ms","values":[%d]}\n' "$1" "$(cat "$work/$2.ms")"; }

median() { sort -n "$work/$1.ms" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

if [[ ${1:-} == --json ]]; then
  compile asio
  compile tautline
  say floor asio
  say tautline tautline
  exit
fi
for _ in 1 2 3 4 5; do
  compile asio
  compile tautline
done
a=$(median asio)
t=$(median tautline)
awk -v a="$a" -v t="$t" 'BEGIN {
  printf "compiling a file: Asio alone %d ms, with tautline %d ms, ratio %.2f (goal: at most 1.3)\n", a, t, t / a }'
