// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One WebSocket message, and how it wants to be queued.
#ifndef TAUTLINE_MESSAGE_HPP
#define TAUTLINE_MESSAGE_HPP

#include <tautline/config.hpp>
#include <tautline/detail/payload_store.hpp>

#include <boost/json/fwd.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tautline {

enum class payload_kind : unsigned char { text, binary };
enum class priority : unsigned char { normal, urgent };

/// Names a message of a session for ever: a repeat after a lost session has the same.
struct message_id {
  message_id() = default;
  message_id(std::string_view o, std::uint64_t s) : origin(o), seq(s) {}
  /// Of a message from a client: the client's origin, the same across its sessions. Of one from a
  /// server: the session's id. Empty in plain mode. Valid as long as the message.
  std::string_view origin;
  std::uint64_t seq = 0;  ///< 1, 2, 3, ... in the order of sending; 0 in plain mode
};

namespace detail {

/// Where a message of a session came from.
class message_source : public boost::intrusive_ref_counter<message_source> {
 public:
  explicit message_source(std::string name) : name_(std::move(name)) {}
  message_source(const message_source&) = delete;
  message_source& operator=(const message_source&) = delete;
  virtual ~message_source() = default;
  /// Any thread.
  virtual void acknowledge(std::uint64_t seq) const = 0;
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

/// A string that is mostly absent, in the space of a pointer: it keeps messages small to move.
class rare_string {
 public:
  rare_string() = default;
  rare_string(const rare_string& other) : text_(other.text_ ? std::make_unique<std::string>(*other.text_) : nullptr) {}
  rare_string(rare_string&&) noexcept = default;
  rare_string& operator=(const rare_string& other) { return *this = rare_string(other); }
  rare_string& operator=(rare_string&&) noexcept = default;
  ~rare_string() = default;

  void clear() noexcept { text_.reset(); }
  void set(std::string text) { text_ = text.empty() ? nullptr : std::make_unique<std::string>(std::move(text)); }
  [[nodiscard]] bool empty() const noexcept { return text_ == nullptr; }
  [[nodiscard]] const std::string& get() const noexcept { return text_ ? *text_ : none(); }

 private:
  [[nodiscard]] static const std::string& none() noexcept {
    static const std::string empty;
    return empty;
  }
  std::unique_ptr<std::string> text_;
};

}  // namespace detail

/// A text or binary payload with its sending policy. A value: copy and move as you like.
///
/// It is no aggregate on purpose: GCC 12 destroys aggregate temporaries in a `co_await`
/// expression twice, and `co_await link.async_send({"hello"})` has to be safe there.
class message {
 public:
  message();
  /// A text message; its payload has to be UTF-8 (checked when it is sent).
  message(std::string&& text) noexcept : payload_(std::move(text)) {}     // NOLINT(google-explicit-constructor)
  message(const std::string& text) : payload_(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)
  message(std::string_view text) : payload_(text) {}                      // NOLINT(google-explicit-constructor)
  message(const char* text) : payload_(std::string_view(text)) {}         // NOLINT(google-explicit-constructor)
  message(payload_kind kind, std::string payload) noexcept : payload_(std::move(payload)), kind_(kind) {}

  [[nodiscard]] static message text(std::string payload);
  [[nodiscard]] static message binary(std::string payload);
  [[nodiscard]] static message binary(const void* data, std::size_t size);
  /// A text message that holds the value, serialised.
  [[nodiscard]] static message json(const boost::json::value& value);

  /// Valid until the message is moved, changed or destroyed.
  [[nodiscard]] std::string_view payload() const noexcept { return payload_.view(); }
  /// Moves the payload out; the message is empty afterwards.
  [[nodiscard]] std::string take_payload() { return payload_.take(); }
  [[nodiscard]] std::size_t size() const noexcept { return payload_.size(); }
  [[nodiscard]] payload_kind kind() const noexcept { return kind_; }
  [[nodiscard]] bool is_text() const noexcept { return kind_ == payload_kind::text; }

  /// The payload read as JSON. On failure `ec` is `errc::invalid_json` and the result is null.
  [[nodiscard]] boost::json::value as_json(error_code& ec) const;
  /// The same; throws `boost::system::system_error(errc::invalid_json)`, whose text has the place
  /// of the error and what is wrong there.
  [[nodiscard]] boost::json::value as_json() const;

  /// Not delivered within this time after it was queued: it expires (`errc::expired`).
  /// Zero, the default: never, or the queue's own default.
  message& time_to_live(duration d) & noexcept {
    source_.reset();
    number_ = d.count();
    return *this;
  }
  message&& time_to_live(duration d) && noexcept { return std::move(time_to_live(d)); }
  [[nodiscard]] duration time_to_live() const noexcept { return source_ ? duration::zero() : duration(number_); }

  /// A newer message with the same key replaces an older one that is still queued, in its place.
  message& key(std::string k) & {
    key_.set(std::move(k));
    return *this;
  }
  message&& key(std::string k) && {
    key_.set(std::move(k));
    return std::move(*this);
  }
  [[nodiscard]] const std::string& key() const noexcept { return key_.get(); }
  [[nodiscard]] bool has_key() const noexcept { return !key_.empty(); }

  /// Urgent messages overtake normal ones in the queue, and keep their order among themselves.
  message& urgency(priority p) & noexcept {
    priority_ = p;
    return *this;
  }
  message&& urgency(priority p) && noexcept {
    priority_ = p;
    return std::move(*this);
  }
  [[nodiscard]] priority urgency() const noexcept { return priority_; }

  /// Of a message that came in session mode.
  [[nodiscard]] message_id id() const noexcept { return source_ ? message_id(source_->name(), seq()) : message_id(); }
  /// Takes responsibility for this message (`responsibility::manual`): its sender may forget it once
  /// all before it are acknowledged, too. Any thread, any number of times, also after the link is
  /// gone; without effect in plain mode and with another policy.
  void acknowledge() const {
    if (source_) source_->acknowledge(seq());
  }

  // Of the library.
  /// Lets go of what it holds.
  void blank() noexcept {
    payload_.clear();
    source_.reset();
    key_.clear();
  }
  using source_ptr = boost::intrusive_ptr<const detail::message_source>;
  void came_from(source_ptr source, std::uint64_t seq) noexcept {
    source_ = std::move(source);
    number_ = static_cast<std::int64_t>(seq);
  }
  [[nodiscard]] const source_ptr& source() const noexcept { return source_; }
  [[nodiscard]] std::uint64_t seq() const noexcept { return static_cast<std::uint64_t>(number_); }
  /// Takes `head` bytes off the front.
  void become(payload_kind kind, std::size_t head) {
    payload_.drop_front(head);
    kind_ = kind;
  }
  /// For an empty one: where `size` bytes of payload go, if no more than fit into the message itself.
  [[nodiscard]] static constexpr bool fits_in_place(std::size_t size) noexcept {
    return size <= detail::payload_store::in_place;
  }
  [[nodiscard]] char* make_room(payload_kind kind, std::size_t size) noexcept {
    kind_ = kind;
    return payload_.make_room(size);
  }

 private:
  detail::payload_store payload_;
  source_ptr source_;
  detail::rare_string key_;
  std::int64_t number_ = 0;  // the time to live; of a message that came in session mode its number
  payload_kind kind_ = payload_kind::text;
  priority priority_ = priority::normal;
};

}  // namespace tautline

#endif
