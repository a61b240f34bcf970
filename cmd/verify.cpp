// `cmq verify` checks a data directory offline, and changes no file.
#include <nlohmann/json.hpp>

#include "cmd/commands.h"
#include "node/offline.h"

namespace cmq::cmd {
namespace {

struct Verify final : Command {
    Verify() : Command("verify", "Check a data directory offline; changes no file") {}
    std::filesystem::path data;

    void describe(Arguments& arguments) override {
        arguments.about(
            "Reads every checksum, chain and invariant of the log and of the state. Exit status "
            "0: sound; 1: damaged, with file and position of each finding.");
        arguments.required("dir", data, "data directory of a broker that is not running")
            .offers(Offer::directory);
        arguments.output({Format::plain, Format::json});
        arguments.example("cmq verify ~/.local/state/cmq/dev", "is everything as it was written?");
    }

    Status run(Context& context) override {
        const auto files = store::system_files();
        const auto report = CMQ_TRY(node::verify(*files, data));
        if (CMQ_TRY(context.format()) == Format::json) {
            print_json(context, report);
        } else {
            print(context, report);
        }
        CMQ_TRY(context.flush());
        if (report.sound()) return {};
        return fail(Code::corrupt,
                    data.string() + " is damaged. What can be done: cmq repair " + data.string());
    }

    static void print(Context& context, const node::VerifyReport& report) {
        for (const auto& finding : report.log.findings)
            context.out << (finding.severity == log::Severity::damage ? "damage: " : "note: ")
                        << finding.file.string() << " at byte " << finding.position << ": "
                        << finding.what << '\n';
        for (const auto& damage : report.state_damage) context.out << "damage: " << damage << '\n';
        context.out << report.log.segments << " segments, " << report.log.body_files
                    << " body files, " << report.log.entries << " entries, " << report.log.bytes
                    << " bytes, " << report.state_rows
                    << " state rows: " << (report.sound() ? "sound" : "damaged") << '\n';
    }

    static void print_json(Context& context, const node::VerifyReport& report) {
        nlohmann::ordered_json json;
        json["version"] = 1;
        json["sound"] = report.sound();
        json["segments"] = report.log.segments;
        json["body_files"] = report.log.body_files;
        json["entries"] = report.log.entries;
        json["bytes"] = report.log.bytes;
        json["state_rows"] = report.state_rows;
        json["findings"] = nlohmann::ordered_json::array();
        for (const auto& finding : report.log.findings)
            json["findings"].push_back(
                {{"severity", finding.severity == log::Severity::damage ? "damage" : "note"},
                 {"file", finding.file.string()},
                 {"position", finding.position},
                 {"what", finding.what}});
        for (const auto& damage : report.state_damage)
            json["findings"].push_back({{"severity", "damage"}, {"what", damage}});
        context.out << json.dump() << '\n';
    }
};

}  // namespace

MadeCommand make_verify() { return std::make_unique<Verify>(); }

}  // namespace cmq::cmd
