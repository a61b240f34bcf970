#include "auth/verify.h"

#include <doctest/doctest.h>

#include "tests/unit/auth/examples.h"

namespace cmq::auth {
namespace {

using namespace std::chrono_literals;

constexpr Stamp example_time = stamp_of(1'700'000'000'000);

Credentials credentials_with(Credential credential) {
    Credentials credentials;
    credentials.add(credential);
    return credentials;
}

Credential example_credential() {
    Credential credential;
    credential.id = example_id;
    credential.secret_key = example_key;
    credential.space = broker::Namespace{7};
    return credential;
}

/// A request that signs what it sends; a test then bends one side or the other.
struct Request {
    std::string method = "POST", host = example_host, path = "/v2/index.php";
    Parameters parameters = hello("HmacSHA1");
    std::string signature, id = example_id, token;

    Request& sign_as(Digest digest, const std::string& as_host, const std::string& as_path) {
        signature = sign(example_key, digest, text_to_sign(method, as_host, as_path, parameters));
        return *this;
    }
    Request& sign_it() { return sign_as(Digest::sha1, host, path); }
    Claim claim() const {
        return {method, host, path, &parameters, id, signature, token, 1'700'000'000};
    }
};

bool accepted(const Request& request) {
    return verify(request.claim(), credentials_with(example_credential()), example_time, 300s)
        .has_value();
}

Denial denial_of(const Request& request, const Credential& credential) {
    const auto caller = verify(request.claim(), credentials_with(credential), example_time, 300s);
    REQUIRE_FALSE(caller);
    return caller.error();
}

bool host_accepted(const std::string& received, const std::string& signed_as) {
    Request request;
    request.host = received;
    return accepted(request.sign_as(Digest::sha1, signed_as, request.path));
}

/// Whether `example` verifies under its own key with `signature`.
bool verifies(const Example& example, const std::string& signature) {
    auto credential = example_credential();
    credential.secret_key = example.secret_key;
    const Claim claim{example.method, example.host, example.path,  &example.parameters,
                      example_id,     signature,    std::string(), 1'700'000'000};
    return verify(claim, credentials_with(credential), example_time, 300s).has_value();
}

}  // namespace

TEST_SUITE("unit/auth") {
    SCENARIO("the worked examples are let in, into the namespace of their key") {
        for (const auto& example : examples()) {
            CAPTURE(example.what);
            CHECK(verifies(example, example.signature));
        }
        const auto caller = verify(Request().sign_it().claim(),
                                   credentials_with(example_credential()), example_time, 300s);
        REQUIRE(caller);
        CHECK(caller->space == broker::Namespace{7});
    }

    SCENARIO("one changed bit of a signature is refused, whichever it is") {
        for (const auto& example : examples())
            for (std::size_t at = 0; at < example.signature.size(); ++at)
                for (unsigned bit = 0; bit < 8; ++bit) {
                    auto changed = example.signature;
                    changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
                    CAPTURE(example.what);
                    CAPTURE(changed);
                    CHECK_FALSE(verifies(example, changed));
                }
    }

    SCENARIO("one changed bit of what was signed is refused, whichever it is") {
        const auto request = Request().sign_it();
        for (std::size_t at = 0; at < request.parameters.size(); ++at)
            for (std::size_t byte = 0; byte < request.parameters[at].second.size(); ++byte) {
                auto changed = request;
                changed.parameters[at].second[byte] ^= 1;
                CAPTURE(changed.parameters[at].second);
                CHECK_FALSE(accepted(changed));
            }
        for (const auto part : {&Request::method, &Request::host, &Request::path}) {
            auto changed = request;
            (changed.*part)[0] ^= 1;
            CHECK_FALSE(accepted(changed));
        }
        auto more = request;
        more.parameters.emplace_back("extra", "1");
        CHECK_FALSE(accepted(more));
    }

    SCENARIO("either digest is taken, whichever the request names") {
        Request named_sha1, named_sha256;
        named_sha256.parameters = hello("HmacSHA256");
        CHECK(accepted(named_sha1.sign_as(Digest::sha256, example_host, named_sha1.path)));
        CHECK(accepted(named_sha256.sign_as(Digest::sha1, example_host, named_sha256.path)));
    }

    SCENARIO("a key can be closed to SHA-1") {
        auto strict = example_credential();
        strict.allow_sha1 = false;
        Request request;
        CHECK(denial_of(request.sign_it(), strict) == Denial::failed);
        request.sign_as(Digest::sha256, request.host, request.path);
        CHECK(verify(request.claim(), credentials_with(strict), example_time, 300s));
    }

    SCENARIO("values that begin with '@' may be left out of what a POST signs") {
        Request request;
        request.parameters = at_home();
        request.signature = "EAdgYzwfj+OIzuDprEa05+nbiPo=";
        CHECK(accepted(request));
        request.signature = "JDQbh5AnJMrqgu10XGhmZBO/uQM=";
        CHECK(accepted(request));

        GIVEN("a GET") {
            request.method = "GET";
            const auto text = "GET" + request.host + request.path +
                              query_to_sign(request.parameters, AtValues::left_out);
            request.signature = sign(example_key, Digest::sha1, text);
            THEN("they may not: no SDK does that") { CHECK_FALSE(accepted(request)); }
        }
        GIVEN("two such values, of which one was left out") {
            request.parameters.emplace_back("other", "@value");
            request.signature = "JDQbh5AnJMrqgu10XGhmZBO/uQM=";
            THEN("the text is neither of the two") { CHECK_FALSE(accepted(request)); }
        }
    }

    SCENARIO("a default port may be in the header or in the signature only") {
        CHECK(host_accepted("broker", "broker"));
        CHECK(host_accepted("broker", "broker:80"));
        CHECK(host_accepted("broker", "broker:443"));
        CHECK(host_accepted("broker:80", "broker"));
        CHECK(host_accepted("broker:443", "broker"));
        CHECK(host_accepted("[::1]", "[::1]:80"));
        CHECK(host_accepted("[::1]:443", "[::1]"));
        CHECK_FALSE(host_accepted("broker:8080", "broker"));
        CHECK_FALSE(host_accepted("broker", "broker:8080"));
        CHECK_FALSE(host_accepted("broker:80", "broker:443"));
    }

    SCENARIO("the path that PHP doubles is taken as the single one") {
        Request request;
        request.method = "GET";
        request.path = "/v2/index.php/v2/index.php";
        CHECK(accepted(request.sign_as(Digest::sha1, request.host, "/v2/index.php")));
        CHECK(accepted(request.sign_as(Digest::sha1, request.host, request.path)));
        request.path = "/v2/index.php/v3/index.php";
        CHECK_FALSE(accepted(request.sign_as(Digest::sha1, request.host, "/v2/index.php")));
    }

    SCENARIO("a signature may end with a newline, and must not be cut") {
        auto request = Request().sign_it();
        const auto good = request.signature;
        for (const auto* tail : {"\n", "\r\n", "\n\n"}) {
            request.signature = good + tail;
            CHECK(accepted(request));
        }
        for (const auto& bad : {good.substr(0, good.size() - 1), good + "=", " " + good,
                                std::string("\n"), std::string()}) {
            request.signature = bad;
            CAPTURE(bad);
            CHECK_FALSE(accepted(request));
        }
    }

    SCENARIO("an id that nobody has is told so, by its form") {
        auto request = Request().sign_it();
        request.id = "AKIDsomebodyelse";
        CHECK(denial_of(request, example_credential()) == Denial::unknown_id);
        request.id = "somebodyelse";
        CHECK(denial_of(request, example_credential()) == Denial::malformed_id);
        auto named_freely = example_credential();
        named_freely.id = "dev";
        request.id = "dev";
        CHECK(verify(request.claim(), credentials_with(named_freely), example_time, 300s));
    }

    SCENARIO("nobody gets in under the key that stands in for unknown ids") {
        Request request;
        request.id.clear();
        const std::string stand_in(32, '-');
        request.signature =
            sign(stand_in, Digest::sha1,
                 text_to_sign(request.method, request.host, request.path, request.parameters));
        CHECK(denial_of(request, example_credential()) == Denial::malformed_id);
    }

    SCENARIO("only who has its key learns that an id is disabled") {
        auto disabled = example_credential();
        disabled.enabled = false;
        auto request = Request().sign_it();
        CHECK(denial_of(request, disabled) == Denial::disabled);
        request.signature[0] ^= 1;
        CHECK(denial_of(request, disabled) == Denial::failed);
    }

    SCENARIO("a key with a token asks for it; others ignore one") {
        auto with_token = example_credential();
        with_token.token = "session";
        auto request = Request().sign_it();
        CHECK(denial_of(request, with_token) == Denial::failed);
        request.token = "sessioN";
        CHECK(denial_of(request, with_token) == Denial::failed);
        CHECK(accepted(request));
        request.token = "session";
        CHECK(verify(request.claim(), credentials_with(with_token), example_time, 300s));
    }

    SCENARIO("a timestamp may be 300 s off, to either side, and not 301") {
        const auto request = Request().sign_it();
        const auto credentials = credentials_with(example_credential());
        for (const auto& [off, good] :
             {std::pair{300s, true}, {301s, false}, {-300s, true}, {-301s, false}, {0s, true}}) {
            CAPTURE(off.count());
            const auto caller = verify(request.claim(), credentials, example_time + off, 300s);
            CHECK(caller.has_value() == good);
            if (!caller) CHECK(caller.error() == Denial::stale);
        }
        auto claim = request.claim();
        claim.timestamp = INT64_MAX;
        CHECK_FALSE(verify(claim, credentials, example_time, 300s));
        CHECK(verify(claim, credentials, example_time, 0s));
    }

    SCENARIO("a credential added again replaces the one before") {
        auto credentials = credentials_with(example_credential());
        auto rotated = example_credential();
        rotated.secret_key = "another";
        credentials.add(rotated);
        CHECK_FALSE(verify(Request().sign_it().claim(), credentials, example_time, 300s));
    }
}

}  // namespace cmq::auth
