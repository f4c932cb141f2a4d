// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The two directions of the pipe.
#include "connect.hpp"
#include "print_messages.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace tautline::cli {
namespace {

constexpr std::size_t batch_size = 1024;

bool queue_is_full(const error_code& ec) { return ec == errc::queue_full; }

}  // namespace

asio::awaitable<void> connect_command::pump_input() {
  std::vector<piece> pieces;
  error_code ec;
  while (!ec) {
    pieces.clear();
    ec = co_await input_.async_read(pieces);
    for (auto& p : pieces) co_await submit(std::move(p));
    spill_.settle();
  }
  if (ec != asio::error::eof && ec != asio::error::operation_aborted)
    local_failure_ = "cannot read standard input: " + ec.message();
  input_ended_ = true;
  changed_.notify();
}

asio::awaitable<void> connect_command::submit(piece p) {
  if (p.kind != piece_kind::line) {
    take_oversize(p);
    co_return;
  }
  ++lines_;
  if (spill_.wanted()) spill_.follow(p.text);
  message m(settings_.binary ? payload_kind::binary : payload_kind::text, std::move(p.text));
  const error_code ec = spill_.wanted() ? link_.try_send(std::move(m), spill_.last()) : link_.try_send(std::move(m));
  if (!ec) co_return;
  // NOLINTBEGIN(bugprone-use-after-move): a message is moved from only if it was taken.
  if (queue_is_full(ec) && settings_.link.queue.overflow == overflow::wait)
    co_await submit_when_there_is_room(std::move(m));
  else if (ec == errc::invalid_utf8)
    report_unsent("not UTF-8: use --binary", m.payload());
  else if (ec == errc::message_too_large)
    report_unsent("larger than the queue", m.payload());
  // NOLINTEND(bugprone-use-after-move)
}

asio::awaitable<void> connect_command::submit_when_there_is_room(message m) {
  auto result = co_await link_.async_send(std::move(m), asio::as_tuple(asio::use_awaitable));
  if (spill_.wanted() && !std::get<0>(result)) spill_.last() = std::get<1>(result);
}

void connect_command::take_oversize(const piece& p) {
  spill_.add_part(p.text);
  if (p.kind != piece_kind::oversize_end) return;
  spill_.end_of_parts();
  ++lines_;
  report_unsent("longer than --max-message-bytes", fmt::format("line {}", lines_));
}

// The link never saw it, so it has no event of its own.
void connect_command::report_unsent(std::string_view policy, std::string_view text) {
  event e(event_kind::overflow);
  e.status = link_.status();
  e.policy = policy;
  e.message = text.substr(0, 1024);
  printer_.on_event(e);
}

asio::awaitable<void> connect_command::pump_output() {
  for (;;) {
    auto result = co_await link_.async_receive_batch(batch_size, asio::as_tuple(asio::use_awaitable));
    if (std::get<0>(result)) break;
    const auto& batch = std::get<1>(result);
    received_ += batch.size();
    printer_.make_way();
    const error_code ec = co_await print_messages(output_, batch);
    if (!ec || stop_asked_) continue;
    // A reader who has seen enough is no failure.
    if (ec != asio::error::broken_pipe) local_failure_ = "cannot write standard output: " + ec.message();
    request_stop();
  }
  output_ended_ = true;
  changed_.notify();
}

}  // namespace tautline::cli
