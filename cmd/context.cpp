// cmd/context.cpp: how a running command finds its broker and its output.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <system_error>

#include "base/text.h"
#include "cmd/cli.h"
#include "cmd/nearest.h"

namespace cmq::cmd {
namespace {

std::string origin_of(const config::Settings& settings, std::string_view name) {
    const auto* found = settings.find(name);
    return found ? found->origin : std::string();
}

Error unknown_word(const config::Setting& wish, const std::string& what,
                   const std::vector<std::string>& words) {
    auto text = wish.origin + ": \"" + wish.value + "\" is not " + what;
    if (const auto meant = nearest(wish.value, words))
        return {Code::invalid, text + ", did you mean \"" + *meant + "\"?"};
    text += "; there are";
    for (const auto& word : words) text += ' ' + word + (word.ends_with('=') ? "TEXT" : "");
    return {Code::invalid, text};
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
    CMQ_TRY(check_color());
    Form form;
    form.color = color_for(reader_of_out());
    const auto text = CMQ_TRY(form_text());
    form.format = format_of(text).value_or(usual_format());
    if (form.format == Format::pattern)
        form.pattern =
            CMQ_TRY(Template::parse(text.substr(name_of(Format::pattern).size()), keys_));
    return form;
}

Result<std::string> Context::form_text() const {
    const auto chosen = std::find_if(given_.begin(), given_.end(), [](const auto& pair) {
        return pair.first == config::setting::output;
    });
    if (chosen != given_.end()) return chosen->second;  // parsing has checked it
    const auto known = CMQ_TRY(settings());
    const auto* wish = known.find(config::setting::output);
    if (!wish) return std::string(name_of(usual_format()));
    const auto format = format_of(wish->value);
    if (!format) return tl::unexpected(unknown_word(*wish, "a form of output", format_names()));
    if (has(*format)) return wish->value;
    // It is meant for all commands, so each takes what it has that comes nearest.
    const bool is_object = *format == Format::ndjson && has(Format::json);
    return std::string(name_of(is_object ? Format::json : usual_format()));
}

Format Context::usual_format() const {
    return reader_of_out() == Reader::terminal && has(Format::table) ? Format::table
                                                                     : Format::plain;
}

bool Context::has(Format format) const {
    return std::find(formats_.begin(), formats_.end(), name_of(format)) != formats_.end();
}

/// Settings that cannot be read are told by whoever needs more of them than the color.
Status Context::check_color() const {
    const auto known = settings();
    const auto* wish = known ? known->find(config::setting::color) : nullptr;
    if (!wish || is_color_wish(wish->value)) return {};
    return tl::unexpected(unknown_word(*wish, "a color", {"auto", "always", "never"}));
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
    errno = 0;  // a stream that failed before keeps no reason, and flushing it gives none
    out.flush();
    if (out.good()) return {};
    const auto reason = errno;
    return fail(Code::io, "cannot write to standard output" +
                              (reason == 0 ? "" : ": " + std::generic_category().message(reason)));
}

}  // namespace cmq::cmd
