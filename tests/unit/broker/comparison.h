// A state machine and the model side by side, fed with random commands.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <deque>
#include <sstream>

#include "broker/audit.h"
#include "broker_in_memory.h"
#include "model.h"

namespace cmq::broker::test {

class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t below(std::uint64_t limit) {
        state_ += 0x9E3779B97F4A7C15U;
        auto value = state_;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
        return (value ^ (value >> 31)) % limit;
    }
    template <class T>
    T pick(std::initializer_list<T> values) {
        return *(values.begin() + below(values.size()));
    }

private:
    std::uint64_t state_;
};

class Comparison {
public:
    Comparison(std::uint64_t seed, Planted planted) : random_(seed), model_(options_of(seed)) {
        options_ = options_of(seed);
        options_.planted = planted;
        state_ = std::make_unique<State>(7, rows_, options_);
        run(Found{secret});
        for (const auto* name : names) run(CreateQueue{name, {}});
        // Half of the runs work around the end of a chunk of 65,536.
        if (seed % 2 == 0) skip_to(65'536 - 300);
    }

    /// What differed, after at most `steps` commands; empty: nothing.
    std::string differs(int steps) {
        for (int i = 0; i < steps && difference_.empty(); ++i) {
            step();
            look_at_flush();
        }
        return difference_;
    }

    /// Two rewinds, the second less far, over blocks that nothing touched in between.
    std::string differs_after_two_rewinds() {
        const std::vector<std::string_view> bodies(16, "body");
        const auto begin = now_;
        run(SetQueueAttributes{names[0], AttributeChanges{.rewind = 1000}});
        for (int i = 0; i < 40; ++i) {
            now_ = begin + std::chrono::seconds(i);
            run(Send{names[0], 0, {}, bodies});
        }
        for (int i = 0; i < 39; ++i) consume_batch(names[0]);
        // The last ones are in flight at the first rewind: the second has something to undo.
        const auto last = handles_in(run(Receive{names[0], 16}));
        run(RewindQueue{names[0], begin});
        run(DeleteMessages{names[0], last});
        run(RewindQueue{names[0], begin + 30s});
        while (consume_batch(names[0])) continue;
        return difference_;
    }

private:
    static constexpr std::array names{"first", "second", "third"};

    static Options options_of(std::uint64_t seed) {
        Options options;
        options.clean_blocks_max = seed % 3 == 0 ? 0 : 4;
        if (seed % 4 == 1) options.held_per_queue_max = 40;
        return options;
    }

    void skip_to(std::uint64_t sequence) {
        const std::vector<std::string_view> bodies(16, "body");
        for (std::uint64_t at = 0; at + 16 <= sequence; at += 16) {
            run(Send{names[0], 0, {}, bodies});
            if (at % 256 == 0) run(ClearQueue{names[0]});
            if (at % 256 == 0) settle();
        }
        run(ClearQueue{names[0]});
        settle();
    }

    void settle() {
        while (state_->next_due() && *state_->next_due() <= now_) run(Tick{});
    }

    void step() {
        const auto name = names[random_.below(names.size())];
        const auto chance = random_.below(24);
        if (chance == 0) return pass_time();
        if (chance == 1) return settle();
        if (chance == 2) return random_.below(2) == 0 ? rewind_twice(name) : consume(name);
        if (chance < 18) {
            run(some_action(name, chance));
        } else {
            send(name);
        }
    }
    Action some_action(const char* name, std::uint64_t chance) {
        switch (chance) {
            case 3:
                return CreateQueue{name, {}};
            case 4:
                if (random_.below(6) == 0) return ClearQueue{name};
                if (random_.below(6) == 0) return DeleteQueue{name};
                return Tick{};
            case 5:
                return SetQueueAttributes{name, some_attributes()};
            case 6:
                return RewindQueue{name, some_past()};
            case 7:
                return ChangeVisibility{name, some_handle(), some_timeout()};
            case 8:
                return Unreceive{name, {some_handle()}};
            case 9:
            case 10:
            case 11:
                return Receive{name, static_cast<std::uint32_t>(1 + random_.below(16))};
            default:
                return DeleteMessages{name, some_handles()};
        }
    }

    /// False: there was nothing to consume.
    bool consume_batch(const char* name) {
        const auto handles = handles_in(run(Receive{name, 16}));
        if (!handles.empty()) run(DeleteMessages{name, handles});
        return !handles.empty();
    }
    void consume(const char* name) {
        for (auto batches = random_.below(20); batches > 0; --batches) consume_batch(name);
    }
    static std::vector<std::uint64_t> handles_in(const std::vector<Delivery>& deliveries) {
        std::vector<std::uint64_t> handles;
        for (const auto& one : deliveries) handles.push_back(one.handle.value);
        return handles;
    }

    /// Far back, and then less far, before all that came back was touched.
    void rewind_twice(const char* name) {
        const auto back = random_.below(100);
        run(RewindQueue{name, now_ - std::chrono::seconds(back)});
        run(DeleteMessages{name, some_handles()});  // among them some that were in flight
        run(RewindQueue{name, now_ - std::chrono::seconds(random_.below(back + 1))});
    }

    void pass_time() {
        const auto most = random_.pick<std::uint64_t>({10, 900, 5'000, 40'000});
        auto step = std::chrono::milliseconds(random_.below(most));
        // Whole seconds meet boundaries, which are whole seconds away from each other.
        if (random_.below(4) != 0) step = step / 1000 * 1000;
        now_ += step;
    }
    void send(const char* name) {
        const std::vector<std::string_view> bodies(1 + random_.below(16), "body");
        const auto wait = random_.below(4) == 0 ? static_cast<std::int64_t>(random_.below(90)) : 0;
        const auto dedup_id = random_.below(8) == 0 ? std::to_string(random_.below(5)) : "";
        run(Send{name, wait, dedup_id, bodies});
    }
    AttributeChanges some_attributes() {
        AttributeChanges changes;
        if (random_.below(2) == 0) changes.retention = 60 + random_.pick({0, 10, 60, 600});
        if (random_.below(2) == 0) changes.rewind = random_.pick({0, 20, 60, 120, 400});
        if (random_.below(3) == 0) changes.visibility_timeout = random_.pick({1, 5, 30, 100});
        return changes;
    }
    Stamp some_past() {
        const auto most = random_.pick<std::uint64_t>({100, 5'000, 60'000, 200'000});
        const auto back = std::chrono::milliseconds(random_.below(most));
        return random_.below(2) == 0 ? now_ - back / 1000 * 1000 : now_ + 20ms - back;
    }
    std::int64_t some_timeout() { return random_.pick<std::int64_t>({0, 1, 10, 60}); }
    std::uint64_t some_handle() {
        if (handles_.empty() || random_.below(20) == 0) return random_.below(1000);
        return handles_[random_.below(handles_.size())];
    }
    std::vector<std::uint64_t> some_handles() {
        std::vector<std::uint64_t> handles(1 + random_.below(16));
        for (auto& handle : handles) handle = some_handle();
        return handles;
    }

    /// What it delivered, if anything.
    std::vector<Delivery> run(const Action& action) {
        std::string bytes;
        encode(Command{Namespace{1}, action}, bytes);
        ++index_;
        const auto outcome = apply(*state_, bytes, now_, index_);
        if (cut_) since_cut_.push_back({bytes, now_, index_});
        const auto expected = model_.apply(action, now_, LogIndex{index_}, outcome);
        note_handles(outcome);
        compare("reply", describe(outcome), describe(expected), action);
        compare_queue(queue_of(action), action);
        const auto* received = outcome ? std::get_if<Received>(&*outcome) : nullptr;
        return received == nullptr ? std::vector<Delivery>{} : received->deliveries;
    }

    static Outcome apply(State& state, std::string_view bytes, Stamp now, std::uint64_t index) {
        const auto command = decode(bytes);
        REQUIRE(command);
        std::uint32_t slot = 0;
        return state.apply(*command, now, LogIndex{index}, slot);
    }

    void note_handles(const Outcome& outcome) {
        const auto* received = outcome ? std::get_if<Received>(&*outcome) : nullptr;
        if (received == nullptr) return;
        for (const auto& one : received->deliveries) handles_.push_back(one.handle.value);
        while (handles_.size() > 60) handles_.pop_front();
    }

    void compare_queue(std::string_view name, const Action& action) {
        const auto found = model_.queues().find(std::string(name));
        if (found == model_.queues().end()) return;
        auto queue = found->second;
        queue.pass(now_);
        const auto enough = random_.below(30);
        compare("ready", std::to_string(std::min(state_->ready(queue.id, enough), enough)),
                std::to_string(std::min<std::uint64_t>(queue.ready(), enough)), action);
        const auto later = now_ + std::chrono::milliseconds(random_.below(20'000));
        queue.pass(later);
        compare("view", describe(state_->ask(Query{Namespace{1}, GetQueue{name}}, later)),
                describe(queue.view(later)), action);
        if (random_.below(10) == 0) compare("peek", peek_all(name, later), peeked(queue), action);
        if (random_.below(10) == 0) {
            const auto some = some_message(queue);
            const PeekRewind look{name, some};
            compare("peek rewind", describe(state_->ask(Query{Namespace{1}, look}, later)),
                    describe(queue.peek_rewind(some, later)), action);
        }
        for (const auto& message : queue.messages) {
            if (!state_->live(message.body.index))
                note("a body that is wanted is not live", action);
            if (message.body.index < state_->first_live()) note("first_live too high", action);
        }
    }

    /// Mostly one that is there.
    MessageId some_message(const ModelQueue& queue) {
        if (queue.messages.empty() || random_.below(4) == 0)
            return MessageId{(7ULL << 53) | random_.below(2 * index_)};
        return queue.messages[random_.below(queue.messages.size())].id;
    }

    std::string peek_all(std::string_view name, Stamp now) {
        Peeked all;
        std::optional<std::uint64_t> from = 0;
        while (from) {
            const auto count = static_cast<std::uint32_t>(1 + random_.below(100));
            const auto page = state_->ask(Query{Namespace{1}, Peek{name, {}, *from, count}}, now);
            const auto& peeked = std::get<Peeked>(*page);
            all.items.insert(all.items.end(), peeked.items.begin(), peeked.items.end());
            from = peeked.next;
        }
        return describe(all);
    }
    static std::string peeked(const ModelQueue& queue) {
        Peeked all;
        for (const auto& message : queue.messages) {
            Peeked::Item item{Sequence{message.sequence},
                              message.id,
                              message.body,
                              Phase::ready,
                              message.born,
                              {},
                              message.receives};
            if (message.phase == ModelMessage::Phase::leased) item.phase = Phase::in_flight;
            if (message.phase == ModelMessage::Phase::delayed) item.phase = Phase::delayed;
            if (item.phase != Phase::ready) item.until = message.until;
            if (message.phase == ModelMessage::Phase::done) {
                item.phase = Phase::deleted;
                item.until = message.born + std::chrono::seconds(queue.attributes.rewind);
            }
            all.items.push_back(item);
        }
        return describe(all);
    }

    void compare(const char* what, const std::string& is, const std::string& should,
                 const Action& action) {
        if (is != should)
            note(std::string(what) + "\n  is     " + is + "\n  should " + should, action);
    }
    void note(const std::string& what, const Action& action) {
        if (!difference_.empty()) return;
        std::ostringstream line;
        line << "at entry " << index_ << ", action " << action.index() << " on " << queue_of(action)
             << ": " << what;
        difference_ = line.str();
    }

    // A flush begins at some point, is taken in slices while commands go on, and ends. Then a new
    // state over its rows must be the state at the cut, and catch up by the commands since.
    void look_at_flush() {
        if (!cut_) {
            if (random_.below(40) != 0) return;
            cut_ = state_->hash();
            state_->begin_flush();
            return;
        }
        if (random_.below(4) != 0 || state_->take_rows(1 + random_.below(60), taken_)) return;
        rows_.write(taken_);
        taken_.clear();
        state_->end_flush();
        restart();
        cut_.reset();
        since_cut_.clear();
    }

    void restart() {
        auto options = options_;
        options.clean_blocks_max = random_.below(3);
        auto fresh = std::make_unique<State>(7, rows_, options);
        const auto loaded = fresh->load();
        if (!loaded) return note("load: " + loaded.error().message, Tick{});
        compare("hash at the cut", std::to_string(fresh->hash()), std::to_string(*cut_), Tick{});
        const auto audited = audit(7, rows_, options, [](LogIndex) { return true; });
        if (!audited) note("audit: " + audited.error().message, Tick{});
        for (const auto& entry : since_cut_) {
            (void)apply(*fresh, entry.bytes, entry.now, entry.index);
        }
        compare("hash after catching up", std::to_string(fresh->hash()),
                std::to_string(state_->hash()), Tick{});
        compare("counts", counts(*fresh), counts(*state_), Tick{});
        if (fresh->next_due() != state_->next_due()) note("next_due differs", Tick{});
        if (random_.below(2) == 0) state_ = std::move(fresh);
    }

    static std::string counts(const State& state) {
        const auto all = state.counts();
        std::string line;
        for (const auto count : {all.queues, all.active, all.inactive, all.delayed, all.rewindable,
                                 all.held_in_memory})
            line += ' ' + std::to_string(count);
        return line;
    }

    struct Entry {
        std::string bytes;
        Stamp now;
        std::uint64_t index;
    };

    Random random_;
    Options options_;
    Model model_;
    MapRows rows_;
    std::unique_ptr<State> state_;
    Stamp now_ = stamp_of(1'700'000'000'000);
    std::uint64_t index_ = 0;
    std::deque<std::uint64_t> handles_;
    std::optional<std::uint64_t> cut_;
    std::vector<Entry> since_cut_;
    std::vector<Row> taken_;
    std::string difference_;
};

}  // namespace cmq::broker::test
