// cmd/context.cpp: how a running command finds its broker and its output.
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "base/text.h"
#include "cmd/cli.h"

namespace cmq::cmd {
namespace {

std::string origin_of(const config::Settings& settings, std::string_view name) {
    const auto* found = settings.find(name);
    return found ? found->origin : std::string();
}

/// One line without its end. All of it is taken: what stays unread is a command to the shell.
std::string read_answer(int in) {
    std::string answer;
    for (char letter = 0; ::read(in, &letter, 1) == 1 && letter != '\n';) answer += letter;
    return answer;
}

}  // namespace

void Context::take(const Arguments& arguments) {
    given_ = arguments.given();
    keys_ = arguments.keys();
    for (const auto& argument : arguments.all())
        if (argument.name == "--output") formats_ = argument.choices;
}

Result<config::Settings> Context::settings(config::ContextFrom from) const {
    std::map<std::string, std::string> flags;
    for (const auto& [name, value] : given_) flags[name] = value;
    return config::Settings::resolve(flags, config::surroundings_of_process(), from);
}

Result<client::Options> Context::client_options() const {
    namespace setting = config::setting;
    const auto known = CMQ_TRY(settings());
    client::Options options;
    options.endpoints = known.value(setting::endpoint);
    if (options.endpoints.empty())
        return fail(Code::invalid,
                    "no broker is named: give --endpoint, set CMQ_ENDPOINT, or start one here: "
                    "cmq serve --dev");
    options.ca_file = known.value(setting::ca_file);
    options.signer.secret_id = known.value(setting::secret_id);
    auto key = known.read_secret_key();
    if (!key)
        return fail(Code::invalid, "no secret key: " + key.error().message + " (" +
                                       origin_of(known, setting::secret_key_file) + ')');
    options.signer.secret_key = *std::move(key);
    return options;
}

Result<client::Client> Context::connect() const {
    return client::Client::open(CMQ_TRY(client_options()));
}

Result<Form> Context::form() const {
    const auto chosen = std::find_if(given_.begin(), given_.end(), [](const auto& pair) {
        return pair.first == config::setting::output;
    });
    // A default from further away holds for the commands that have that form.
    auto name = chosen != given_.end() ? chosen->second
                                       : CMQ_TRY(settings()).value(config::setting::output);
    const auto has = [&](std::string_view wanted) {
        return std::find(formats_.begin(), formats_.end(), wanted) != formats_.end();
    };
    Form form;
    form.color = color_for(reader_of_out());
    const auto pattern = name_of(Format::pattern);
    if (name.starts_with(pattern) && has(pattern)) {
        form.format = Format::pattern;
        form.pattern = CMQ_TRY(Template::parse(name.substr(pattern.size()), keys_));
        return form;
    }
    if (!has(name)) name = reader_of_out() == Reader::terminal && has("table") ? "table" : "plain";
    for (const auto format :
         {Format::table, Format::plain, Format::json, Format::ndjson, Format::raw})
        if (name_of(format) == name) form.format = format;
    return form;
}

bool Context::has_given(std::string_view setting) const {
    return std::any_of(given_.begin(), given_.end(),
                       [setting](const auto& pair) { return pair.first == setting; });
}

Reader Context::reader_of_out() const {
    return &out == &std::cout && ::isatty(STDOUT_FILENO) ? Reader::terminal : Reader::other;
}

Reader Context::reader_of_err() const {
    return &err == &std::cerr && ::isatty(STDERR_FILENO) ? Reader::terminal : Reader::other;
}

Color Context::color_for(Reader reader) const {
    const auto known = settings();  // wrong ones are told by whoever needs them
    const auto wish = known ? known->value(config::setting::color) : std::string();
    return choose_color(wish, reader, config::surroundings_of_process());
}

Progress::Where Context::progress_beside_results() const {
    return reader_of_out() == Reader::terminal ? Progress::Where::nowhere : progress();
}

Progress::Where Context::progress() const {
    const bool can_show = can_rewrite_lines(reader_of_err(), config::surroundings_of_process());
    return can_show ? Progress::Where::terminal : Progress::Where::nowhere;
}

bool Context::can_ask() const { return ::isatty(in) && reader_of_out() == Reader::terminal; }

Status Context::confirm(const std::string& question) const {
    if (!can_ask()) return {};
    err << question << " [y/N] " << std::flush;
    const auto answer = lower(read_answer(in));
    if (answer == "y" || answer == "yes") return {};
    return fail(Code::internal, "nothing was done");
}

Status Context::flush() const {
    out.flush();
    if (out.good()) return {};
    return fail(Code::io, "cannot write to standard output");
}

}  // namespace cmq::cmd
