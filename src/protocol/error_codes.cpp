#include "protocol/error_codes.h"

#include <array>

namespace cmq::protocol {
namespace {

constexpr std::size_t echoed_bytes_max = 256;

/// What a stranger sends comes back, but not all of it: an answer is small, whoever asks.
std::string echo(std::string_view parameter) {
    if (parameter.size() <= echoed_bytes_max) return std::string(parameter);
    auto end = echoed_bytes_max;
    const auto continues = [&] {
        return (static_cast<unsigned char>(parameter[end]) & 0xc0) == 0x80;
    };
    while (end > echoed_bytes_max - 3 && continues()) --end;  // no character is cut
    return std::string(parameter.substr(0, end)) + "...";
}

WireError with(int code, int module, std::string_view text, std::string_view parameter) {
    WireError error{code, module, std::string(text)};
    if (const auto at = error.text.find("%s"); at != std::string::npos)
        error.text.replace(at, 2, echo(parameter));
    return error;
}

/// Every reason but those whose text depends on the parameter. From 11000 on, and where it says so,
/// the rows are ours.
struct ReasonRow {
    broker::Reason reason;
    int code, module;
    std::string_view text;
};
using enum broker::Reason;
constexpr std::array reason_rows{
    ReasonRow{queue_name_format, 4000, 10020, "queue name format error"},
    ReasonRow{queue_missing, 4440, 10100, "queue is not existed, or deleted"},
    ReasonRow{queue_exists, 4460, 10210, "queue is already existed"},
    ReasonRow{too_many_queues, 4450, 10220, "number of queues has reached the limit"},
    ReasonRow{rewind_beyond_retention, 4000, 10700,
              "rewindSeconds cannot be greater than msgRetentionSeconds"},
    ReasonRow{body_empty, 4000, 10120, "message body can't be empty"},
    ReasonRow{body_too_large, 4400, 10230, "exceed maximum message size"},
    ReasonRow{batch_too_large, 4470, 10300, "total message size exceed 1MB"},
    ReasonRow{delay_out_of_range, 4000, 10692, "delay seconds is out of range"},
    ReasonRow{queue_full, 4410, 10240, "reach maximum retention number of message"},
    ReasonRow{too_many_held, 6070, 10690,
              "too many unacked(inactive) messages or delayed messages"},
    ReasonRow{no_message, 7000, 10200, "no message"},
    ReasonRow{handle_invalid, 4430, 10260, "receipt handle is invalid"},
    ReasonRow{cannot_rewind, 6050, 10670, "your queue cannot be rewinded"},
    ReasonRow{rewind_time, 4000, 10680,
              "invalid rewind time, you can get the vaild range of that via "
              "GetQueueAttributes"},
    ReasonRow{too_many_rewinds, 6050, 10671,
              "too many rewinds to rising times are remembered, rewind to an earlier time "
              "or wait"},  // ours
    ReasonRow{message_missing, 4000, 10681,
              "message is not kept any more, or was never in this queue"},  // ours
    ReasonRow{throttled, 4420, 10250, "qps throttling"},
    ReasonRow{disk_low, 6000, 10091, "disk space is low, sends are refused"},
    ReasonRow{no_leader, 6000, 10092, "no leader, try again"},
    ReasonRow{stopping, 6000, 10092, "no leader, try again"},
    ReasonRow{unknown_outcome, 6000, 10093, "outcome unknown, the message may have been stored"},
    ReasonRow{copies_missing, 6000, 10094, "a copy is missing and all are asked for, refused"},
    ReasonRow{body_damaged, 6000, 10130, "recieve message failed"},
    ReasonRow{no_cluster, 4000, 11000, "this broker does not take requests about a cluster"},
    ReasonRow{node_missing, 4440, 11010, "node is not known to this cluster"},
    ReasonRow{token_used, 4460, 11020, "join token was used already; a new one: cmq cluster token"},
    ReasonRow{token_expired, 4100, 11021, "join token has expired; a new one: cmq cluster token"},
    ReasonRow{too_many_nodes, 4450, 11030, "number of nodes has reached the limit"},
    ReasonRow{node_too_old, 4460, 11031,
              "the cluster uses a newer format than the cmq of that node knows"},
    ReasonRow{change_under_way, 4460, 11040, "another change of the nodes is under way, try again"},
    ReasonRow{last_voter, 4460, 11041, "the last voter cannot be taken out"},
    ReasonRow{one_zone, 4460, 11042, "all copies that are left would lie in one zone"},
    ReasonRow{not_caught_up, 4460, 11043,
              "the node has not caught up, has no vote, was drained, or its disk is almost full"},
    ReasonRow{no_successor, 4460, 11044,
              "the node leads, and no other may take over: they were drained or have not caught "
              "up; restart one first"},
};

constexpr const ReasonRow* row_of(broker::Reason reason) {
    for (const auto& row : reason_rows)
        if (row.reason == reason) return &row;
    return nullptr;
}

constexpr bool has_all_reasons() {
    for (int number = 0; number <= static_cast<int>(body_damaged); ++number) {
        const auto reason = static_cast<broker::Reason>(number);
        if (reason != out_of_range && reason != batch_size && !row_of(reason)) return false;
    }
    return true;
}
static_assert(has_all_reasons());

}  // namespace

WireError wire_error(Row row, std::string_view parameter) {
    const auto error = [parameter](int module, std::string_view text) {
        return with(4000, module, text, parameter);
    };
    switch (row) {
        case Row::parameter_format:
            return error(10310, "error: parameter %s key format error");
        case Row::not_repeatable:
            return error(10330, "parameter %s is NOT a repeatable parameter");
        case Row::out_of_range:
            return error(10350, "parameter %s value or length is out of range");
        case Row::wrong_type:
            return error(10360, "parameter %s error type");
        case Row::batch_size:
            return error(10370, "%s parameter batch size is out of range");
        case Row::not_consequent:
            return error(10380, "%s parameter is not consequent");
        case Row::missing:
            return error(10390, "lacked of required parameter %s");
        case Row::method:
            return error(10410, "unexpected http %s only GET or POST is supported");
        case Row::cannot_parse:
            return error(10420, "cannot parse %s, or request size is more than 1MB");
        case Row::unknown_action:
            return error(10430, "action name %s is not existed");
        case Row::empty_action:
            return error(10280, "action is not existed");
        case Row::no_tcp:
            return {6000, 10050, "server internal error: this broker has no TCP listener yet"};
        case Row::too_frequent:
            return {4480, 10460, "exceed interface frequency limit, please slow down"};
        case Row::not_allowed:
            return error(10461, "no cam authentication");
    }
    return error(10000, "invalid request parameters");
}

WireError wire_error(auth::Denial denial) {
    switch (denial) {
        case auth::Denial::failed:
        case auth::Denial::stale:
            return {4100, 10030, "authentication failed"};
        case auth::Denial::unknown_id:
            return {4100, 10270, "secret id is not existed"};
        case auth::Denial::malformed_id:
            return {4000, 10450, "secret id dosen't begin with AKID"};
        case auth::Denial::disabled:
            return {4100, 10080, "secret id status error"};
    }
    return {4100, 10030, "authentication failed"};
}

WireError wire_error(const broker::Refusal& refusal) {
    if (refusal.reason == out_of_range) return wire_error(Row::out_of_range, refusal.field);
    if (refusal.reason == batch_size)
        return wire_error(refusal.field == "numOfMsg" ? Row::out_of_range : Row::batch_size,
                          refusal.field);
    const auto& row = *row_of(refusal.reason);
    return {row.code, row.module, std::string(row.text)};
}

}  // namespace cmq::protocol
