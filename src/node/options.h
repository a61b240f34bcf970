// node/options.h: everything a node must be told; config/server.h fills it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "auth/credentials.h"
#include "net/http_server.h"
#include "raft/options.h"
#include "server/rate_limit.h"

namespace cmq::node {

struct Options {
    std::filesystem::path data;
    std::string listen = "127.0.0.1";         // address of both doors
    std::optional<std::uint16_t> https_port;  // nothing: off; 0: any free one
    std::optional<std::uint16_t> http_port;
    std::optional<std::uint16_t> peer_port;  // for other nodes; nothing: off; 0: any free one
    std::string zone;                        // where it stands, for the other nodes; may be empty
    std::string advertise;     // https://host:port where clients find it; empty: where it listens
    std::string peer_address;  // host:port where other nodes find it; empty: likewise
    std::filesystem::path certificate, key;  // PEM; needed for HTTPS
    std::filesystem::path ca_file;           // PEM, for clients of this node
    std::filesystem::path ca_key_file;       // PEM; with it this node takes others in. Of a node
                                             // that joined, the files that came with that count
    raft::Copies copies = raft::Copies::in_sync;
    bool dev = false;
    std::vector<auth::Credential> keys;
    std::chrono::seconds timestamp_window{300};       // 0: any timestamp is taken
    unsigned loops = 2;                               // threads that own connections
    std::uint64_t disk_reserve_bytes = 1ull << 30;    // below it sends are refused
    std::uint64_t in_flight_bytes_max = 64ull << 20;  // beyond it sends are throttled
    server::RateLimits rates;
    net::Limits limits;
};

}  // namespace cmq::node
