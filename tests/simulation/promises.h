// tests/simulation/promises.h: what clients of a machine asked for and what they were promised.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/machine.h"

namespace cmq::simulation {

/// A list of facts, copied freely: the same machine may be looked at in many ways.
class Promises {
public:
    struct Lease {
        std::string body;
        std::uint64_t handle;
    };

    void asked(const std::vector<std::string>& bodies);
    void answered(const std::vector<std::string>& bodies, bool acknowledged);
    void asked_to_delete(const std::string& body) { maybe_deleted_.insert(body); }
    void deleted(const std::string& body) { deleted_.insert(body); }
    /// What came, when it may come.
    std::vector<Lease> received(const broker::Answer& answer);

    /// Receives all that `queue` holds once all leases have lapsed: everything acknowledged and not
    /// deleted must be there. The first thing that is wrong, or nothing.
    std::optional<std::string> drain(Machine& machine, VirtualClock& clock,
                                     const std::string& queue);
    /// The same from whoever answers: `receive` asks for a batch and returns when it was answered.
    std::optional<std::string> drain(const std::function<void(shard::Continuation)>& receive);
    const std::optional<std::string>& problem() const { return problem_; }
    void wrong(std::string what);

private:
    enum class Fate { asked, acknowledged, refused };

    void check(const std::string& body);

    std::map<std::string, Fate> sent_;
    std::set<std::string> deleted_;        // acknowledged
    std::set<std::string> maybe_deleted_;  // asked
    std::set<std::string> seen_;           // while draining
    bool draining_ = false;
    std::optional<std::string> problem_;
};

}  // namespace cmq::simulation
