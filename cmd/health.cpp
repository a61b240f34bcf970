// `cmq health` says whether the broker can acknowledge a durable send.
#include "cmd/commands.h"
#include "cmd/interrupt.h"
#include "cmd/print.h"

namespace cmq::cmd {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds between{50};
// One that takes longer to say that it is ready is not.
constexpr milliseconds answer_time{5'000};

const Column ready_column{"ready", "READY"};

struct Health final : Command {
    Health() : Command("health", "Whether the broker can acknowledge a durable send") {}
    milliseconds wait{0};

    void describe(Arguments& arguments) override {
        arguments.about("Needs no key. Exit status 0: it can; 9: it cannot, or is not there.");
        arguments.option("--wait", wait, "ask again until it can, or this time is up");
        arguments.output({Format::plain, Format::json}, {ready_column.key});
        arguments.connects();
        arguments.example("cmq health --wait 10s && cmq queue list",
                          "begin as soon as the broker is ready");
    }

    Status run(Context& context) override {
        const auto form = CMQ_TRY(context.form());
        const Interrupt interrupt([] {});
        const auto end = Clock::now() + wait;
        std::optional<Error> why_not;
        while (true) {
            const auto ready = ask(context, end);
            if (ready) {
                print(context.out, "ready", Record{{{ready_column, true}}}, form);
                return {};
            }
            // The last try may have had no time: what was said before that tells more.
            if (!why_not || ready.error().code != Code::timed_out) why_not = ready.error();
            if (interrupt.happened() || interrupt.wait_for(pause_before(end))) {
                context.interrupted = true;
                return {};
            }
            if (Clock::now() < end) continue;
            if (why_not->code == Code::invalid) return tl::unexpected(*why_not);
            return fail(Code::unreachable, "not ready: " + why_not->message);
        }
    }

private:
    using Clock = std::chrono::steady_clock;

    static milliseconds pause_before(Clock::time_point end) {
        return std::clamp(std::chrono::ceil<milliseconds>(end - Clock::now()), milliseconds{0},
                          between);
    }

    /// Each time anew: a broker that is being started may not have said yet where it is.
    Status ask(const Context& context, Clock::time_point end) const {
        auto options = CMQ_TRY(context.client_options());
        options.connect_time = options.answer_time = answer_time;
        if (wait.count() > 0) options.deadline = end;
        auto client = CMQ_TRY(client::Client::open(std::move(options)));
        return client.ready();
    }
};

}  // namespace

MadeCommand make_health() { return std::make_unique<Health>(); }

}  // namespace cmq::cmd
