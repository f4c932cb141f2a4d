// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Control messages of tautline.v1 from a stranger: what is understood can be said again and is
// understood as the same.
#include "delivery/session_codec.hpp"
#include "target.hpp"

#include <type_traits>
#include <variant>

namespace {

using namespace tautline::delivery;

std::string said(const control& c) {
  return std::visit(
      [](const auto& what) {
        if constexpr (std::is_same_v<std::decay_t<decltype(what)>, unknown_control>)
          return std::string();
        else
          return encode(what);
      },
      c);
}

void run(std::string_view bytes) {
  control c;
  const auto fault = decode_control(bytes, c);
  if (!fault.empty()) return;
  const auto text = said(c);
  fuzz::expect(text.size() <= max_control_bytes, "a control message keeps its bound");
  if (text.empty()) return;
  control again;
  fuzz::expect(decode_control(text, again).empty(), "what is encoded can be decoded");
  fuzz::expect(again.index() == c.index(), "it is of the same type");
  fuzz::expect(said(again) == text, "it says the same");
}

const fuzz::target t("control_json", run);

}  // namespace
