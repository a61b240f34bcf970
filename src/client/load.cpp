#include "client/load.h"

#include <memory>
#include <vector>

#include "base/clock.h"
#include "broker/limits.h"
#include "client/load_body.h"
#include "client/load_costs.h"
#include "client/load_course.h"
#include "client/load_receiver.h"
#include "client/load_sender.h"
#include "net/loops.h"

namespace cmq::client {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t parties_max = 1024;
constexpr unsigned drainers = 4;  // receivers of a run that had none, once sending is over
constexpr auto lease_of_new_queue = 30s, lease_of_verified_queue = 5s;
constexpr std::int64_t lease_max_verified = 60;  // s: the end of a run waits for a lease to lapse
constexpr std::int64_t message_bytes_of_new_queue = 65'536;

Status check_between(std::string_view name, std::uint64_t value, std::uint64_t low,
                     std::uint64_t high) {
    if (value >= low && value <= high) return {};
    return fail(Code::invalid, std::string(name) + " is " + std::to_string(value) + ", must be " +
                                   std::to_string(low) + " to " + std::to_string(high));
}

Status check_options(const LoadOptions& options) {
    CMQ_TRY(check_between("senders", options.senders, 0, parties_max));
    CMQ_TRY(check_between("receivers", options.receivers, 0, parties_max));
    CMQ_TRY(check_between("window", options.window, 1, parties_max));
    CMQ_TRY(check_between("batch", options.batch, 1, load_batch_max));
    CMQ_TRY(check_between("loops", options.loops, 1, 64));
    CMQ_TRY(check_between("size", options.body_bytes, load_body_bytes_min,
                          static_cast<std::uint64_t>(broker::batch_bytes_max) / options.batch));
    if (options.senders == 0 && options.receivers == 0)
        return fail(Code::invalid, "without senders and receivers there is nothing to do");
    if (options.senders == 0 && options.verify == Verify::yes)
        return fail(Code::invalid, "verify needs senders: it judges what it sent itself");
    if (options.count && *options.count == 0) return fail(Code::invalid, "count must not be 0");
    return {};
}

/// The queue of a run; deleted at the end when the run made it.
class LoadQueue {
public:
    static Result<LoadQueue> open(const LoadOptions& options) {
        auto client = CMQ_TRY(Client::open(options.broker));
        auto found = client.queue(options.queue);
        if (found) {
            CMQ_TRY(check_found(options, *found));
            return LoadQueue(std::move(client), std::chrono::seconds{found->visibility_timeout});
        }
        if (found.error().code != Code::not_found) return tl::unexpected(found.error());
        const auto lease =
            options.verify == Verify::yes ? lease_of_verified_queue : lease_of_new_queue;
        broker::AttributeChanges attributes;
        attributes.visibility_timeout = lease.count();
        attributes.max_message_bytes =
            std::max(message_bytes_of_new_queue, static_cast<std::int64_t>(options.body_bytes));
        CMQ_TRY(client.create_queue(options.queue, attributes));
        LoadQueue made(std::move(client), lease);
        made.created_ = options.queue;
        return made;
    }

    std::chrono::seconds lease() const { return lease_; }
    Status close() { return created_.empty() ? Status{} : client_.delete_queue(created_); }

private:
    LoadQueue(Client client, std::chrono::seconds lease)
        : client_(std::move(client)), lease_(lease) {}

    static Status check_found(const LoadOptions& options, const QueueDetails& found) {
        if (static_cast<std::uint64_t>(found.max_message_bytes) < options.body_bytes)
            return fail(Code::invalid, "size is " + std::to_string(options.body_bytes) +
                                           ", the queue takes up to " +
                                           std::to_string(found.max_message_bytes) + " bytes");
        if (options.verify == Verify::no) return {};
        if (found.visibility_timeout > lease_max_verified)
            return fail(Code::invalid,
                        "verify waits for leases to lapse: the queue's visibility timeout is " +
                            std::to_string(found.visibility_timeout) + " s, must be up to " +
                            std::to_string(lease_max_verified) + " s");
        if (found.active + found.inactive + found.delayed > 0)
            return fail(Code::invalid, "verify needs an empty queue; \"" + options.queue +
                                           "\" holds messages. Another name makes a new one");
        return {};
    }

    Client client_;
    std::chrono::seconds lease_;
    std::string created_;
};

/// Everything that makes load, and the threads it runs on: each party stays on one of them.
class LoadMachine {
public:
    static Result<std::unique_ptr<LoadMachine>> open(const LoadOptions& options,
                                                     std::chrono::seconds lease) {
        auto endpoints = CMQ_TRY(parse_endpoints(options.broker.endpoints));
        std::unique_ptr<LoadMachine> machine(new LoadMachine(options, endpoints, lease));
        CMQ_TRY(machine->add_senders());
        CMQ_TRY(machine->add_receivers(options.receivers));
        return machine;
    }
    LoadMachine(const LoadMachine&) = delete;
    ~LoadMachine() {
        for (auto& lane : lanes_) lane->stop();
    }

