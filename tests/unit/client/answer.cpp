#include "client/answer.h"

#include <doctest/doctest.h>

#include "client/wire_errors.h"

using namespace cmq;
using namespace cmq::client;

TEST_SUITE("unit/client") {
    TEST_CASE("the broker's errors keep their number and get a meaning") {
        const auto missing = error_of(4440, "(10100)queue is not existed, or deleted");
        CHECK(missing.code == Code::not_found);
        CHECK(missing.message == "queue does not exist (10100)");
        CHECK(error_of(7000, "(10200)no message").code == Code::empty);
        CHECK(error_of(4100, "(10030)authentication failed").code == Code::unauthenticated);
        CHECK(error_of(4420, "(10250)qps throttling").code == Code::throttled);
        CHECK(error_of(4460, "(10210)queue is already existed").code == Code::exists);
        CHECK(error_of(4430, "(10260)receipt handle is invalid").code == Code::not_found);
        CHECK(error_of(6000, "(10091)disk space is low").code == Code::disk_full);
        CHECK(error_of(6000, "(10092)no leader, try again").code == Code::unavailable);
        CHECK(error_of(6000, "(10094)a copy is missing").code == Code::unavailable);
        CHECK(error_of(6000, "(10093)outcome unknown").code == Code::unknown_outcome);
    }

    TEST_CASE("an error we have no words for speaks in the broker's") {
        const auto error = error_of(4000, "(10350)parameter delay value or length is out of range");
        CHECK(error.code == Code::invalid);
        CHECK(error.message == "parameter delay value or length is out of range (10350)");
        CHECK(error_of(9999, "what (1)").message == "what (1) (9999)");
        CHECK(error_of(9999, "").code == Code::internal);
    }

    TEST_CASE("a received message has its seven fields") {
        const auto messages = decode_messages(
            R"({"code":0,"message":"","requestId":"1","msgInfoList":[{"msgBody":"a","msgId":"7",
                "receiptHandle":"9","enqueueTime":1700000000,"nextVisibleTime":1700000030,
                "firstDequeueTime":1700000001,"dequeueCount":2}]})");
        REQUIRE(messages);
        REQUIRE(messages->size() == 1);
        CHECK((*messages)[0].body == "a");
        CHECK((*messages)[0].id == "7");
        CHECK((*messages)[0].handle == "9");
        CHECK(milliseconds_of((*messages)[0].enqueued) == 1700000000000);
        CHECK((*messages)[0].receives == 2);
    }

    TEST_CASE("a body that is not UTF-8 comes whole, from base64") {
        const auto messages = decode_messages(
            R"({"code":0,"message":"","msgInfoList":[{"msgBody":"?","msgBodyBase64":"//4=",
                "msgId":"7","receiptHandle":"9","enqueueTime":1,"nextVisibleTime":1,
                "firstDequeueTime":1,"dequeueCount":1}]})");
        REQUIRE(messages);
        CHECK((*messages)[0].body == "\xff\xfe");
    }

    TEST_CASE("nothing to receive is empty, not an answer") {
        const auto messages = decode_messages(R"({"code":7000,"message":"(10200)no message"})");
        REQUIRE_FALSE(messages);
        CHECK(messages.error().code == Code::empty);
    }

    TEST_CASE("a batch that failed in part names what failed") {
        const auto failed = decode_deleted(
            R"({"code":6010,"message":"(10150)delete message partially failed","errorList":[
                {"code":4430,"message":"(10260)receipt handle is invalid","receiptHandle":"5"}]})");
        REQUIRE(failed);
        REQUIRE(failed->size() == 1);
        CHECK((*failed)[0].handle == "5");
        CHECK((*failed)[0].error.code == Code::not_found);
        CHECK(decode_deleted(R"({"code":0,"message":""})")->empty());
        CHECK(decode_deleted(R"({"code":4440,"message":"(10100)x"})").error().code ==
              Code::not_found);
    }

    TEST_CASE("ids come singly or as a list") {
        CHECK(decode_message_ids(R"({"code":0,"message":"","msgId":"1"})")->front() == "1");
        CHECK(
            decode_message_ids(R"({"code":0,"message":"","msgList":[{"msgId":"1"},{"msgId":"2"}]})")
                ->size() == 2);
    }

    TEST_CASE("peeked messages say their phase and where to go on") {
        const auto peeked = decode_peeked(
            R"({"code":0,"message":"","msgInfoList":[{"msgBody":"a","msgId":"7","sequence":3,
                "phase":"delayed","enqueueTime":1,"dequeueCount":0,"visibleTime":2}],
                "nextSequence":4})");
        REQUIRE(peeked);
        CHECK(peeked->messages[0].phase == "delayed");
        CHECK(peeked->messages[0].visible == Stamp{std::chrono::seconds{2}});
        CHECK(peeked->next == 4u);
        CHECK_FALSE(decode_peeked(R"({"code":0,"message":"","msgInfoList":[]})")->next);
    }

    TEST_CASE("what is no answer of a broker is an error, whatever it is") {
        for (const auto* odd : {"", "<html>", "[]", "{}", R"({"code":"0","message":1})",
                                R"({"code":0})", R"({"code":0,"message":"","msgInfoList":{}})",
                                R"({"code":0,"message":"","msgInfoList":[1]})",
                                R"({"code":0,"message":"","msgInfoList":[{"msgId":7}]})"}) {
            CAPTURE(odd);
            const auto messages = decode_messages(odd);
            REQUIRE_FALSE(messages);
            CHECK(messages.error().code == Code::internal);
        }
    }

    TEST_CASE("a description of the cluster is whole or none") {
        const std::string node =
            R"({"id":"65537","number":1,"incarnation":1,"address":"a:3","endpoint":"https://a",)"
            R"("zone":"","role":"leader","state":"up","lag":0,"in_sync":true})";
        const auto answer = [](const std::string& nodes, const std::string& groups) {
            return decode_cluster(R"({"code":0,"message":"","nodes":[)" + nodes +
                                  R"(],"copies_in_sync":1,"groups":[)" + groups +
                                  R"(],"format_version":1})");
        };
        const auto good =
            answer(node, R"({"id":1,"leader":"0","term":2,"commit":3,"replicas":[]})");
        REQUIRE(good);
        CHECK(good->nodes.at(0).id == "65537");
        CHECK(good->nodes.at(0).in_sync);
        CHECK(good->groups.at(0).term == 2);
        CHECK_FALSE(answer(node, R"({"id":1})"));
        CHECK_FALSE(answer("7", ""));
        for (const auto* member : {"\"id\"", "\"zone\"", "\"lag\"", "\"in_sync\""}) {
            auto odd = node;
            odd.replace(odd.find(member), 3, "\"x_");
            CHECK_FALSE(answer(odd, ""));
        }
    }

    TEST_CASE("a removal that was held back is no failure") {
        const auto removal = [](const char* text) { return decode_removal(text); };
        CHECK(removal(R"({"code":0,"message":""})") == Removal::done);
        CHECK(removal(R"({"code":4460,"message":"(11042)one zone"})") ==
              Removal::would_leave_one_zone);
        CHECK(removal(R"({"code":4460,"message":"(11041)last"})").error().code == Code::exists);
    }
}
