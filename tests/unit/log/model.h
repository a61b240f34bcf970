// tests/unit/log/model.h: a log, a list of what it acknowledged, and the comparison of both.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "log/archive.h"
#include "log/log.h"
#include "tests/support/disk.h"

namespace cmq::log::test {

inline const raft::Group one{1};
inline const raft::Group two{2};

/// What the rules of log/commit.h make of the commits so far.
struct Model {
    struct Group {
        raft::HardState hard;
        raft::Base base;
        std::map<std::uint64_t, raft::Entry> entries;  // of the log and, below base, what was
        raft::Index last;
        raft::Index durable_applied;
    };
    std::map<raft::Group, Group> groups;

    void apply(const Commit& commit);
    std::uint64_t chain_at(raft::Group group, raft::Index index) const;
    raft::Term term_at(raft::Group group, raft::Index index) const;
};

/// Which entries the state still needs when everything up to `applied` is in its checkpoint. Once
/// dead, always dead.
bool is_live(raft::Index index, raft::Index applied);

Options small_segments(Planted planted = Planted::none);

raft::Entry entry_after(const Model& model, raft::Group group, raft::Index index, raft::Term term,
                        std::string payload);
/// One entry behind the last, in its term (at least 1).
Commit next(const Model& model, raft::Group group, std::string payload);

/// Log and archive over a disk, as a node has them.
struct Node {
    Node(store::Files& files_, Options options_) : files(files_), options(std::move(options_)) {}

    Status open();
    void close();
    Result<Journal> append(const Commit& commit);  // the model learns of it
    Status tidy(raft::Group group, raft::Index durable_applied);
    Result<raft::Entry> read(raft::Group group, raft::Index index);  // wherever it is

    store::Files& files;
    Options options;
    std::unique_ptr<Archive> archive;
    std::unique_ptr<Log> log;
    Model model;                     // what was acknowledged
    std::optional<Commit> in_doubt;  // what was not answered yet
};

/// Opens the log on `files` and compares, with and without the commit in doubt.
/// errors  corrupt: damage that the log reported; internal: a wrong answer, silent loss, all else.
Status compare(store::Files& files, const Options& options, const Model& model,
               const std::optional<Commit>& in_doubt = {});
std::string text_of(const Status& status);  // "" when all is well

/// Random work of a node: appends of all kinds, new terms that replace entries, hard states, bases,
/// tidying. Same seed, same work.
class Script {
public:
    explicit Script(std::uint64_t seed) : chance_(seed) {}
    Status step(Node& node);

private:
    bool one_in(unsigned count) { return chance_() % count == 0; }
    std::string payload();
    Commit commit(const Model& model);
    Commit new_term(const Model& model);

    std::mt19937_64 chance_;
};

}  // namespace cmq::log::test
