// config/contexts.h: the user file: named brokers, and which of them commands talk to.
//
//     current: dev
//     contexts:
//       dev: {endpoint: "https://127.0.0.1:8443", ca_file: ..., secret_id: ..., secret_key_file:
//       ...}
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cmq::config {

struct NamedContext {
    std::string name;
    std::string endpoint;
    std::string ca_file;  // empty: the system's
    std::string secret_id;
    std::string secret_key_file;  // one of these two
    std::string secret_key;
};

struct Contexts {
    std::string current;  // empty: none
    std::vector<NamedContext> all;

    const NamedContext* find(std::string_view name) const;
    /// Adds it, or takes the place of the one of that name.
    void put(NamedContext context);
};

/// A file that is not there holds no contexts.
/// errors  invalid: wrong YAML, an unknown key, a current context that is not there, or a mode
/// that lets others read it.
Result<Contexts> read_contexts(const std::filesystem::path& file);
Status write_contexts(const std::filesystem::path& file, const Contexts& contexts);

/// Letters, digits, '-', '_' and '.', 1 to 64 of them.
Status check_context_name(std::string_view name);

}  // namespace cmq::config
