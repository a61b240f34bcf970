// cmd/delivery.h: received messages to the output; each is deleted only once its bytes are out.
//
//     received --printed and flushed--> deleted
//         |
//         +--the output is closed--> released, at once visible to others
//
// A pipe takes bytes that nobody may ever read. So into a pipe few messages are printed ahead of
// their deletion to begin with, and more the longer the reader stays: `cmq receive Q --follow |
// head -3` takes three.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "client/client.h"
#include "cmd/message_printer.h"
#include "cmd/progress.h"
#include "cmd/sink.h"

namespace cmq::cmd {

enum class After { remove, keep };  // what becomes of a printed message

std::vector<std::string> message_keys();  // of what is printed, for templates

class Delivery final : public Sink {
public:
    struct Options {
        std::string queue;
        After after = After::remove;
        Coding coding = Coding::none;
        /// Whether whoever read the output has gone; none: it is a file or a terminal.
        std::function<bool()> is_reader_gone;
    };

    /// `client` and `progress` outlive this.
    Delivery(client::Client& client, MessagePrinter printer, Progress& progress, Options options)
        : client_(client),
          printer_(std::move(printer)),
          progress_(progress),
          options_(std::move(options)) {}

    std::uint32_t most() const override;
    /// errors  io: the output is closed; what was not printed is released.
    Status take(const std::vector<client::Message>& messages) override;
    std::uint64_t taken() const override { return printed_; }
    /// errors  partial: printed, and yet not deleted: they will come again.
    Status finish() override;

private:
    std::size_t step() const;
    Status deliver_step(std::span<const client::Message> messages);
    Result<bool> print(const client::Message& message);
    void remove(const std::vector<std::string>& handles);
    void release(std::span<const client::Message> messages);
    void say_undeleted(std::uint64_t count, const std::string& why);

    client::Client& client_;
    MessagePrinter printer_;
    Progress& progress_;
    Options options_;
    std::uint64_t printed_ = 0;
    std::uint64_t undeleted_ = 0;
};

}  // namespace cmq::cmd
