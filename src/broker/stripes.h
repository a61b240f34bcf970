// broker/stripes.h: which entries of the log still hold a body that someone can receive.
//
// Counts messages that are not gone, per stripe of 64 log indexes; 256 stripes are a page and a
// row. Pages without any are not kept, so one old message among billions costs one page.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "broker/flush.h"

namespace cmq::broker {

class Stripes {
public:
    explicit Stripes(Flush& flush) : flush_(flush) {}

    void add(LogIndex index, std::uint32_t messages);
    void subtract(LogIndex index, std::uint32_t messages);

    bool live(LogIndex index) const;
    /// The same for all stripes from that of `first` to that of `last`, in the time of one walk.
    std::vector<bool> live(LogIndex first, LogIndex last) const;
    std::optional<LogIndex> first_live() const;  // the first index of the first stripe with any

    Status load(const Row& row);
    std::uint64_t hash(std::uint64_t seed) const;

private:
    static constexpr std::uint64_t stripe_indexes = 64;
    static constexpr std::uint64_t page_stripes = 256;

    struct Page final : Record {
        explicit Page(std::uint64_t number) : Record(Table::stripe, Key{0, number}) {}
        std::string encoded() const override;
        std::array<std::uint32_t, page_stripes> counts{};
        std::uint64_t total = 0;
    };
    Page& changing(std::uint64_t number);

    Flush& flush_;
    std::map<std::uint64_t, Page> pages_;
    Page* latest_ = nullptr;  // that was changed; most changes are near each other
};

}  // namespace cmq::broker
