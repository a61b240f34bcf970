// support/fake_broker.h: an HTTP server that answers actions as a test says; plain, on loopback.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cmq::support {

class FakeBroker {
public:
    using Form = std::map<std::string, std::string>;  // decoded parameters
    using Reply = std::function<std::string(const Form&)>;

    FakeBroker();
    ~FakeBroker();

    /// Answers `action` with a JSON text from now on; other actions get 4000 (10430).
    void on(const std::string& action, Reply reply);
    void on_get(const std::string& path, int status, const std::string& body = {});

    std::string url() const;
    std::uint16_t port() const;
    std::vector<Form> requests() const;  // so far, in order
    std::size_t connections() const;     // different client ports seen

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace cmq::support
