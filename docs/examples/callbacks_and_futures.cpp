// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Without coroutines: handlers that are lambdas, and futures for a thread that may block. Every
// operation of a link takes any completion token of Asio, and may be started from any thread.
// Usage: callbacks_and_futures [URL]. Without a URL it talks to a server of its own.
#include <tautline/tautline.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <exception>
#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace asio = boost::asio;

// Two threads print here: a line in one piece is not torn.
void print(std::string line) {
  line += '\n';
  std::cout << line;
}

// A loop of callbacks: each message that is handled asks for the next. It ends with the link.
void print_all(tautline::link& link, std::promise<std::string>& last) {
  link.async_receive([&](tautline::error_code ec, tautline::message m) {
    if (ec) {
      print("no more messages: " + ec.message());
      return;
    }
    print("callback: " + std::string(m.payload()));
    if (m.payload() == "second") last.set_value(m.take_payload());
    print_all(link, last);
  });
}

// The other end, in callbacks too: `peer` lives as long as a handler holds it.
void echo(const std::shared_ptr<tautline::link>& peer) {
  peer->async_receive([peer](tautline::error_code ec, tautline::message m) {
    if (ec) return;
    peer->async_send(std::move(m), [peer](tautline::error_code failed, tautline::receipt) {
      if (!failed) echo(peer);
    });
  });
}

void accept_one(tautline::server& server) {
  server.async_accept([&server](tautline::error_code ec, tautline::link peer) {
    server.cancel();
    if (ec) return;
    auto kept = std::make_shared<tautline::link>(std::move(peer));
    kept->async_run(asio::detached);
    echo(kept);
  });
}

void talk(tautline::link& link) {
  std::promise<std::string> last;
  print_all(link, last);

  std::future<void> ended = link.async_run(asio::use_future);
  link.async_send("first", asio::detached);

  // `get` throws what went wrong as boost::system::system_error.
  std::future<tautline::receipt> sent = link.async_send("second", tautline::stage::delivered, asio::use_future);
  const tautline::receipt r = sent.get();
  print("future: " + std::string(to_string(r.outcome())) + " with attempt " + std::to_string(r.attempts()));

  last.get_future().get();
  link.async_close(asio::use_future).get();
  ended.get();
}

int main(int argc, char* argv[]) {
  try {
    asio::io_context io;
    tautline::server server(io.get_executor(), tautline::server_options());
    std::string url = argc > 1 ? argv[1] : "";
    if (url.empty()) {
      if (const auto ec = server.listen()) throw boost::system::system_error(ec);
      accept_one(server);
      url = server.url();
    }
    tautline::link link(io.get_executor(), tautline::options(url));

    auto work = asio::make_work_guard(io);
    std::thread runner([&io] { io.run(); });
    std::exception_ptr failure;
    try {
      talk(link);
    } catch (...) {
      failure = std::current_exception();
      io.stop();
    }
    work.reset();
    runner.join();
    if (failure) std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