    Status run(const LoadWatcher& watcher);
    LoadReport report();

private:
    LoadMachine(const LoadOptions& options, const std::vector<Endpoint>& endpoints,
                std::chrono::seconds lease)
        : options_(options),
          doors_(doors_of(options, endpoints)),
          course_(options, static_cast<std::uint32_t>(random_number()), lease) {
        for (unsigned lane = 0; lane < options.loops; ++lane)
            lanes_.push_back(std::make_unique<net::Loops>(1));
    }

    LoadShape shape() const { return {options_.window, options_.batch, options_.body_bytes}; }
    static std::vector<LoadDoor> doors_of(const LoadOptions& options,
                                          const std::vector<Endpoint>& endpoints) {
        std::vector<LoadDoor> doors;
        for (const auto& at : endpoints)
            doors.push_back({{at.secure ? net::Scheme::https : net::Scheme::http, at.host, at.port},
                             LoadRequests(options.broker.signer, at, options.queue)});
        return doors;
    }
    /// Parties are spread over the endpoints.
    Result<LoadLine> connect(std::size_t party) {
        net::HttpClient::Options options;
        options.ca_file = options_.broker.ca_file;
        options.window = options_.window;
        return LoadLine::open(*lanes_[party % lanes_.size()], doors_, party, options);
    }
    Status add_senders() {
        for (std::uint16_t number = 0; number < options_.senders; ++number) {
            auto line = CMQ_TRY(connect(number));
            senders_.push_back(
                std::make_unique<LoadSender>(number, shape(), course_, std::move(line)));
        }
        return {};
    }
    Status add_receivers(std::size_t count) {
        for (std::size_t number = 0; number < count; ++number) {
            auto polls = CMQ_TRY(connect(number));
            auto deletes = CMQ_TRY(connect(number));
            receivers_.push_back(std::make_unique<LoadReceiver>(
                number + 1, shape(), course_, std::move(polls), std::move(deletes)));
        }
        return {};
    }

    const LoadOptions options_;
    const std::vector<LoadDoor> doors_;
    LoadCourse course_;
    std::vector<std::unique_ptr<net::Loops>> lanes_;
    std::vector<std::unique_ptr<LoadSender>> senders_;
    std::vector<std::unique_ptr<LoadReceiver>> receivers_;
};

Status LoadMachine::run(const LoadWatcher& watcher) {
    const auto tell = [&] {
        if (watcher && watcher(course_.progress()) == LoadWish::end) course_.end();
    };
    course_.begin();
    for (auto& sender : senders_) sender->start();
    for (auto& receiver : receivers_) receiver->start();
    course_.wait_for(LoadCourse::Party::sender, tell);
    if (!senders_.empty()) course_.sent_all();
    if (receivers_.empty() && options_.verify == Verify::yes) {
        CMQ_TRY(add_receivers(drainers));
        for (auto& receiver : receivers_) receiver->start();
    }
    course_.drain();
    course_.wait_for(LoadCourse::Party::receiver, tell);
    return course_.failure();
}

LoadReport LoadMachine::report() {
    LoadReport report;
    for (const auto& sender : senders_) {
        report.sent += sender->counts().sent;
        report.refused += sender->counts().refused;
        report.unknown += sender->counts().unknown;
        report.send.merge(sender->counts().took);
    }
    for (const auto& receiver : receivers_) {
        report.received += receiver->counts().received;
        report.deleted += receiver->counts().deleted;
        report.failed += receiver->counts().failed;
        report.receive.merge(receiver->counts().receive);
        report.remove.merge(receiver->counts().remove);
        report.delivery.merge(receiver->counts().delivery);
    }
    report.send_time = course_.send_time();
    report.lives_time = course_.last_deleted();
    report.longest_gap = course_.longest_gap();
    if (options_.verify == Verify::yes) report.verdict = course_.verdict();
    report.drained = course_.drained();
    return report;
}

/// The run itself, with the broker's figures before and after.
Result<LoadReport> measure(const LoadOptions& options, std::chrono::seconds lease,
                           const LoadWatcher& watcher) {
    auto pages = CMQ_TRY(FigurePages::open(options.broker));
    const auto before = pages.ask();
    auto machine = CMQ_TRY(LoadMachine::open(options, lease));
    const auto cpu_before = own_cpu();
    CMQ_TRY(machine->run(watcher));
    const auto cpu = own_cpu() - cpu_before;
    auto report = machine->report();
    const auto messages = report.sent > 0 ? report.sent : report.deleted;
    report.costs = costs_between(before, pages.ask(), messages);
    if (messages > 0) report.own_cpu_us = cpu.count() * 1e6 / static_cast<double>(messages);
    return report;
}

}  // namespace

Result<LoadReport> run_load(const LoadOptions& given, const LoadWatcher& watcher) {
    CMQ_TRY(check_options(given));
    auto options = given;
    if (!options.duration && !options.count) options.duration = load_duration_default;
    auto queue = CMQ_TRY(LoadQueue::open(options));
    auto report = measure(options, queue.lease(), watcher);
    const auto closed = queue.close();
    if (report && !closed) return tl::unexpected(closed.error());
    return report;
}

}  // namespace cmq::client
