// node/node_certificate.h: by what the other nodes know this one, and the CA that vouches for it.
//
//     founder   the CA is in the operator's files; a certificate is issued at each start
//     joined    CA, certificate and key came with the join (node/joined.h); the certificate is
//               issued again before it ends, by this node itself (D13)
#pragma once

#include <filesystem>

#include "base/result.h"
#include "net/peer_tls.h"
#include "net/tls.h"
#include "store/files.h"

namespace cmq::node {

struct Issuing {
    net::PeerName name;                          // this node's
    std::filesystem::path data;                  // its directory
    std::filesystem::path ca_file, ca_key_file;  // the operator's; of a founder only
};

/// The cluster's CA. errors  invalid: a founder has not told its files; corrupt, io.
Result<net::Identity> authority(store::Files& files, const Issuing& issuing);

/// A certificate that is good for at least `renew_before` (node/setup.h) from `now` on. One that is
/// not is replaced on disk: for the same key, so that one rename is all that changes.
/// errors  as `authority`; invalid: what is on disk is no certificate, or no key.
Result<net::PeerCredentials> peer_credentials(store::Files& files, const Issuing& issuing,
                                              Stamp now);

}  // namespace cmq::node
