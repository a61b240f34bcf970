// cmd/execution.h: a program for each received message, and the message's fate by how it ends.
//
//     received --starts, body on its input--> runs --exit 0--------> deleted
//                                          ^       |
//                          lease extended -+       +--anything else-> released
//
// Programs run one after the other. A message whose program failed is given back at once, but not
// to ourselves again and again: while only so many are wanted, failed ones are released at the end;
// otherwise each failure hides it for longer than the one before.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "cmd/child.h"
#include "cmd/progress.h"
#include "cmd/sink.h"

namespace cmq::cmd {

class Execution final : public Sink {
public:
    enum class Release { at_end, at_failure };
    struct Options {
        std::string queue;
        std::vector<std::string> words;  // program and its arguments
        std::chrono::seconds lease{};    // the queue's visibility timeout
        Release release = Release::at_end;
        Coding coding = Coding::none;
    };

    /// `client` and `progress` outlive this.
    Execution(client::Client& client, Progress& progress, Options options)
        : client_(client), progress_(progress), options_(std::move(options)) {}

    std::uint32_t most() const override { return 1; }
    Status take(const std::vector<client::Message>& messages) override;
    std::uint64_t taken() const override { return taken_; }
    Status finish() override;

private:
    Result<ChildEnd> run(const client::Message& message);
    void extend(const client::Message& message);
    void remove(const client::Message& message);
    void give_back(const client::Message& message);
    Result<Stamp> release(const std::string& handle, std::chrono::seconds pause);

    client::Client& client_;
    Progress& progress_;
    Options options_;
    std::uint64_t taken_ = 0;
    std::uint64_t failed_ = 0;
    std::uint64_t undeleted_ = 0;
    std::vector<std::string> to_release_;  // handles
};

}  // namespace cmq::cmd
