// cmd/serve.cpp: `cmq serve` runs the broker.

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "cmd/commands.h"
#include "config/contexts.h"
#include "config/server.h"
#include "config/settings.h"
#include "node/node.h"
#include "node/setup.h"

namespace cmq::cmd {
namespace {

namespace fs = std::filesystem;
constexpr std::uint16_t default_port = 7800;  // HTTPS; HTTP is the next

/// Files are ours alone, a crash leaves no secrets behind, and signals are waited for.
sigset_t prepare_process() {
    umask(077);
    constexpr rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, number);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

fs::path default_data() {
    if (const char* state = std::getenv("XDG_STATE_HOME"); state && *state)
        return fs::path(state) / "cmq" / "dev";
    const char* home = std::getenv("HOME");
    return fs::path(home ? home : "/tmp") / ".local" / "state" / "cmq" / "dev";
}

struct Serve final : Command {
    Serve() : Command("serve", "Run the broker") {}

    bool dev = false;
    fs::path file;
    fs::path data;
    std::string listen;
    std::optional<std::uint16_t> port;
    fs::path port_file;
    std::optional<int> ready_fd;
    bool print_env = false;
    bool verbose = false;

    node::Setup setup;  // with --dev
    std::unique_ptr<store::Files> files = store::system_files();
    SystemClock clock;

    void describe(Arguments& arguments) override {
        arguments.about(
            "Without --dev it wants a configuration; `cmq init DIR` writes a good one.");
        arguments.flag("--dev", dev,
                       "loopback only, own certificate, a ready-made key, no configuration");
        arguments.option("--config", file, "cmq.yaml").offers(Offer::file);
        arguments.option("--data", data, "data directory").offers(Offer::directory);
        arguments.option("--listen", listen, "address of both listeners").placeholder("ADDRESS");
        arguments.option("--port", port,
                         "HTTPS here and HTTP one above; 0: free ones, found once and kept in "
                         "the data directory (default with --dev: 7800)");
        arguments
            .option("--port-file", port_file,
                    "JSON with ports and key, whole once ready; no context is written")
            .offers(Offer::file);
        arguments.option("--ready-fd", ready_fd, "write a line there once ready");
        arguments.flag("--print-env", print_env, "print the environment for clients once ready");
        arguments.flag("--verbose", verbose, "a log line for each refused request");
        arguments.example("cmq serve --dev", "a broker on this machine, at once");
        arguments.example("cmq serve --config broker/cmq.yaml",
                          "one that stays, as cmq init broker wrote it");
    }

    Status run(Context& context) override {
        const auto signals = prepare_process();
        if (verbose) log::set_level(log::Level::debug);
        auto options = CMQ_TRY(choose());
        const bool draw = port && *port == 0;
        if (draw) CMQ_TRY(take_stored_ports(options));
        const auto node = CMQ_TRY(node::Node::open(options));
        const auto ports = node->ports();
        if (draw)
            CMQ_TRY(node::write_ports(
                *files, options.data,
                {ports.https.value_or(0), ports.http.value_or(0), ports.peer.value_or(0)}));
        CMQ_TRY(announce(context, options, ports, node->id()));
        wait_for_end(*node, signals);
        node->stop();
        log::info("stopped");
        return {};
    }

    Result<node::Options> choose() {
        if (dev == !file.empty())
            return fail(Code::invalid,
                        "serve needs either --dev or --config FILE; `cmq init DIR` writes one");
        auto options = dev ? CMQ_TRY(dev_options()) : CMQ_TRY(config::read_server_file(file));
        if (!dev && !data.empty()) options.data = data;
        if (!listen.empty()) options.listen = listen;
        if (port && *port > UINT16_MAX - 2)
            return fail(Code::invalid, "--port: at most 65533, HTTP and nodes are above");
        if (port) {
            options.https_port = *port;
            options.http_port = *port == 0 ? *port : static_cast<std::uint16_t>(*port + 1);
            if (options.peer_port)
                options.peer_port = *port == 0 ? *port : static_cast<std::uint16_t>(*port + 2);
        }
        return options;
    }

