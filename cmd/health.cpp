// `cmq health` says whether the broker can acknowledge a durable send.
#include "cmd/commands.h"
#include "cmd/interrupt.h"

namespace cmq::cmd {
namespace {

constexpr std::chrono::milliseconds between{50};
// One that takes longer to say that it is ready is not.
constexpr std::chrono::milliseconds answer_time{5'000};

struct Health final : Command {
    Health() : Command("health", "Whether the broker can acknowledge a durable send") {}
    std::chrono::milliseconds wait{0};

    void describe(Arguments& arguments) override {
        arguments.about("Needs no key. Exit status 0: it can; 9: it cannot, or is not there.");
        arguments.option("--wait", wait, "ask again until it can, or this time is up");
        arguments.connects();
        arguments.example("cmq health --wait 10s && cmq queue list",
                          "begin as soon as the broker is ready");
    }

    Status run(Context& context) override {
        const Interrupt interrupt([] {});
        const auto end = std::chrono::steady_clock::now() + wait;
        while (true) {
            const auto ready = ask(context);
            if (ready) return {};
            if (interrupt.happened() || interrupt.wait_for(between)) {
                context.interrupted = true;
                return {};
            }
            if (std::chrono::steady_clock::now() < end) continue;
            if (ready.error().code == Code::invalid) return ready;
            return fail(Code::unreachable, "not ready: " + ready.error().message);
        }
    }

private:
    /// Each time anew: a broker that is being started may not have said yet where it is.
    static Status ask(const Context& context) {
        auto options = CMQ_TRY(context.client_options());
        options.connect_time = options.answer_time = answer_time;
        auto client = CMQ_TRY(client::Client::open(std::move(options)));
        return client.ready();
    }
};

}  // namespace

MadeCommand make_health() { return std::make_unique<Health>(); }

}  // namespace cmq::cmd
