#include "tests/support/broker.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/support/readiness.h"

namespace cmq::support {
Broker::Broker(std::filesystem::path data) : data_(std::move(data)) {
    if (data_.empty()) data_ = directory_.path() / "data";
    std::filesystem::create_directory(directory_.path() / "work");
    start();
}

Broker::~Broker() {
    if (process_->id() <= 0) return;
    try {
        stop();
    } catch (const std::exception& error) {
        if (doctest::is_running_in_test) {
            FAIL_CHECK(error.what());
        } else {
            std::cerr << error.what() << std::endl;
            std::_Exit(1);
        }
    }
}

void Broker::start() {
    Readiness ready;
    const auto port_file = directory_.path() / "ports.json";
    std::filesystem::remove(port_file);
    ProcessOptions options;
    options.environment["HOME"] = directory_.path() / "work";
    options.inherited = ready.descriptor();
    process_ = std::make_unique<Process>(
        std::vector<std::string>{cmq_binary(), "serve", "--dev", "--data", data_.string(), "--port",
                                 "0", "--port-file", port_file.string(), "--ready-fd",
                                 std::to_string(ready.descriptor())},
        options);
    if (!ready.wait())
        throw std::runtime_error("the broker did not come up: " + process_->finish().err);
    read_port_file(port_file);
}

void Broker::read_port_file(const std::filesystem::path& file) {
    const auto ports = nlohmann::json::parse(read_file(file));
    const auto port = [&](const char* name) { return std::to_string(ports.at(name).get<int>()); };
    https_ = "https://127.0.0.1:" + port("https");
    http_ = "http://127.0.0.1:" + port("http");
    environment_ = {{"HOME", directory_.path() / "work"},
                    {"CMQ_ENDPOINT", ports.at("endpoint").get<std::string>()},
                    {"CMQ_CA_FILE", ports.at("ca_file").get<std::string>()},
                    {"CMQ_SECRET_ID", ports.at("secret_id").get<std::string>()},
                    {"CMQ_SECRET_KEY_FILE", ports.at("secret_key_file").get<std::string>()}};
}

ProcessOptions Broker::options() const {
    ProcessOptions options;
    options.environment = environment_;
    options.directory = directory_.path() / "work";
    return options;
}

Outcome Broker::cmq(std::vector<std::string> words, const std::string& input) const {
    words.insert(words.begin(), cmq_binary());
    return run(words, options(), input);
}

std::unique_ptr<Process> Broker::start_cmq(std::vector<std::string> words) const {
    words.insert(words.begin(), cmq_binary());
    return std::make_unique<Process>(words, options());
}

void Broker::stop() { end_by(SIGTERM, 0); }
void Broker::kill() { end_by(SIGKILL, killed_status); }

/// One that ended by itself before, or not well, did so for a reason: a check, a sanitizer.
void Broker::end_by(int signal, int status) {
    process_->signal(signal);
    const auto outcome = process_->finish();
    if (outcome.status != status)
        throw std::runtime_error("the broker ended with status " + std::to_string(outcome.status) +
                                 ": " + outcome.err);
}

void Broker::restart() { start(); }

}  // namespace cmq::support
