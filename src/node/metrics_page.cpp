#include "node/metrics_page.h"

#include <sys/resource.h>
#include <unistd.h>

#include "store/files.h"

namespace cmq::node {
namespace {

using metrics::Labels;
using metrics::Registry;
using Samples = std::vector<Registry::Sample>;

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

template <class T>
Samples one(T value) {
    return {{Labels{}, static_cast<double>(value)}};
}

void show_core(Registry& registry, const shard::Shard& shard) {
    const auto core = [&shard](auto read) {
        return [&shard, read] { return one(read(shard.figures().core)); };
    };
    using Core = shard::CoreFigures;
    registry.counted("cmq_commands_total", "Commands applied",
                     core([](const Core& c) { return c.commands; }));
    registry.counted("cmq_cold_reads_total", "Log entries read back from disk for a body",
                     core([](const Core& c) { return c.cold_reads; }));
    registry.counted("cmq_flushes_total", "Checkpoints of the state written",
                     core([](const Core& c) { return c.flushes; }));
    registry.gauge("cmq_parked_polls", "Receives that wait for a message",
                   core([](const Core& c) { return c.parked; }));
    registry.gauge("cmq_applied_index", "Last log entry applied",
                   core([](const Core& c) { return c.applied; }));
    registry.gauge("cmq_durable_applied_index", "Last log entry in the state's checkpoint",
                   core([](const Core& c) { return c.durable_applied; }));
    registry.gauge("cmq_cache_bytes", "Log entries kept in memory",
                   core([](const Core& c) { return c.cache_bytes; }));
    registry.gauge("cmq_leader", "1 while this node leads",
                   core([](const Core& c) { return c.leads ? 1 : 0; }));
    registry.gauge("cmq_copies_in_sync", "Disks that a send waits for; 0 unless this node leads",
                   core([](const Core& c) { return c.copies_in_sync; }));
    registry.gauge("cmq_term", "Term of consensus: rises with each election",
                   core([](const Core& c) { return c.term; }));
    registry.gauge(
        "cmq_clock_error_seconds",
        "This node's clock against the cluster's, while it leads; negative: behind",
        core([](const Core& c) { return std::chrono::duration<double>(c.clock_error).count(); }));
    registry.gauge("cmq_lacks_bodies", "1 while bodies of messages come from other nodes",
                   core([](const Core& c) { return c.bodies_lack.value > 0 ? 1 : 0; }));
    registry.counted("cmq_snapshots_sent_total", "States sent to nodes that were too far behind",
                     core([](const Core& c) { return c.snapshots_sent; }));
    registry.counted("cmq_bodies_fetched_total", "Log entries fetched from other nodes",
                     core([](const Core& c) { return c.bodies_fetched; }));
    registry.counted("cmq_bodies_repaired_total", "Of those, in place of damaged ones",
                     core([](const Core& c) { return c.bodies_repaired; }));
    registry.gauge("cmq_disk_low", "1 while sends are refused for lack of disk space",
                   core([](const Core& c) { return c.disk_low ? 1 : 0; }));
    registry.gauge("cmq_log_waits", "1 while the log waits for disk space and nothing is written",
                   core([](const Core& c) { return c.log_waits ? 1 : 0; }));
    registry.gauge("cmq_queues", "Queues", core([](const Core& c) { return c.state.queues; }));
    registry.gauge("cmq_messages", "Messages in all queues by phase", [&shard] {
        const auto state = shard.figures().core.state;
        const auto sample = [](const char* phase, std::uint64_t count) {
            return Registry::Sample{{{"phase", phase}}, static_cast<double>(count)};
        };
        return Samples{sample("active", state.active), sample("inactive", state.inactive),
                       sample("delayed", state.delayed), sample("rewindable", state.rewindable)};
    });
    registry.gauge("cmq_blocks_in_memory", "Blocks of 64 messages held in memory",
                   core([](const Core& c) { return c.state.blocks_in_memory; }));
    registry.gauge("cmq_held_in_memory", "Messages held one by one in memory",
                   core([](const Core& c) { return c.state.held_in_memory; }));
}

}  // namespace

void show_shard(Registry& registry, const shard::Shard& shard) {
    show_core(registry, shard);
    registry.counted("cmq_log_commits_total", "Commits written to the log",
                     [&shard] { return one(shard.figures().log.commits); });
    registry.counted("cmq_log_fsyncs_total", "fsync calls of the log",
                     [&shard] { return one(shard.figures().log.fsyncs); });
    registry.counted("cmq_log_bytes_written_total", "Bytes written to the log",
                     [&shard] { return one(shard.figures().log.bytes_written); });
    registry.gauge("cmq_disk_free_bytes", "Free space where the data is",
                   [&shard] { return one(shard.figures().free_bytes); });
}

void show_door(Registry& registry, const net::HttpServer& server, std::string name) {
    registry.gauge("cmq_" + name + "_connections", "Open connections",
                   [&server] { return one(server.counts().connections); });
    registry.counted("cmq_" + name + "_bytes_in_total", "Bytes received",
                     [&server] { return one(server.counts().bytes_in); });
    registry.counted("cmq_" + name + "_bytes_out_total", "Bytes sent",
                     [&server] { return one(server.counts().bytes_out); });
    registry.counted("cmq_" + name + "_refused_total", "Requests that could not be read",
                     [&server] { return one(server.counts().refused); });
}

void show_certificates(Registry& registry, const Clock& clock,
                       std::function<CertificateEnds()> read) {
    registry.gauge(
        "cmq_certificate_expires_seconds",
        "Until a certificate ends: of the door for clients, of this node for others",
        [&clock, read = std::move(read)] {
            Samples samples;
            for (const auto& [name, end] : read())
                samples.push_back({{{"certificate", name}},
                                   std::chrono::duration<double>(end - clock.wall()).count()});
            return samples;
        });
}

void show_process(Registry& registry, Stamp started) {
    registry.gauge(
        "process_start_time_seconds", "When this process started, in Unix time", [started] {
            return one(std::chrono::duration<double>(started.time_since_epoch()).count());
        });
    registry.counted("process_cpu_seconds_total", "CPU time of this process", [] {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        return one(seconds(usage.ru_utime) + seconds(usage.ru_stime));
    });
    registry.gauge("process_max_resident_memory_bytes", "Largest resident memory so far", [] {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        return one(usage.ru_maxrss * 1'024);
    });
}

}  // namespace cmq::node
