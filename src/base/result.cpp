#include "base/result.h"

namespace cmq {

std::string_view name_of(Code code) {
    switch (code) {
        case Code::invalid:
            return "invalid";
        case Code::not_found:
            return "not_found";
        case Code::exists:
            return "exists";
        case Code::empty:
            return "empty";
        case Code::timed_out:
            return "timed_out";
        case Code::unauthenticated:
            return "unauthenticated";
        case Code::forbidden:
            return "forbidden";
        case Code::throttled:
            return "throttled";
        case Code::unreachable:
            return "unreachable";
        case Code::partial:
            return "partial";
        case Code::unavailable:
            return "unavailable";
        case Code::unknown_outcome:
            return "unknown_outcome";
        case Code::corrupt:
            return "corrupt";
        case Code::io:
            return "io";
        case Code::disk_full:
            return "disk_full";
        case Code::busy:
            return "busy";
        case Code::internal:
            return "internal";
    }
    return "internal";
}

}  // namespace cmq
