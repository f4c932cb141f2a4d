// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The file of undelivered messages.
#include "spill.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace tautline::cli {
namespace {

namespace fs = std::filesystem;

// A pipe or a device is written as it is; a file is replaced as a whole.
bool replaceable(const std::string& path) {
  std::error_code ec;
  const auto about = fs::status(path, ec);
  return about.type() == fs::file_type::regular || about.type() == fs::file_type::not_found;
}

std::string behind_links(const std::string& path) {
  std::error_code ec;
  const auto real = fs::weakly_canonical(path, ec);
  return ec ? path : real.string();
}

}  // namespace

spill::spill(const std::string& path) : path_(path) {
  if (path_.empty()) return;
  path_ = behind_links(path_);
  written_to_ = replaceable(path_) ? path_ + ".part" : path_;
  file_.open(written_to_, std::ios::binary | std::ios::trunc);
  if (!file_) error_ = fmt::format("cannot write {}: {}", path, std::strerror(errno));
}

void spill::follow(std::string_view text) { followed_.emplace_back(text); }

void spill::add_part(std::string_view text) {
  if (wanted()) file_.write(text.data(), static_cast<std::streamsize>(text.size()));
}

void spill::end_of_parts() {
  if (wanted()) file_.put('\n');
}

void spill::settle() {
  while (!followed_.empty()) {
    const auto& first = followed_.front();
    const auto end = first.fate.valid() ? first.fate.outcome() : outcome::not_sent;
    if (end == outcome::pending) return;
    if (end != outcome::delivered) write_line(first.text);
    followed_.pop_front();
  }
}

std::string spill::finish() {
  if (!wanted()) return {};
  for (const auto& f : followed_)
    if (!f.fate.valid() || f.fate.outcome() != outcome::delivered) write_line(f.text);
  followed_.clear();
  file_.close();
  if (!file_) return fmt::format("cannot write {}: {}", path_, std::strerror(errno));
  if (written_to_ == path_) return {};
  std::error_code ec;
  fs::rename(written_to_, path_, ec);
  return ec ? fmt::format("cannot write {}: {}", path_, ec.message()) : std::string();
}

void spill::write_line(std::string_view text) {
  add_part(text);
  file_.put('\n');
}

}  // namespace tautline::cli
