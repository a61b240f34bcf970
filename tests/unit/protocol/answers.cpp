// What a client reads: every field, its type, and its value.
#include <set>

#include "base/text.h"
#include "tests/unit/protocol/door.h"

namespace cmq::protocol {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t now_seconds = 1'700'000'000;

struct DoorWithQueue : Door {
    explicit DoorWithQueue(const std::string& attributes = "") {
        good("Action=CreateQueue&queueName=orders" + attributes);
    }
};

std::string send(Door& door, const std::string& more = "msgBody=hello") {
    return door.good("Action=SendMessage&queueName=orders&" + more)["msgId"];
}

Json receive(Door& door) { return door.good("Action=ReceiveMessage&queueName=orders"); }

bool is_digits(const Json& value) {
    return value.is_string() && parse_digits(value.get<std::string>()).has_value();
}

std::vector<std::string> keys(const std::string& text) {
    std::vector<std::string> names;
    const auto answer = nlohmann::ordered_json::parse(text);
    for (const auto& [name, value] : answer.items()) names.push_back(name);
    return names;
}

}  // namespace

TEST_SUITE("unit/protocol") {
    SCENARIO("every answer begins with code, message and requestId") {
        Door door;
        CHECK(door.answer_to("Action=DeleteQueue&queueName=none") ==
              R"({"code":4440,"message":"(10100)queue is not existed, or deleted",)"
              R"("requestId":"4711"})");
        door.good("Action=CreateQueue&queueName=orders");
        CHECK(door.answer_to("Action=ClearQueue&queueName=orders") ==
              R"({"code":0,"message":"","requestId":"4711"})");
    }

    SCENARIO("clientRequestId comes back, as a number when it is one") {
        Door door;
        const auto echo = [&door](const std::string& id) {
            return door.json("Action=ListQueue&clientRequestId=" + id)["clientRequestId"];
        };
        CHECK(echo("42") == Json(42));
        CHECK(echo("18446744073709551615") == Json(18446744073709551615u));
        CHECK(echo("18446744073709551616") == Json("18446744073709551616"));
        CHECK(echo("-1") == Json("-1"));
        CHECK(echo("a-b%22c") == Json("a-b\"c"));
        CHECK(echo("%ff") == Json("\xef\xbf\xbd"));
        CHECK_FALSE(door.json("Action=ListQueue&clientRequestId=").contains("clientRequestId"));
        CHECK_FALSE(door.json("Action=ListQueue").contains("clientRequestId"));
        CHECK(door.json("Action=Nonsense&clientRequestId=9")["clientRequestId"] == 9);
        CHECK(door.json("clientRequestId=9")["clientRequestId"] == 9);
    }

    SCENARIO("a new queue has an id of its own, always the same") {
        Door door;
        std::set<std::string> ids;
        for (int n = 0; n < 300; ++n) {
            const std::string id =
                door.good("Action=CreateQueue&queueName=q" + std::to_string(n))["queueId"];
            CHECK(id.size() == 14);
            CHECK(id.starts_with("queue-"));
            CHECK(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == id.npos);
            CHECK(ids.insert(id).second);
        }
        const auto first = door.good("Action=GetQueueAttributes&queueName=q0")["queueId"];
        CHECK(ids.contains(first.get<std::string>()));
    }

    SCENARIO("the attributes of a queue are all there, in seconds and whole numbers") {
        DoorWithQueue door("&rewindSeconds=60&trace=true");
        send(door);
        door.now += 5s;
        const auto answer = door.good("Action=GetQueueAttributes&queueName=orders");
        const Json expected = {{"maxMsgHeapNum", 100'000'000},
                               {"pollingWaitSeconds", 0},
                               {"visibilityTimeout", 30},
                               {"maxMsgSize", 65'536},
                               {"msgRetentionSeconds", 345'600},
                               {"rewindSeconds", 60},
                               {"createTime", now_seconds},
                               {"lastModifyTime", now_seconds},
                               {"activeMsgNum", 1},
                               {"inactiveMsgNum", 0},
                               {"delayMsgNum", 0},
                               {"rewindMsgNum", 0},
                               {"rewindmsgNum", 0},
                               {"minMsgTime", now_seconds},
                               {"queueName", "orders"},
                               {"createUin", 0},
                               {"Bps", 52'428'800},
                               {"qps", 5'000},
                               {"tags", Json::array()},
                               {"transaction", 0},
                               {"trace", true}};
        for (const auto& [name, value] : expected.items()) {
            CAPTURE(name);
            CHECK(answer[name] == value);
            CHECK(answer[name].type() == Json::parse(value.dump()).type());
        }
        CHECK(answer["queueId"].is_string());
    }

    SCENARIO("both spellings of rewindMsgNum count what was deleted and is kept") {
        DoorWithQueue door("&rewindSeconds=60");
        send(door);
        const std::string handle = receive(door)["receiptHandle"];
        door.good("Action=DeleteMessage&queueName=orders&receiptHandle=" + handle);
        const auto answer = door.good("Action=GetQueueAttributes&queueName=orders");
        CHECK(answer["rewindMsgNum"] == 1);
        CHECK(answer["rewindmsgNum"] == 1);
    }

    SCENARIO("set attributes are seen by the next get") {
        DoorWithQueue door;
        door.good("Action=SetQueueAttributes&queueName=orders&visibilityTimeout=77");
        const auto answer = door.good("Action=GetQueueAttributes&queueName=orders");
        CHECK(answer["visibilityTimeout"] == 77);
        CHECK(answer["maxMsgSize"] == 65'536);
    }

    SCENARIO("lists are there when they are empty") {
        Door door;
        const auto answer = door.good("Action=ListQueue");
        CHECK(answer["totalCount"] == 0);
        CHECK(answer["queueList"] == Json::array());
        door.good("Action=CreateQueue&queueName=orders");
        CHECK(door.good("Action=PeekMessage&queueName=orders")["msgInfoList"] == Json::array());
    }

    SCENARIO("queues are listed by pages, and counted before paging") {
        Door door;
        for (int n = 0; n < 60; ++n)
            door.good("Action=CreateQueue&queueName=Queue" + std::to_string(100 + n));
        const auto first = door.good("Action=ListQueue");
        CHECK(first["totalCount"] == 60);
        CHECK(first["queueList"].size() == 20);
        CHECK(first["queueList"][0]["queueName"] == "Queue100");
        CHECK(first["queueList"][0]["queueId"].is_string());
        CHECK(door.good("Action=ListQueue&limit=1000")["queueList"].size() == 50);
        const auto last = door.good("Action=ListQueue&offset=55&limit=10");
        CHECK(last["totalCount"] == 60);
        CHECK(last["queueList"].size() == 5);
        const auto found = door.good("Action=ListQueue&searchWord=quEUE15");
        CHECK(found["totalCount"] == 10);
    }

    SCENARIO("a message comes back with the seven fields") {
        DoorWithQueue door;
        const auto id = send(door, "msgBody=hello+world+%26%3D%2B/%E4%B8%AD%E6%96%87");
        CHECK(parse_digits(id));
        door.now += 2s;
        const auto answer = receive(door);
        CHECK(answer["msgBody"] == "hello world &=+/中文");
        CHECK(answer["msgId"] == id);
        CHECK(is_digits(answer["receiptHandle"]));
        CHECK(answer["enqueueTime"] == now_seconds);
        CHECK(answer["nextVisibleTime"] == now_seconds + 32);
        CHECK(answer["firstDequeueTime"] == now_seconds + 2);
        CHECK(answer["dequeueCount"] == 1);
        for (const auto* name :
             {"enqueueTime", "nextVisibleTime", "firstDequeueTime", "dequeueCount"})
            CHECK(answer[name].is_number_integer());
        door.now += 31s;
        const auto again = receive(door);
        CHECK(again["dequeueCount"] == 2);
        CHECK(again["firstDequeueTime"] == now_seconds + 2);
        CHECK(again["receiptHandle"] != answer["receiptHandle"]);
    }

    SCENARIO("a body may hold whatever JSON must escape") {
        DoorWithQueue door;
        std::string body;
        for (char c = 0; c < 127; ++c) body += c;
        body += "\xe2\x80\xa8\xf0\x9f\x98\x80";  // line separator, an emoji
        send(door, "msgBody=" + form_encode(body));
        CHECK(receive(door)["msgBody"] == body);
    }

    SCENARIO("a body that is not UTF-8 comes as text with replacements, and as base64") {
        const std::string form =
            "Action=ReceiveMessage&queueName=q&Timestamp=1&Nonce=1&"
            "SecretId=s&Signature=x";
        const auto parsed = parse({"POST", "/", "", "h", form});
        REQUIRE(parsed);
        const auto call = decode(*parsed, broker::Namespace{1});
        REQUIRE(call);
        const auto bytes = make_blob("a\xff\xfe z");
        const broker::Answer answer{broker::Reply{broker::Received{{broker::Delivery{}}}},
                                    {broker::Body{bytes, *bytes}}};
        const auto json = Json::parse(encode(*parsed, *call, answer, {"1", {}}));
        CHECK(json["msgBody"] == "a\xef\xbf\xbd\xef\xbf\xbd z");
        CHECK(json["msgBodyBase64"] == base64_encode("a\xff\xfe z"));
    }

    SCENARIO("a batch keeps its order past the tenth, from 0 and from 1") {
        for (const int from : {0, 1}) {
            DoorWithQueue door;
            std::string form = "Action=BatchSendMessage&queueName=orders";
            for (int n = 15; n >= 0; --n)
                form += "&msgBody." + std::to_string(n + from) + "=m" + std::to_string(n);
            const auto sent = door.good(form)["msgList"];
            REQUIRE(sent.size() == 16);
            const auto got =
                door.good("Action=BatchReceiveMessage&queueName=orders&numOfMsg=16")["msgInfoList"];
            REQUIRE(got.size() == 16);
            for (std::size_t n = 0; n < 16; ++n) {
                CHECK(got[n]["msgBody"] == "m" + std::to_string(n));
                CHECK(got[n]["msgId"] == sent[n]["msgId"]);
            }
        }
    }

    SCENARIO("a batch receive that finds nothing has no list") {
        DoorWithQueue door;
        const auto text = door.answer_to("Action=BatchReceiveMessage&queueName=orders&numOfMsg=16");
        CHECK(keys(text) == std::vector<std::string>{"code", "message", "requestId"});
        CHECK(Json::parse(text)["message"] == "(10200)no message");
    }

    SCENARIO("a message is deleted once") {
        DoorWithQueue door;
        send(door);
        const std::string form = "Action=DeleteMessage&queueName=orders&receiptHandle=" +
                                 receive(door)["receiptHandle"].get<std::string>();
        door.good(form);
        CHECK(door.answer_to(form) ==
              R"({"code":4430,"message":"(10260)receipt handle is invalid",)"
              R"("requestId":"4711"})");
    }

    SCENARIO("a batch delete names the handles that failed, as they were written") {
        DoorWithQueue door;
        send(door);
        const std::string good = receive(door)["receiptHandle"];
        const std::string prefix = "Action=BatchDeleteMessage&queueName=orders&receiptHandle.0=";
        const auto item = [](const std::string& handle) {
            return Json{{"code", 4430},
                        {"message", "(10260)receipt handle is invalid"},
                        {"receiptHandle", handle}};
        };
        WHEN("some fail") {
            const auto answer = door.json(prefix + "junk&receiptHandle.1=" + good +
                                          "&receiptHandle.2=0&receiptHandle.3=0" + good);
            THEN("the good one is gone, the others are told in order") {
                CHECK(answer["code"] == 6010);
                CHECK(answer["message"] == "(10150)delete message partially failed");
                CHECK(answer["errorList"] == Json{item("junk"), item("0"), item("0" + good)});
                CHECK(door.good("Action=GetQueueAttributes&queueName=orders")["inactiveMsgNum"] ==
                      0);
            }
        }
        WHEN("one stands there twice") {
            const auto answer = door.json(prefix + good + "&receiptHandle.1=" + good);
            THEN("the second is a failure") {
                CHECK(answer["code"] == 6010);
                CHECK(answer["errorList"] == Json::array({item(good)}));
            }
        }
        WHEN("all fail") {
            const auto answer = door.json(prefix + "1&receiptHandle.1=2");
            THEN("the batch has failed") {
                CHECK(answer["code"] == 6020);
                CHECK(answer["message"] == "(10290)batch delete message failed");
                CHECK(answer["errorList"] == Json{item("1"), item("2")});
            }
        }
        WHEN("none fails") {
            const auto answer = door.good(prefix + good);
            THEN("there is no errorList") { CHECK_FALSE(answer.contains("errorList")); }
        }
    }

    SCENARIO("a message can be hidden for longer, or given back") {
        DoorWithQueue door;
        send(door);
        const std::string form = "Action=ChangeMessageVisibility&queueName=orders&receiptHandle=" +
                                 receive(door)["receiptHandle"].get<std::string>() +
                                 "&visibilityTimeout=";
        CHECK(door.good(form + "100")["nextVisibleTime"] == now_seconds + 100);
        door.now += 99s;
        CHECK(door.json("Action=ReceiveMessage&queueName=orders")["code"] == 7000);
        door.good(form + "0");
        CHECK(receive(door)["dequeueCount"] == 2);
    }

    SCENARIO("peek shows every phase and changes nothing") {
        DoorWithQueue door("&rewindSeconds=600");
        for (const auto* body : {"deleted", "hidden", "ready"})
            send(door, "msgBody=" + std::string(body));
        send(door, "msgBody=later&delaySeconds=60");
        const std::string handle = receive(door)["receiptHandle"];
        door.good("Action=DeleteMessage&queueName=orders&receiptHandle=" + handle);
        receive(door);
        const auto answer = door.good("Action=PeekMessage&queueName=orders&numOfMsg=100");
        CHECK_FALSE(answer.contains("nextSequence"));
        const auto& items = answer["msgInfoList"];
        REQUIRE(items.size() == 4);
        const char* phases[] = {"deleted", "inflight", "ready", "delayed"};
        for (std::size_t at = 0; at < 4; ++at) {
            CHECK(items[at]["phase"] == phases[at]);
            CHECK(items[at]["sequence"] == at);
            CHECK(items[at]["enqueueTime"] == now_seconds);
            CHECK(is_digits(items[at]["msgId"]));
        }
        CHECK(items[0]["rewindableUntil"] == now_seconds + 600);
        CHECK(items[1]["visibleTime"] == now_seconds + 30);
        CHECK(items[1]["dequeueCount"] == 1);
        CHECK_FALSE(items[2].contains("visibleTime"));
        CHECK(items[2]["msgBody"] == "ready");
        CHECK(items[2]["dequeueCount"] == 0);
        CHECK(items[3]["visibleTime"] == now_seconds + 60);

        const auto page = door.good("Action=PeekMessage&queueName=orders&numOfMsg=2");
        CHECK(page["nextSequence"] == 2);
        const auto rest =
            door.good("Action=PeekMessage&queueName=orders&numOfMsg=2&startSequence=2");
        CHECK(rest["msgInfoList"][0]["sequence"] == 2);
        const auto delayed = door.good("Action=PeekMessage&queueName=orders&phase=delayed");
        REQUIRE(delayed["msgInfoList"].size() == 1);
        CHECK(delayed["msgInfoList"][0]["msgBody"] == "later");
    }

    SCENARIO("a dedupId makes a send that is repeated take effect once") {
        DoorWithQueue door;
        const auto first = send(door, "msgBody=x&dedupId=d");
        CHECK(send(door, "msgBody=x&dedupId=d") == first);
        CHECK(send(door, "msgBody=x&dedupId=e") != first);
        CHECK(door.good("Action=GetQueueAttributes&queueName=orders")["activeMsgNum"] == 2);
    }

    SCENARIO("a rewind takes seconds and milliseconds") {
        for (const std::string time : {"1700000000", "1700000000000"}) {
            DoorWithQueue door("&rewindSeconds=600");
            send(door);
            const std::string handle = receive(door)["receiptHandle"];
            door.good("Action=DeleteMessage&queueName=orders&receiptHandle=" + handle);
            door.good("Action=RewindQueue&queueName=orders&startConsumeTime=" + time);
            CHECK(receive(door)["msgBody"] == "hello");
        }
    }

    SCENARIO("a look at a rewind counts what would come back, from a time or a message on") {
        DoorWithQueue door("&rewindSeconds=600");
        const std::string id = send(door);
        const std::string handle = receive(door)["receiptHandle"];
        door.good("Action=DeleteMessage&queueName=orders&receiptHandle=" + handle);
        for (const auto& to :
             {std::string("startConsumeTime=1700000000"), "startMessageId=" + id}) {
            const auto peeked = door.good("Action=PeekRewind&queueName=orders&" + to);
            CHECK(peeked["rewindMsgNum"] == 1);
        }
        const auto peeked = door.good("Action=PeekRewind&queueName=orders&startMessageId=" + id);
        CHECK(peeked["startConsumeTime"] == 1'700'000'000'123);
    }

    SCENARIO("a route query answers the addresses that it is given") {
        Door door;
        door.tcp_addresses = {"10.0.0.1:9000", "10.0.0.2:9000"};
        const auto answer = door.good("Action=QueryQueueRoute&queueName=whatever");
        CHECK(answer["addr"] == Json{"10.0.0.1:9000", "10.0.0.2:9000"});
    }
}

}  // namespace cmq::protocol
