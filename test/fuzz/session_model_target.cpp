// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Both ends of tautline.v1, honest, over connections that break where the bytes say: the model of
// test/delivery and all that it holds to be true.
#include "delivery/session_model.hpp"
#include "target.hpp"

namespace {

void run(std::string_view bytes) {
  using namespace tautline::delivery::model;
  census unused;
  world(chance(bytes)).run(unused);
}

const fuzz::target t("session_model", run);

}  // namespace
