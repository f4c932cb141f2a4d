// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include <tautline/testing/oracle.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace tautline::testing {

std::string_view to_string(fault f) noexcept {
  switch (f) {
    case fault::lost: return "lost";
    case fault::false_delivered: return "called delivered, but never arrived";
    case fault::false_not_sent: return "called not sent, but arrived";
    case fault::repeated: return "repeated";
    case fault::too_often: return "arrived more often than it was written";
    case fault::out_of_order: return "out of order";
    case fault::stranger: return "never sent, but arrived";
  }
  return "?";
}

std::size_t oracle_report::count(fault f) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(), [f](const finding& one) { return one.what == f; }));
}

std::string oracle_report::text() const {
  constexpr std::size_t most = 10;
  auto out = fmt::format("{} sent: {} delivered, {} not sent, {} unknown, {} pending; {} arrived, {} repeats\n", sent,
                         delivered, not_sent, unknown, pending, arrived, repeats);
  for (std::size_t i = 0; i < std::min(most, findings.size()); ++i)
    fmt::format_to(std::back_inserter(out), "  {}: {}\n", findings[i].name, to_string(findings[i].what));
  if (findings.size() > most) fmt::format_to(std::back_inserter(out), "  and {} more\n", findings.size() - most);
  return out;
}

namespace {

struct story {
  std::string name;
  receipt proof;
  std::optional<outcome> said;
  int lane = oracle::normal_lane;
  bool excused = false;
  std::size_t arrivals = 0;

  [[nodiscard]] outcome how() const {
    if (said) return *said;
    return proof.valid() ? proof.outcome() : outcome::pending;
  }
};

}  // namespace

struct oracle::state {
  explicit state(promise p) : expected(p) {}

  const promise expected;
  mutable std::mutex mutex;
  std::vector<story> stories;
  std::unordered_map<std::string, std::size_t> places;
  std::vector<std::size_t> first_arrivals;
  std::vector<std::string> strangers;

  story* find(std::string_view name) {
    const auto found = places.find(std::string(name));
    return found == places.end() ? nullptr : &stories[found->second];
  }

  story& add(std::string_view name, int lane) {
    places.emplace(std::string(name), stories.size());
    auto& s = stories.emplace_back();
    s.name = name;
    s.lane = lane;
    return s;
  }

  void count(oracle_report& r) const;
  void check_one(oracle_report& r, const story& s, bool over) const;
  void check_order(oracle_report& r) const;
  [[nodiscard]] oracle_report judge(bool over) const;
};

void oracle::state::count(oracle_report& r) const {
  r.sent = stories.size();
  for (const auto& s : stories) {
    if (s.arrivals > 0) ++r.arrived;
    if (s.arrivals > 1) r.repeats += s.arrivals - 1;
    switch (s.how()) {
      case outcome::delivered: ++r.delivered; break;
      case outcome::not_sent: ++r.not_sent; break;
      case outcome::unknown: ++r.unknown; break;
      case outcome::pending: ++r.pending; break;
    }
  }
}

void oracle::state::check_one(oracle_report& r, const story& s, bool over) const {
  const auto how = s.how();
  const auto found = [&](fault f) { r.findings.emplace_back(f, s.name); };
  if (s.arrivals == 0) {
    if (how == outcome::delivered) return found(fault::false_delivered);
    if (over && how == outcome::pending && !s.excused) found(fault::lost);
    return;
  }
  if (how == outcome::not_sent) found(fault::false_not_sent);
  if (s.arrivals > 1 && expected != promise::at_least_once) found(fault::repeated);
  // A receipt learns of a write only when it is over: it may be one behind.
  const bool ended = how != outcome::pending;
  if (ended && s.proof.valid() && s.arrivals > std::max(1U, s.proof.attempts())) found(fault::too_often);
}

void oracle::state::check_order(oracle_report& r) const {
  std::map<int, std::size_t> latest;
  for (const auto place : first_arrivals) {
    const auto& s = stories[place];
    if (s.lane == no_lane || s.how() == outcome::unknown) continue;
    const auto [seen, fresh] = latest.try_emplace(s.lane, place);
    if (fresh) continue;
    if (place < seen->second) r.findings.emplace_back(fault::out_of_order, s.name);
    seen->second = std::max(seen->second, place);
  }
}

oracle_report oracle::state::judge(bool over) const {
  const std::lock_guard lock(mutex);
  oracle_report r;
  count(r);
  for (const auto& s : stories) check_one(r, s, over);
  check_order(r);
  for (const auto& name : strangers) r.findings.emplace_back(fault::stranger, name);
  return r;
}

oracle::oracle(promise p) : state_(std::make_unique<state>(p)) {}
oracle::~oracle() = default;
oracle::oracle(oracle&&) noexcept = default;
oracle& oracle::operator=(oracle&&) noexcept = default;

void oracle::sent(std::string_view name, receipt r, int lane) {
  const std::lock_guard lock(state_->mutex);
  state_->add(name, lane).proof = std::move(r);
}

void oracle::sent(std::string_view name, int lane) {
  const std::lock_guard lock(state_->mutex);
  state_->add(name, lane);
}

void oracle::has_receipt(std::string_view name, receipt r) {
  const std::lock_guard lock(state_->mutex);
  if (auto* s = state_->find(name)) s->proof = std::move(r);
}

void oracle::ended(std::string_view name, outcome how) {
  const std::lock_guard lock(state_->mutex);
  if (auto* s = state_->find(name)) s->said = how;
}

void oracle::excuse(std::string_view name) {
  const std::lock_guard lock(state_->mutex);
  if (auto* s = state_->find(name)) s->excused = true;
}

std::optional<fault> oracle::received(std::string_view name) {
  const std::lock_guard lock(state_->mutex);
  auto* s = state_->find(name);
  if (s == nullptr) {
    state_->strangers.emplace_back(name);
    return fault::stranger;
  }
  if (s->arrivals++ == 0) {
    state_->first_arrivals.push_back(static_cast<std::size_t>(s - state_->stories.data()));
    return std::nullopt;
  }
  if (state_->expected == promise::at_least_once) return std::nullopt;
  return fault::repeated;
}

oracle_report oracle::judge() const { return state_->judge(true); }
oracle_report oracle::judge_so_far() const { return state_->judge(false); }

}  // namespace tautline::testing
