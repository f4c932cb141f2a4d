// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Messages, and their way from and to JSON.
#include <tautline/error.hpp>
#include <tautline/message.hpp>

#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/system/system_error.hpp>

#include <fmt/format.h>

namespace tautline {

namespace {

namespace json = boost::json;

struct parsed {
  json::value value;
  error_code ec;
  std::size_t place = 0;  // how many bytes were read before the error
};

parsed parse(std::string_view text) {
  parsed p;
  json::parser parser;
  p.place = parser.write_some(text.data(), text.size(), p.ec);
  if (!p.ec && p.place < text.size()) p.ec = json::error::extra_data;
  if (!p.ec) p.value = parser.release();
  return p;
}

}  // namespace

message::message() = default;

message message::text(std::string payload) { return {payload_kind::text, std::move(payload)}; }

message message::binary(std::string payload) { return {payload_kind::binary, std::move(payload)}; }

message message::binary(const void* data, std::size_t size) {
  message m(size == 0 ? std::string_view() : std::string_view(static_cast<const char*>(data), size));
  m.kind_ = payload_kind::binary;
  return m;
}

message message::json(const boost::json::value& value) { return text(boost::json::serialize(value)); }

boost::json::value message::as_json(error_code& ec) const {
  parsed p = parse(payload());
  ec = p.ec ? make_error_code(errc::invalid_json) : error_code();
  return std::move(p.value);
}

boost::json::value message::as_json() const {
  parsed p = parse(payload());
  if (!p.ec) return std::move(p.value);
  throw boost::system::system_error(make_error_code(errc::invalid_json),
                                    fmt::format("at byte {}: {}", p.place, p.ec.message()));
}

}  // namespace tautline
