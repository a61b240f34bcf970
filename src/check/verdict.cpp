#include "check/verdict.h"

#include <algorithm>

namespace cmq::check {

std::string_view name_of(Violation violation) {
    switch (violation) {
        case Violation::lost:
            return "lost";
        case Violation::vanished:
            return "vanished";
        case Violation::unreturned:
            return "unreturned";
        case Violation::invented:
            return "invented";
        case Violation::damaged:
            return "damaged";
        case Violation::undeleted:
            return "undeleted";
        case Violation::stale_delete:
            return "stale_delete";
        case Violation::overlap:
            return "overlap";
        case Violation::miscounted:
            return "miscounted";
        case Violation::early:
            return "early";
        case Violation::overlooked:
            return "overlooked";
        case Violation::out_of_order:
            return "out_of_order";
    }
    return "unknown";
}

bool Verdict::good() const {
    return std::all_of(counts.begin(), counts.end(), [](auto count) { return count == 0; });
}

}  // namespace cmq::check
