// protocol/error_codes.h: the errors of the CMQ wire contract, section 18.
//
// On HTTP a client sees `code` and "(module)text", on TCP the module. Applications compare the
// texts: they are contract, misspellings included.
#pragma once

#include <string>
#include <string_view>

#include "auth/verify.h"
#include "broker/reply.h"

namespace cmq::protocol {

struct WireError {
    int code = 0;
    int module = 0;
    std::string text;

    std::string message() const { return '(' + std::to_string(module) + ')' + text; }
};

/// Rows of the table that a door needs by name. `%s` stands for the parameter.
enum class Row {
    parameter_format,  // 10310
    not_repeatable,    // 10330
    out_of_range,      // 10350
    wrong_type,        // 10360
    batch_size,        // 10370
    not_consequent,    // 10380
    missing,           // 10390
    method,            // 10410
    cannot_parse,      // 10420
    unknown_action,    // 10430
    empty_action,      // 10280
    no_tcp,            // 10050
    too_frequent,      // 10460
    not_allowed,       // 10461
};
WireError wire_error(Row row, std::string_view parameter = {});
WireError wire_error(auth::Denial denial);
WireError wire_error(const broker::Refusal& refusal);

}  // namespace cmq::protocol
