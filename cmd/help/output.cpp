// `cmq help output` explains the forms of results.
#include "cmd/commands.h"

namespace cmq::cmd {
namespace {

constexpr auto text =
    R"(Results go to standard output, all else to standard error. -o chooses their form,
else CMQ_OUTPUT, else "output" in .cmq.yaml; by itself it is a table on a terminal
and plain in a pipe.

  table          columns with a heading; what is not printable stands as an escape
  plain          a line a result, tabs between its parts; bodies as they are
  json           one object with a version; durations are seconds, times RFC 3339
  ndjson         one object a line
  raw            bodies, as they are
  template=TEXT  TEXT for each result, with {key} in place of a value

In a template:

  {id}           the value as text, a body as it is
  {body:json}    the value as JSON
  \n \t \0 \\    line break, tab, NUL, backslash
  {{             a brace

A line break follows, unless the template itself ends with \n or \0. The --help of a
command names its keys. Like this, each message becomes a file:

  cmq receive orders --drain -o 'template={id}\0{body:json}\0' |
      while IFS= read -r -d '' id && IFS= read -r -d '' body; do
          printf '%s\n' "$body" > "$id.json"
      done

On a terminal headings and errors are emphasised, and long work says how far it has
come. --color always|never decides about the first, else CMQ_COLOR, else NO_COLOR
(when it is not empty) and TERM=dumb switch it off; TERM=dumb the second, too.
)";

struct HelpOutput final : Command {
    HelpOutput() : Command("help output", "Explain the forms of results: -o, templates, --color") {}

    void describe(Arguments& arguments) override {
        arguments.example("cmq help output", "what may stand behind -o");
    }

    Status run(Context& context) override {
        context.out << text;
        return {};
    }
};

}  // namespace

MadeCommand make_help_output() { return std::make_unique<HelpOutput>(); }

}  // namespace cmq::cmd
