// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Retry-After, at any time between 1970 and 2106.
#include "policy/classify.hpp"
#include "target.hpp"

#include <chrono>

namespace {

using namespace std::chrono;

void run(std::string_view bytes) {
  fuzz::decisions d(bytes);
  std::uint32_t since_1970 = 0;
  for (int i = 0; i < 4; ++i) since_1970 = (since_1970 << 8U) | d.byte();
  const system_clock::time_point now{seconds(since_1970)};
  const auto text = d.rest();
  const auto wait = tautline::policy::parse_retry_after(text, now);
  if (!wait) return;
  fuzz::expect(*wait >= tautline::duration::zero(), "nobody is asked to come earlier than now");
  fuzz::expect(*wait <= hours(24), "no peer keeps a link away for more than a day");
}

const fuzz::target t("retry_after", run);

}  // namespace
