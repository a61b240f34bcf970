// node/setup.h: what a new broker needs and nobody wants to make by hand: a private CA, a
// certificate for this machine, a first key, free ports. Made once, then found again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "broker/reply.h"
#include "store/files.h"

namespace cmq::node {

struct Setup {
    std::filesystem::path ca_file;      // PEM, for clients
    std::filesystem::path certificate;  // PEM chain
    std::filesystem::path key;          // PEM, 0600
    std::string secret_id;
    std::filesystem::path secret_key_file;  // one line, 0600
    std::string secret_key;
};

/// So long before its end a certificate is replaced.
inline constexpr std::chrono::days renew_before{30};

/// Makes what is missing under `directory`/identity, with a certificate for `names`; a certificate
/// that ends within `renew_before` is issued again by the same CA.
Result<Setup> set_up(store::Files& files, const std::filesystem::path& directory,
                     const std::vector<std::string>& names, Stamp now);

inline constexpr std::uint16_t default_port = 7800;

struct StoredPorts {
    std::uint16_t https = 0;
    std::uint16_t http = 0;
    std::uint16_t peer = 0;  // for other nodes; 0: none was needed so far
};
/// The ports that `--port 0` found the first time.
Result<std::optional<StoredPorts>> read_ports(store::Files& files,
                                              const std::filesystem::path& directory);
Status write_ports(store::Files& files, const std::filesystem::path& directory, StoredPorts ports);

/// `base` for HTTPS, HTTP one and other nodes three above. For 0 the stored ones; those that are
/// missing are drawn now and stored, for a node that must tell its addresses before it serves.
/// errors  invalid: too high.
Result<StoredPorts> choose_ports(store::Files& files, const std::filesystem::path& directory,
                                 const std::string& address, std::optional<std::uint16_t> base);

/// Which nodes there are, as this one knew last: what it starts from until its log is applied,
/// which needs the others. errors  corrupt, io.
Status write_nodes(store::Files& files, const std::filesystem::path& directory,
                   const std::vector<broker::NodeEntry>& nodes);
Result<std::vector<broker::NodeEntry>> read_nodes(store::Files& files,
                                                  const std::filesystem::path& directory);

/// Whole or not at all: a temporary name, then a rename.
Status write_whole(store::Files& files, const std::filesystem::path& file, std::string_view text);
Result<std::string> read_whole(store::Files& files, const std::filesystem::path& file);

}  // namespace cmq::node
