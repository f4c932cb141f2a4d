// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Frames as a peer may send them, right or wrong, and a strict reader of those that our ends send.
#ifndef TAUTLINE_TEST_CONFORMANCE_FRAMES_HPP
#define TAUTLINE_TEST_CONFORMANCE_FRAMES_HPP

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conformance {

/// Which end of ours is tested. A server's peer masks its frames, a client's does not.
enum class tested { client, server };

enum class length_form { shortest, two_bytes, eight_bytes };

/// One frame of the peer's.
struct peer_frame {
  peer_frame(unsigned f, std::string p) : first(f), payload(std::move(p)) {}

  unsigned first;  ///< FIN, the reserved bits, the opcode
  std::string payload;
  length_form length = length_form::shortest;
  std::optional<std::uint64_t> announced;  ///< a length in the header that is not the payload's
  bool mask_reversed = false;              ///< masked where it must not be, and the other way round
  std::uint32_t key = 0x37fa213d;          ///< that of the RFC's own example

  [[nodiscard]] peer_frame reserved(unsigned bits) const;  ///< 4: RSV1, 2: RSV2, 1: RSV3
  [[nodiscard]] peer_frame deflated() const { return reserved(4); }
  [[nodiscard]] peer_frame with_length(length_form f) const;
  [[nodiscard]] peer_frame announcing(std::uint64_t n) const;
  [[nodiscard]] peer_frame reversed_mask() const;
  [[nodiscard]] peer_frame masked_with(std::uint32_t k) const;
};

using frames = std::vector<peer_frame>;

[[nodiscard]] peer_frame text(std::string payload);
[[nodiscard]] peer_frame binary(std::string payload);
[[nodiscard]] peer_frame first_text(std::string payload);    ///< the first fragment of several
[[nodiscard]] peer_frame first_binary(std::string payload);  ///< the first fragment of several
[[nodiscard]] peer_frame more(std::string payload);          ///< a fragment that is not the last
[[nodiscard]] peer_frame last(std::string payload);
[[nodiscard]] peer_frame ping(std::string payload);
[[nodiscard]] peer_frame pong(std::string payload);
[[nodiscard]] peer_frame close();  ///< without a code
[[nodiscard]] peer_frame close(unsigned code, std::string_view reason = {});

[[nodiscard]] std::string encode(const peer_frame& f, tested to);
[[nodiscard]] std::string encode(const frames& all, tested to);

[[nodiscard]] std::string bytes(std::initializer_list<unsigned> values);
/// So many letters.
[[nodiscard]] std::string letters(std::size_t n);

/// A frame of ours.
struct our_frame {
  our_frame() = default;
  unsigned first = 0;
  std::string payload;
};

/// Takes one whole frame from the front of `in`. Nullopt: it is not all there. Throws, saying why, if
/// it breaks RFC 6455: wrong mask, a length longer than need be, reserved bits (RSV1 unless
/// `may_deflate`), an opcode that does not exist, a control frame that is too large or fragmented.
[[nodiscard]] std::optional<our_frame> take_frame(std::string& in, tested from, bool may_deflate);

}  // namespace conformance

#endif
