// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One end of a simulated connection.
#include "testing/endpoint.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace tautline::testing::detail {

endpoint::endpoint(std::shared_ptr<virtual_time> time, pipe& in, pipe& out)
    : readable(time), closable(time), time_(std::move(time)), in_(in), out_(out) {}

void endpoint::bytes_arrived() {
  news_ = true;
  if (script && !paused_ && inbox_.empty()) in_.taken(in_.arrived());
  readable.notify();
}

void endpoint::frame_arrived(frame f) {
  if (failure_) return;
  if (!script || paused_) {
    inbox_.push_back(std::move(f));
    readable.notify();
    return;
  }
  in_.taken(f.end);
  script(std::move(f));
}

void endpoint::resume() {
  paused_ = false;
  if (!script) return;  // a link reads for itself
  while (!paused_ && !inbox_.empty()) {
    auto f = std::move(inbox_.front());
    inbox_.pop_front();
    in_.taken(f.end);
    script(std::move(f));
  }
  if (inbox_.empty()) in_.taken(in_.arrived());
}

std::size_t endpoint::take(std::vector<message>& out, std::size_t max) {
  if (std::exchange(news_, false) && observer) observer->on_bytes();
  const auto before = out.size();
  while (!inbox_.empty() && out.size() - before < max) {
    auto f = std::move(inbox_.front());
    inbox_.pop_front();
    in_.taken(f.end);
    handle(std::move(f), out);
  }
  if (inbox_.empty()) in_.taken(in_.arrived());
  return out.size() - before;
}

void endpoint::handle(frame f, std::vector<message>& out) {
  using type = frame::type;
  switch (f.what) {
    case type::text:
    case type::binary: return handle_data(std::move(f), out);
    case type::ping:
      if (!write(frame(type::pong, std::move(f.payload)))) out_.hand_over();
      return;
    case type::pong:
      if (observer) observer->on_pong(f.payload);
      return;
    case type::close: return handle_close(f);
    case type::fin: return end(asio::error::eof);
    case type::invalid: return break_off(f.fault);
  }
}

void endpoint::handle_data(frame f, std::vector<message>& out) {
  if (f.payload.size() > max_message_bytes) return break_off(errc::message_too_large);
  const auto kind = f.what == frame::type::text ? payload_kind::text : payload_kind::binary;
  out.emplace_back(kind, std::move(f.payload));
}

void endpoint::handle_close(const frame& f) {
  close_code_ = f.code == 0 ? 1005 : f.code;
  close_reason_ = f.payload;
  send_close(f.code, {});
  end(errc::closed);
}

void endpoint::break_off(errc why) {
  const auto code = why == errc::message_too_large ? 1009 : (why == errc::invalid_utf8 ? 1007 : 1002);
  send_close(static_cast<std::uint16_t>(code), {});
  end(why);
}

error_code endpoint::write(frame f) {
  if (failure_) return failure_;
  out_.append(std::move(f));
  if (!flushers_.empty()) out_.hand_over();
  return {};
}

endpoint::flusher::flusher(endpoint& end) : got_on(end.time_), end_(end) {
  end_.flushers_.push_back(this);
  if (!end_.failure_) end_.out_.hand_over();
}

void endpoint::progressed() {
  for (auto* f : flushers_) f->got_on.notify();
  closable.notify();
}

bool endpoint::send_close(std::uint16_t code, std::string_view reason) {
  if (std::exchange(close_sent_, true)) return false;
  if (!write(frame(frame::type::close, std::string(reason), code))) out_.hand_over();
  return true;
}

void endpoint::end(error_code why) {
  inbox_.clear();
  failure_ = why;
  progressed();
}

void endpoint::fail(error_code why) {
  if (failure_) return;
  failure_ = why;
  readable.notify();
  progressed();
}

void endpoint::abort() {
  if (failure_ == asio::error::operation_aborted) return;
  end(asio::error::operation_aborted);
  out_.finish();
  readable.notify();
}

void endpoint::finish() {
  out_.finish();
  fail(asio::error::operation_aborted);
}

}  // namespace tautline::testing::detail
