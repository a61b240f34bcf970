// The error table, text by text: applications compare these.
#include "protocol/error_codes.h"

#include <doctest/doctest.h>

namespace cmq::protocol {
namespace {

struct Expected {
    broker::Refusal refusal;
    int code;
    std::string message;
};

}  // namespace

TEST_SUITE("unit/protocol") {
    SCENARIO("each reason of the broker has its row of the contract") {
        using enum broker::Reason;
        const std::vector<Expected> table = {
            {{queue_name_format, "queueName"}, 4000, "(10020)queue name format error"},
            {{queue_missing, ""}, 4440, "(10100)queue is not existed, or deleted"},
            {{queue_exists, ""}, 4460, "(10210)queue is already existed"},
            {{too_many_queues, ""}, 4450, "(10220)number of queues has reached the limit"},
            {{out_of_range, "visibilityTimeout"},
             4000,
             "(10350)parameter visibilityTimeout value or length is out of range"},
            {{rewind_beyond_retention, ""},
             4000,
             "(10700)rewindSeconds cannot be greater than msgRetentionSeconds"},
            {{body_empty, ""}, 4000, "(10120)message body can't be empty"},
            {{body_too_large, ""}, 4400, "(10230)exceed maximum message size"},
            {{batch_size, "msgBody"}, 4000, "(10370)msgBody parameter batch size is out of range"},
            {{batch_size, "receiptHandle"},
             4000,
             "(10370)receiptHandle parameter batch size is out of range"},
            {{batch_size, "numOfMsg"},
             4000,
             "(10350)parameter numOfMsg value or length is out of range"},
            {{batch_too_large, ""}, 4470, "(10300)total message size exceed 1MB"},
            {{delay_out_of_range, ""}, 4000, "(10692)delay seconds is out of range"},
            {{queue_full, ""}, 4410, "(10240)reach maximum retention number of message"},
            {{too_many_held, ""},
             6070,
             "(10690)too many unacked(inactive) messages or delayed messages"},
            {{no_message, ""}, 7000, "(10200)no message"},
            {{handle_invalid, ""}, 4430, "(10260)receipt handle is invalid"},
            {{cannot_rewind, ""}, 6050, "(10670)your queue cannot be rewinded"},
            {{rewind_time, ""},
             4000,
             "(10680)invalid rewind time, you can get the vaild range of that via "
             "GetQueueAttributes"},
            {{no_cluster, ""}, 4000, "(11000)this broker does not take requests about a cluster"},
            {{node_missing, "node"}, 4440, "(11010)node is not known to this cluster"},
            {{token_used, ""},
             4460,
             "(11020)join token was used already; a new one: cmq cluster token"},
            {{token_expired, ""},
             4100,
             "(11021)join token has expired; a new one: cmq cluster token"},
            {{too_many_nodes, ""}, 4450, "(11030)number of nodes has reached the limit"},
            {{node_too_old, ""},
             4460,
             "(11031)the cluster uses a newer format than the cmq of that node knows"},
            {{change_under_way, ""},
             4460,
             "(11040)another change of the nodes is under way, try again"},
            {{last_voter, ""}, 4460, "(11041)the last voter cannot be taken out"},
            {{one_zone, ""}, 4460, "(11042)all copies that are left would lie in one zone"},
            {{not_caught_up, ""},
             4460,
             "(11043)the node has not caught up, has no vote, was drained, or its disk is almost "
             "full"},
            {{no_successor, ""},
             4460,
             "(11044)the node leads, and no other may take over: they were drained or have not "
             "caught up; restart one first"},
            {{throttled, ""}, 4420, "(10250)qps throttling"},
            {{disk_low, ""}, 6000, "(10091)disk space is low, sends are refused"},
            {{no_leader, ""}, 6000, "(10092)no leader, try again"},
            {{stopping, ""}, 6000, "(10092)no leader, try again"},
            {{unknown_outcome, ""},
             6000,
             "(10093)outcome unknown, the message may have been stored"},
            {{copies_missing, ""}, 6000, "(10094)a copy is missing and all are asked for, refused"},
            {{body_damaged, ""}, 6000, "(10130)recieve message failed"},
        };
        for (const auto& row : table) {
            const auto error = wire_error(row.refusal);
            CAPTURE(row.message);
            CHECK(error.code == row.code);
            CHECK(error.message() == row.message);
        }
        CHECK(wire_error(broker::Refusal{too_many_rewinds, ""}).code == 6050);
    }

    SCENARIO("who is not let in learns why in the words of the contract") {
        const auto told = [](auth::Denial denial) {
            const auto error = wire_error(denial);
            return std::to_string(error.code) + error.message();
        };
        CHECK(told(auth::Denial::failed) == "4100(10030)authentication failed");
        CHECK(told(auth::Denial::stale) == "4100(10030)authentication failed");
        CHECK(told(auth::Denial::unknown_id) == "4100(10270)secret id is not existed");
        CHECK(told(auth::Denial::malformed_id) == "4000(10450)secret id dosen't begin with AKID");
        CHECK(told(auth::Denial::disabled) == "4100(10080)secret id status error");
    }

    SCENARIO("errors about a parameter name it") {
        const auto told = [](Row row) { return wire_error(row, "x").message(); };
        CHECK(told(Row::parameter_format) == "(10310)error: parameter x key format error");
        CHECK(told(Row::not_repeatable) == "(10330)parameter x is NOT a repeatable parameter");
        CHECK(told(Row::out_of_range) == "(10350)parameter x value or length is out of range");
        CHECK(told(Row::wrong_type) == "(10360)parameter x error type");
        CHECK(told(Row::batch_size) == "(10370)x parameter batch size is out of range");
        CHECK(told(Row::not_consequent) == "(10380)x parameter is not consequent");
        CHECK(told(Row::missing) == "(10390)lacked of required parameter x");
        CHECK(told(Row::method) == "(10410)unexpected http x only GET or POST is supported");
        CHECK(told(Row::cannot_parse) == "(10420)cannot parse x, or request size is more than 1MB");
        CHECK(told(Row::unknown_action) == "(10430)action name x is not existed");
        CHECK(told(Row::empty_action) == "(10280)action is not existed");
        CHECK(wire_error(Row::unknown_action, "%s").message() ==
              "(10430)action name %s is not existed");
    }
}

}  // namespace cmq::protocol
