// cmd/serve.cpp: `cmq serve` runs the broker.

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "cluster/identity.h"
#include "cmd/access.h"
#include "cmd/cluster/joining.h"
#include "cmd/commands.h"
#include "cmd/exit_codes.h"
#include "config/contexts.h"
#include "config/keys.h"
#include "config/server.h"
#include "config/settings.h"
#include "node/joined.h"
#include "node/node.h"
#include "node/setup.h"

namespace cmq::cmd {
namespace {

namespace fs = std::filesystem;

static_assert(node::format_too_new_status == exit_code::exists);

/// Between two looks at what is replaced weeks before it ends.
constexpr timespec renewal_interval{6 * 3'600, 0};

const std::vector<std::string> dev_names{"localhost", "127.0.0.1", "::1"};

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
    std::string join;
    std::string token;
    std::string zone;
    std::string copies;
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
                         "HTTPS here, HTTP one and other nodes three above, each only where it is "
                         "on: with --dev all are, else those of the configuration; 0: free ones, "
                         "found once and kept in the data directory (default with --dev: 7800)");
        arguments
            .option("--join", join,
                    "join the cluster of a node there, if the data directory is new; with --dev")
            .placeholder("ADDRESS");
        arguments.option("--token", token, "what `cmq cluster token` printed, for --join")
            .from_environment();
        arguments.option("--zone", zone,
                         "a word for where this node stands: copies are kept in "
                         "several");
        arguments
            .option("--copies", copies,
                    "before a send is answered it is on a majority of the nodes' disks and on all "
                    "that keep up; majority: does not wait for more; all: refuse rather than have "
                    "fewer (default: in-sync, or as the configuration says)")
            .placeholder("in-sync|majority|all");
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
            CMQ_TRY(node::write_ports(*files, options.data,
                                      {ports.https.value_or(0), ports.http.value_or(0),
                                       ports.peer.value_or(options.peer_port.value_or(0))}));
        CMQ_TRY(announce(context, options, *node));
        wait_for_end(*node, signals);
        node->stop();
        log::info("stopped");
        return {};
    }

    Result<node::Options> choose() {
        if (dev == !file.empty())
            return fail(Code::invalid,
                        "serve needs either --dev or --config FILE; `cmq init DIR` writes one");
        if (!dev && !join.empty())
            return fail(Code::invalid,
                        "--join goes with --dev; with a configuration, before the first start: cmq "
                        "cluster join");
        auto options = dev ? CMQ_TRY(dev_options()) : CMQ_TRY(config::read_server_file(file));
        if (!dev && !data.empty()) options.data = data;
        if (!listen.empty()) options.listen = listen;
        if (!dev) CMQ_TRY(config::check_reachable(options));
        if (!zone.empty()) options.zone = zone;
        if (!copies.empty()) options.copies = CMQ_TRY(config::parse_copies(copies));
        if (port) CMQ_TRY(take_ports(options));
        return options;
    }

    /// Those above the first are the node's own to draw when it is 0.
    Status take_ports(node::Options& options) const {
        const auto ports =
            *port == 0 ? node::StoredPorts{}
                       : CMQ_TRY(node::choose_ports(*files, options.data, options.listen, port));
        renumber(options, ports);
        return {};
    }

    /// Opens none that is off: the configuration may have its reasons.
    static void renumber(node::Options& options, const node::StoredPorts& ports) {
        if (options.https_port) options.https_port = ports.https;
        if (options.http_port) options.http_port = ports.http;
        if (options.peer_port) options.peer_port = ports.peer;
    }

    /// An address to join is for the first start only: scripts give it each time.
    Status join_if_new(const fs::path& directory) const {
        if (join.empty() || CMQ_TRY(cluster::has_identity(*files, directory))) return {};
        Joining joining{join, token, directory};
        if (!listen.empty()) joining.listen = listen;
        joining.port = port;
        joining.zone = zone;
        const auto id = CMQ_TRY(join_cluster(*files, joining));
        log::info("joined", {{"node", id.value}});
        return {};
    }

    /// Those of the cluster, when there is one.
    Result<std::vector<auth::Credential>> dev_keys(const fs::path& directory) const {
        const auto joined = node::joined_keys_file(directory);
        if (CMQ_TRY(files->exists(joined))) return config::read_keys(joined);
        return std::vector<auth::Credential>{
            {setup.secret_id, setup.secret_key, broker::Namespace{1}, true, true, {}}};
    }

