// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The neutral server's side of tautline.v1: no more of it than the measures need.
#ifndef TAUTLINE_BENCH_NEUTRAL_SESSION_HPP
#define TAUTLINE_BENCH_NEUTRAL_SESSION_HPP

#include "neutral.hpp"

#include <boost/json/parse.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

/// One session, over one connection or several: counts what comes, and answers what is asked.
class neutral_session {
 public:
  /// Of each data frame that `end` has got. True for a message of the application's.
  bool note(neutral_end& end, unsigned char first, std::string_view payload, std::string_view key) {
    if ((first & 0x0FU) != 1) {
      ++received_;
      unacknowledged_bytes_ += payload.size();
      return true;
    }
    const auto said = boost::json::parse(neutral_end::unmasked(payload, key)).as_object();
    const auto type = std::string_view(said.at("type").as_string());
    if (type == "hello") {
      const auto& theirs = said.at("window").as_object();
      window_messages_ = theirs.at("messages").to_number<std::uint64_t>();
      window_bytes_ = theirs.at("bytes").to_number<std::uint64_t>();
      end.owe(frame(0x81, welcome()));
    }
    if (type == "ack") confirmed_ = said.at("recv").to_number<std::uint64_t>();
    if (type == "ping")
      end.send(frame(0x81, fmt::format(R"({{"type":"pong","id":{},"timestamp":1780000000000,"recv":{}}})",
                                       said.at("id").to_number<std::uint64_t>(), received_)));
    return false;
  }

  [[nodiscard]] std::string ack() const { return frame(0x81, fmt::format(R"({{"type":"ack","recv":{}}})", received_)); }
  /// The same behind what is being read, where a good part of the window is used.
  void acknowledge_some(neutral_end& end) {
    if (received_ - acknowledged_ < window / 16 && unacknowledged_bytes_ < window_in_bytes / 64) return;
    acknowledged_ = received_;
    unacknowledged_bytes_ = 0;
    end.owe(ack());
  }

  /// How many messages of so many bytes the client allows beyond those that it has confirmed.
  [[nodiscard]] std::uint64_t allowed(std::size_t size) const noexcept {
    return std::min<std::uint64_t>(window_messages_, std::max<std::uint64_t>(window_bytes_ / size, 1));
  }
  [[nodiscard]] bool opened() const noexcept { return window_messages_ != 0; }
  [[nodiscard]] std::uint64_t confirmed() const noexcept { return confirmed_; }

  /// The frame of a message with this number.
  static void append_data(std::string& out, std::uint64_t seq, std::string_view payload) {
    char head[1 + 10] = {1};
    std::size_t size = 1;
    for (; seq >= 0x80; seq >>= 7U) head[size++] = static_cast<char>(seq | 0x80U);
    head[size++] = static_cast<char>(seq);
    append_frame_head(out, 0x82, size + payload.size());
    out.append(head, size).append(payload);
  }

 private:
  static constexpr std::uint64_t window = 100'000, window_in_bytes = std::uint64_t{64} * 1024 * 1024;

  [[nodiscard]] std::string welcome() const {
    return fmt::format(R"({{"type":"welcome","version":1,"session":"bench","resumed":{},{}"recv":{},"from":1,)"
                       R"("window":{{"messages":{},"bytes":{}}},"heartbeat_ms":30000,"retain_ms":120000,)"
                       R"("max_message_bytes":16777216}})",
                       received_ > 0, received_ > 0 ? "" : R"("reason":"new",)", received_, window, window_in_bytes);
  }

  std::uint64_t received_ = 0, acknowledged_ = 0, unacknowledged_bytes_ = 0;
  std::uint64_t window_messages_ = 0, window_bytes_ = 0, confirmed_ = 0;
};

}  // namespace bench

#endif
