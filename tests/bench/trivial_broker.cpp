// tests/bench/trivial_broker.cpp: answers every request at once, so that `cmq bench` against it
// shows what the load generator costs by itself. Prints its port, serves until its input ends.
//
//     g++ ... tests/bench/trivial_broker.cpp ... -o trivial_broker
//     CMQ_ENDPOINT=http://127.0.0.1:PORT CMQ_SECRET_ID=x CMQ_SECRET_KEY=x cmq bench --queue q

#include <iostream>

#include "net/http_server.h"

namespace {

using cmq::net::Answer;
using cmq::net::Request;

constexpr const char* sent = R"({"code":0,"message":"","requestId":"1","msgId":"1"})";
constexpr const char* details =
    R"({"code":0,"message":"","requestId":"1","maxMsgHeapNum":1000000,"pollingWaitSeconds":0,)"
    R"("visibilityTimeout":30,"maxMsgSize":1048576,"msgRetentionSeconds":60,"rewindSeconds":0,)"
    R"("createTime":1,"lastModifyTime":1,"activeMsgNum":0,"inactiveMsgNum":0,"delayMsgNum":0,)"
    R"("rewindMsgNum":0,"minMsgTime":1,"queueName":"q","queueId":"q","trace":false})";

void reply(const Request& request, const Answer& answer) {
    const bool asks = request.body.find("Action=GetQueueAttributes") != std::string::npos;
    answer.send({200, "application/json", asks ? details : sent, false});
}

}  // namespace

int main() {
    cmq::net::Loops loops{1};
    const auto server = cmq::net::HttpServer::open(loops, {}, reply);
    if (!server) {
        std::cerr << server.error().message << '\n';
        return 1;
    }
    std::cout << (*server)->port() << std::endl;
    std::cin.get();
    return 0;
}
