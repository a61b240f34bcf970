#include "broker/format_version.h"

namespace cmq::broker {

Error too_new(FormatVersion used, FormatVersion known) {
    return {Code::exists, "this cluster uses format " + std::to_string(used.value) +
                              ", this cmq knows " + std::to_string(known.value) +
                              ": install the release that runs on the other nodes"};
}

}  // namespace cmq::broker
