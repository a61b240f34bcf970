#include "node/node_certificate.h"

#include "base/log.h"
#include "node/setup.h"

namespace cmq::node {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const Issuing& issuing) { return issuing.data / "identity"; }
fs::path certificate_file(const Issuing& issuing) { return folder_of(issuing) / "node.pem"; }

Result<net::Identity> identity_in(store::Files& files, const fs::path& certificate,
                                  const fs::path& key) {
    net::Identity found;
    found.certificate = CMQ_TRY(read_whole(files, certificate));
    found.key = CMQ_TRY(read_whole(files, key));
    return found;
}

/// One from the future is of a clock that was wrong, and others refuse it until then.
bool is_good(const net::Validity& validity, Stamp now) {
    return validity.from <= now && validity.until > now + renew_before;
}

Result<std::string> issue_again(store::Files& files, const Issuing& issuing,
                                const net::Identity& issuer, const std::string& key, Stamp now) {
    const auto request = CMQ_TRY(net::make_request(key));
    auto fresh = CMQ_TRY(net::sign_request(issuer, request, issuing.name, now));
    CMQ_TRY(write_whole(files, certificate_file(issuing), fresh));
    CMQ_TRY(files.sync_directory(folder_of(issuing)));
    log::info("certificate_renewed", {{"certificate", "node"}});
    return fresh;
}

}  // namespace

Result<net::Identity> authority(store::Files& files, const Issuing& issuing) {
    if (CMQ_TRY(files.exists(certificate_file(issuing))))
        return identity_in(files, folder_of(issuing) / "ca.pem", folder_of(issuing) / "ca_key.pem");
    if (issuing.ca_file.empty() || issuing.ca_key_file.empty())
        return fail(Code::invalid,
                    "cluster.peer_port needs tls.ca and cluster.ca_key; cmq init makes both");
    return identity_in(files, issuing.ca_file, issuing.ca_key_file);
}

Result<net::PeerCredentials> peer_credentials(store::Files& files, const Issuing& issuing,
                                              Stamp now) {
    const auto issuer = CMQ_TRY(authority(files, issuing));
    const auto file = certificate_file(issuing);
    if (!CMQ_TRY(files.exists(file))) {
        auto own = CMQ_TRY(net::issue_node_certificate(issuer, issuing.name, now));
        return net::PeerCredentials{issuer.certificate, std::move(own.certificate),
                                    std::move(own.key)};
    }
    auto own = CMQ_TRY(identity_in(files, file, folder_of(issuing) / "node_key.pem"));
    const auto validity = CMQ_TRY(net::validity(own.certificate));
    if (!is_good(validity, now))
        own.certificate = CMQ_TRY(issue_again(files, issuing, issuer, own.key, now));
    return net::PeerCredentials{issuer.certificate, std::move(own.certificate), std::move(own.key)};
}

}  // namespace cmq::node
