#include "cmd/form.h"

namespace cmq::cmd {

std::string_view name_of(Format format) {
    switch (format) {
        case Format::table:
            return "table";
        case Format::plain:
            return "plain";
        case Format::json:
            return "json";
        case Format::ndjson:
            return "ndjson";
        case Format::raw:
            return "raw";
        case Format::pattern:
            return "template=";
    }
    return "plain";
}

}  // namespace cmq::cmd
