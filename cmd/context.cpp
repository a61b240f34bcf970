// cmd/context.cpp: how a running command finds its broker and its output.
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "cmd/cli.h"

namespace cmq::cmd {
namespace {

std::string origin_of(const config::Settings& settings, std::string_view name) {
    const auto* found = settings.find(name);
    return found ? found->origin : std::string();
}

}  // namespace

void Context::take(const Arguments& arguments) {
    given_ = arguments.given();
    for (const auto& argument : arguments.all())
        if (argument.name == "--output") formats_ = argument.choices;
}

Result<config::Settings> Context::settings() const {
    std::map<std::string, std::string> flags;
    for (const auto& [name, value] : given_) flags[name] = value;
    return config::Settings::resolve(flags, config::surroundings_of_process());
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

Result<Format> Context::format() const {
    const auto chosen = std::find_if(given_.begin(), given_.end(), [](const auto& pair) {
        return pair.first == config::setting::output;
    });
    // A default from further away holds for the commands that have that form.
    auto name = chosen != given_.end() ? chosen->second
                                       : CMQ_TRY(settings()).value(config::setting::output);
    const auto has = [&](std::string_view wanted) {
        return std::find(formats_.begin(), formats_.end(), wanted) != formats_.end();
    };
    if (!has(name)) name = out_is_terminal() && has("table") ? "table" : "plain";
    for (const auto format :
         {Format::table, Format::plain, Format::json, Format::ndjson, Format::raw})
        if (name_of(format) == name) return format;
    return Format::plain;
}

bool Context::out_is_terminal() const { return &out == &std::cout && ::isatty(STDOUT_FILENO); }

Status Context::confirm(const std::string& question) const {
    if (!::isatty(in) || !out_is_terminal()) return {};
    err << question << " [y/N] " << std::flush;
    char answer = 0;
    if (::read(in, &answer, 1) == 1 && (answer == 'y' || answer == 'Y')) return {};
    return fail(Code::internal, "nothing was done");
}

Status Context::flush() const {
    out.flush();
    if (out.good()) return {};
    return fail(Code::io, "cannot write to standard output");
}

}  // namespace cmq::cmd
