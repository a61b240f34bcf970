// cmd/queue/emptying.h: what deleting a queue and purging it share: a name, and a person who is
// sure.
#pragma once

#include <string>

#include "cmd/cli.h"

namespace cmq::cmd {

struct QueueEmptying {
    using Call = Status (client::Client::*)(std::string_view queue);

    std::string question;  // what is asked on a terminal: "Delete queue"
    std::string attempt;   // in errors: could not "delete"
    std::string done;      // and then: "deleted"
    Call call;
    std::string queue{};
    bool is_sure = false;

    void describe(Arguments& arguments);
    Status run(Context& context) const;

private:
    Status ask(const Context& context, client::Client& client) const;
};

}  // namespace cmq::cmd
