// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// When an io_context is destroyed with operations pending, their handlers have to go with it:
// they may own the very object that stores them, and nothing else would break that ring.
#ifndef TAUTLINE_SRC_LINK_ABANDON_HPP
#define TAUTLINE_SRC_LINK_ABANDON_HPP

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace tautline::detail {

/// Something that stores handlers.
class abandonable {
 public:
  abandonable() = default;
  abandonable(const abandonable&) = delete;
  abandonable& operator=(const abandonable&) = delete;
  /// Destroys all stored handlers without calling them. The context is going away.
  virtual void abandon() noexcept = 0;

 protected:
  ~abandonable() = default;
};

/// From now until it dies, `object` is abandoned when the context of `executor` is destroyed.
void abandon_with_context(const boost::asio::any_io_executor& executor, const std::shared_ptr<abandonable>& object);

}  // namespace tautline::detail

#endif
