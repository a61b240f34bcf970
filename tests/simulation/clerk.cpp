#include "tests/simulation/clerk.h"

namespace cmq::simulation {
namespace {

bool says(const broker::Answer& answer, broker::Reason reason) {
    return !answer.outcome && answer.outcome.error().reason == reason;
}

}  // namespace

void Clerk::expect(bool good, const char* what) {
    if (!good && !problem_) problem_ = "queue " + name_ + ": " + what;
}

void Clerk::act() {
    if (std::exchange(waiting_, true)) return;
    if (queue_ == Queue::unknown || looks_ < 2) return describe();
    queue_ == Queue::absent ? create() : remove();
}

void Clerk::create() {
    const auto unsure = [this] {
        queue_ = Queue::unknown;
        waiting_ = false;
    };
    counter_.call(
        Operation::create_queue, request_of(broker::CreateQueue{name_, {}}),
        [this, unsure](const broker::Answer& answer) {
            if (is_unknown(answer)) return unsure();
            waiting_ = false;
            expect(!says(answer, broker::Reason::queue_exists), "exists before it was made");
            if (!answer.outcome) return;
            queue_ = Queue::present;
            looks_ = 0;
        },
        unsure);
}

/// After an unknown answer what is seen may still change: the command may come yet. So a new name
/// is taken, and the old one is left behind.
void Clerk::describe() {
    if (queue_ == Queue::unknown) {
        name_ = base_ + std::to_string(++made_);
        queue_ = Queue::absent;
    }
    const auto name = std::make_shared<std::string>(name_);
    counter_.call(
        Operation::describe_queue,
        shard::Look{broker::Query{broker::Namespace{1}, broker::GetQueue{*name}}, name},
        [this](const broker::Answer& answer) {
            waiting_ = false;
            const bool missing = says(answer, broker::Reason::queue_missing);
            if (!answer.outcome && !missing) return;
            ++looks_;
            expect(missing == (queue_ == Queue::absent),
                   missing ? "missing, though its creation was answered"
                           : "there, though its removal was answered");
        },
        [this] { waiting_ = false; });
}

void Clerk::remove() {
    const auto unsure = [this] {
        queue_ = Queue::unknown;
        waiting_ = false;
    };
    counter_.call(
        Operation::delete_queue, request_of(broker::DeleteQueue{name_}),
        [this, unsure](const broker::Answer& answer) {
            if (is_unknown(answer)) return unsure();
            waiting_ = false;
            expect(!says(answer, broker::Reason::queue_missing), "missing before it was removed");
            if (!answer.outcome) return;
            queue_ = Queue::absent;
            looks_ = 0;
        },
        unsure);
}

}  // namespace cmq::simulation
