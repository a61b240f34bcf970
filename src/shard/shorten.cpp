#include "shard/shorten.h"

#include "broker/limits.h"

namespace cmq::shard {
namespace {

std::size_t count_that_fit(const std::vector<broker::Body>& bodies) {
    std::size_t count = 0, bytes = 0;
    for (const auto& body : bodies) {
        bytes += body.text.size();
        if (count > 0 && bytes > broker::answer_bytes_max) break;
        ++count;
    }
    return count;
}

std::vector<std::uint64_t> keep_first(broker::Received& received, std::size_t count) {
    std::vector<std::uint64_t> others;
    for (auto at = count; at < received.deliveries.size(); ++at)
        others.push_back(received.deliveries[at].handle.value);
    received.deliveries.resize(count);
    return others;
}

void keep_first(broker::Peeked& peeked, std::size_t count) {
    peeked.next = peeked.items[count].sequence.value;
    peeked.items.resize(count);
}

}  // namespace

std::vector<std::uint64_t> shorten(broker::Answer& answer) {
    const auto count = count_that_fit(answer.bodies);
    if (!answer.outcome || count == answer.bodies.size()) return {};
    answer.bodies.resize(count);
    if (auto* peeked = std::get_if<broker::Peeked>(&*answer.outcome)) keep_first(*peeked, count);
    auto* received = std::get_if<broker::Received>(&*answer.outcome);
    return received ? keep_first(*received, count) : std::vector<std::uint64_t>{};
}

}  // namespace cmq::shard
