// tests/simulation/damage.h: what `cmq verify` would say of a simulated disk.
#pragma once

#include <optional>
#include <string>

#include "broker/format_version.h"
#include "tests/support/disk.h"

namespace cmq::simulation {

/// The first damage, or nothing: all of it is sound. Leaves the disk alone.
std::optional<std::string> damage_on(const support::Disk& disk,
                                     broker::FormatVersion newest = broker::newest_format());

}  // namespace cmq::simulation
