// check/checker.h: history in, verdict out. The same for the simulator, real processes and a load
// generator. Pure; one thread at a time.
//
// It holds what a client can tell of one queue:
//
//     each acknowledged send is received, or expired       lost, vanished
//     nothing is invented, bodies are whole                invented, damaged
//     each duplicate is explained                          lapsed lease, lost answer, rewind
//     sends without an answer that appear are counted      unknown_appeared
//     a delete is final, and only the latest handle works  undeleted, stale_delete
//     a rewind brings back what was sent since, no more    unreturned, undeleted
//     two leases of a message never overlap                overlap, miscounted
//     a delay is never cut short, what is ready is given   early, overlooked
//     a producer's messages come in order                  out_of_order
//
// Events are added in the order in which the client learnt of them. They are judged as they come:
// a message costs 28 bytes, whatever happens to it.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "check/history.h"
#include "check/order.h"
#include "check/records.h"
#include "check/verdict.h"

namespace cmq::check {

class Checker {
public:
    struct Options {
        std::size_t examples = 5;                       // of each violation
        std::optional<std::chrono::seconds> retention;  // of the queue; none: nothing expires
        /// One broker takes a producer's sends as they were begun. When the lead of a cluster
        /// changes, those that are under way may overtake each other, and a receive whose answer
        /// is lost between two nodes is given back uncounted, without a client noticing: there a
        /// message that comes late, though it was acknowledged before its overtaker was begun, is
        /// counted, and accuses nobody.
        enum class Sends { in_order, may_overtake } sends = Sends::in_order;
        /// The broker's clock, by which a rewind goes, is at most so far from the clients'.
        std::chrono::milliseconds clocks_apart{0};
    };
    Checker() = default;
    explicit Checker(Options options) : options_(options) {}

    void add(const SendStarted& event);
    void add(const SendAcknowledged& event);
    void add(const SendRefused& event);
    void add(const SendUnknown& event);
    /// True: of a message of ours that did not come before.
    bool add(const Received& event);
    void add(const ReceivedForeign& event);
    void add(const ReceivedNothing& event);
    void add(const ReceiveUnknown& event);
    void add(const DeleteStarted& event);
    void add(const DeleteAcknowledged& event);
    void add(const DeleteRefused& event);
    void add(const DeleteUnknown& event);
    void add(const Released& event);
    void add(const Extended& event);
    void add(const Rewound& event);
    void add(const RewindAcknowledged& event);
    void add(const Purged& event);

    enum class Queue {
        drained,    // consumers ran until it stayed empty for longer than any lease or delay
        restless,   // for several leases nothing came but what had come before, and may again
        unfinished  // what was not received may still be there: nothing is called lost
    };
    Verdict verdict(Queue queue, Moment now) const;

private:
    struct Producer {
        Records records;
        Order order;
        std::uint64_t out_of_order = 0;
    };

    Producer& producer(std::uint32_t number);
    Record* find(Name name);
    void judge_first(const Received& event, Producer& from, Record& record);
    void judge_order(const Received& event, Producer& from, const Record& record);
    void judge_again(const Received& event, Record& record);
    bool counted_in_vain(const Received& event, const Record& record) const;
    void take_lease(const Received& event, Record& record) const;
    void bring_back(Record& record, const RewindAcknowledged& event) const;
    bool may_have_returned(const Record& record, Moment until) const;
    bool rewound_since(std::uint32_t from_ms, Moment until, Moment sent_by = Moment::max()) const;
    bool is_old(const Record& record, Moment now) const;
    void judge_lost(Name name, const Record& record, Moment now, Verdict& verdict) const;
    void judge_vanished(Name name, const Record& record, Moment now, Verdict& verdict) const;
    bool may_be_purged(const Record& record) const;
    void accuse(Violation violation, std::string sentence);
    static void note(const Options& options, Verdict& verdict, Violation violation,
                     std::string sentence);

    Options options_;
    std::deque<Producer> producers_;  // they stay where they are: moving an Order may throw
    std::vector<Rewound> rewinds_;
    std::optional<std::uint32_t> purged_until_;  // ms: what was sent later was not purged
    Empties empties_;
    std::uint32_t unsure_until_ = 0;  // ms: the latest receive without an answer
    Verdict so_far_;
};

}  // namespace cmq::check
