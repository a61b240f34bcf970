#include "tests/support/writes.h"

#include <stdexcept>
#include <thread>

#include "client/load_costs.h"

namespace cmq::support {
namespace {

using namespace std::chrono_literals;
using Figures = std::vector<client::BrokerFigures>;

constexpr auto patience = 120s;  // a safety net
constexpr auto glance = 20ms;
constexpr double writes_awaited = 20;

bool wrote(const Figures& before, const Figures& now) {
    for (std::size_t node = 0; node < now.size(); ++node) {
        const auto& was = before[node].fsyncs;
        const auto& is = now[node].fsyncs;
        if (was && is && *is >= *was + writes_awaited) return true;
    }
    return false;
}

}  // namespace

void await_writes(const std::string& endpoints) {
    client::Options options;
    options.endpoints = endpoints;
    auto pages = client::FigurePages::open(options);
    if (!pages) throw std::runtime_error("no pages: " + pages.error().message);
    const auto end = std::chrono::steady_clock::now() + patience;
    for (const auto before = pages->ask(); !wrote(before, pages->ask());) {
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("nobody writes");
        std::this_thread::sleep_for(glance);
    }
}

}  // namespace cmq::support
