// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Plays a script: a bare socket says its lines to an end of ours, which sends every message back.
#include "deflate.hpp"
#include "ends.hpp"
#include "script.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <exception>

namespace conformance {

std::ostream& operator<<(std::ostream& out, const body& b) {
  return out << (b.is_text ? "text of " : "binary of ") << b.payload.size() << " bytes: " << b.payload.substr(0, 60);
}

namespace {

// A message of its own in front of every case: what is valid is delivered, whatever comes after it.
const char* const greeting = "before";

struct performance {
  performance(asio::io_context& io, const script& s, tested t)
      : lines(s), whom(t), context(io), time(std::make_shared<watched_time>()), peer(io) {
    expected.emplace_back(true, greeting);
    expected.insert(expected.end(), s.delivered.begin(), s.delivered.end());
  }

  const script& lines;
  tested whom;
  asio::io_context& context;
  std::shared_ptr<watched_time> time;
  std::vector<body> expected;

  tautline::link ours;
  std::vector<body> delivered;
  tautline::cause why;  ///< of the connection's end
  bool run_over = false, receive_over = false, events_over = false;

  tcp::socket peer;
  std::vector<body> echoes;
  std::vector<std::string> pongs;
  std::optional<std::string> close_payload;
  std::size_t frames_behind_close = 0;
  bool read_over = false;
  std::exception_ptr reader_failed;
};

std::string extension_field(const script& s) {
  return s.deflate ? "Sec-WebSocket-Extensions: permessage-deflate" + s.deflate->parameters + "\r\n" : std::string();
}

asio::awaitable<void> open_client(performance& p) {
  tcp::acceptor acceptor(p.context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  auto options = client_options(acceptor.local_endpoint());
  options.max_message_bytes = p.lines.limit;
  options.compress = p.lines.deflate.has_value();
  tautline::environment env;
  env.time = p.time;
  p.ours = tautline::link(p.context.get_executor(), std::move(options), std::move(env));
  p.ours.async_run([&p](tautline::error_code) { p.run_over = true; });
  p.peer = co_await acceptor.async_accept(asio::use_awaitable);
  const auto request = co_await read_head(p.peer);
  auto answer = upgrade_answer_to(request, extension_field(p.lines));
  co_await write(p.peer, std::move(answer));
}

asio::awaitable<void> open_server(performance& p) {
  auto options = server_options();
  options.link.max_message_bytes = p.lines.limit;
  options.link.compress = p.lines.deflate.has_value();
  tautline::environment env;
  env.time = p.time;
  tautline::server server(p.context.get_executor(), std::move(options), std::move(env));
  BOOST_REQUIRE(!server.listen());
  co_await p.peer.async_connect(server.local_endpoint(), asio::use_awaitable);
  auto request = upgrade_request_with(extension_field(p.lines));
  co_await write(p.peer, std::move(request));
  p.ours = co_await server.async_accept(asio::use_awaitable);
  p.ours.async_run([&p](tautline::error_code) { p.run_over = true; });
  const auto answer = co_await read_head(p.peer);
  BOOST_REQUIRE(answer.starts_with("HTTP/1.1 101"));
}

asio::awaitable<void> receive_and_echo(performance& p) {
  for (;;) {
    auto got = co_await p.ours.async_receive(as_tuple);
    if (std::get<0>(got)) break;
    tautline::message m = std::move(std::get<1>(got));
    p.delivered.emplace_back(m.kind() == tautline::payload_kind::text, std::string(m.payload()));
    // May fail: the connection may have ended by now.
    (void)p.ours.try_send(std::move(m));
  }
  p.receive_over = true;
}

asio::awaitable<void> watch_events(performance& p) {
  for (;;) {
    auto got = co_await p.ours.async_next_event(as_tuple);
    if (std::get<0>(got)) break;
    if (std::get<1>(got).kind == tautline::event_kind::down) p.why = std::get<1>(got).why;
  }
  p.events_over = true;
}

void hear(performance& p, our_frame f, body& message, bool& deflated, inflater& unpack) {
  const unsigned opcode = f.first & 0x0FU;
  if (p.close_payload) ++p.frames_behind_close;
  if (opcode == 8) p.close_payload = std::move(f.payload);
  if (opcode == 10) p.pongs.push_back(std::move(f.payload));
  if (opcode > 2) return;
  if (opcode != 0) {
    message = body(opcode == 1, {});
    deflated = (f.first & 0x40U) != 0;
  }
  message.payload += f.payload;
  if ((f.first & 0x80U) == 0) return;
  if (deflated) message.payload = unpack.read(std::move(message.payload));
  p.echoes.push_back(message);
}

asio::awaitable<void> listen_to_ours(performance& p) {
  std::string in;
  std::array<char, 16384> piece{};
  body message(true, {});
  bool deflated = false;
  inflater unpack;
  for (;;) {
    const auto got = co_await p.peer.async_read_some(asio::buffer(piece), as_tuple);
    if (std::get<0>(got)) break;
    in.append(piece.data(), std::get<1>(got));
    try {
      while (auto f = take_frame(in, p.whom, p.lines.deflate.has_value()))
        hear(p, std::move(*f), message, deflated, unpack);
    } catch (...) {
      p.reader_failed = std::current_exception();
      break;
    }
  }
  p.read_over = true;
}

asio::awaitable<void> say_and_be_read(performance& p, std::string words) {
  const auto before = p.time->looks();
  co_await write(p.peer, std::move(words));
  std::function<bool()> was_read = [&p, before] { return p.time->looks() != before || p.read_over; };
  co_await eventually(std::move(was_read));
}

asio::awaitable<void> say(performance& p, std::string words) {
  switch (p.lines.how) {
    case pace::at_once: co_await write(p.peer, std::move(words)); break;
    case pace::byte_by_byte:
      for (const char c : words) co_await say_and_be_read(p, std::string(1, c));
      break;
    case pace::two_writes: {
      const auto at = words.size() - p.lines.second_write;
      co_await say_and_be_read(p, words.substr(0, at));
      co_await write(p.peer, words.substr(at));
      break;
    }
  }
}

asio::awaitable<void> until_echoed(performance& p, std::size_t messages, std::size_t pings) {
  std::function<bool()> all_there = [&p, messages, pings] {
    return p.read_over || (p.echoes.size() >= messages && p.pongs.size() >= pings);
  };
  co_await eventually(std::move(all_there));
}

asio::awaitable<void> say_all(performance& p) {
  co_await write(p.peer, encode(text(greeting), p.whom));
  co_await until_echoed(p, 1, 0);
  co_await say(p, encode(p.lines.sent, p.whom));
  if (p.lines.ending == finish::agreed) {
    co_await until_echoed(p, p.expected.size(), p.lines.answered_pings.size());
    co_await write(p.peer, encode(close(1000), p.whom));
  }
  if (p.lines.ending == finish::cut) p.peer.shutdown(tcp::socket::shutdown_send);
}

void check_link(const performance& p) {
  BOOST_TEST(p.delivered == p.expected, boost::test_tools::per_element());
  const auto& why = p.why;
  switch (p.lines.ending) {
    case finish::agreed: BOOST_TEST(why.close_code == 1000U); break;
    case finish::closed:
      BOOST_TEST(why.close_code == p.lines.close_code);
      BOOST_TEST(why.close_reason == p.lines.reason);
      break;
    case finish::failed:
      BOOST_TEST(why.code == p.lines.why);
      BOOST_TEST(why.close_code == 0U);
      break;
    case finish::cut:
      BOOST_TEST(why.code == asio::error::eof);
      BOOST_TEST(why.close_code == 0U);
      break;
  }
}

void check_peer(const performance& p) {
  if (p.reader_failed) std::rethrow_exception(p.reader_failed);
  BOOST_TEST(p.pongs == p.lines.answered_pings, boost::test_tools::per_element());
  if (p.lines.ending == finish::agreed) BOOST_TEST(p.echoes == p.expected, boost::test_tools::per_element());
  BOOST_TEST(p.frames_behind_close == 0U);
  BOOST_TEST(p.close_payload.has_value() == (p.lines.ending != finish::cut));
  if (!p.close_payload) return;
  const std::string code = p.close_payload->substr(0, 2);
  // There is no code to send back to a close without one.
  const std::string due = close(p.lines.close_code == 1005 ? 1000 : p.lines.close_code).payload;
  BOOST_TEST(code == due);
}

asio::awaitable<void> perform(performance& p) {
  if (p.whom == tested::client)
    co_await open_client(p);
  else
    co_await open_server(p);
  p.peer.set_option(tcp::no_delay(true));
  asio::co_spawn(p.context, receive_and_echo(p), asio::detached);
  asio::co_spawn(p.context, watch_events(p), asio::detached);
  asio::co_spawn(p.context, listen_to_ours(p), asio::detached);
  co_await say_all(p);
  std::function<bool()> over = [&p] { return p.read_over && p.run_over && p.receive_over && p.events_over; };
  co_await eventually(std::move(over));
  check_link(p);
  check_peer(p);
}

}  // namespace

void play(const script& s, tested whom) {
  run([&](asio::io_context& io) -> asio::awaitable<void> {
    performance p(io, s, whom);
    co_await perform(p);
  });
}

}  // namespace conformance
