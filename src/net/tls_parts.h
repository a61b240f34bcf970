// net/tls_parts.h: inside of Tls, for the files of this room that use Asio.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include "net/tls.h"

namespace cmq::net {

struct Tls::Parts {
    boost::asio::ssl::context context{boost::asio::ssl::context::tls_server};
    Stamp expires{};
};

}  // namespace cmq::net
