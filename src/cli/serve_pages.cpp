// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What `tautline serve` answers to plain GET requests.
#include "metrics_sum.hpp"
#include "serve.hpp"

#include <fmt/format.h>

#include <utility>

namespace tautline::cli {

server_options serve_command::with_pages(server_options options) {
  options.serve_page = [this](std::string_view target) { return page_for(target); };
  return options;
}

server_options::page serve_command::page_for(std::string_view target) const {
  target = target.substr(0, target.find('?'));
  if (target == "/healthz") return {200, "text/plain; charset=utf-8", "ok\n"};
  if (target != "/metrics") return {};
  std::string text = prometheus_text(server_.metrics()) + prometheus_text(sum_of_links());
  text += fmt::format(
      "# HELP tautline_serve_slow_peers_total Peers that were cut off because their queue was full.\n"
      "# TYPE tautline_serve_slow_peers_total counter\n"
      "tautline_serve_slow_peers_total {}\n",
      slow_peers_);
  return {200, "text/plain; version=0.0.4; charset=utf-8", std::move(text)};
}

metrics serve_command::sum_of_links() const {
  metrics sum = of_ended_;
  for (const auto& p : peers_) add(sum, p->metrics());
  return sum;
}

}  // namespace tautline::cli
