// client/load_wire.h: the five requests of a load run and their answers, made and read cheaply.
//
// Client does the same for everybody, at ten times the cost: here parameters come in the order of
// the signature, and values that need no escape (bodies, queue names, handles) are written once
// for both the signed text and the form. Pure but for the clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "client/endpoint.h"
#include "client/request.h"
#include "net/http_client.h"

namespace cmq::client {

inline constexpr std::size_t load_batch_max = 16;

/// Any thread.
class LoadRequests {
public:
    LoadRequests(Signer signer, Endpoint endpoint, std::string queue);

    /// One value: the plain action; more, up to 16: the batch action.
    net::HttpClient::Request send(std::span<const std::string> bodies) const;
    net::HttpClient::Request remove(std::span<const std::string> handles) const;
    net::HttpClient::Request receive(std::size_t count, std::chrono::seconds wait) const;

private:
    std::string begin(std::string_view action) const;
    net::HttpClient::Request finish(std::string text) const;
    net::HttpClient::Request with_list(std::string_view action, std::string_view list,
                                       std::span<const std::string> values) const;

    SystemClock clock_;
    Signer signer_;
    std::string escaped_id_;
    std::string target_;
    std::string prefix_;  // of every signed text: method, host, path
    std::string queue_;
};

/// Views into the text of the answer.
struct LoadAnswer {
    int code = -1;
    std::string_view message;
    struct Item {
        std::string_view body, handle;
        std::uint32_t receives = 0;
    };
    std::vector<Item> messages;             // of a receive
    std::vector<std::string_view> refused;  // handles, of a delete
};

/// Rewrites `text` while it reads (escapes). errors  internal: not an answer of the CMQ API.
Result<LoadAnswer> read_load_answer(std::string& text);

/// What became of an operation, by its answer.
enum class LoadOutcome {
    done,
    refused,  // certainly not done
    unknown,  // may have been done
    hopeless  // not done, and will not be: wrong key, no such queue
};
LoadOutcome outcome_of(const LoadAnswer& answer);

}  // namespace cmq::client
