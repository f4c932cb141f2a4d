// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The one of the server's tests.
#include "server/certificate.cpp"  // NOLINT(bugprone-suspicious-include)
