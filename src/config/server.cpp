#include "config/server.h"

#include <limits>

#include "config/fields.h"
#include "config/files.h"
#include "config/keys.h"

namespace cmq::config {
namespace {

namespace fs = std::filesystem;

/// What the file says before paths are resolved and keys are read.
struct Draft {
    node::Options options;
    std::string keys_file;
};
using Assign = std::function<Status(Draft&, const std::string&)>;

/// Numbers within bounds; `place` finds the member.
template <class Place>
Assign whole(Place place, std::uint64_t least, std::uint64_t most) {
    return [=](Draft& draft, const std::string& text) -> Status {
        const auto value = CMQ_TRY(parse_whole(text));
        if (value < least || value > most)
            return fail(Code::invalid, text + " is not within " + std::to_string(least) + " to " +
                                           std::to_string(most));
        auto& target = place(draft.options);
        target = static_cast<std::remove_reference_t<decltype(target)>>(value);
        return {};
    };
}

template <class Place>
Assign size(Place place, std::uint64_t least) {
    return [=](Draft& draft, const std::string& text) -> Status {
        const auto value = CMQ_TRY(parse_size(text));
        if (value < least) return fail(Code::invalid, text + " is less than " + format_size(least));
        place(draft.options) = value;
        return {};
    };
}

template <class Place>
Assign seconds(Place place) {
    return [=](Draft& draft, const std::string& text) -> Status {
        place(draft.options) = CMQ_TRY(parse_seconds(text));
        return {};
    };
}

template <class Place>
Assign path(Place place) {
    return [=](Draft& draft, const std::string& text) -> Status {
        if (text.empty()) return fail(Code::invalid, "a path is needed");
        place(draft.options) = text;
        return {};
    };
}

template <class Place>
Assign port(Place place) {
    return [=](Draft& draft, const std::string& text) -> Status {
        if (text == "off") {
            place(draft.options).reset();
            return {};
        }
        const auto value = parse_whole(text);
        if (!value || *value > 65535)
            return fail(Code::invalid, '"' + text + "\" is not off or a port from 0 to 65535");
        place(draft.options) = static_cast<std::uint16_t>(*value);
        return {};
    };
}

Assign copies() {
    return [](Draft& draft, const std::string& text) -> Status {
        draft.options.copies = CMQ_TRY(parse_copies(text));
        return {};
    };
}

struct Row {
    ServerKey about;
    Assign assign;
};

const std::vector<Row>& general_rows() {
    using node::Options;
    static const std::vector<Row> table{
        {{"data", "path", "data", "directory of the log and the state"},
         path([](Options & o) -> auto& { return o.data; })},
        {{"listen", "address", "127.0.0.1", "address of both doors; 0.0.0.0 and :: mean all"},
         path([](Options & o) -> auto& { return o.listen; })},
        {{"https_port", "port or off", "off", "HTTPS; 0 takes any free port"},
         port([](Options & o) -> auto& { return o.https_port; })},
        {{"http_port", "port or off", "off", "HTTP without TLS; leave it off beyond loopback"},
         port([](Options & o) -> auto& { return o.http_port; })},
        {{"tls.certificate", "path", "", "PEM chain of the server, needed for HTTPS"},
         path([](Options & o) -> auto& { return o.certificate; })},
        {{"tls.key", "path", "", "PEM key of the server, needed for HTTPS"},
         path([](Options & o) -> auto& { return o.key; })},
        {{"tls.ca", "path", "", "PEM of the authority, told to clients; the broker needs it not"},
         path([](Options & o) -> auto& { return o.ca_file; })},
        {{"keys", "path", "", "keys.yaml with the credentials that clients sign with, mode 0600"},
         [](Draft& draft, const std::string& text) -> Status {
             draft.keys_file = text;
             return {};
         }},
        {{"timestamp_window", "duration", "5m",
          "how far a request's time may be off; 0 takes any time"},
         seconds([](Options & o) -> auto& { return o.timestamp_window; })},
        {{"loops", "1 to 64", "2", "threads that own connections"},
         whole(
             [](Options & o) -> auto& { return o.loops; }, 1, 64)},
    };
    return table;
}

const std::vector<Row>& cluster_rows() {
    using node::Options;
    static const std::vector<Row> table{
        {{"cluster.peer_port", "port or off", "off", "for the other nodes, over TLS; off: alone"},
         port([](Options & o) -> auto& { return o.peer_port; })},
        {{"cluster.ca_key", "path", "",
          "PEM key of tls.ca: with it this node takes others in; not for one that joined"},
         path([](Options & o) -> auto& { return o.ca_key_file; })},
        {{"cluster.advertise", "URL", "",
          "https://host:port where clients find this node, if not where it listens"},
         path([](Options & o) -> auto& { return o.advertise; })},
        {{"cluster.peer_address", "host:port", "",
          "where the other nodes find it, if not where it listens"},
         path([](Options & o) -> auto& { return o.peer_address; })},
        {{"cluster.zone", "word", "", "where this node stands: copies are kept in several"},
         path([](Options & o) -> auto& { return o.zone; })},
        {{"cluster.copies", "in-sync, majority or all", "in-sync",
          "on which disks a message is before its send is answered; all: refuse rather than "
          "have fewer"},
         copies()},
    };
    return table;
}

const std::vector<Row>& limit_rows() {
    using node::Options;
    constexpr auto most = std::numeric_limits<std::uint32_t>::max();
    static const std::vector<Row> table{
        {{"limits.disk_reserve", "size", "1GiB",
          "with less free disk, sends are refused; in a cluster, the lead is handed over"},
         size(
             [](Options & o) -> auto& { return o.disk_reserve_bytes; }, 0)},
        {{"limits.in_flight", "size", "64MiB", "bytes being stored; beyond it sends are throttled"},
         size(
             [](Options & o) -> auto& { return o.in_flight_bytes_max; }, 4u << 20)},
        {{"limits.messages_per_second", "number", "0",
          "sent to a queue, and a tenth more received; beyond it throttled; 0: no limit"},
         whole(
             [](Options & o) -> auto& { return o.rates.messages; }, 0, most)},
        {{"limits.control_per_second", "number", "0",
          "control actions and questions of one customer; 0: no limit"},
         whole(
             [](Options & o) -> auto& { return o.rates.control; }, 0, most)},
        {{"limits.request_line", "size", "64KiB", "first line of a request"},
         size(
             [](Options & o) -> auto& { return o.limits.request_line_bytes; }, 2048)},
        {{"limits.headers", "size", "16KiB", "all header fields of a request"},
         size(
             [](Options & o) -> auto& { return o.limits.header_bytes; }, 1024)},
        {{"limits.header_fields", "10 to 1000", "100", "number of header fields of a request"},
         whole(
             [](Options & o) -> auto& { return o.limits.header_fields; }, 10, 1000)},
        {{"limits.body", "size", "4MiB", "body of a request, as it arrives"},
         size(
             [](Options & o) -> auto& { return o.limits.body_bytes; }, 64u << 10)},
        {{"limits.request_time", "duration", "30s", "from the first byte of a request to its last"},
         seconds([](Options & o) -> auto& { return o.limits.request_time; })},
        {{"limits.idle_time", "duration", "75s", "how long a connection may be silent"},
         seconds([](Options & o) -> auto& { return o.limits.idle_time; })},
        {{"limits.connections", "number", "60000",
          "connections at once, each door; fewer where not so many files may be open"},
         whole(
             [](Options & o) -> auto& { return o.limits.connections; }, 1, most)},
        {{"limits.connections_per_address", "number", "45000",
          "the same from one address; behind a proxy as many as limits.connections"},
         whole(
             [](Options & o) -> auto& { return o.limits.connections_per_address; }, 1, most)},
        {{"limits.pipelined", "1 to 1024", "64", "requests of one connection under way at once"},
         whole(
             [](Options & o) -> auto& { return o.limits.pipelined; }, 1, 1024)},
    };
    return table;
}

const std::vector<Row>& rows() {
    static const auto all = [] {
        auto table = general_rows();
        for (const auto* more : {&cluster_rows(), &limit_rows()})
            table.insert(table.end(), more->begin(), more->end());
        return table;
    }();
    return all;
}

const std::vector<FieldOf<Draft>>& server_fields() {
    static const auto fields = [] {
        std::vector<FieldOf<Draft>> all;
        for (const auto& row : rows()) all.push_back({row.about.name, row.assign});
        return all;
    }();
    return fields;
}

Status check_whole(const Draft& draft, std::string_view file) {
    const auto& options = draft.options;
    const auto missing = [&](std::string_view what) {
        return tl::unexpected(wrong_at(file, {}, what));
    };
    if (!options.https_port && !options.http_port)
        return missing("https_port or http_port is needed");
    if (options.https_port && (options.certificate.empty() || options.key.empty()))
        return missing("https_port needs tls.certificate and tls.key; cmq init makes them");
    if (options.https_port && options.http_port && *options.https_port != 0 &&
        *options.https_port == *options.http_port)
        return missing("https_port and http_port are the same");
    if (draft.keys_file.empty()) return missing("keys is needed; cmq init makes a first key");
    if (const auto reachable = check_reachable(options); !reachable)
        return missing(reachable.error().message);
    return {};
}

Result<Draft> parse_draft(std::string_view text, const fs::path& file) {
    const auto name = file.string();
    const auto root = CMQ_TRY(parse_yaml(text, name));
    Draft draft;
    draft.options.data = "data";
    CMQ_TRY(assign_fields(draft, root, "", server_fields(), name));
    CMQ_TRY(check_whole(draft, name));
    return draft;
}

}  // namespace

Result<raft::Copies> parse_copies(std::string_view text) {
    if (text == "in-sync") return raft::Copies::in_sync;
    if (text == "majority") return raft::Copies::majority;
    if (text == "all") return raft::Copies::all;
    return fail(Code::invalid, '"' + std::string(text) + "\" is not in-sync, majority or all");
}

const std::vector<ServerKey>& server_keys() {
    static const auto keys = [] {
        std::vector<ServerKey> all;
        for (const auto& row : rows()) all.push_back(row.about);
        return all;
    }();
    return keys;
}

Result<node::Options> parse_server(std::string_view text, const fs::path& file) {
    auto draft = CMQ_TRY(parse_draft(text, file));
    const auto folder = file.parent_path();
    auto& options = draft.options;
    for (auto* relative : {&options.data, &options.certificate, &options.key, &options.ca_file,
                           &options.ca_key_file})
        if (!relative->empty()) *relative = (folder / *relative).lexically_normal();
    options.keys = CMQ_TRY(read_keys(folder / draft.keys_file));
    return std::move(draft.options);
}

Status check_reachable(const node::Options& options) {
    const bool everywhere = options.listen == "0.0.0.0" || options.listen == "::";
    const bool told = !options.advertise.empty() && !options.peer_address.empty();
    if (!options.peer_port || !everywhere || told) return {};
    return fail(Code::invalid, "the other nodes cannot reach " + options.listen +
                                   ": cluster.advertise and cluster.peer_address are needed");
}

Result<node::Options> read_server_file(const fs::path& file) {
    const auto text = CMQ_TRY(read_text(file));
    return parse_server(text, file);
}

Result<fs::path> first_secret_key_file_of_server(const fs::path& file) {
    const auto text = CMQ_TRY(read_text(file));
    const auto draft = CMQ_TRY(parse_draft(text, file));
    return first_secret_key_file(file.parent_path() / draft.keys_file);
}

}  // namespace cmq::config
