// tests/simulation/shop.h: one queue, its producers and consumers, and what the checker makes of
// what they see.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "check/checker.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/machine.h"

namespace cmq::simulation {

using check::Moment;
using check::Name;

/// How customers reach the cluster. The answer may never come: then `lost` is called, once.
class Counter {
public:
    virtual ~Counter() = default;
    virtual void call(Operation operation, shard::Request request, shard::Continuation answered,
                      std::function<void()> lost) = 0;
    virtual Moment now() const = 0;
    virtual Stamp wall() const = 0;
};

/// It may have been done, or be done yet.
bool is_unknown(const broker::Answer& answer);
shard::Request request_of(const broker::Action& action,
                          std::optional<std::chrono::seconds> wait = {});

class Shop {
public:
    struct Kind {
        std::string queue;
        bool delays = false;   // sends may be delayed
        bool rewinds = false;  // deleted messages may come back
        bool purges = false;   // all messages may go
    };
    Shop(Kind kind, std::uint64_t seed, Counter& counter);

    const Kind& kind() const { return kind_; }
    void open();
    bool is_open() const { return open_; }

    void send(Operation operation);
    void receive();
    void remove();
    void extend();
    void release();
    void rewind();
    void purge();

    /// Takes out what is left. True: nothing is, for longer than any lease or delay.
    bool drain();
    /// What is wrong, or nothing. After a drain nothing may be missing.
    std::optional<std::string> verdict(bool drained) const;
    check::Verdict counts() const;
    /// Once drained: messages that no purge excuses from being there.
    std::uint64_t sent_after_purges() const;

private:
    struct Parcel;  // messages of one send
    struct Lease {
        Name name;
        std::uint64_t handle;
    };

    void post(const std::shared_ptr<Parcel>& parcel);
    void sent(Parcel& parcel, const broker::Answer& answer);
    void send_lost(const std::shared_ptr<Parcel>& parcel);
    void give_up(Parcel& parcel);
    void received(const broker::Answer& answer, check::Span span, std::chrono::seconds wait);
    void take(const broker::Delivery& delivery, std::string_view body, check::Span span);
    void judge_purged(Name name, check::Span span);
    std::optional<Lease> draw_lease();
    std::uint64_t draw(std::uint64_t below) { return chance_() % below; }

    Kind kind_;
    std::mt19937_64 chance_;
    Counter& counter_;
    check::Checker checker_;
    bool open_ = false;
    struct Producer {
        std::uint64_t sent = 0;
        bool busy = false;
    };
    std::vector<Producer> producers_;
    std::vector<Lease> leases_;
    std::uint64_t answers_ = 0, parcels_ = 0;
    std::map<Name, Moment> acknowledged_;  // in a queue that is purged
    std::vector<check::Span> purges_;
    std::optional<std::string> problem_;
    std::optional<Moment> empty_since_;
    bool draining_ = false, asking_ = false;
};

}  // namespace cmq::simulation
