// support/writes.h: an event for who must not act before there is load: the broker writes.
#pragma once

#include <string>

namespace cmq::support {

/// Waits until one of the broker's endpoints (plain ones, each a node) has written a few times more
/// than at the call. Throws when two minutes were not enough, or the broker is not there.
void await_writes(const std::string& endpoints);

}  // namespace cmq::support
