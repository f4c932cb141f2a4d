// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "link/abandon.hpp"

#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace tautline::detail {
namespace {

namespace asio = boost::asio;

class abandon_service final : public asio::execution_context::service {
 public:
  using key_type = abandon_service;
  static asio::execution_context::id id;

  explicit abandon_service(asio::execution_context& context) : service(context) {}

  void add(std::weak_ptr<abandonable> object) {
    const std::lock_guard lock(mutex_);
    if (objects_.size() >= sweep_at_) {
      std::erase_if(objects_, [](const auto& o) { return o.expired(); });
      sweep_at_ = std::max<std::size_t>(64, 2 * objects_.size());
    }
    objects_.push_back(std::move(object));
  }

 private:
  void shutdown() override {
    std::vector<std::weak_ptr<abandonable>> objects;
    {
      const std::lock_guard lock(mutex_);
      objects.swap(objects_);
    }
    for (const auto& weak : objects)
      if (auto object = weak.lock()) object->abandon();
  }

  std::mutex mutex_;
  std::vector<std::weak_ptr<abandonable>> objects_;
  std::size_t sweep_at_ = 64;
};

asio::execution_context::id abandon_service::id;

}  // namespace

void abandon_with_context(const asio::any_io_executor& executor, const std::shared_ptr<abandonable>& object) {
  auto& context = asio::query(executor, asio::execution::context);
  asio::use_service<abandon_service>(context).add(object);
}

}  // namespace tautline::detail
