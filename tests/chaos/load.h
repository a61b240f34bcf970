// chaos/load.h: what `cmq bench --verify` does, in this process, while things happen to the nodes.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "client/load.h"
#include "tests/chaos/amounts.h"

namespace cmq::chaos {

/// Short, so that what a dead client held comes again soon, and a queue is drained soon.
inline constexpr std::chrono::seconds lease{1};

/// Makes a queue with that lease, and maybe one that can be rewound.
void make_queue(const client::Options& broker, const std::string& name,
                std::chrono::seconds rewind = {});

/// Three senders and receivers, one request outstanding each, until it is stopped.
client::LoadOptions verified(client::Options broker, std::string queue);

class Load {
public:
    /// On the queue "load"; how much is outstanding is left to chance.
    Load(client::Options broker, Chance& chance);
    /// As told; makes its queue.
    explicit Load(client::LoadOptions options);
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    ~Load();

    void stop() { end_ = true; }  // sends no more, soon, and drains the queue
    /// Stops, waits until the queue is drained, and judges. Throws when it could not be run.
    client::LoadReport finish();

private:
    client::LoadOptions options_;
    std::atomic<bool> end_ = false;
    std::optional<Result<client::LoadReport>> report_;
    std::thread thread_;
};

/// "12345 acknowledged, 3 without an answer, ..."
std::string text_of(const client::LoadReport& report);
std::string text_of(const check::Verdict& verdict);

}  // namespace cmq::chaos
