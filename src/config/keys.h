// config/keys.h: keys.yaml, the credentials that a broker knows.
//
//     keys:
//       - id: AKID...
//         secret_key_file: identity/secret_key     # or secret_key: ...
//         namespace: 1
//         enabled: true
//         allow_sha1: true
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "auth/credentials.h"
#include "base/result.h"

namespace cmq::config {

/// errors  invalid: wrong YAML, an unknown key, an id that stands twice, no secret, or a file
/// that others may read; not_found.
Result<std::vector<auth::Credential>> read_keys(const std::filesystem::path& file);

/// Where the first of them has its secret; empty: in `file` itself. errors  as read_keys.
Result<std::filesystem::path> first_secret_key_file(const std::filesystem::path& file);

}  // namespace cmq::config
