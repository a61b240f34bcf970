// node/metrics_page.h: what /metrics shows of the shard, the log and the process.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "metrics/registry.h"
#include "net/http_server.h"
#include "shard/shard.h"

namespace cmq::node {

/// Registers the metrics that are kept elsewhere; `shard` outlives `registry`'s last scrape.
void show_shard(metrics::Registry& registry, const shard::Shard& shard);
void show_door(metrics::Registry& registry, const net::HttpServer& server, std::string name);
/// Certificates by what they are for, and when each ends.
using CertificateEnds = std::vector<std::pair<std::string, Stamp>>;
void show_certificates(metrics::Registry& registry, const Clock& clock,
                       std::function<CertificateEnds()> read);
/// `started`  when this process began, which tells one life of a node from the next.
void show_process(metrics::Registry& registry, Stamp started);

}  // namespace cmq::node
