// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The server: sockets come in, go through their handshakes, and leave as links.
#ifndef TAUTLINE_SRC_SERVER_SERVER_IMPL_HPP
#define TAUTLINE_SRC_SERVER_SERVER_IMPL_HPP

#include <tautline/server.hpp>

#include "link/abandon.hpp"
#include "server/census.hpp"
#include "server/drain.hpp"
#include "server/listener.hpp"
#include "server/read_hello.hpp"
#include "server/session_registry.hpp"
#include "transport/handshake.hpp"

#include <boost/asio/post.hpp>

#include <atomic>
#include <deque>
#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace tautline::detail {

/// Public functions may be called on any thread; what they start happens on the server's strand.
/// Each peer has a strand of its own, on which its handshake and then its link live.
class server_impl final : public abandonable, public std::enable_shared_from_this<server_impl> {
 public:
  server_impl(asio::any_io_executor executor, server_options opts, environment env);

  [[nodiscard]] error_code listen();
  [[nodiscard]] asio::ip::tcp::endpoint local_endpoint() const;
  [[nodiscard]] std::string url() const;
  void adopt(asio::ip::tcp::socket socket, std::optional<upgrade_request> request);
  /// The same for a connection that has been upgraded, on `strand`.
  void adopt(asio::any_io_executor strand, std::shared_ptr<transport::connection> connection);
  void accept(operation_ptr<void(error_code, link)> op);
  void drain_peers(duration window, operation_ptr<void(error_code)> op);
  /// Stops; what waits ends with `why`.
  void stop(error_code why);
  void abandon() noexcept override;

  [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return executor_; }
  [[nodiscard]] server_metrics metrics() const { return people_->metrics(); }

 private:
  struct handshake;
  using handshake_ptr = std::shared_ptr<handshake>;
  using accept_operation = operation<void(error_code, link)>;

  // Any thread.
  /// Makes it at first use; none, and no error, if the options name no certificate.
  [[nodiscard]] error_code get_tls(std::shared_ptr<transport::tls_acceptor>& acceptor);
  template <class Work>
  void on_strand(Work work);

  [[nodiscard]] error_code open_acceptor();

  // On the strand.
  void open_listener(std::shared_ptr<listener> l);
  void begin(asio::ip::tcp::socket socket, std::optional<upgrade_request> request);
  [[nodiscard]] bool find_place(handshake& h);
  [[nodiscard]] bool choose_tls(handshake& h);
  void spawn(const handshake_ptr& h, asio::ip::tcp::socket socket);
  void finish(const handshake_ptr& h, std::exception_ptr failure, transport::handshake_result result);
  void admit(const handshake_ptr& h, std::shared_ptr<transport::connection> connection);
  void count_end(const handshake& h, const transport::handshake_result& result);
  void await_hello(const handshake_ptr& h, std::shared_ptr<transport::connection> connection);
  void on_hello(const handshake_ptr& h, std::shared_ptr<transport::connection> connection, const hello_result& r);
  [[nodiscard]] session_registry& sessions();
  [[nodiscard]] std::string peer_url(const handshake& h, const transport::connection_info& info) const;
  [[nodiscard]] link make_link(handshake& h, std::shared_ptr<transport::connection> connection);
  void arrive(link peer);
  void add_accept(operation_ptr<void(error_code, link)> op);
  void cancel_accept(std::uint64_t id);
  void take_back(link peer);
  void close(error_code why);
  void start_drain(duration window, operation_ptr<void(error_code)> op);
  template <class Then>
  void run_unclaimed(Then then);

  const asio::any_io_executor executor_;
  asio::any_io_executor strand_;  // empty once the context is gone
  const std::shared_ptr<const server_options> opts_;
  environment env_;
  const std::shared_ptr<census> people_;
  std::atomic<bool> abandoned_{false};
  std::atomic<std::uint64_t> last_id_{0};

  mutable std::mutex mutex_;  // for the three below
  std::shared_ptr<transport::tls_acceptor> tls_;
  asio::ip::tcp::endpoint endpoint_;
  std::weak_ptr<listener> port_holder_;

  std::shared_ptr<session_registry> sessions_;  // none before the first hello
  std::shared_ptr<listener> listener_;
  std::set<handshake_ptr> handshakes_;
  std::size_t refusing_ = 0;
  std::deque<link> ready_;
  std::list<operation_ptr<void(error_code, link)>> accepts_;
  std::shared_ptr<drain> drain_;
  bool closed_ = false;
};

template <class Work>
void server_impl::on_strand(Work work) {
  if (abandoned_) return;
  asio::post(strand_, [self = shared_from_this(), work = std::move(work)]() mutable { work(*self); });
}

}  // namespace tautline::detail

#endif
