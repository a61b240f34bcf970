// config/files.h: small text files: settings and secrets.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cmq::config {

inline constexpr std::size_t file_bytes_max = 4u << 20;

/// All of it. errors  not_found; invalid: larger than 4 MiB; io.
Result<std::string> read_text(const std::filesystem::path& file);

/// One line: a secret, without the line break. errors  as read_text; invalid: empty, several lines.
Result<std::string> read_secret(const std::filesystem::path& file);

/// errors  invalid: others than the owner may read it (mode 0600 is needed).
Status check_private(const std::filesystem::path& file);

/// Whole or not at all, mode 0600; makes the directories above it (0700). errors  io.
Status write_private(const std::filesystem::path& file, std::string_view text);

}  // namespace cmq::config
