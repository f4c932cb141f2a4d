// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The other end where both are tautline: a server whose peers are all run.
#ifndef TAUTLINE_BENCH_SERVICE_HPP
#define TAUTLINE_BENCH_SERVICE_HPP

#include <tautline/tautline.hpp>

#include "measure.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace bench {

using link_ptr = std::shared_ptr<tautline::link>;

/// Runs each peer that comes, and hands it to `use(link_ptr)`. It lives until its run ends.
template <class Use>
boost::asio::awaitable<void> take_links(tautline::server& s, Use use) {
  for (;;) {
    auto accepted = co_await s.async_accept(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (std::get<0>(accepted)) co_return;
    const auto l = std::make_shared<tautline::link>(std::move(std::get<1>(accepted)));
    l->async_run([l](tautline::error_code) {});
    use(l);
  }
}

/// Tells `fd` its port, and serves for ever; `talk(link_ptr)` is the coroutine for each peer.
template <class Talk>
void run_service(const tautline::server_options& o, int fd, Talk talk) {
  boost::asio::io_context io(1);
  tautline::server s(io.get_executor(), o);
  if (s.listen()) ::_exit(1);
  tell(fd, s.local_endpoint().port());
  const auto use = [&](const link_ptr& l) { boost::asio::co_spawn(io, talk(l), boost::asio::detached); };
  boost::asio::co_spawn(io, take_links(s, use), boost::asio::detached);
  io.run();
}

/// Receives in batches and drops what comes.
inline boost::asio::awaitable<void> sink(link_ptr l) {
  for (;;) {
    auto got = co_await l->async_receive_batch(4096, boost::asio::as_tuple(boost::asio::use_awaitable));
    if (std::get<0>(got)) co_return;
  }
}

}  // namespace bench

#endif
