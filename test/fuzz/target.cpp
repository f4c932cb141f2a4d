// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "target.hpp"

#include <stdexcept>

namespace fuzz {
namespace {

std::map<std::string, function>& registered() {
  static std::map<std::string, function> all;
  return all;
}

}  // namespace

target::target(const char* name, function f) { registered().emplace(name, f); }

const std::map<std::string, function>& targets() { return registered(); }

void expect(bool holds, const char* what) {
  if (!holds) throw std::logic_error(std::string("it is not true that ") + what);
}

}  // namespace fuzz
