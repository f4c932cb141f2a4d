// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A case: what the peer sends on an open connection, and what has to come of it. The same script is
// played to a client and to a server.
#ifndef TAUTLINE_TEST_CONFORMANCE_SCRIPT_HPP
#define TAUTLINE_TEST_CONFORMANCE_SCRIPT_HPP

#include <tautline/error.hpp>

#include "frames.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace conformance {

/// How the peer's bytes go out. Each write is read by our end before the next one follows.
enum class pace { at_once, byte_by_byte, two_writes };

/// A message as the application gets it.
struct body {
  body(bool t, std::string p) : is_text(t), payload(std::move(p)) {}
  bool is_text;
  std::string payload;
  bool operator==(const body&) const = default;
};

/// What ends the conversation.
enum class finish {
  agreed,  ///< the harness closes with 1000 when everything was answered
  closed,  ///< a close frame of the script's, which is answered
  failed,  ///< our end closes
  cut,     ///< the peer's end of file, without a close frame
};

/// Agreed on in the upgrade.
struct deflate_terms {
  deflate_terms() = default;
  explicit deflate_terms(std::string p) : parameters(std::move(p)) {}
  std::string parameters;  ///< behind "permessage-deflate"
};

class script {
 public:
  explicit script(std::string n) : name(std::move(n)) {}

  [[nodiscard]] script sends(frames f) const;
  [[nodiscard]] script delivers(std::string text) const;
  [[nodiscard]] script delivers_binary(std::string payload) const;
  [[nodiscard]] script pongs(std::vector<std::string> payloads) const;

  /// Our end closes with this code and reports this error.
  [[nodiscard]] script fails(unsigned code, tautline::errc why) const;
  /// 1002, as most breaches do.
  [[nodiscard]] script breaks_the_protocol() const { return fails(1002, tautline::errc::protocol_error); }
  [[nodiscard]] script is_not_utf8() const { return fails(1007, tautline::errc::invalid_utf8); }
  [[nodiscard]] script is_too_large() const { return fails(1009, tautline::errc::message_too_large); }
  /// The script's own close frame is answered with the same code, which is reported with its reason.
  [[nodiscard]] script closes(unsigned code, std::string reason = {}) const;
  [[nodiscard]] script is_cut_off() const;

  [[nodiscard]] script byte_by_byte() const;
  /// Broken in two at that byte of the frames' encoding, counted from the end.
  [[nodiscard]] script broken_before_the_last(std::size_t n) const;
  [[nodiscard]] script with_limit(std::size_t max_message_bytes) const;
  [[nodiscard]] script with_deflate(std::string parameters = {}) const;
  [[nodiscard]] script only_to(tested t) const;

  std::string name;
  frames sent;
  std::vector<body> delivered;
  std::vector<std::string> answered_pings;
  finish ending = finish::agreed;
  unsigned close_code = 1000;
  std::string reason;
  tautline::error_code why;
  pace how = pace::at_once;
  std::size_t second_write = 0;
  std::size_t limit = std::size_t{1} << 20U;
  std::optional<deflate_terms> deflate;
  std::optional<tested> only;
};

/// Plays it on sockets and checks everything.
void play(const script& s, tested whom);

using named_test = std::pair<std::string, std::function<void()>>;

/// Makes tests of cases. For objects of static duration.
class table {
 public:
  /// Each at each end, in the suites `<category>_at_a_client` and `<category>_at_a_server`.
  table(const std::string& category, std::vector<script> cases);
  /// Of another kind, in the suite `category`.
  table(const std::string& category, const std::vector<named_test>& cases);
};

/// All cases of all tables.
[[nodiscard]] std::vector<script>& all_cases();

}  // namespace conformance

#endif
