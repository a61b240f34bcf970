// Nodes that live inside the tests' own process are silent; those with a process of their own are
// not.

#include "base/log.h"

namespace {

[[maybe_unused]] const bool quiet = [] {
    cmq::log::set_level(cmq::log::Level::none);
    return true;
}();

}  // namespace
