// cmd/outgoing.h: messages that wait to be sent, in batches, with an account of what failed.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "client/client.h"
#include "cmd/arguments.h"

namespace cmq::cmd {

struct OutgoingMessage {
    std::string body;
    client::SendOptions options;
    std::uint64_t number = 1;  // its line, from 1
};

/// {"body": "...", "delay": "5s" or seconds, "dedup_id": "..."}. The other keys that
/// `cmq receive -o ndjson` prints are taken and ignored, so that one can feed the other.
/// errors  invalid: not that; names the key.
Result<OutgoingMessage> parse_ndjson(std::string_view line);

/// Sends in batches of what has the same options and prints ids in order, as soon as they are
/// known. A batch that is refused for one body is sent again one by one, so that the others get
/// through and the one is named.
class Outbox {
public:
    /// `client` and `out` outlive this.
    Outbox(client::Client& client, std::string queue, std::ostream& out, Form form)
        : client_(client), queue_(std::move(queue)), out_(out), form_(std::move(form)) {}

    static std::vector<std::string> keys();  // of what it prints, for templates

    /// errors  what stops the rest: unreachable, not_found, throttled, ...
    Status add(OutgoingMessage message);
    Status send_waiting();
    void note_failure(std::uint64_t number, Error error);
    std::uint64_t sent() const { return sent_; }

    /// Ends the output. errors  partial: some were sent, with all that was not; or, when nothing
    /// was sent, what hindered it.
    Status finish(std::ostream& err);

private:
    struct Failure {
        std::uint64_t number;
        Error error;
    };

    Status send_batch(std::vector<OutgoingMessage> batch);
    Status send_one_by_one(const std::vector<OutgoingMessage>& batch);
    void print(const std::string& id);

    void list_failures(std::ostream& err) const;

    client::Client& client_;
    std::string queue_;
    std::ostream& out_;
    Form form_;
    std::vector<OutgoingMessage> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::uint64_t sent_ = 0;
    std::vector<Failure> failures_;
};

}  // namespace cmq::cmd
