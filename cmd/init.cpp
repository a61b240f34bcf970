// `cmq init` writes a configuration with its own authority, certificate and first key.
#include <sys/stat.h>

#include <system_error>

#include "base/clock.h"
#include "cmd/access.h"
#include "cmd/commands.h"
#include "cmd/server_file.h"
#include "config/files.h"
#include "config/server.h"
#include "config/yaml.h"
#include "node/setup.h"

namespace cmq::cmd {
namespace {

namespace fs = std::filesystem;

/// Without a slash at its end.
fs::path whole(const fs::path& path) {
    const auto all = fs::absolute(path).lexically_normal();
    return all.has_filename() ? all : all.parent_path();
}

bool is_everywhere(std::string_view listen) { return listen == "0.0.0.0" || listen == "::"; }

/// Where it listens on every address, others have to be told which one is theirs.
std::string first_file(const std::string& listen, std::uint16_t port) {
    const bool everywhere = is_everywhere(listen);
    const std::map<std::string_view, std::string> chosen{
        {"listen", config::yaml_quoted(listen)},
        {"https_port", std::to_string(port)},
        {"tls.certificate", "identity/certificate.pem"},
        {"tls.key", "identity/key.pem"},
        {"tls.ca", "identity/ca.pem"},
        {"cluster.ca_key", "identity/ca_key.pem"},
        {"keys", "keys.yaml"},
        {"data", "data"},
        {"cluster.peer_port", everywhere ? "off" : std::to_string(port + 3)}};
    return server_file(chosen);
}

struct Init final : Command {
    Init() : Command("init", "Write a configuration, certificates and a first key") {}
    fs::path directory;
    std::string listen = "127.0.0.1";
    std::uint16_t port = 7800;
    std::vector<std::string> names;

    void describe(Arguments& arguments) override {
        arguments.about(
            "Makes cmq.yaml, keys.yaml, a private certificate authority, a server certificate\n"
            "and a data directory. Files that hold secrets have mode 0600.");
        arguments.required("directory", directory, "made if it does not exist")
            .offers(Offer::directory);
        arguments.option("--listen", listen, "address to serve on").placeholder("ADDRESS");
        arguments.option("--port", port, "port for HTTPS");
        auto& name = arguments.option(
            "--name", names, "name or address in the certificate, beside localhost; repeatable");
        name.is_repeated = true;
        arguments.example("cmq init broker --listen 0.0.0.0 --name cmq.example.org",
                          "then: cmq serve --config broker/cmq.yaml");
    }

    std::string endpoint() const {
        const auto host = !is_everywhere(listen) ? listen
                          : names.empty()        ? std::string("localhost")
                                                 : names.front();
        const bool is_v6 = host.find(':') != std::string::npos;
        return "https://" + (is_v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
    }

    Status run(Context& context) override {
        const auto file = directory / "cmq.yaml";
        std::error_code ignored;  // writing says what is wrong with the directory
        if (fs::exists(file, ignored))
            return fail(Code::exists, file.string() + " exists already; nothing was changed");
        if (port == 0 || port > UINT16_MAX - 3)
            return fail(Code::invalid, "--port must be 1 to 65532: other nodes are three above");
        umask(077);
        const auto files = store::system_files();
        CMQ_TRY(files->make_directory(directory));
        CMQ_TRY(files->make_directory(directory / "data"));
        std::vector<std::string> all{"localhost", "127.0.0.1", "::1"};
        if (!is_everywhere(listen) && listen != all[1] && listen != all[2]) all.push_back(listen);
        all.insert(all.end(), names.begin(), names.end());
        const auto setup = CMQ_TRY(node::set_up(*files, directory, all, SystemClock().wall()));
        CMQ_TRY(config::write_private(directory / "keys.yaml",
                                      "keys:\n  - id: " + config::yaml_quoted(setup.secret_id) +
                                          "\n    secret_key_file: identity/secret_key\n"));
        // Last: where it is, all that it names is there.
        CMQ_TRY(config::write_private(file, first_file(listen, port)));
        CMQ_TRY(config::read_server_file(file));
        context.out << "cmq serve --config " << file.string() << '\n';
        context.err << "cmq: wrote " << file.string() << "; so that the commands find it:\n"
                    << context_command(whole(directory).filename().string(),
                                       {endpoint(), whole(setup.ca_file), setup.secret_id,
                                        whole(setup.secret_key_file)})
                    << '\n';
        return {};
    }
};

}  // namespace

MadeCommand make_init() { return std::make_unique<Init>(); }

}  // namespace cmq::cmd
