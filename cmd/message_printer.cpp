#include "cmd/message_printer.h"

#include <algorithm>

#include "base/text.h"

namespace cmq::cmd {
namespace {

// Enough for an id of 19 digits; a column that is not known yet cannot be measured.
constexpr std::size_t id_width = 21;
constexpr std::size_t time_width = 26;
constexpr std::size_t other_width = 10;

std::string padded(std::string text, const Value& value) {
    const auto width = std::holds_alternative<Stamp>(value)         ? time_width
                       : std::holds_alternative<std::string>(value) ? id_width
                                                                    : other_width;
    text.resize(std::max(width, text.size() + 2), ' ');
    return text;
}

Record with_body(Record record, const std::string& body) {
    if (is_utf8(body)) {
        record.fields.push_back({{"body", "BODY"}, body});
    } else {
        record.fields.push_back({{"body_base64", "BODY"}, base64_encode(body)});
    }
    return record;
}

}  // namespace

bool MessagePrinter::print(const Record& fields, const std::string& body) {
    switch (form_.format) {
        case Format::table:
            print_row(fields, body);
            break;
        case Format::plain:
        case Format::raw:
            print_raw(body);
            break;
        case Format::pattern:
            print_filled(fields, body);
            break;
        case Format::ndjson:
            out_ << json_line(with_body(fields, body), Standing::alone) << '\n';
            break;
        case Format::json:
            out_ << (is_begun_ ? ",\n" : "{\"version\":1,\"messages\":[\n")
                 << json_line(with_body(fields, body), Standing::in_list);
            break;
    }
    is_begun_ = true;
    return out_.flush().good();
}

bool MessagePrinter::end() {
    if (form_.format == Format::json)
        out_ << (is_begun_ ? "\n]}\n" : "{\"version\":1,\"messages\":[]}\n");
    return out_.flush().good();
}

void MessagePrinter::print_row(const Record& fields, const std::string& body) {
    if (!is_begun_) {
        std::string titles;
        for (const auto& [column, value] : fields.fields) titles += padded(column.title, value);
        out_ << tinted(Tint::bold, titles + "BODY", form_.color) << '\n';
    }
    for (const auto& [column, value] : fields.fields) out_ << padded(to_text(value), value);
    out_ << printable(body) << '\n';
}

/// As it is; a line break is added only where there is none, so that one `echo x | cmq send Q -`
/// comes back as one line.
void MessagePrinter::print_raw(const std::string& body) {
    out_ << body;
    if (separator_ == Separator::nul) {
        out_ << '\0';
    } else if (!body.ends_with('\n')) {
        out_ << '\n';
    }
}

/// The body as it is, whatever bytes it has.
void MessagePrinter::print_filled(Record fields, const std::string& body) {
    fields.fields.push_back({{"body", "BODY"}, body});
    out_ << filled(form_.pattern, fields);
    if (separator_ == Separator::nul) {
        out_ << '\0';
    } else {
        out_ << form_.pattern.end();
    }
}

}  // namespace cmq::cmd
