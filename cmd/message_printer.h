// cmd/message_printer.h: messages to an output, one by one, so that each can be deleted once it
// is out.
#pragma once

#include <ostream>

#include "cmd/arguments.h"
#include "cmd/print.h"

namespace cmq::cmd {

/// Between bodies that are printed as they are.
enum class Separator { line, nul };

class MessagePrinter {
public:
    MessagePrinter(std::ostream& out, Form form, Separator separator)
        : out_(out), form_(std::move(form)), separator_(separator) {}

    /// Prints and flushes; `fields` are all but the body. False: it did not get out.
    bool print(const Record& fields, const std::string& body);
    /// Ends what was begun: the list of JSON. Without messages it is an empty one.
    bool end();

private:
    void print_row(const Record& fields, const std::string& body);
    void print_raw(const std::string& body);
    void print_filled(Record fields, const std::string& body);

    std::ostream& out_;
    Form form_;
    Separator separator_;
    bool is_begun_ = false;
};

}  // namespace cmq::cmd
