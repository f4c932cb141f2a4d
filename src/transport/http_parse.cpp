// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Reading header sections with Beast's parser.
#include "transport/http.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <limits>

namespace tautline::transport {
namespace {

namespace http = boost::beast::http;

template <class Parser>
error_code parse_some(wire& w, Parser& parser) {
  error_code ec;
  const auto in = w.input();
  const std::size_t used = parser.put(asio::buffer(in.data(), in.size()), ec);
  w.consume(used);
  if (ec == http::error::need_more) return {};
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) return errc::header_too_large;
  if (ec) return errc::not_websocket;
  return {};
}

template <class Parser>
asio::awaitable<error_code> async_read_header(std::shared_ptr<wire> w, Parser& parser) {
  while (!parser.is_header_done()) {
    if (!w->input().empty()) {
      const error_code bad = parse_some(*w, parser);
      if (bad) co_return bad;
      if (parser.is_header_done()) break;
    }
    const read_outcome got = co_await w->async_fill(0);
    if (got.ec) co_return got.ec;
  }
  co_return error_code();
}

template <class Fields>
std::vector<header> copy_fields(const Fields& fields) {
  std::vector<header> out;
  for (const auto& f : fields) out.emplace_back(std::string(f.name_string()), std::string(f.value()));
  return out;
}

}  // namespace

asio::awaitable<error_code> async_read_answer(std::shared_ptr<wire> w, http_answer& out) {
  do {
    http::response_parser<http::empty_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(max_answer_header_bytes));
    const error_code ec = co_await async_read_header(w, parser);
    if (ec) co_return ec;
    out.status = parser.get().result_int();
    out.version = parser.get().version();
    out.headers = copy_fields(parser.get());
    if (out.status < 100) co_return errc::not_websocket;  // there is no such status (RFC 9110, 15)
    // Interim answers (RFC 9110, 15.2) may come before the one that counts.
  } while (out.status / 100 == 1 && out.status != 101);
  co_return error_code();
}

asio::awaitable<error_code> async_read_request(std::shared_ptr<wire> w, std::size_t limit, http_request& out) {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(limit, std::numeric_limits<int>::max())));
  const error_code ec = co_await async_read_header(w, parser);
  if (ec) co_return ec;
  const auto& r = parser.get();
  out.head.method = std::string(r.method_string());
  out.head.target = std::string(r.target());
  out.head.version = r.version();
  out.head.headers = copy_fields(r);
  out.has_body = parser.chunked() || parser.content_length().value_or(0) != 0;
  co_return error_code();
}

}  // namespace tautline::transport
