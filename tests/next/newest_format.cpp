// The next release, as far as nodes can tell: it reads one version more, and writes it once all do.
#include "broker/format_version.h"

namespace cmq::broker {

FormatVersion newest_format() { return {latest_format.value + 1}; }

}  // namespace cmq::broker
