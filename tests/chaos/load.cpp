#include "tests/chaos/load.h"

#include <stdexcept>

namespace cmq::chaos {
namespace {

using namespace std::chrono_literals;

constexpr auto for_ever = 24h;

client::LoadOptions shape(client::Options broker, Chance& chance) {
    auto options = verified(std::move(broker), "load");
    options.window = static_cast<unsigned>(1 + chance.below(4));
    options.batch = static_cast<unsigned>(1 + chance.below(4));
    options.body_bytes = 100 + chance.below(1'000);
    say("load: window " + std::to_string(options.window) + ", batch " +
        std::to_string(options.batch) + ", bodies of " + std::to_string(options.body_bytes) +
        " bytes");
    return options;
}

}  // namespace

client::LoadOptions verified(client::Options broker, std::string queue) {
    client::LoadOptions options;
    options.broker = std::move(broker);
    options.queue = std::move(queue);
    options.senders = 3;
    options.receivers = 3;
    options.body_bytes = 200;
    options.duration = for_ever;
    options.verify = client::Verify::yes;
    return options;
}

void make_queue(const client::Options& broker, const std::string& name,
                std::chrono::seconds rewind) {
    auto client = client::Client::open(broker);
    broker::AttributeChanges attributes;
    attributes.visibility_timeout = lease.count();
    attributes.rewind = rewind.count();
    const auto made =
        client ? client->create_queue(name, attributes) : tl::unexpected(client.error());
    if (!made) throw std::runtime_error("no queue: " + made.error().message);
}

Load::Load(client::Options broker, Chance& chance) : Load(shape(std::move(broker), chance)) {}

Load::Load(client::LoadOptions options) : options_(std::move(options)) {
    make_queue(options_.broker, options_.queue);
    thread_ = std::thread([this] {
        report_ = client::run_load(options_, [this](const auto&) {
            return end_ ? client::LoadWish::end : client::LoadWish::go_on;
        });
    });
}

Load::~Load() {
    end_ = true;
    if (thread_.joinable()) thread_.join();
}

client::LoadReport Load::finish() {
    stop();
    thread_.join();
    if (!*report_) throw std::runtime_error("load: " + report_->error().message);
    return **std::exchange(report_, std::nullopt);
}

std::string text_of(const check::Verdict& verdict) {
    const auto& why = verdict.explained;
    std::string text =
        std::to_string(verdict.acknowledged) + " acknowledged, " + std::to_string(verdict.unknown) +
        " without an answer (" + std::to_string(verdict.unknown_appeared) + " appeared), " +
        std::to_string(verdict.refused) + " refused, " + std::to_string(verdict.received) +
        " received, " + std::to_string(verdict.duplicates) + " duplicates (" +
        std::to_string(why.lapsed_lease) + " lapsed leases, " + std::to_string(why.lost_answer) +
        " lost answers, " + std::to_string(why.rewind) + " rewound, " +
        std::to_string(verdict.duplicates_unexplained()) + " unexplained)";
    for (std::size_t each = 0; each < check::violations; ++each)
        if (verdict.counts[each] > 0)
            text += ", " + std::to_string(verdict.counts[each]) + ' ' +
                    std::string(name_of(static_cast<check::Violation>(each)));
    for (const auto& example : verdict.examples) text += "\n    " + example;
    return text;
}

std::string text_of(const client::LoadReport& report) {
    return text_of(*report.verdict) + "; longest gap " +
           std::to_string(report.longest_gap.count() / 1000) +
           " ms; failed receives and deletes: " + std::to_string(report.failed);
}

}  // namespace cmq::chaos
