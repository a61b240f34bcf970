#include "cmd/cluster/joining.h"

#include <sys/stat.h>

#include "auth/join_token.h"
#include "client/endpoint.h"
#include "client/join.h"
#include "cluster/identity.h"
#include "cluster/join.h"
#include "cmd/print.h"
#include "cmd/server_file.h"
#include "config/files.h"
#include "config/yaml.h"
#include "net/tls.h"
#include "node/joined.h"
#include "node/setup.h"

namespace cmq::cmd {
namespace {

namespace fs = std::filesystem;

/// `host:port` as it stands in a URL.
std::string authority_of(const std::string& host, std::uint16_t port) {
    const bool is_ipv6 = host.find(':') != host.npos;
    auto text = is_ipv6 ? '[' + host + ']' : host;
    return text.append(":").append(std::to_string(port));
}

/// Addresses are typed with or without the scheme that is the only one.
std::string with_scheme(const std::string& addresses) {
    std::string all;
    for (std::size_t at = 0; at <= addresses.size();) {
        const auto comma = std::min(addresses.find(',', at), addresses.size());
        const auto one = addresses.substr(at, comma - at);
        if (!all.empty()) all += ',';
        if (one.find("://") == one.npos) all += "https://";
        all += one;
        at = comma + 1;
    }
    return all;
}

struct Addresses {
    std::string peer, endpoint;
};

/// What the others are told. Nobody can reach "every address".
Result<Addresses> addresses_of(store::Files& files, const Joining& joining) {
    Addresses told{joining.peer_address, joining.advertise};
    if (!told.peer.empty() && !told.endpoint.empty()) return told;
    if (joining.listen == "0.0.0.0" || joining.listen == "::")
        return fail(Code::invalid, "the other nodes cannot reach " + joining.listen +
                                       ": give --advertise and --peer-address, or --listen");
    const auto ports =
        CMQ_TRY(node::choose_ports(files, joining.data, joining.listen, joining.port));
    if (told.peer.empty()) told.peer = authority_of(joining.listen, ports.peer);
    if (told.endpoint.empty())
        told.endpoint = "https://" + authority_of(joining.listen, ports.https);
    return told;
}

Status check_typed(store::Files& files, const Joining& joining) {
    if (joining.token.empty())
        return fail(Code::invalid, "--token is missing; `cmq cluster token` prints one");
    if (joining.data.empty())
        return fail(Code::invalid, "--data is missing: the directory that the node will live in");
    if (CMQ_TRY(cluster::has_identity(files, joining.data)))
        return fail(Code::exists,
                    joining.data.string() + ": a node lives here already; nothing was done");
    return {};
}

Result<std::vector<std::string>> door_names(const Joining& joining) {
    std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
    names.insert(names.end(), joining.names.begin(), joining.names.end());
    if (joining.advertise.empty()) {
        names.push_back(joining.listen);
    } else {
        names.push_back(CMQ_TRY(client::parse_endpoint(joining.advertise)).host);
    }
    return names;
}

Record record_of(broker::NodeId node) {
    return {{{{"node", "NODE"}, std::to_string(node.value)},
             {{"number", "NUMBER"}, broker::number_of(node)},
             {{"incarnation", "INCARNATION"}, broker::incarnation_of(node)}}};
}

/// For a node that is started from a configuration; one that is there stays as it is.
Result<fs::path> write_server_file(store::Files& files, const Joining& joining,
                                   const Addresses& told) {
    auto file = joining.data / "cmq.yaml";
    if (CMQ_TRY(files.exists(file))) return file;
    const auto ports =
        CMQ_TRY(node::choose_ports(files, joining.data, joining.listen, joining.port));
    std::map<std::string_view, std::string> chosen{
        {"data", "."},
        {"listen", config::yaml_quoted(joining.listen)},
        {"https_port", std::to_string(ports.https)},
        {"tls.certificate", "identity/certificate.pem"},
        {"tls.key", "identity/key.pem"},
        {"tls.ca", "identity/ca.pem"},
        {"keys", "identity/keys.yaml"},
        {"cluster.peer_port", std::to_string(ports.peer)},
        {"cluster.advertise", config::yaml_quoted(told.endpoint)},
        {"cluster.peer_address", config::yaml_quoted(told.peer)}};
    if (!joining.zone.empty()) chosen["cluster.zone"] = config::yaml_quoted(joining.zone);
    CMQ_TRY(config::write_private(file, server_file(chosen)));
    return file;
}

}  // namespace

Result<broker::NodeId> join_cluster(store::Files& files, const Joining& joining) {
    CMQ_TRY(check_typed(files, joining));
    const auto token = CMQ_TRY(auth::read_token(joining.token));
    CMQ_TRY(files.make_directory(joining.data));
    const auto told = CMQ_TRY(addresses_of(files, joining));
    const auto key = net::make_key();
    const auto wish = CMQ_TRY(net::make_request(key));
    const cluster::JoinRequest request{joining.token, wish,         told.peer,
                                       told.endpoint, joining.zone, joining.replaces};
    const auto body =
        CMQ_TRY(client::join({with_scheme(joining.addresses), token.fingerprint,
                              std::string(cluster::join_path), cluster::encode(request)}));
    const auto answer = CMQ_TRY(cluster::decode_join_answer(body));
    CMQ_TRY(cluster::check(answer, key, token.fingerprint));
    CMQ_TRY(node::write_joined(files, joining.data, key, answer));
    return answer.node;
}

void Joining::describe(Arguments& arguments) {
    arguments.required("address", addresses,
                       "https://host:port of a node; several with commas between");
    arguments.option("--token", token, "what `cmq cluster token` printed; counts once")
        .from_environment();
    arguments.option("--data", data, "data directory of the new node").offers(Offer::directory);
    arguments.option("--listen", listen, "address of its listeners").placeholder("ADDRESS");
    arguments.option("--port", port,
                     "HTTPS here, other nodes three above; 0: free ones, kept in the data "
                     "directory (default: 7800)");
    arguments.option("--advertise", advertise, "where clients find it, if not at those two")
        .placeholder("URL");
    arguments.option("--peer-address", peer_address, "where other nodes find it, if not there")
        .placeholder("HOST:PORT");
    arguments.option("--zone", zone, "a word for where it stands: copies are kept in several");
    auto& name = arguments.option(
        "--name", names, "name or address in its certificate, beside localhost; repeatable");
    name.is_repeated = true;
    arguments.output({Format::plain, Format::json}, keys_of(record_of({})));
}

Status Joining::run(Context& context) const {
    umask(077);
    const auto form = CMQ_TRY(context.form());
    const auto files = store::system_files();
    const auto in_certificate = CMQ_TRY(door_names(*this));
    const auto id = CMQ_TRY(join_cluster(*files, *this));
    const auto setup = CMQ_TRY(node::set_up(*files, data, in_certificate, SystemClock().wall()));
    const auto told = CMQ_TRY(addresses_of(*files, *this));
    const auto file = CMQ_TRY(write_server_file(*files, *this, told));
    print(context.out, std::to_string(id.value), record_of(id), form);
    context.err << "cmq: joined as node " << broker::number_of(id)
                << "; certificate and keys are in " << setup.certificate.parent_path().string()
                << "; start it with: cmq serve --config " << file.string() << '\n';
    return {};
}

}  // namespace cmq::cmd