    Result<node::Options> dev_options() {
        node::Options options;
        options.dev = true;
        options.data = fs::absolute(data.empty() ? default_data() : data);
        CMQ_TRY(files->make_directory(options.data));
        setup = CMQ_TRY(
            node::set_up(*files, options.data, {"localhost", "127.0.0.1", "::1"}, clock.wall()));
        options.certificate = setup.certificate;
        options.key = setup.key;
        options.ca_file = setup.ca_file;
        options.keys.push_back(
            {setup.secret_id, setup.secret_key, broker::Namespace{1}, true, true, {}});
        options.https_port = default_port;
        options.http_port = default_port + 1;
        options.peer_port = default_port + 2;
        options.ca_key_file = options.data / "identity" / "ca_key.pem";
        return options;
    }

    Status take_stored_ports(node::Options& options) {
        const auto stored = CMQ_TRY(node::read_ports(*files, options.data));
        if (!stored) return {};
        options.https_port = stored->https;
        options.http_port = stored->http;
        if (options.peer_port) options.peer_port = stored->peer;
        return {};
    }

    Status announce(Context& context, const node::Options& options, node::Node::Ports ports,
                    raft::NodeId id) {
        const auto host = options.listen.find(':') == std::string::npos
                              ? options.listen
                              : '[' + options.listen + ']';
        std::string endpoint;
        if (ports.http) endpoint = "http://" + host + ':' + std::to_string(*ports.http);
        if (ports.https) endpoint = "https://" + host + ':' + std::to_string(*ports.https);
        if (!port_file.empty()) CMQ_TRY(write_port_file(options, ports, endpoint, id));
        if (dev && port_file.empty()) CMQ_TRY(write_context(endpoint));
        if (print_env) print_environment(context, options, endpoint);
        context.err << "cmq: serving " << endpoint << ", data in " << options.data.string()
                    << (isatty(STDERR_FILENO) ? "; stop with Ctrl-C" : "") << std::endl;
        if (ready_fd && write(*ready_fd, "READY=1\n", 8) != 8)
            return fail(Code::io,
                        "--ready-fd " + std::to_string(*ready_fd) + ": cannot be written");
        return {};
    }

    Status write_port_file(const node::Options& options, node::Node::Ports ports,
                           const std::string& endpoint, raft::NodeId id) {
        nlohmann::ordered_json json;
        if (ports.https) json["https"] = *ports.https;
        if (ports.http) json["http"] = *ports.http;
        if (ports.peer) json["peer"] = *ports.peer;
        json["node_id"] = std::to_string(id.value);
        json["pid"] = getpid();
        json["endpoint"] = endpoint;
        json["ca_file"] = options.ca_file.string();
        json["secret_id"] = setup.secret_id;
        json["secret_key_file"] = setup.secret_key_file.string();
        if (!dev && !options.keys.empty()) json["secret_id"] = options.keys.front().id;
        return node::write_whole(*files, port_file, json.dump() + "\n");
    }

    /// So that the other commands find this broker without being told.
    Status write_context(const std::string& endpoint) {
        const auto user_file = config::user_file(config::surroundings_of_process());
        if (!user_file) return {};  // no home: nothing to find it by
        auto contexts = CMQ_TRY(config::read_contexts(*user_file));
        contexts.put({"dev",
                      endpoint,
                      setup.ca_file.string(),
                      setup.secret_id,
                      setup.secret_key_file.string(),
                      {}});
        contexts.current = "dev";
        return config::write_contexts(*user_file, contexts);
    }

    void print_environment(Context& context, const node::Options& options,
                           const std::string& endpoint) const {
        context.out << "export CMQ_ENDPOINT='" << endpoint << "'\n"
                    << "export CMQ_CA_FILE='" << options.ca_file.string() << "'\n"
                    << "export CMQ_SECRET_ID='" << setup.secret_id << "'\n"
                    << "export CMQ_SECRET_KEY_FILE='" << setup.secret_key_file.string() << "'"
                    << std::endl;
    }

    static void wait_for_end(node::Node& node, const sigset_t& signals) {
        for (;;) {
            int number = 0;
            sigwait(&signals, &number);
            if (number != SIGHUP) return;
            if (const auto reloaded = node.reload(); !reloaded) {
                log::error("reload_failed", {{"detail", reloaded.error().message}});
            } else {
                log::info("reloaded");
            }
        }
    }
};

}  // namespace

MadeCommand make_serve() { return std::make_unique<Serve>(); }

}  // namespace cmq::cmd
