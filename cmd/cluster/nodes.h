// cmd/cluster/nodes.h: nodes as people name them.
#pragma once

#include <string>

#include "client/client.h"

namespace cmq::cmd {

/// The id of the node that `name` means: its id, or its number.
/// errors  not_found: says which there are; invalid: a number with more than one incarnation.
Result<std::string> find_node(client::Client& client, const std::string& name);

}  // namespace cmq::cmd
