// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Virtual time: sleepers that wait in a timetable, and the driver that empties it.
#include <tautline/testing/virtual_time.hpp>

#include "testing/timetable.hpp"

#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace tautline::testing {

namespace {

constexpr std::size_t spinning = 1'000'000;
constexpr std::uint64_t most_at_once = 100'000;
// 2026-01-01T00:00:00Z
constexpr std::chrono::seconds utc_start(1'767'225'600);
constexpr time_point start_of_time{std::chrono::seconds(1'000'000)};

/// Destroys what waits when its io_context goes, as Asio's timer services do.
class end_of_time final : public asio::execution_context::service {
 public:
  inline static asio::execution_context::id id;

  explicit end_of_time(asio::execution_context& context) : service(context) {}
  void watch(const std::shared_ptr<detail::timetable>& table) { tables_.push_back(table); }

 private:
  void shutdown() noexcept override {
    for (const auto& weak : tables_)
      if (const auto table = weak.lock()) table->shut_down();
  }

  std::vector<std::weak_ptr<detail::timetable>> tables_;
};

class virtual_sleeper final : public sleeper {
 public:
  using callback = std::function<void(bool)>;

  virtual_sleeper(std::shared_ptr<detail::timetable> table, asio::any_io_executor executor)
      : table_(std::move(table)), executor_(std::move(executor)) {}
  ~virtual_sleeper() override { end_wait(); }

  void wait_until(time_point when, callback on_due) override {
    end_wait();
    const auto f = std::make_shared<callback>(std::move(on_due));
    waiting_ = f;
    number_ = table_->add(when, [executor = executor_, f] { post(executor, std::move(*f), true); });
  }

  void cancel() override { end_wait(); }

 private:
  static void post(const asio::any_io_executor& executor, callback f, bool due) {
    asio::post(executor, [f = std::move(f), due] { f(due); });
  }

  void end_wait() {
    const auto entry = table_->take_back(number_);
    if (!entry) return;
    post(executor_, std::move(*waiting_.lock()), false);
  }

  std::shared_ptr<detail::timetable> table_;
  asio::any_io_executor executor_;
  std::weak_ptr<callback> waiting_;  // the timetable owns it, so that it goes with the execution context
  std::uint64_t number_ = 0;
};

}  // namespace

virtual_time::virtual_time(asio::io_context& io) : io_(io), table_(std::make_shared<detail::timetable>()) {
  asio::use_service<end_of_time>(io).watch(table_);
}

virtual_time::~virtual_time() = default;

time_point virtual_time::now() const noexcept { return table_->now(); }

std::chrono::system_clock::time_point virtual_time::utc_now() const noexcept {
  using utc = std::chrono::system_clock;
  return utc::time_point(utc_start) + std::chrono::duration_cast<utc::duration>(table_->now() - start_of_time);
}

std::unique_ptr<sleeper> virtual_time::make_sleeper(const asio::any_io_executor& executor) {
  return std::make_unique<virtual_sleeper>(table_, executor);
}

void virtual_time::settle() {
  if (io_.stopped()) io_.restart();
  for (std::size_t n = 0; io_.poll_one() != 0; ++n, ++handlers_)
    if (n == spinning) throw std::runtime_error("virtual time stands still: handlers keep making handlers ready");
}

bool virtual_time::fire_next(time_point until) {
  const auto before = table_->now();
  const auto f = table_->pop(until);
  if (!f) return false;
  fired_now_ = table_->now() == before ? fired_now_ + 1 : 0;
  if (fired_now_ == most_at_once) throw std::runtime_error("virtual time stands still: timers are due again and again");
  (*f)();
  return true;
}

void virtual_time::run_for(duration d) {
  const auto end = now() + d;
  do settle();
  while (fire_next(end));
  table_->advance_to(end);
}

bool virtual_time::run_until(const std::function<bool()>& done, duration limit) {
  const auto end = now() + limit;
  for (;;) {
    settle();
    if (done()) return true;
    if (!fire_next(end)) break;
  }
  table_->advance_to(end);
  return done();
}

bool virtual_time::run_until_idle(duration limit) {
  const auto end = now() + limit;
  do settle();
  while (fire_next(end));
  return !table_->has_future();
}

void virtual_time::jump(duration d) { table_->advance_to(now() + d); }

std::size_t virtual_time::waiting() const noexcept { return table_->size(); }

std::uint64_t virtual_time::call_at(time_point when, std::function<void()> f) {
  return table_->add(when, std::move(f));
}

std::function<void()> virtual_time::take_back(std::uint64_t number) { return table_->take_back(number); }

std::string seeded_random::secret(std::size_t bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) {
    const auto byte = next() >> 56U;
    text.push_back(digits[byte >> 4U]);
    text.push_back(digits[byte & 15U]);
  }
  return text;
}

std::uint64_t seeded_random::next() noexcept {
  auto z = state_.fetch_add(0x9E3779B97F4A7C15U, std::memory_order_relaxed) + 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

}  // namespace tautline::testing
