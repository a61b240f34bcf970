// client/load_receiver.h: one consumer of a load run: long polls over one line, deletes over
// another, so that a parked poll never holds up a delete. Lives on the loop of its lines, which is
// the same one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/load_course.h"
#include "client/load_line.h"
#include "client/load_sender.h"

namespace cmq::client {

class LoadReceiver {
public:
    struct Counts {
        std::uint64_t received = 0, deleted = 0;
        std::uint64_t failed = 0;  // requests that were refused, or not answered
        Latency receive, remove, delivery;
    };

    LoadReceiver(std::uint64_t number, LoadShape shape, LoadCourse& course, LoadLine polls,
                 LoadLine deletes);

    void start();
    const Counts& counts() const { return counts_; }  // once it has left the course

private:
    struct Leased {
        std::vector<std::string> handles;
        std::vector<check::Name> names;  // of the same length; empty where nothing is recorded
        check::Moment asked{};
    };
    using Response = Result<net::HttpClient::Response>;

    void fill();
    void poll();
    void polled(check::Moment asked, Response response);
    void take(check::Moment asked, const LoadAnswer& answer);
    check::Name take_one(check::Span span, const LoadAnswer::Item& item);
    void remove(Leased leased);
    void removed(const Leased& leased, Response response);
    void settle(const Leased& leased, const LoadAnswer& answer);
    void unknown(const Leased& leased);

    const LoadShape shape_;
    LoadCourse& course_;
    LoadLine polls_, deletes_;
    std::uint64_t answers_;  // numbers of answers, different from those of the other receivers
    unsigned polling_ = 0, deleting_ = 0;
    bool over_ = false;
    Counts counts_;
};

}  // namespace cmq::client
