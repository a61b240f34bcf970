// tests/simulation/spread.h: the same work in several processes, each with its share of seeds.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <type_traits>
#include <vector>

namespace cmq::simulation {

/// `work(job)` for each job below `jobs`, each in a process of its own (one job: in this one); adds
/// up what they give. A process that ends early gives nothing, and `ended_early` rises.
template <class Totals>
Totals spread(unsigned jobs, const std::function<Totals(unsigned)>& work, unsigned& ended_early) {
    static_assert(std::is_trivially_copyable_v<Totals>);
    if (jobs == 1) return work(0);
    std::vector<int> pipes;
    std::vector<::pid_t> children;  // others, such as brokers of other tests, are not waited for
    std::cout.flush();              // or each child says it again
    for (unsigned job = 0; job < jobs; ++job) {
        int ends[2];
        if (::pipe(ends) != 0) return {};
        const auto child = ::fork();
        if (child == 0) {
            const auto totals = work(job);
            const auto* bytes = reinterpret_cast<const char*>(&totals);
            for (std::size_t at = 0; at < sizeof totals;) {
                const auto count = ::write(ends[1], bytes + at, sizeof totals - at);
                if (count <= 0) break;
                at += static_cast<std::size_t>(count);
            }
            ::_exit(0);
        }
        ::close(ends[1]);
        pipes.push_back(ends[0]);
        children.push_back(child);
    }
    Totals sum{};
    for (const auto pipe : pipes) {
        Totals totals{};
        std::size_t at = 0;
        for (;;) {
            const auto count =
                ::read(pipe, reinterpret_cast<char*>(&totals) + at, sizeof totals - at);
            if (count <= 0) break;
            at += static_cast<std::size_t>(count);
        }
        ::close(pipe);
        at == sizeof totals ? sum.add(totals) : void(++ended_early);
    }
    for (const auto child : children) ::waitpid(child, nullptr, 0);
    return sum;
}

}  // namespace cmq::simulation
