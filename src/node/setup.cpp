#include "node/setup.h"

#include <algorithm>
#include <sstream>

#include "base/text.h"
#include "net/free_ports.h"
#include "net/tls.h"

namespace cmq::node {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t text_max = 1u << 20;

/// Letters and digits only, so that keys can be pasted anywhere.
std::string random_word(std::size_t letters) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string word;
    while (word.size() < letters) {
        for (const char byte : random_bytes(letters)) {
            const auto value = static_cast<unsigned char>(byte);
            if (value >= 248 || word.size() == letters) continue;  // 4 x 62: no letter is favoured
            word += alphabet[value % 62];
        }
    }
    return word;
}

Status make_key(store::Files& files, const Setup& setup, const fs::path& id_file) {
    CMQ_TRY(write_whole(files, setup.secret_key_file, random_word(32) + "\n"));
    return write_whole(files, id_file, "AKID" + random_word(32) + "\n");
}

Status make_certificates(store::Files& files, const Setup& setup, const fs::path& ca_key,
                         const std::vector<std::string>& names, Stamp now) {
    net::Identity authority;
    if (CMQ_TRY(files.exists(ca_key))) {
        authority.certificate = CMQ_TRY(read_whole(files, setup.ca_file));
        authority.key = CMQ_TRY(read_whole(files, ca_key));
    } else {
        authority = CMQ_TRY(net::make_authority("cmq private CA", now));
        CMQ_TRY(write_whole(files, setup.ca_file, authority.certificate));
        CMQ_TRY(write_whole(files, ca_key, authority.key));
    }
    const auto issued = CMQ_TRY(net::issue_certificate(authority, names, now));
    CMQ_TRY(write_whole(files, setup.key, issued.key));
    return write_whole(files, setup.certificate, issued.certificate);
}

Result<bool> certificate_is_good(store::Files& files, const Setup& setup, Stamp now) {
    if (!CMQ_TRY(files.exists(setup.certificate))) return false;
    const auto loaded = net::Tls::load(setup.certificate, setup.key);
    return loaded && (*loaded)->expires() > now + renew_before;
}

}  // namespace

Result<Setup> set_up(store::Files& files, const fs::path& directory,
                     const std::vector<std::string>& names, Stamp now) {
    const auto folder = directory / "identity";
    CMQ_TRY(files.make_directory(folder));
    Setup setup{folder / "ca.pem",     folder / "certificate.pem",
                folder / "key.pem",    {},
                folder / "secret_key", {}};
    const auto id_file = folder / "secret_id";
    if (!CMQ_TRY(files.exists(id_file))) CMQ_TRY(make_key(files, setup, id_file));
    if (!CMQ_TRY(certificate_is_good(files, setup, now)))
        CMQ_TRY(make_certificates(files, setup, folder / "ca_key.pem", names, now));
    setup.secret_id = CMQ_TRY(read_whole(files, id_file));
    setup.secret_key = CMQ_TRY(read_whole(files, setup.secret_key_file));
    for (auto* text : {&setup.secret_id, &setup.secret_key})
        while (text->ends_with('\n')) text->pop_back();
    return setup;
}

Result<std::optional<StoredPorts>> read_ports(store::Files& files, const fs::path& directory) {
    const auto file = directory / "ports";
    if (!CMQ_TRY(files.exists(file))) return std::nullopt;
    const auto text = CMQ_TRY(read_whole(files, file));
    std::istringstream words(text);
    std::vector<std::uint16_t> numbers;
    for (std::string word; words >> word;) {
        const auto number = parse_digits(word);
        if (!number || *number > UINT16_MAX) numbers.clear();
        numbers.push_back(static_cast<std::uint16_t>(number.value_or(0)));
    }
    if (numbers.size() == 2) numbers.push_back(0);  // written when there were no other nodes
    if (numbers.size() == 3) return StoredPorts{numbers[0], numbers[1], numbers[2]};
    return fail(Code::corrupt, file.string() + ": not three port numbers; remove it to draw new");
}

Status write_ports(store::Files& files, const fs::path& directory, StoredPorts ports) {
    return write_whole(files, directory / "ports",
                       std::to_string(ports.https) + ' ' + std::to_string(ports.http) + ' ' +
                           std::to_string(ports.peer) + '\n');
}

Result<StoredPorts> choose_ports(store::Files& files, const fs::path& directory,
                                 const std::string& address, std::optional<std::uint16_t> base) {
    const auto port = base.value_or(default_port);
    if (port > UINT16_MAX - 3)
        return fail(Code::invalid, "--port: at most 65532, other nodes are three above");
    const auto above = [port](int more) { return static_cast<std::uint16_t>(port + more); };
    if (port != 0) return StoredPorts{port, above(1), above(3)};
    auto ports = CMQ_TRY(read_ports(files, directory)).value_or(StoredPorts{});
    const auto drawn = CMQ_TRY(net::free_ports(address, 3));
    if (ports.https == 0) ports.https = drawn[0];
    if (ports.http == 0) ports.http = drawn[1];
    if (ports.peer == 0) ports.peer = drawn[2];
    CMQ_TRY(write_ports(files, directory, ports));
    return ports;
}

/// A line each; what the directory takes has no blanks.
Status write_nodes(store::Files& files, const fs::path& directory,
                   const std::vector<broker::NodeEntry>& nodes) {
    std::string text;
    for (const auto& node : nodes)
        text += std::to_string(node.node.value) + ' ' + node.peer_address + ' ' + node.endpoint +
                ' ' + node.zone + '\n';
    return write_whole(files, directory / "nodes", text);
}

Result<std::vector<broker::NodeEntry>> read_nodes(store::Files& files, const fs::path& directory) {
    const auto file = directory / "nodes";
    std::vector<broker::NodeEntry> nodes;
    if (!CMQ_TRY(files.exists(file))) return nodes;
    std::istringstream lines(CMQ_TRY(read_whole(files, file)));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        broker::NodeEntry node;
        if (!(words >> node.node.value >> node.peer_address >> node.endpoint))
            return fail(Code::corrupt, file.string() + ": not a list of nodes");
        words >> node.zone;  // may be empty
        nodes.push_back(std::move(node));
    }
    return nodes;
}

Status write_whole(store::Files& files, const fs::path& file, std::string_view text) {
    auto temporary = file;
    temporary += ".new";
    {
        const auto open = CMQ_TRY(files.open(temporary, store::Open::create));
        CMQ_TRY(open->truncate(0));
        CMQ_TRY(open->write(0, text));
        CMQ_TRY(open->sync());
    }
    return files.rename(temporary, file);
}

Result<std::string> read_whole(store::Files& files, const fs::path& file) {
    const auto open = CMQ_TRY(files.open(file, store::Open::existing));
    return open->read(0, text_max);
}

}  // namespace cmq::node
