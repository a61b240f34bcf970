// cmd/delivery.h: received messages to the output; each is deleted only once its bytes are out.
//
//     received --printed and flushed--> deleted
//         |
//         +--the output is closed--> released, at once visible to others
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "client/client.h"
#include "cmd/message_printer.h"

namespace cmq::cmd {

enum class After { remove, keep };  // what becomes of a printed message
enum class Coding { none, base64 };

class Delivery {
public:
    struct Options {
        std::string queue;
        After after = After::remove;
        Coding coding = Coding::none;
    };

    /// `client`, `printer` and `err` outlive this.
    Delivery(client::Client& client, MessagePrinter& printer, std::ostream& err, Options options)
        : client_(client), printer_(printer), err_(err), options_(std::move(options)) {}

    /// errors  io: the output is closed; what was not printed is released.
    Status deliver(const std::vector<client::Message>& messages);

    std::uint64_t printed() const { return printed_; }
    /// Printed, and yet not deleted: they will come again.
    std::uint64_t undeleted() const { return undeleted_; }

private:
    Result<bool> print(const client::Message& message);
    void remove(const std::vector<std::string>& handles);
    void release(const std::vector<client::Message>& messages, std::size_t from);
    void say_undeleted(std::uint64_t count, const std::string& why);

    client::Client& client_;
    MessagePrinter& printer_;
    std::ostream& err_;
    Options options_;
    std::uint64_t printed_ = 0;
    std::uint64_t undeleted_ = 0;
};

}  // namespace cmq::cmd
