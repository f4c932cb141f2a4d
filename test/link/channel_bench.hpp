// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A channel of strings, and who pushes and pops.
#ifndef TAUTLINE_TEST_LINK_CHANNEL_BENCH_HPP
#define TAUTLINE_TEST_LINK_CHANNEL_BENCH_HPP

#include "link/channel.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace channel_bench {

namespace asio = boost::asio;
using tautline::error_code;
using tautline::detail::channel;
using tautline::detail::channel_limit;
using tautline::detail::make_operation;

inline std::size_t length(const std::string& s) { return s.size(); }

struct taken {
  bool ended = false;
  error_code ec;
  std::string value;
  std::vector<std::string> values;
};

struct bench {
  explicit bench(std::size_t messages = 100, std::size_t bytes = 1000) : c(channel_limit(messages, bytes), &length) {}

  asio::io_context io;
  channel<std::string> c;

  template <class Handler>
  auto pop_operation(Handler h, std::uint64_t id) {
    auto op = make_operation<void(error_code, std::string)>(std::move(h), io.get_executor());
    op->id = id;
    return op;
  }
  void pop(taken& r, std::uint64_t id = 1) {
    c.pop(pop_operation(
        [&r](error_code ec, std::string v) {
          BOOST_TEST(!r.ended);
          r.ended = true;
          r.ec = ec;
          r.value = std::move(v);
        },
        id));
  }
  void pop_batch(std::size_t max, taken& r) {
    auto handler = [&r](error_code ec, std::vector<std::string> v) {
      r.ended = true;
      r.ec = ec;
      r.values = std::move(v);
    };
    c.pop_batch(max, make_operation<void(error_code, std::vector<std::string>)>(std::move(handler), io.get_executor()));
  }
  void push(std::string v, taken& r, std::uint64_t id = 50) {
    auto handler = [&r](error_code ec) {
      BOOST_TEST(!r.ended);
      r.ended = true;
      r.ec = ec;
    };
    auto op = make_operation<void(error_code)>(std::move(handler), io.get_executor());
    op->id = id;
    c.push(std::move(v), std::move(op));
  }
  bool try_push(std::string v) { return c.try_push(v); }
  void run() {
    io.restart();
    io.run();
  }
};

}  // namespace channel_bench

#endif
