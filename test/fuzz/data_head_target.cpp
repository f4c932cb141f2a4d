// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Heads of data messages.
#include "delivery/session_codec.hpp"
#include "target.hpp"

#include <array>

namespace {

using namespace tautline::delivery;

void run(std::string_view bytes) {
  data_head h;
  if (decode_head(bytes, h) != nullptr) return;
  fuzz::expect(h.size <= bytes.size(), "a head is a part of its message");
  fuzz::expect(h.seq >= 1, "numbers begin at 1");
  fuzz::expect(!h.is_void || h.count >= 1, "a void has numbers");
  std::array<char, max_head_bytes> out{};
  const auto size = encode_head(h, out.data());
  fuzz::expect(size <= out.size(), "a head keeps its bound");
  data_head again;
  fuzz::expect(decode_head({out.data(), size}, again) == nullptr, "what is encoded can be decoded");
  fuzz::expect(again.seq == h.seq && again.ack == h.ack && again.text == h.text, "it says the same");
  fuzz::expect(again.is_void == h.is_void && again.count == h.count, "it is the same void");
}

const fuzz::target t("data_head", run);

}  // namespace
