#include "protocol/error_codes.h"

namespace cmq::protocol {
namespace {

WireError with(int code, int module, std::string_view text, std::string_view parameter) {
    WireError error{code, module, std::string(text)};
    if (const auto at = error.text.find("%s"); at != std::string::npos)
        error.text.replace(at, 2, parameter);
    return error;
}

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
    using enum broker::Reason;
    switch (refusal.reason) {
        case queue_name_format:
            return {4000, 10020, "queue name format error"};
        case queue_missing:
            return {4440, 10100, "queue is not existed, or deleted"};
        case queue_exists:
            return {4460, 10210, "queue is already existed"};
        case too_many_queues:
            return {4450, 10220, "number of queues has reached the limit"};
        case out_of_range:
            return wire_error(Row::out_of_range, refusal.field);
        case rewind_beyond_retention:
            return {4000, 10700, "rewindSeconds cannot be greater than msgRetentionSeconds"};
        case body_empty:
            return {4000, 10120, "message body can't be empty"};
        case body_too_large:
            return {4400, 10230, "exceed maximum message size"};
        case batch_size:
            return wire_error(refusal.field == "numOfMsg" ? Row::out_of_range : Row::batch_size,
                              refusal.field);
        case batch_too_large:
            return {4470, 10300, "total message size exceed 1MB"};
        case delay_out_of_range:
            return {4000, 10692, "delay seconds is out of range"};
        case queue_full:
            return {4410, 10240, "reach maximum retention number of message"};
        case too_many_held:
            return {6070, 10690, "too many unacked(inactive) messages or delayed messages"};
        case no_message:
            return {7000, 10200, "no message"};
        case handle_invalid:
            return {4430, 10260, "receipt handle is invalid"};
        case cannot_rewind:
            return {6050, 10670, "your queue cannot be rewinded"};
        case rewind_time:
            return {4000, 10680,
                    "invalid rewind time, you can get the vaild range of that via "
                    "GetQueueAttributes"};
        case too_many_rewinds:
            return {6050, 10671,
                    "too many rewinds to rising times are remembered, rewind to an earlier time "
                    "or wait"};
        case message_missing:  // ours
            return {4000, 10681, "message is not kept any more, or was never in this queue"};
        case node_missing:  // ours, as all from 11000 on
            return {4440, 11010, "node is not known to this cluster"};
        case token_used:
            return {4460, 11020, "join token was used already; a new one: cmq cluster token"};
        case token_expired:
            return {4100, 11021, "join token has expired; a new one: cmq cluster token"};
        case too_many_nodes:
            return {4450, 11030, "number of nodes has reached the limit"};
        case throttled:
            return {4420, 10250, "qps throttling"};
        case disk_low:
            return {6000, 10091, "disk space is low, sends are refused"};
        case no_leader:
        case stopping:
            return {6000, 10092, "no leader, try again"};
        case unknown_outcome:
            return {6000, 10093, "outcome unknown, the message may have been stored"};
        case body_damaged:
            return {6000, 10130, "recieve message failed"};
    }
    return {6000, 10050, "server internal error"};
}

}  // namespace cmq::protocol
