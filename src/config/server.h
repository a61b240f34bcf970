// config/server.h: cmq.yaml, the broker's own settings, to the options of a node.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "node/options.h"

namespace cmq::config {

/// Reads the file and the keys that it names. Relative paths are meant from where the file is.
/// errors  invalid: "file:line:column: ..." for what is wrong in it; not_found: a file is missing.
Result<node::Options> read_server_file(const std::filesystem::path& file);

/// The same from text; `file` gives the name for errors and the place for relative paths.
Result<node::Options> parse_server(std::string_view text, const std::filesystem::path& file);

/// The file with the secret of the first key that `file` knows, for clients on this machine;
/// empty: the secret is in no file of its own. errors  as read_server_file.
Result<std::filesystem::path> first_secret_key_file_of_server(const std::filesystem::path& file);

/// Whether other nodes can be told where this one is; again when `listen` was changed.
/// errors  invalid.
Status check_reachable(const node::Options& options);

/// errors  invalid.
Result<raft::Copies> parse_copies(std::string_view text);

/// What may stand in cmq.yaml: for the manual page, and for the file that `cmq init` writes.
struct ServerKey {
    std::string_view name;     // with its section: "tls.certificate"
    std::string_view value;    // what is expected: "size", "duration", "path", ...
    std::string_view initial;  // what holds when it is absent
    std::string_view help;
};
const std::vector<ServerKey>& server_keys();

}  // namespace cmq::config
