#include "tests/support/fake_broker.h"

#define CPPHTTPLIB_OPENSSL_SUPPORT
#include <httplib.h>

#include <mutex>
#include <set>
#include <thread>

namespace cmq::support {

struct FakeBroker::Parts {
    httplib::Server server;
    int port = 0;
    std::thread thread;
    mutable std::mutex mutex;
    std::map<std::string, Reply> replies;
    std::vector<Form> requests;
    std::set<int> client_ports;

    void answer(const httplib::Request& request, httplib::Response& response);
};

void FakeBroker::Parts::answer(const httplib::Request& request, httplib::Response& response) {
    Form form;
    for (const auto& [name, value] : request.params) form[name] = value;
    Reply reply;
    {
        const std::lock_guard lock(mutex);
        client_ports.insert(request.remote_port);
        requests.push_back(form);
        const auto found = replies.find(form["Action"]);
        if (found != replies.end()) reply = found->second;
    }
    response.set_content(
        reply ? reply(form)
              : R"({"code":4000,"message":"(10430)action name is not existed","requestId":"1"})",
        "application/json");
}

FakeBroker::FakeBroker() : parts_(std::make_unique<Parts>()) {
    parts_->server.set_tcp_nodelay(true);
    parts_->server.set_keep_alive_max_count(1000);
    parts_->server.Post(
        ".*", [this](const auto& request, auto& response) { parts_->answer(request, response); });
    parts_->port = parts_->server.bind_to_any_port("127.0.0.1");
    parts_->thread = std::thread([this] { parts_->server.listen_after_bind(); });
    // The port listens already; but a server that is not running yet cannot be stopped.
    while (!parts_->server.is_running()) std::this_thread::yield();
}

FakeBroker::~FakeBroker() {
    parts_->server.stop();
    parts_->thread.join();
}

void FakeBroker::on(const std::string& action, Reply reply) {
    const std::lock_guard lock(parts_->mutex);
    parts_->replies[action] = std::move(reply);
}

void FakeBroker::on_get(const std::string& path, int status, const std::string& body) {
    parts_->server.Get(path, [status, body](const auto&, auto& response) {
        response.status = status;
        response.set_content(body, "application/json");
    });
}

std::string FakeBroker::url() const { return "http://127.0.0.1:" + std::to_string(port()); }

std::uint16_t FakeBroker::port() const { return static_cast<std::uint16_t>(parts_->port); }

std::vector<FakeBroker::Form> FakeBroker::requests() const {
    const std::lock_guard lock(parts_->mutex);
    return parts_->requests;
}

std::size_t FakeBroker::connections() const {
    const std::lock_guard lock(parts_->mutex);
    return parts_->client_ports.size();
}

}  // namespace cmq::support