    Result<node::Options> dev_options() {
        node::Options options;
        options.dev = true;
        data = fs::absolute(data.empty() ? default_data() : data);
        options.data = data;
        CMQ_TRY(files->make_directory(options.data));
        CMQ_TRY(join_if_new(options.data));
        setup = CMQ_TRY(node::set_up(*files, options.data, dev_names, clock.wall()));
        options.certificate = setup.certificate;
        options.key = setup.key;
        options.ca_file = setup.ca_file;
        options.keys = CMQ_TRY(dev_keys(options.data));
        options.https_port = node::default_port;
        options.http_port = node::default_port + 1;
        options.peer_port = node::default_port + 3;
        options.ca_key_file = options.data / "identity" / "ca_key.pem";
        return options;
    }

    Status take_stored_ports(node::Options& options) {
        const auto stored = CMQ_TRY(node::read_ports(*files, options.data));
        if (stored) renumber(options, *stored);
        return {};
    }

    Status announce(Context& context, const node::Options& options, const node::Node& node) {
        const auto ports = node.ports();
        const auto host = options.listen.find(':') == std::string::npos
                              ? options.listen
                              : '[' + options.listen + ']';
        std::string endpoint;
        if (ports.http) endpoint = "http://" + host + ':' + std::to_string(*ports.http);
        if (ports.https) endpoint = "https://" + host + ':' + std::to_string(*ports.https);
        const auto access = CMQ_TRY(access_for_clients(options, endpoint));
        if (!port_file.empty()) CMQ_TRY(write_port_file(access, node));
        if (dev && port_file.empty()) CMQ_TRY(write_context(endpoint));
        if (print_env) print_environment(context.out, access);
        context.err << "cmq: serving " << endpoint << ", data in " << options.data.string()
                    << (isatty(STDERR_FILENO) ? "; stop with Ctrl-C" : "") << std::endl;
        if (ready_fd && write(*ready_fd, "READY=1\n", 8) != 8)
            return fail(Code::io,
                        "--ready-fd " + std::to_string(*ready_fd) + ": cannot be written");
        return {};
    }

    Result<Access> access_for_clients(const node::Options& options,
                                      const std::string& endpoint) const {
        Access access{endpoint, options.ca_file, setup.secret_id, setup.secret_key_file};
        if (!dev) {
            if (!options.keys.empty()) access.secret_id = options.keys.front().id;
            access.secret_key_file = CMQ_TRY(config::first_secret_key_file_of_server(file));
        }
        // Clients stand elsewhere than the broker.
        for (auto* told : {&access.ca_file, &access.secret_key_file})
            if (!told->empty()) *told = fs::absolute(*told).lexically_normal();
        return access;
    }

    Status write_port_file(const Access& access, const node::Node& node) {
        const auto ports = node.ports();
        nlohmann::ordered_json json;
        if (ports.https) json["https"] = *ports.https;
        if (ports.http) json["http"] = *ports.http;
        json["pid"] = getpid();
        json["endpoint"] = access.endpoint;
        json["ca_file"] = access.ca_file.string();
        json["secret_id"] = access.secret_id;
        json["secret_key_file"] = access.secret_key_file.string();
        if (ports.peer) json["peer"] = *ports.peer;
        json["node_id"] = std::to_string(node.id().value);
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

    void wait_for_end(node::Node& node, const sigset_t& signals) {
        for (;;) {
            const int number = sigtimedwait(&signals, nullptr, &renewal_interval);
            if (number == SIGHUP) {
                reload(node);
            } else if (number > 0) {
                return;
            } else if (errno == EAGAIN) {
                renew(node);
            }
        }
    }

    void reload(node::Node& node) {
        bool is_good = true;
        for (const auto& step : {renew_own_door(), node.reload()}) {
            if (!step) log::error("reload_failed", {{"detail", step.error().message}});
            is_good &= step.has_value();
        }
        if (is_good) log::info("reloaded");
    }

    void renew(node::Node& node) {
        for (const auto& step : {renew_own_door(), node.renew()})
            if (!step) log::error("renewal_failed", {{"detail", step.error().message}});
    }

    /// With --dev the files of the door are ours, and nobody else's task.
    Status renew_own_door() {
        if (!dev) return {};
        setup = CMQ_TRY(node::set_up(*files, data, dev_names, clock.wall()));
        return {};
    }
};

}  // namespace

MadeCommand make_serve() { return std::make_unique<Serve>(); }

}  // namespace cmq::cmd
