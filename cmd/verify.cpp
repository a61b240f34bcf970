// `cmq verify` checks a data directory offline, and changes no file.
#include <nlohmann/json.hpp>

#include "cmd/commands.h"
#include "cmd/json_form.h"
#include "cmd/print.h"
#include "node/offline.h"

namespace cmq::cmd {
namespace {

struct Verify final : Command {
    Verify() : Command("verify", "Check a data directory offline; changes no file") {}
    std::filesystem::path data;

    void describe(Arguments& arguments) override {
        arguments.about(
            "Reads every checksum, chain and invariant of the log and of the state, and whether "
            "the log "
            "has each body that the state points at. Exit status 0: sound; 1: damaged, with file "
            "and position of each finding; 7: written by a newer release, which must check it.");
        arguments.required("dir", data, "data directory of a broker that is not running")
            .offers(Offer::directory);
        arguments.output({Format::plain, Format::json}, keys_of(json_of({})));
        arguments.example("cmq verify ~/.local/state/cmq/dev", "is everything as it was written?");
    }

    Status run(Context& context) override {
        const auto form = CMQ_TRY(context.form());
        const auto files = store::system_files();
        const auto report = CMQ_TRY(node::verify(*files, data));
        if (form.format == Format::plain) {
            print_findings(context.out, report, form.color);
        } else {
            print(context.out, json_of(report), form);
        }
        CMQ_TRY(context.flush());
        if (report.sound()) return {};
        return fail(Code::corrupt,
                    data.string() + " is damaged. What can be done: cmq repair " + data.string());
    }

    static void print_findings(std::ostream& out, const node::VerifyReport& report, Color color) {
        const auto damage_mark = tinted(Tint::red, "damage:", color);
        for (const auto& finding : report.log.findings)
            out << (finding.severity == log::Severity::damage ? damage_mark : "note:") << ' '
                << finding.file.string() << " at byte " << finding.position << ": " << finding.what
                << '\n';
        for (const auto& damage : report.state_damage) out << damage_mark << ' ' << damage << '\n';
        out << counted(report.log.segments, "segment") << ", " << report.log.body_files
            << " body files, " << report.log.entries << " entries, " << report.log.bytes
            << " bytes, " << report.state.rows << " state rows with "
            << counted(report.state.messages, "message") << ": "
            << (report.sound() ? tinted(Tint::green, "sound", color)
                               : tinted(Tint::red, "damaged", color))
            << '\n';
    }

    static nlohmann::ordered_json json_of(const node::VerifyReport& report) {
        nlohmann::ordered_json json;
        json["version"] = output_version;
        json["sound"] = report.sound();
        json["segments"] = report.log.segments;
        json["body_files"] = report.log.body_files;
        json["entries"] = report.log.entries;
        json["bytes"] = report.log.bytes;
        json["state_rows"] = report.state.rows;
        json["state_messages"] = report.state.messages;
        json["findings"] = nlohmann::ordered_json::array();
        for (const auto& finding : report.log.findings)
            json["findings"].push_back(
                {{"severity", finding.severity == log::Severity::damage ? "damage" : "note"},
                 {"file", finding.file.string()},
                 {"position", finding.position},
                 {"what", finding.what}});
        for (const auto& damage : report.state_damage)
            json["findings"].push_back({{"severity", "damage"}, {"what", damage}});
        return json;
    }
};

}  // namespace

MadeCommand make_verify() { return std::make_unique<Verify>(); }

}  // namespace cmq::cmd
