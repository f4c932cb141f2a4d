// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A scripted server: what it does with connections and frames.
#include "testing/network_core.hpp"
#include "testing/simulated_connection.hpp"
#include "testing/wire.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <utility>

namespace tautline::testing {

namespace detail {

namespace {

// What a session puts in front of a payload does not count as part of the message.
constexpr std::size_t room_for_heads = 31;

}  // namespace

answer host_state::take_answer() {
  if (deserted()) return answer::refuse();
  if (next_answers.empty()) return usual;
  auto a = std::move(next_answers.front());
  next_answers.pop_front();
  return a;
}

void host_state::set_hole(direction d) {
  hole_up_ = hole_up_ || includes(d, direction::up);
  hole_down_ = hole_down_ || includes(d, direction::down);
}

void host_state::heal() {
  hole_up_ = hole_down_ = false;
  for (const auto& w : wires()) w->healed();
}

std::vector<std::shared_ptr<wire>> host_state::wires() {
  std::vector<std::shared_ptr<wire>> all;
  for (const auto& weak : wires_)
    if (auto w = weak.lock(); w && !w->server().failure()) all.push_back(std::move(w));
  wires_.assign(all.begin(), all.end());
  return all;
}

std::string host_state::choose_subprotocol(const std::vector<std::string>& offered) const {
  const auto is_offered = [&](const std::string& s) {
    return std::find(offered.begin(), offered.end(), s) != offered.end();
  };
  if (!listening) return is_offered(subprotocol) ? subprotocol : std::string();
  const auto& spoken = listening->subprotocols;
  const auto found = std::find_if(spoken.begin(), spoken.end(), is_offered);
  return found == spoken.end() ? std::string() : *found;
}

std::shared_ptr<transport::connection> host_state::open(const std::shared_ptr<network_core>& core,
                                                        const transport::connect_request& request,
                                                        const std::string& from, const answer& how) {
  const auto w = std::make_shared<wire>(core, shared_from_this(), from, ++connections);
  wires_.push_back(w);
  transport::connection_info info;
  info.peer = name;
  info.tls = request.url.substr(0, 4) == "wss:";
  info.subprotocol = choose_subprotocol(request.subprotocols);
  if (request.opts)
    w->client().max_message_bytes = request.opts->max_message_bytes + (info.subprotocol.empty() ? 0 : room_for_heads);
  auto client = std::make_shared<simulated_connection>(w, direction::up, info);
  const bool served = how.then_ == answer::ending::none;
  if (served && listening) {
    listening->take(std::make_shared<simulated_connection>(w, direction::down, std::move(info)));
  } else if (served && on_link) {
    environment env;
    env.time = core->shared_time();
    env.random = std::make_shared<seeded_random>(core->seed_for_a_link());
    env.connector =
        std::make_shared<handed_out>(std::make_shared<simulated_connection>(w, direction::down, std::move(info)));
    on_link(std::move(env));
  } else {
    serve(w, how);
  }
  return client;
}

void host_state::serve(const std::shared_ptr<wire>& w, const answer& how) {
  w->server().script = [self = shared_from_this(), weak = std::weak_ptr<wire>(w)](frame f) {
    self->on_frame(weak.lock(), std::move(f));
  };
  if (paused) w->server().pause();
  simulated_peer peer(w);
  switch (how.then_) {
    case answer::ending::none: break;
    case answer::ending::close: return peer.close(how.code_, how.reason_);
    case answer::ending::reset: return peer.reset();
    case answer::ending::drop: return peer.drop();
  }
  if (on_open) on_open(std::move(peer));
}

void host_state::on_frame(const std::shared_ptr<wire>& w, frame f) {
  using type = frame::type;
  if (f.what == type::fin) return w->server().finish();
  if (f.what == type::close) return on_close(w, f);
  if (f.what == type::pong || f.what == type::invalid) return;
  arrival a;
  a.time = w->core().now();
  a.connection = w->number();
  a.kind = f.what == type::binary ? payload_kind::binary : payload_kind::text;
  a.payload = std::move(f.payload);
  simulated_peer peer(w);
  if (reading_speed > 0) wait_before_reading(w, a.payload.size());
  if (f.what == type::ping) {
    pings.push_back(a);
    if (pongs == habit::yes) peer.pong(a.payload);
    return;
  }
  received.push_back(a);
  if (on_message) on_message(std::move(peer), a);
}

void host_state::wait_before_reading(const std::shared_ptr<wire>& w, std::size_t bytes) {
  auto& core = w->core();
  w->server().pause();
  const auto busy = std::chrono::nanoseconds(std::uint64_t{bytes} * 1'000'000'000U / reading_speed);
  core.time().call_at(core.now() + busy, [self = shared_from_this(), weak = std::weak_ptr<wire>(w)] {
    const auto open = weak.lock();
    if (open && !self->paused) open->server().resume();
  });
}

void host_state::on_close(const std::shared_ptr<wire>& w, const frame& f) {
  last_close_code = f.code == 0 ? std::uint16_t{1005} : f.code;
  if (closes == habit::no) return;
  w->server().send_close(f.code, {});
  w->server().finish();
}

}  // namespace detail

simulated_host::simulated_host(std::shared_ptr<detail::host_state> state) noexcept : state_(std::move(state)) {}

void simulated_host::answers(answer a) {
  state_->usual = std::move(a);
  state_->next_answers.clear();
}
void simulated_host::answers_next(answer a) { state_->next_answers.push_back(std::move(a)); }
void simulated_host::answers_pings(habit h) { state_->pongs = h; }
void simulated_host::answers_closes(habit h) { state_->closes = h; }
void simulated_host::speaks(std::string subprotocol) { state_->subprotocol = std::move(subprotocol); }
void simulated_host::on_open(std::function<void(simulated_peer)> f) { state_->on_open = std::move(f); }
void simulated_host::on_message(std::function<void(simulated_peer, const arrival&)> f) {
  state_->on_message = std::move(f);
}
void simulated_host::on_link(std::function<void(environment)> f) { state_->on_link = std::move(f); }

void simulated_host::echoes() {
  on_message([](simulated_peer peer, const arrival& a) { peer.send(message(a.kind, a.payload)); });
}

void simulated_host::pause_reading() {
  state_->paused = true;
  for (const auto& w : state_->wires()) w->server().pause();
}

void simulated_host::resume_reading() {
  state_->paused = false;
  for (const auto& w : state_->wires()) w->server().resume();
}

void simulated_host::reads_at_most(std::uint64_t bytes_per_second) { state_->reading_speed = bytes_per_second; }

void simulated_host::stop() {
  state_->stopped = true;
  reset_all();
}

void simulated_host::start() { state_->stopped = false; }

void simulated_host::path(path_options o) { state_->path = o; }
void simulated_host::black_hole(direction d) { state_->set_hole(d); }
void simulated_host::heal() { state_->heal(); }

void simulated_host::reset_all() {
  for (const auto& w : state_->wires()) w->reset();
}

void simulated_host::drop_all() {
  for (const auto& w : state_->wires()) w->server().finish();
}

void simulated_host::close_all(std::uint16_t code, std::string_view reason) {
  for (const auto& w : state_->wires()) w->server().send_close(code, reason);
}

void simulated_host::send_all(const message& m) {
  for (const auto& w : state_->wires()) simulated_peer(w).send(m);
}

const std::vector<arrival>& simulated_host::received() const noexcept { return state_->received; }
const std::vector<arrival>& simulated_host::pings() const noexcept { return state_->pings; }
const std::vector<attempt_record>& simulated_host::attempts() const noexcept { return state_->attempts; }
unsigned simulated_host::connections() const noexcept { return state_->connections; }
unsigned simulated_host::open_connections() const { return static_cast<unsigned>(state_->wires().size()); }
std::uint16_t simulated_host::last_close_code() const noexcept { return state_->last_close_code; }

}  // namespace tautline::testing
