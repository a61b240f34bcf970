// Alone in its file: cmq_next has another one in its place (tests/next).
#include "broker/format_version.h"

namespace cmq::broker {

FormatVersion newest_format() { return latest_format; }

}  // namespace cmq::broker
