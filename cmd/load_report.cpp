#include "cmd/load_report.h"

#include <iomanip>
#include <sstream>

namespace cmq::cmd {
namespace {

std::string fixed(double value, int digits) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(digits) << value;
    return text.str();
}

void print_sends(std::ostream& out, const client::LoadReport& report) {
    if (report.sent + report.refused + report.unknown == 0) return;
    out << "sends    " << report.sent << " in " << fixed(report.send_time.count(), 2) << " s, "
        << fixed(rate(report.sent, report.send_time), 0) << "/s, longest gap "
        << fixed(milliseconds_in(report.longest_gap), 1) << " ms";
    if (report.refused > 0) out << ", " << report.refused << " refused";
    if (report.unknown > 0) out << ", " << report.unknown << " without an answer";
    out << '\n';
}

void print_lives(std::ostream& out, const client::LoadReport& report) {
    if (report.received + report.failed == 0) return;
    out << "lives    " << report.deleted << " in " << fixed(report.lives_time.count(), 2) << " s, "
        << fixed(rate(report.deleted, report.lives_time), 0) << "/s";
    if (report.failed > 0) out << ", " << report.failed << " receives and deletes failed";
    out << '\n';
}

void print_latencies(std::ostream& out, const client::LoadReport& report) {
    out << '\n'
        << std::left << std::setw(11) << "latency ms" << std::right << std::setw(12) << "requests";
    for (const auto& [name, share] : percentiles) out << std::setw(10) << name;
    out << std::setw(10) << "max" << '\n';
    const auto row = [&](const char* name, const client::Latency& latency) {
        if (latency.count() == 0) return;
        out << std::left << std::setw(11) << name << std::right << std::setw(12) << latency.count();
        for (const auto& [label, share] : percentiles)
            out << std::setw(10) << fixed(milliseconds_in(latency.percentile(share)), 2);
        out << std::setw(10) << fixed(milliseconds_in(latency.max()), 2) << '\n';
    };
    row("send", report.send);
    row("receive", report.receive);
    row("delete", report.remove);
    row("delivery", report.delivery);
}

void print_costs(std::ostream& out, const client::LoadReport& report) {
    out << "\neach message";
    if (report.costs.fsyncs) out << "   " << fixed(*report.costs.fsyncs, 4) << " fsyncs";
    if (report.costs.bytes_written)
        out << "   " << fixed(*report.costs.bytes_written, 0) << " bytes written";
    if (report.costs.broker_cpu_us)
        out << "   " << fixed(*report.costs.broker_cpu_us, 1) << " us of the broker's CPU";
    out << "   " << fixed(report.own_cpu_us, 1) << " us of ours\n";
}

void print_verdict(std::ostream& out, const client::LoadReport& report, Color color) {
    const auto& verdict = *report.verdict;
    out << "\nverified: "
        << (verdict.good() && report.drained ? tinted(Tint::green, "nothing is wrong", color)
                                             : tinted(Tint::red, "SOMETHING IS WRONG", color))
        << '\n'
        << "  " << verdict.acknowledged << " acknowledged, " << verdict.received << " received, "
        << verdict.deleted << " deleted\n"
        << "  " << verdict.unknown << " sends without an answer, " << verdict.unknown_appeared
        << " of them appeared\n"
        << "  " << verdict.duplicates << " duplicates: " << verdict.explained.lapsed_lease
        << " lapsed leases, " << verdict.explained.lost_answer << " lost answers, "
        << verdict.duplicates_unexplained() << " unexplained\n";
    if (!report.drained)
        out << "  the queue did not become empty: what came had come before, again and again\n";
    for (std::size_t each = 0; each < check::violations; ++each)
        if (verdict.counts[each] > 0)
            out << "  " << verdict.counts[each] << ' '
                << name_of(static_cast<check::Violation>(each)) << '\n';
    for (const auto& example : verdict.examples) out << "    " << example << '\n';
}

}  // namespace

void print_load_text(std::ostream& out, const client::LoadReport& report, Color color) {
    print_sends(out, report);
    print_lives(out, report);
    print_latencies(out, report);
    print_costs(out, report);
    if (report.verdict) print_verdict(out, report, color);
}

}  // namespace cmq::cmd
