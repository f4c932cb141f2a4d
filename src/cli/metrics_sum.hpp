// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The counters of several links as one.
#ifndef TAUTLINE_CLI_METRICS_SUM_HPP
#define TAUTLINE_CLI_METRICS_SUM_HPP

#include <tautline/status.hpp>

namespace tautline::cli {

void add(metrics& sum, const metrics& one) noexcept;

}  // namespace tautline::cli

#endif
