// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "transport/lookup.hpp"

#include "transport/await_operation.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace tautline::transport {

using asio::ip::tcp;

std::optional<tcp::endpoint> literal_address(const std::string& host, std::uint16_t port) {
  error_code not_literal;
  const auto literal = asio::ip::make_address(host, not_literal);
  if (not_literal) return std::nullopt;
  return tcp::endpoint(literal, port);
}

endpoints without(const endpoints& some, const endpoints& others) {
  endpoints rest;
  std::copy_if(some.begin(), some.end(), std::back_inserter(rest), [&others](const tcp::endpoint& e) {
    return std::find(others.begin(), others.end(), e) == others.end();
  });
  return rest;
}

resolve_function system_resolver() {
  return [](const asio::any_io_executor& executor, const std::string& host, std::uint16_t port,
            std::function<void(error_code, endpoints)> told) {
    auto resolver = std::make_shared<tcp::resolver>(executor);
    auto on_end = [resolver, told = std::move(told)](error_code ec, const tcp::resolver::results_type& results) {
      endpoints found;
      for (const auto& entry : results) found.push_back(entry.endpoint());
      told(ec, std::move(found));
    };
    resolver->async_resolve(host, std::to_string(port), tcp::resolver::numeric_service,
                            asio::bind_executor(executor, std::move(on_end)));
    return [weak = std::weak_ptr<tcp::resolver>(resolver)] {
      if (const auto asked = weak.lock()) asked->cancel();
    };
  };
}

namespace {

void put_first(endpoints& all, const tcp::endpoint& one) {
  const auto at = std::find(all.begin(), all.end(), one);
  if (at != all.end()) std::rotate(all.begin(), at, std::next(at));
}

}  // namespace

endpoints known_addresses::find(const std::string& host, std::uint16_t port) const {
  const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) { return e.is(host, port); });
  return at == entries_.end() ? endpoints() : at->addresses;
}

void known_addresses::reached(const std::string& host, std::uint16_t port, endpoints all, const tcp::endpoint& by) {
  put_first(all, by);
  std::erase_if(entries_, [&](const entry& e) { return e.is(host, port); });
  if (entries_.size() == most) entries_.erase(entries_.begin());
  entries_.push_back({host, port, std::move(all)});
}

void known_addresses::looked_up(const std::string& host, std::uint16_t port, error_code ec, const endpoints& found) {
  const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) { return e.is(host, port); });
  if (at == entries_.end()) return;
  if (ec == asio::error::host_not_found) {
    entries_.erase(at);
  } else if (!ec && !found.empty()) {
    endpoints now = found;
    put_first(now, at->addresses.front());
    at->addresses = std::move(now);
  }
}

void lookup::start(const resolve_function& resolve, const asio::any_io_executor& strand,
                   std::weak_ptr<known_addresses> book, const std::shared_ptr<lookup>& self) {
  book_ = std::move(book);
  call_off_ = resolve(strand, host_, port_,
                      [self](error_code ec, endpoints addresses) { self->ended(ec, std::move(addresses)); });
}

void lookup::call_off() noexcept {
  if (call_off_) call_off_();
}

void lookup::ended(error_code ec, endpoints addresses) {
  found_->ended = true;
  found_->ec = ec;
  found_->addresses = std::move(addresses);
  if (const auto book = book_.lock()) book->looked_up(host_, port_, ec, found_->addresses);
  const auto f = std::exchange(on_end_, nullptr);
  if (f) f();
}

asio::awaitable<error_code> async_wait_for(asio::any_io_executor strand, std::weak_ptr<lookup> asked,
                                           std::shared_ptr<const lookup::findings> found,
                                           std::shared_ptr<attempt_limits> limits) {
  if (found->ended) co_return found->ec;
  auto start = [&asked, &limits](waiter w) {
    const auto waiting = std::make_shared<waiter>(std::move(w));
    const auto question = asked.lock();
    if (!question) return wake(std::move(*waiting), asio::error::operation_aborted);  // its context is going
    question->on_end([waiting] {
      if (*waiting) wake(std::move(*waiting), error_code());
    });
    limits->stop_with([weak = std::weak_ptr<waiter>(waiting)] {
      const auto still = weak.lock();
      if (still && *still) wake(std::move(*still), asio::error::operation_aborted);
    });
  };
  const error_code stopped = co_await await_operation(strand, std::move(start));
  limits->stop_with(nullptr);
  if (const auto question = asked.lock()) question->on_end(nullptr);
  co_return stopped ? stopped : found->ec;
}

}  // namespace tautline::transport
