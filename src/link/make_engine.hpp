// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// How the server's end makes a link.
#ifndef TAUTLINE_SRC_LINK_MAKE_ENGINE_HPP
#define TAUTLINE_SRC_LINK_MAKE_ENGINE_HPP

#include <tautline/link.hpp>

#include <memory>

namespace tautline::detail {

/// Throws `system_error(errc::invalid_options)`, naming the field, also for no options at all.
[[nodiscard]] engine_ptr make_engine(asio::any_io_executor executor, std::shared_ptr<const options> opts,
                                     environment env);
/// The same, on a strand of `executor` that is there already: the one of its connection.
[[nodiscard]] engine_ptr make_engine(asio::any_io_executor executor, asio::any_io_executor strand,
                                     std::shared_ptr<const options> opts, environment env);

}  // namespace tautline::detail

#endif
