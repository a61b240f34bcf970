// support/broker.h: a real broker in a process of its own, in a directory of its own.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary.h"

namespace cmq::support {

class Broker {
public:
    /// Ready when it returns; its data there, or in its own directory.
    explicit Broker(std::filesystem::path data = {});
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;
    /// Stops what still runs: one that does not end well fails the test, or the whole run when
    /// several tests shared it.
    ~Broker();

    /// `cmq` with these words, as a client of this broker.
    Outcome cmq(std::vector<std::string> words, const std::string& input = {}) const;
    /// The same, still running.
    std::unique_ptr<Process> start_cmq(std::vector<std::string> words) const;
    ProcessOptions options() const;  // environment of its clients, in an empty directory

    void stop();     // SIGTERM, and waits; throws unless it ends well
    void kill();     // SIGKILL, and waits; throws when it had ended by itself
    void restart();  // on the same directory, after stop or kill

    pid_t id() const { return process_->id(); }
    const std::string& https() const { return https_; }
    const std::string& http() const { return http_; }
    const std::map<std::string, std::string>& environment() const { return environment_; }
    const std::filesystem::path& directory() const { return directory_.path(); }
    const std::filesystem::path& data() const { return data_; }

private:
    void start();
    void end_by(int signal, int status);
    void read_port_file(const std::filesystem::path& file);

    TemporaryDirectory directory_;
    std::filesystem::path data_;
    std::unique_ptr<Process> process_;
    std::map<std::string, std::string> environment_;
    std::string https_, http_;
};

}  // namespace cmq::support
