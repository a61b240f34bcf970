// Requests about the cluster: parameters in, JSON out.
#include <doctest/doctest.h>

#include "door.h"

namespace cmq::protocol {
namespace {

broker::ClusterView three_nodes() {
    using enum broker::NodeRole;
    using enum broker::NodeState;
    broker::ClusterView view;
    const auto node = [](std::uint64_t number, std::uint64_t incarnation) {
        return broker::node_id(number, incarnation);
    };
    view.nodes = {{node(1, 1),
                   "a:7803",
                   "https://a:7800",
                   "east",
                   leader,
                   up,
                   0,
                   true,
                   broker::Catching::nothing,
                   0,
                   {2}},
                  {node(2, 3),
                   "b:7803",
                   "https://b:7800",
                   "west",
                   voter,
                   down,
                   7,
                   false,
                   broker::Catching::nothing,
                   0,
                   {}},
                  {node(3, 1),
                   "c:7803",
                   "https://c:7800",
                   "",
                   learner,
                   catching_up,
                   9,
                   false,
                   broker::Catching::state,
                   40,
                   {1}}};
    view.copies_in_sync = 1;
    view.leader = node(1, 1);
    view.term = 4;
    view.commit = 42;
    view.format = {1};
    return view;
}

/// What a request asks for.
struct Asked : Door {
    Asked() {
        cluster = [this](const ClusterCall& about) {
            call = about;
            if (std::holds_alternative<broker::CreateJoinToken>(about))
                return broker::Answer{broker::Reply{broker::JoinToken{"cmq-join-x"}}, {}};
            return broker::Answer{broker::Reply{broker::Done{}}, {}};
        };
    }
    template <class Wanted>
    Wanted of(std::string_view form) {
        good(form);
        return std::get<Wanted>(call);
    }
    std::string refused(std::string_view form) {
        return json(form)["message"].template get<std::string>();
    }
    ClusterCall call;
};

}  // namespace

TEST_SUITE("unit/protocol") {
    SCENARIO("the cluster is described in a fixed form") {
        Door door;
        door.cluster = [](const ClusterCall& about) {
            CHECK(std::holds_alternative<broker::DescribeCluster>(about));
            return broker::Answer{broker::Reply{three_nodes()}, {}};
        };
        CHECK(door.answer_to("Action=DescribeCluster") ==
              R"({"code":0,"message":"","requestId":"4711","nodes":[)"
              R"({"id":"65537","number":1,"incarnation":1,"address":"a:7803",)"
              R"("endpoint":"https://a:7800","zone":"east","role":"leader","state":"up","lag":0,)"
              R"("in_sync":true,"progress":"","newest_format":2},)"
              R"({"id":"131075","number":2,"incarnation":3,"address":"b:7803",)"
              R"("endpoint":"https://b:7800","zone":"west","role":"voter","state":"down","lag":7,)"
              R"("in_sync":false,"progress":"","newest_format":0},)"
              R"({"id":"196609","number":3,"incarnation":1,"address":"c:7803",)"
              R"("endpoint":"https://c:7800","zone":"","role":"learner","state":"catching up",)"
              R"("lag":9,"in_sync":false,"progress":"state 40%","newest_format":1}],)"
              R"("copies_in_sync":1,"groups":[{"id":1,"leader":"65537",)"
              R"("term":4,"commit":42,"replicas":[)"
              R"({"id":"65537","role":"leader","lag":0,"in_sync":true},)"
              R"({"id":"131075","role":"voter","lag":7,"in_sync":false},)"
              R"({"id":"196609","role":"learner","lag":9,"in_sync":false}]}],"format_version":1})");
    }

    SCENARIO("a token lasts an hour unless something else is asked for") {
        using namespace std::chrono_literals;
        Asked asked;
        const auto lifetime = [&asked](const std::string& more) {
            return asked.of<broker::CreateJoinToken>("Action=CreateJoinToken" + more).lifetime;
        };
        CHECK(lifetime("") == 1h);
        CHECK(lifetime("&ttlSeconds=60") == 60s);
        CHECK(lifetime("&ttlSeconds=86400") == 24h);
        for (const auto* wrong : {"59", "86401"})
            CHECK(asked.refused(std::string("Action=CreateJoinToken&ttlSeconds=") + wrong) ==
                  "(10350)parameter ttlSeconds value or length is out of range");
        CHECK(asked.answer_to("Action=CreateJoinToken") ==
              R"({"code":0,"message":"","requestId":"4711","joinToken":"cmq-join-x"})");
    }

    SCENARIO("a node is named by its id") {
        Asked asked;
        const auto removal = asked.of<broker::RemoveNode>("Action=RemoveNode&node=131073");
        CHECK(removal.node == broker::node_id(2, 1));
        CHECK_FALSE(removal.force);
        CHECK(asked.of<broker::RemoveNode>("Action=RemoveNode&node=131073&force=true").force);
        CHECK(asked.of<broker::DrainNode>("Action=DrainNode&node=65537").node ==
              broker::node_id(1, 1));
        CHECK(asked.of<broker::TransferLead>("Action=TransferLead&node=65537").node ==
              broker::node_id(1, 1));
        CHECK(asked.of<broker::TransferLead>("Action=TransferLead").node == broker::NodeId{});
        for (const auto* action : {"RemoveNode", "DrainNode"})
            CHECK(asked.refused(std::string("Action=") + action) ==
                  "(10390)lacked of required parameter node");
        for (const auto* wrong : {"0", "1", "65535", "65536", "99999999999999999999"})
            CHECK(asked.refused(std::string("Action=TransferLead&node=") + wrong) ==
                  "(10350)parameter node value or length is out of range");
        CHECK(asked.refused("Action=RemoveNode&node=x") == "(10360)parameter node error type");
        CHECK(asked.refused("Action=RemoveNode&node=65537&force=maybe") ==
              "(10360)parameter force error type");
    }

    SCENARIO("what is refused has its number") {
        Asked asked;
        asked.cluster = [](const ClusterCall&) {
            return broker::Answer{tl::unexpected(broker::Refusal{broker::Reason::one_zone, {}}),
                                  {}};
        };
        CHECK(asked.answer_to("Action=RemoveNode&node=65537") ==
              R"({"code":4460,"message":"(11042)all copies that are left would lie in one zone",)"
              R"("requestId":"4711"})");
    }

    SCENARIO("only keys of the first namespace ask about the cluster") {
        Asked asked;
        asked.space = broker::Namespace{2};
        for (const auto* action :
             {"DescribeCluster", "CreateJoinToken", "RemoveNode", "TransferLead", "DrainNode"})
            CHECK(asked.refused(std::string("node=65537&Action=") + action) ==
                  "(10461)no cam authentication");
    }
}

}  // namespace cmq::protocol
