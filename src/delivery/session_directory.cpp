// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "delivery/session_directory.hpp"

#include <algorithm>
#include <utility>

namespace tautline::delivery {

session_directory::session_directory(directory_limits limits) : limits_(limits) {}

session_directory::records::value_type* session_directory::find(const std::string& origin) {
  const auto found = records_.find(origin);
  return found == records_.end() ? nullptr : &*found;
}

// Hellos.

std::optional<session_directory::refuse> session_directory::check(const hello& h, const record* known,
                                                                  std::size_t held_bytes) const {
  if (h.version != session_version)
    return refuse(session_fault::unsupported, "this server speaks version " + std::to_string(session_version));
  if (known && !policy::same(known->token, policy::digest_of(h.token)))
    return refuse(session_fault::unauthorized, "this is not the token of the origin");
  if (known && h.attach <= known->last_attach)
    return refuse(session_fault::superseded, "a newer attach holds the session");
  if (h.resume_required && !h.session.empty() && (!known || known->live != h.session))
    return refuse(session_fault::session_lost, "the session is gone");
  if (known && !known->live.empty()) return std::nullopt;
  if (live_ >= limits_.max_sessions) return overloaded("too many sessions");
  if (held_bytes >= limits_.max_bytes) return overloaded("the sessions hold too much");
  return std::nullopt;
}

session_directory::refuse session_directory::overloaded(std::string text) const {
  refuse full(session_fault::overloaded, std::move(text));
  full.retry_after_ms = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::milliseconds>(limits_.retry_after).count()));
  return full;
}

session_directory::decision session_directory::on_hello(const hello& h, std::string new_id, time_point now,
                                                        std::size_t held_bytes) {
  sweep(now);
  records::value_type* who = find(h.origin);
  if (auto refused = check(h, who ? &who->second : nullptr, held_bytes)) return *std::move(refused);
  if (who && !who->second.live.empty()) {
    who->second.last_attach = h.attach;
    attach a(who->second.live);
    if (h.session != a.id) a.previous = told_to(h, who->second);
    return a;
  }
  std::string reason = h.session.empty() ? "new" : who ? "unknown" : "restarted";
  if (!who) {
    who = &*records_.try_emplace(h.origin).first;
    who->second.token = policy::digest_of(h.token);
  }
  who->second.last_attach = h.attach;
  return enter(*who, h, std::move(new_id), std::move(reason));
}

session_directory::decision session_directory::replace(const hello& h, std::string new_id, const std::string& old,
                                                       seal final, time_point now) {
  records::value_type* who = find(h.origin);
  if (!who || who->second.last_attach != h.attach || who->second.live != old)
    return refuse(session_fault::superseded, "a newer attach holds the session");
  end(h.origin, old, why::unknown, std::move(final), now);
  if (h.resume_required && h.session == old) return refuse(session_fault::session_lost, "the session cannot go on");
  who = find(h.origin);
  if (!who) {  // no tombstone is kept at all
    who = &*records_.try_emplace(h.origin).first;
    who->second.token = policy::digest_of(h.token);
    who->second.last_attach = h.attach;
  }
  return enter(*who, h, std::move(new_id), h.session.empty() ? "new" : "unknown");
}

session_directory::decision session_directory::enter(records::value_type& who, const hello& h, std::string new_id,
                                                     std::string reason) {
  record& r = who.second;
  create c(new_id, std::move(reason));
  c.recv = h.from - 1;
  // From here the client sends again what no session has told it. So all of them are settled: what
  // their applications have not consumed by now is discarded, and what they have is not taken again.
  for (const auto& t : r.ended) {
    settle(*t);
    if (t->counters) c.recv = std::max(c.recv, t->counters->recv);
    if (t->id == h.session && !h.session.empty()) c.reason = t->reason == why::expired ? "expired" : "unknown";
  }
  c.previous = told_to(h, r);
  r.live = std::move(new_id);
  ++live_;
  return c;
}

std::optional<session_counters> session_directory::told_to(const hello& h, const record& r) {
  const auto named = std::find_if(r.ended.begin(), r.ended.end(), [&](const auto& t) { return t->id == h.session; });
  if (h.session.empty() || named == r.ended.end()) return std::nullopt;
  settle(**named);
  const auto& known = (*named)->counters;
  const bool contradicts = known && (known->recv < h.from - 1 || known->sent < h.recv);
  return contradicts ? std::nullopt : known;
}

void session_directory::settle(tombstone& t) {
  if (t.final) t.counters = std::exchange(t.final, nullptr)();
}

// Ends.

bool session_directory::is_live(const std::string& origin, const std::string& id) const {
  const auto found = records_.find(origin);
  return found != records_.end() && !id.empty() && found->second.live == id;
}

void session_directory::end(const std::string& origin, const std::string& id, why reason, seal final, time_point now) {
  if (!is_live(origin, id)) return;
  tombstone t;
  t.id = id;
  t.reason = reason;
  t.final = std::move(final);
  bury(*find(origin), std::move(t), now);
}

void session_directory::end_agreed(const std::string& origin, const std::string& id, time_point now) {
  if (!is_live(origin, id)) return;
  records::value_type& who = *find(origin);
  while (!who.second.ended.empty()) forget(who.second.ended.back());
  bury(who, tombstone(), now);
}

void session_directory::bury(records::value_type& who, tombstone t, time_point now) {
  record& r = who.second;
  t.owner = &who;
  t.since = now;
  tombstones_.push_back(std::move(t));
  r.ended.push_back(std::prev(tombstones_.end()));
  if (r.ended.size() > ended_per_origin) forget(r.ended.front());
  r.live.clear();
  --live_;
  sweep(now);
}

void session_directory::forget(tombstones::iterator t) {
  std::erase(t->owner->second.ended, t);
  tombstones_.erase(t);
}

void session_directory::forget_if_empty(records::value_type& who) {
  if (who.second.live.empty() && who.second.ended.empty()) records_.erase(records_.find(who.first));
}

void session_directory::sweep(time_point now) {
  while (!tombstones_.empty() &&
         (tombstones_.size() > limits_.max_ended || now - tombstones_.front().since >= limits_.keep_ended)) {
    records::value_type& who = *tombstones_.front().owner;
    forget(tombstones_.begin());
    forget_if_empty(who);
  }
}

}  // namespace tautline::delivery
