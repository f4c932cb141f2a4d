// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "deflate.hpp"

#include <boost/beast/zlib.hpp>
#include <boost/system/system_error.hpp>

#include <stdexcept>

namespace conformance {
namespace {

namespace zlib = boost::beast::zlib;
using boost::system::error_code;

// What every payload ends with and none carries.
constexpr std::string_view tail("\x00\x00\xff\xff", 4);

}  // namespace

std::vector<std::string> deflate(const std::vector<std::string>& messages) {
  zlib::deflate_stream stream;
  std::vector<std::string> out;
  for (const auto& m : messages) {
    std::string payload(stream.upper_bound(m.size()) + 64, '\0');
    zlib::z_params p;
    p.next_in = m.data();
    p.avail_in = m.size();
    p.next_out = payload.data();
    p.avail_out = payload.size();
    error_code ec;
    stream.write(p, zlib::Flush::sync, ec);
    if (ec && ec != zlib::error::need_buffers) throw boost::system::system_error(ec);
    payload.resize(payload.size() - p.avail_out);
    if (!payload.ends_with(tail)) throw std::logic_error("the compressor did not flush");
    payload.resize(payload.size() - tail.size());
    out.push_back(std::move(payload));
  }
  return out;
}

std::string deflate(const std::string& message) { return deflate(std::vector{message}).front(); }

struct inflater::impl {
  zlib::inflate_stream stream;
};

inflater::inflater() : impl_(std::make_unique<impl>()) {}
inflater::~inflater() = default;

std::string inflater::read(std::string payload) {
  payload.append(tail);
  std::string out;
  zlib::z_params p;
  p.next_in = payload.data();
  p.avail_in = payload.size();
  std::string piece(1 << 16, '\0');
  while (p.avail_in != 0 || p.avail_out == 0) {
    p.next_out = piece.data();
    p.avail_out = piece.size();
    error_code ec;
    impl_->stream.write(p, zlib::Flush::sync, ec);
    out.append(piece.data(), piece.size() - p.avail_out);
    if (ec == zlib::error::need_buffers) break;
    if (ec) throw boost::system::system_error(ec);
  }
  return out;
}

}  // namespace conformance
