// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Everything public.
#ifndef TAUTLINE_HPP
#define TAUTLINE_HPP

#include <tautline/backoff.hpp>
#include <tautline/config.hpp>
#include <tautline/error.hpp>
#include <tautline/link.hpp>
#include <tautline/message.hpp>
#include <tautline/options.hpp>
#include <tautline/receipt.hpp>
#include <tautline/server.hpp>
#include <tautline/status.hpp>
#include <tautline/time.hpp>
#include <tautline/version.hpp>

#endif
