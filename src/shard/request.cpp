#include "shard/request.h"

#include "broker/codec.h"

namespace cmq::shard {

Request request_of(const broker::Command& command, std::optional<std::chrono::seconds> wait) {
    if (const auto* receive = std::get_if<broker::Receive>(&command.action))
        return Poll{command.space, std::string(receive->queue), receive->count, wait};
    Proposal proposal;
    proposal.stores = std::holds_alternative<broker::Send>(command.action);
    broker::encode(command, proposal.command);
    return proposal;
}

}  // namespace cmq::shard
