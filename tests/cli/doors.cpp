// What strangers at the doors can and cannot do to a broker: they have no key.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "base/clock.h"
#include "base/text.h"
#include "client/request.h"
#include "tests/support/broker.h"
#include "tests/support/readiness.h"
#include "tests/unit/net/raw_client.h"

using namespace cmq::support;
using cmq::net::RawClient;

namespace {

std::uint16_t port_of(const std::string& url) {
    return static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
}

const Broker& broker() {
    static const Broker one;
    return one;
}

RawClient client() { return RawClient(port_of(broker().http())); }

// Under a sanitizer, whose allocator is no measure.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool keeps_what_is_freed = true;
#else
constexpr bool keeps_what_is_freed = false;
#endif

std::uint64_t peak_kib(pid_t process) {
    const auto status = read_file("/proc/" + std::to_string(process) + "/status");
    const auto at = status.find("VmHWM:");
    REQUIRE(at != std::string::npos);
    return std::stoull(status.substr(at + 6));
}

/// The answer to an action without a signature.
cmq::net::RawAnswer ask(const std::string& form) {
    auto asking = client();
    asking.write(cmq::net::post("/v2/index.php", form));
    return asking.read_answer();
}

std::string kept_page() {
    auto asking = client();
    asking.write(cmq::net::get("/metrics"));
    return asking.read_answer().body;
}

/// Made after the call: a page that was kept shows fewer bytes received.
std::string fresh_page() {
    const auto kept = kept_page();
    for (;;)
        if (auto page = kept_page(); page != kept) return page;
}

/// Of a metric with these labels; -1: there is none.
double figure(const std::string& page, const std::string& name) {
    const auto at = page.find('\n' + name + ' ');
    return at == std::string::npos ? -1 : std::stod(page.substr(at + name.size() + 2));
}

/// The answer to an action that is signed well.
cmq::net::RawAnswer ask_signed(RawClient asking, std::string_view action,
                               cmq::auth::Parameters parameters = {}) {
    const auto& known = broker().environment();
    const auto key = read_file(known.at("CMQ_SECRET_KEY_FILE"));
    const cmq::client::Signer signer{known.at("CMQ_SECRET_ID"), key.substr(0, key.find('\n'))};
    asking.write(
        cmq::net::post("/v2/index.php",
                       cmq::client::signed_form(action, std::move(parameters), signer, "a",
                                                "/v2/index.php", {cmq::SystemClock().wall(), 1})));
    return asking.read_answer();
}

/// While it lives, the broker can open no more files.
class NoMoreFiles {
public:
    NoMoreFiles() {
        REQUIRE(prlimit(broker().id(), RLIMIT_NOFILE, nullptr, &before_) == 0);
        const rlimit none{3, before_.rlim_max};
        REQUIRE(prlimit(broker().id(), RLIMIT_NOFILE, &none, nullptr) == 0);
    }
    NoMoreFiles(const NoMoreFiles&) = delete;
    ~NoMoreFiles() { prlimit(broker().id(), RLIMIT_NOFILE, &before_, nullptr); }

private:
    rlimit before_{};
};

/// A broker that may have few files open.
class PoorBroker {
public:
    explicit PoorBroker(int files) {
        Readiness ready;
        const auto data = (home_.path() / "data").string();
        const auto ports = home_.path() / "ports.json";
        ProcessOptions options{.environment = {{"HOME", home_.path()}}};
        options.inherited = ready.descriptor();
        options.error_file = home_.path() / "log";
        process_ = std::make_unique<Process>(
            std::vector<std::string>{
                "/bin/sh", "-c", "ulimit -n " + std::to_string(files) + "; exec \"$0\" \"$@\"",
                cmq_binary(), "serve", "--dev", "--data", data, "--port", "0", "--port-file",
                ports.string(), "--ready-fd", std::to_string(ready.descriptor())},
            options);
        REQUIRE_MESSAGE(ready.wait(), log());
        const auto said = nlohmann::json::parse(read_file(ports));
        http_ = said.at("http").get<std::uint16_t>();
        clients_.environment = {{"HOME", home_.path()},
                                {"CMQ_ENDPOINT", said.at("endpoint").get<std::string>()},
                                {"CMQ_CA_FILE", said.at("ca_file").get<std::string>()},
                                {"CMQ_SECRET_ID", said.at("secret_id").get<std::string>()},
                                {"CMQ_SECRET_KEY_FILE", said.at("secret_key_file")}};
    }
    Outcome cmq(std::vector<std::string> words) const {
        words.insert(words.begin(), cmq_binary());
        return run(words, clients_);
    }
    std::string log() const { return read_file(home_.path() / "log"); }
    RawClient knock() const { return RawClient(http_); }

private:
    TemporaryDirectory home_;
    ProcessOptions clients_;
    std::uint16_t http_ = 0;
    std::unique_ptr<Process> process_;
};

}  // namespace

