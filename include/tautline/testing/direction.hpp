// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The two directions of a path, as the test kit names them.
#ifndef TAUTLINE_TESTING_DIRECTION_HPP
#define TAUTLINE_TESTING_DIRECTION_HPP

namespace tautline::testing {

enum class direction : unsigned char {
  up,    ///< from the client to the server
  down,  ///< from the server to the client
  both,
};

[[nodiscard]] constexpr bool includes(direction d, direction one) noexcept { return d == direction::both || d == one; }

}  // namespace tautline::testing

#endif
