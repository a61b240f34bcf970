#include "client/wire_errors.h"

#include <array>
#include <string>

#include "base/text.h"

namespace cmq::client {
namespace {

struct Outer {
    int code;
    Code meaning;
};
// What an outer number means unless its module number says otherwise.
constexpr std::array outer_codes{
    Outer{4000, Code::invalid},   Outer{4100, Code::unauthenticated}, Outer{4400, Code::invalid},
    Outer{4410, Code::throttled}, Outer{4420, Code::throttled},       Outer{4430, Code::not_found},
    Outer{4440, Code::not_found}, Outer{4450, Code::throttled},       Outer{4460, Code::exists},
    Outer{4470, Code::invalid},   Outer{4480, Code::throttled},       Outer{4490, Code::exists},
    Outer{4500, Code::throttled}, Outer{6000, Code::internal},        Outer{6010, Code::partial},
    Outer{6020, Code::not_found}, Outer{6040, Code::exists},          Outer{6050, Code::invalid},
    Outer{6070, Code::throttled}, Outer{7000, Code::empty},
};

struct Module {
    int module;
    Code meaning;
    std::string_view text;  // empty: the broker's own text is good enough
};
constexpr std::array modules{
    Module{10030, Code::unauthenticated,
           "the signature or its time was not accepted; check the secret key and the clock"},
    Module{10080, Code::unauthenticated, "the secret id is disabled"},
    Module{10091, Code::disk_full, "the broker's disk is nearly full, sends are refused"},
    Module{10092, Code::unavailable, "the broker has no leader or is stopping; try again"},
    Module{10093, Code::unknown_outcome, "the outcome is unknown, it may have been done"},
    Module{10100, Code::not_found, "queue does not exist"},
    Module{10120, Code::invalid, "a message body cannot be empty"},
    Module{10200, Code::empty, "no message"},
    Module{10210, Code::exists, "a queue of that name exists already"},
    Module{10220, Code::throttled, "the limit of queues is reached"},
    Module{10230, Code::invalid, "the body is larger than the queue's maximum message size"},
    Module{10240, Code::throttled, "the queue is full"},
    Module{10250, Code::throttled, "too many requests or bytes under way; try again later"},
    Module{10260, Code::not_found, "the receipt handle is not valid (used, or its time is up)"},
    Module{10270, Code::unauthenticated, "the secret id is not known to the broker"},
    Module{10430, Code::invalid, ""},
    Module{10450, Code::unauthenticated, "the secret id is not known to the broker"},
    Module{10460, Code::throttled, "too many control actions a second; slow down"},
    Module{10461, Code::forbidden, "this key may not do that"},
    Module{10670, Code::invalid, "the queue keeps no deleted messages; set it a --rewind time"},
    Module{10680, Code::invalid, "that time is not within the queue's rewind time"},
    Module{10681, Code::not_found, "the message is not kept any more, or never was in that queue"},
    Module{11000, Code::invalid, "this broker does not take requests about a cluster"},
    Module{11010, Code::not_found, "the cluster has no such node; see: cmq cluster status"},
    Module{11020, Code::exists, "the join token was used already; a new one: cmq cluster token"},
    Module{11021, Code::unauthenticated,
           "the join token has expired; a new one: cmq cluster token"},
    Module{11030, Code::throttled, "the limit of nodes is reached"},
    Module{11040, Code::exists, "another change of the nodes is under way; try again"},
    Module{11041, Code::exists, "the last voter cannot be taken out"},
    Module{11042, Code::exists, "all copies that are left would lie in one zone"},
    Module{11043, Code::exists, "the node has not caught up, has no vote, or was drained"},
    Module{11044, Code::exists,
           "the node leads, and no other may take over: they were drained or have not caught up; "
           "restart one first"},
};

Code meaning_of(int code) {
    for (const auto& outer : outer_codes)
        if (outer.code == code) return outer.meaning;
    return Code::internal;
}

std::string numbered(std::string_view text, std::uint64_t number) {
    return std::string(text) + " (" + std::to_string(number) + ')';
}

}  // namespace

Error error_of(int code, std::string_view message) {
    auto text = message;
    auto number = static_cast<std::uint64_t>(code);
    const auto end = message.find(')');
    if (message.starts_with('(') && end != message.npos) {
        if (const auto module = parse_digits(message.substr(1, end - 1))) {
            number = *module;
            text = message.substr(end + 1);
        }
    }
    for (const auto& module : modules)
        if (static_cast<std::uint64_t>(module.module) == number)
            return {module.meaning, numbered(module.text.empty() ? text : module.text, number)};
    return {meaning_of(code), numbered(text.empty() ? "the broker refused" : text, number)};
}

}  // namespace cmq::client
