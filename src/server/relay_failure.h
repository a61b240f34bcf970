// server/relay_failure.h: what becomes of a request whose relay failed. Pure. Inside of server.
#pragma once

#include "base/result.h"
#include "protocol/http_actions.h"

namespace cmq::server {

enum class AfterFailure {
    ask_again,        // at once: nothing was done, or twice is as good as once
    throttled,        // nothing was done; asked again at once it would add to what is too much
    unknown_outcome,  // it may have been done
};

bool is_receive(const protocol::Call& call);

/// `code` is what the link gave in place of an answer (cluster/links.h).
AfterFailure after_failure(Code code, const protocol::Call& call);

}  // namespace cmq::server
