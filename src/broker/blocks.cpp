#include "broker/blocks.h"

#include "base/check.h"

namespace cmq::broker {
namespace {
// At one go; small enough for nobody to notice, more than any command loads on average.
constexpr int trim_at_once = 256;
}  // namespace

Block& Blocks::get(QueueId queue, std::uint64_t number) {
    const Key key{queue.value, number};
    const auto found = blocks_.find(key);
    if (found != blocks_.end()) {
        if (idle_.holds(found->second)) idle_.push_back(found->second);
        return found->second;
    }
    const auto bytes = rows_.read(Table::block, key);
    CMQ_CHECK(bytes.has_value());
    auto& block = blocks_.try_emplace(key, key).first->second;
    CMQ_CHECK(block.decode(*bytes));
    flush_.loaded(block);
    idle_.push_back(block);
    return block;
}

Block& Blocks::create(QueueId queue, std::uint64_t number) {
    const Key key{queue.value, number};
    const auto [at, is_new] = blocks_.try_emplace(key, key);
    CMQ_CHECK(is_new);
    flush_.add(at->second);
    return at->second;
}

void Blocks::remove(Block& block) {
    const auto key = block.key;
    flush_.forget(block);
    blocks_.erase(key);
}

void Blocks::trim() {
    for (int i = 0; i < trim_at_once && idle_.size() > clean_max_; ++i) {
        auto& oldest = idle_.front();
        const auto key = oldest.key;
        RecordList::unlink(oldest);
        blocks_.erase(key);
    }
}

std::string Blocks::encoded(QueueId queue, std::uint64_t number) const {
    const Key key{queue.value, number};
    const auto found = blocks_.find(key);
    if (found != blocks_.end()) return found->second.encoded();
    const auto bytes = rows_.read(Table::block, key);
    CMQ_CHECK(bytes.has_value());
    return *bytes;
}

}  // namespace cmq::broker
