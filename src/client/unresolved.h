// client/unresolved.h: the HTTP library does not tell a name that nobody knows from a port that
// nobody listens on.
#pragma once

#include <string>

namespace cmq::client {

/// "" when `host` has an address; else why not, to be put behind "cannot connect to ...". Looks it
/// up again, so only for what failed already.
std::string unresolved(const std::string& host);

}  // namespace cmq::client
