// `cmq health` says whether the broker can acknowledge a durable send.
#include "cmd/commands.h"
#include "cmd/interrupt.h"

namespace cmq::cmd {
namespace {

constexpr std::chrono::milliseconds between{50};

struct Health final : Command {
    Health() : Command("health", "Whether the broker can acknowledge a durable send") {}
    std::chrono::milliseconds wait{0};

    void describe(Arguments& arguments) override {
        arguments.about("Needs no key. Exit status 0: it can; 9: it cannot, or is not there.");
        arguments.option("--wait", wait, "ask again until it can, or this time is up");
        arguments.connects();
        arguments.example("cmq health --wait 10s && cmq queue create orders",
                          "begin as soon as the broker is ready");
    }

    Status run(Context& context) override {
        auto client = CMQ_TRY(context.connect());
        const Interrupt interrupt([&client] { client.cancel(); });
        const auto end = std::chrono::steady_clock::now() + wait;
        while (true) {
            const auto ready = client.ready();
            if (ready) return {};
            if (interrupt.happened() || interrupt.wait_for(between)) {
                context.interrupted = true;
                return {};
            }
            if (std::chrono::steady_clock::now() >= end)
                return fail(Code::unreachable, "not ready: " + ready.error().message);
        }
    }
};

}  // namespace

MadeCommand make_health() { return std::make_unique<Health>(); }

}  // namespace cmq::cmd
