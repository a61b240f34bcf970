// client/answer_parts.h: members of JSON answers as values, or why they are none. Inside of client.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace cmq::client {

using Json = nlohmann::json;

tl::unexpected<Error> odd(std::string_view what);

Result<std::string> text(const Json& object, const char* name);
/// Numbers come as such, or as decimal digits where they may pass 2^53.
Result<std::int64_t> number(const Json& object, const char* name);
Result<std::uint64_t> count(const Json& object, const char* name);
Result<bool> truth(const Json& object, const char* name);
Result<Stamp> time(const Json& object, const char* name);

/// What `read` makes of each object of a list.
template <class Value>
Result<std::vector<Value>> all_of(const Json& object, const char* name,
                                  Result<Value> (*read)(const Json& item)) {
    const auto at = object.find(name);
    if (at == object.end() || !at->is_array()) return odd(std::string(name) + " is not a list");
    std::vector<Value> values;
    for (const auto& item : *at) {
        if (!item.is_object()) return odd(std::string(name) + " holds what is not an object");
        values.push_back(CMQ_TRY(read(item)));
    }
    return values;
}

struct Envelope {
    Json fields;
    int code = 0;
    std::string message;
    Error error() const;
};
Result<Envelope> open_envelope(std::string_view answer);
/// errors  the broker's, when the answer carries one.
Result<Json> fields_of(std::string_view answer);

}  // namespace cmq::client