TEST_SUITE("cli") {
    SCENARIO("clients that use up all places leave the broker the files that it needs") {
        const PoorBroker poor(200);
        CHECK(poor.log().find("connections_capped each_door=50 ") != std::string::npos);
        CHECK(poor.log().find("LimitNOFILE") != std::string::npos);
        std::vector<RawClient> crowd;
        for (int number = 0; number < 220; ++number) crowd.push_back(poor.knock());
        std::size_t inside = 0;
        for (auto& each : crowd) {
            each.write(cmq::net::get("/healthz"));
            if (each.read_answer().status == 200) ++inside;
        }
        CHECK(inside > 0);
        CHECK(inside < 50);  // of one address
        CHECK(poor.cmq({"queue", "create", "orders"}).status == 0);
        CHECK(poor.cmq({"send", "orders", "there"}).status == 0);
        CHECK(poor.cmq({"receive", "orders"}).out == "there\n");
        // Meanwhile the broker looks at its disk.
        CHECK(poor.cmq({"receive", "orders", "--wait", "3s"}).status == 4);
        CHECK_MESSAGE(poor.log().find("disk_failed") == std::string::npos, poor.log());
    }

    SCENARIO("a broker that can open no more files waits until it can") {
        REQUIRE(broker().cmq({"queue", "create", "waits"}).status == 0);
        auto inside = client();
        inside.write(cmq::net::get("/healthz"));
        REQUIRE(inside.read_answer().status == 200);
        {
            const NoMoreFiles shortage;
            // Meanwhile the broker looks at its disk.
            const auto empty = ask_signed(std::move(inside), "ReceiveMessage",
                                          {{"queueName", "waits"}, {"pollingWaitSeconds", "3"}});
            CHECK_MESSAGE(empty.body.find("no message") != std::string::npos, empty.body);
        }
        CHECK(broker().cmq({"send", "waits", "there"}).status == 0);
        CHECK(broker().cmq({"receive", "waits"}).out == "there\n");
    }

    SCENARIO("a client that does not read its answers costs little, and gets all in the end") {
        const auto before = peak_kib(broker().id());
        constexpr int asked = 128;
        std::string requests;
        for (int number = 0; number < asked; ++number) requests += cmq::net::get("/metrics");
        std::vector<RawClient> lazy;
        for (int number = 0; number < 40; ++number) {
            lazy.push_back(client());
            lazy.back().write(requests);
            CHECK(lazy.back().read_answer().status == 200);
        }
        const auto cost = peak_kib(broker().id()) - before;
        if (!keeps_what_is_freed)
            CHECK_MESSAGE(cost < (64 << 10), cost, " KiB");  // 64 answers each were over 100 MiB
        for (int number = 1; number < asked; ++number)
            REQUIRE(lazy.front().read_answer().status == 200);
    }

    SCENARIO("what a stranger sends comes back cut") {
        const auto unknown = ask("Action=" + std::string(1 << 20, 'x'));
        CHECK(unknown.body.find("action name xxx") != std::string::npos);
        CHECK(unknown.body.find("xxx... is not existed") != std::string::npos);
        CHECK(unknown.body.size() < 500);
        // Its last character is two bytes, of which one would fit.
        const auto cut = ask("Action=" + std::string(255, 'x') + "%C3%A4%C3%A4");
        CHECK(cut.body.find("xxx... is not existed") != std::string::npos);

        const auto long_id = ask("Action=no&clientRequestId=" + std::string(257, 'y'));
        CHECK(long_id.body.find("clientRequestId value or length is out of range: at most 256") !=
              std::string::npos);
        CHECK(long_id.body.size() < 500);
        const auto longest = ask("Action=no&clientRequestId=" + std::string(256, 'y'));
        CHECK(longest.body.find('"' + std::string(256, 'y') + '"') != std::string::npos);
    }

    SCENARIO("who refused a call is known: its action, or the door") {
        const std::string failed = R"(cmq_requests_total{action="ReceiveMessage",result="error"})";
        const std::string refused = "cmq_requests_refused_total";
        const auto before = fresh_page();
        CHECK(ask_signed(client(), "ReceiveMessage")
                  .body.find("lacked of required parameter queueName") != std::string::npos);
        CHECK(ask("Action=ReceiveMessage").body.find("lacked of required parameter") !=
              std::string::npos);
        const auto after = fresh_page();
        CHECK(figure(after, failed) == figure(before, failed) + 1);
        CHECK(figure(after, refused) == figure(before, refused) + 1);
    }
}
