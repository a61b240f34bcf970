#include "broker/stripes.h"

#include <algorithm>

#include "base/check.h"
#include "base/hash.h"

namespace cmq::broker {

std::string Stripes::Page::encoded() const {
    std::string bytes;
    Encoder out(bytes);
    out.u8(1);
    for (const auto count : counts) out.varint(count);
    return bytes;
}

Stripes::Page& Stripes::changing(std::uint64_t number) {
    if (latest_ == nullptr || latest_->key.minor != number) {
        const auto [at, is_new] = pages_.try_emplace(number, number);
        if (is_new) flush_.add(at->second);
        latest_ = &at->second;
    }
    flush_.touch(*latest_);
    return *latest_;
}

void Stripes::add(LogIndex index, std::uint32_t messages) {
    const auto stripe = index.value / stripe_indexes;
    auto& page = changing(stripe / page_stripes);
    page.counts[stripe % page_stripes] += messages;
    page.total += messages;
}

void Stripes::subtract(LogIndex index, std::uint32_t messages) {
    const auto stripe = index.value / stripe_indexes;
    auto& page = changing(stripe / page_stripes);
    CMQ_CHECK(page.counts[stripe % page_stripes] >= messages);
    page.counts[stripe % page_stripes] -= messages;
    page.total -= messages;
    if (page.total > 0) return;
    flush_.forget(page);
    latest_ = nullptr;
    pages_.erase(stripe / page_stripes);
}

bool Stripes::live(LogIndex index) const {
    const auto stripe = index.value / stripe_indexes;
    const auto at = pages_.find(stripe / page_stripes);
    return at != pages_.end() && at->second.counts[stripe % page_stripes] > 0;
}

std::vector<bool> Stripes::live(LogIndex first, LogIndex last) const {
    const auto begin = first.value / stripe_indexes, end = last.value / stripe_indexes + 1;
    std::vector<bool> all(begin < end ? end - begin : 0);
    for (auto at = pages_.lower_bound(begin / page_stripes); at != pages_.end(); ++at) {
        const auto base = at->first * page_stripes;
        if (base >= end) break;
        for (auto stripe = std::max(base, begin); stripe < std::min(base + page_stripes, end);
             ++stripe)
            all[stripe - begin] = at->second.counts[stripe - base] > 0;
    }
    return all;
}

std::optional<LogIndex> Stripes::first_live() const {
    if (pages_.empty()) return std::nullopt;
    const auto& [number, page] = *pages_.begin();
    std::uint64_t stripe = 0;
    while (page.counts[stripe] == 0) ++stripe;  // a page that is kept has one
    return LogIndex{(number * page_stripes + stripe) * stripe_indexes};
}

Status Stripes::load(const Row& row) {
    Decoder in(*row.value);
    const auto version = in.u8();
    const auto [at, is_new] = pages_.try_emplace(row.key.minor, row.key.minor);
    auto& page = at->second;
    for (auto& count : page.counts) {
        count = static_cast<std::uint32_t>(in.varint());
        page.total += count;
    }
    if (version != 1 || !in.done() || page.total == 0 || !is_new) {
        return fail(Code::corrupt, "stripe row " + std::to_string(row.key.minor));
    }
    flush_.loaded(page);
    return {};
}

std::uint64_t Stripes::hash(std::uint64_t seed) const {
    for (const auto& [number, page] : pages_) seed = xxh3(page.encoded(), seed + number);
    return seed;
}

}  // namespace cmq::broker
