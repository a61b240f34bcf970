// client/load_sender.h: one producer of a load run, with its line. Lives on its loop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/load_course.h"
#include "client/load_line.h"

namespace cmq::client {

struct LoadShape {
    unsigned window = 1;
    unsigned batch = 1;
    std::size_t body_bytes = 0;
};

class LoadSender {
public:
    struct Counts {
        std::uint64_t sent = 0, refused = 0, unknown = 0;
        Latency took;
    };

    LoadSender(std::uint16_t number, LoadShape shape, LoadCourse& course, LoadLine line);

    void start();
    const Counts& counts() const { return counts_; }  // once it has left the course

private:
    struct Sent {
        std::uint64_t first = 0, count = 0;  // sequences
        check::Moment at{};
    };
    void fill();
    void send(std::uint64_t count);
    const std::vector<std::string>& bodies_of(const Sent& sent);
    void answered(const Sent& sent, Result<net::HttpClient::Response> response);
    LoadOutcome judge(Result<net::HttpClient::Response>& response);
    void settle(const Sent& sent, LoadOutcome outcome);

    template <class Event>
    void record_each(const Sent& sent, Event event);

    const std::uint16_t number_;
    const LoadShape shape_;
    LoadCourse& course_;
    LoadLine line_;
    std::uint64_t next_ = 0;
    unsigned outstanding_ = 0;
    bool over_ = false;
    std::vector<std::string> bodies_;            // reused,
    std::optional<std::uint64_t> bodies_first_;  //   of the request that begins with it
    Counts counts_;
};

}  // namespace cmq::client
