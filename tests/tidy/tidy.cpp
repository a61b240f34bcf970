// The house rules as tests: which way rooms look, what may be called where, how large things are.
// Runs in the project's root.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Source {
    fs::path path;
    std::vector<std::string> lines;
    std::string room() const { return std::next(path.begin())->string(); }
};

std::vector<std::string> read_lines(const fs::path& path) {
    std::ifstream file(path);
    REQUIRE_MESSAGE(file.good(), path.string());
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

std::vector<Source> sources_under(std::initializer_list<const char*> folders) {
    std::vector<Source> sources;
    for (const auto* folder : folders)
        for (const auto& entry : fs::recursive_directory_iterator(folder)) {
            const auto extension = entry.path().extension();
            if (extension == ".cpp" || extension == ".h")
                sources.push_back({entry.path(), read_lines(entry.path())});
        }
    REQUIRE(!sources.empty());
    return sources;
}

std::map<std::string, std::set<std::string>> read_rooms() {
    std::map<std::string, std::set<std::string>> rooms;
    for (const auto& line : read_lines("tests/tidy/rooms.txt")) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream words(line);
        std::string room, word;
        words >> room;
        room.pop_back();
        rooms[room].insert(room);
        while (words >> word) rooms[room].insert(word);
    }
    return rooms;
}

std::string without_comment(const std::string& line) { return line.substr(0, line.find("//")); }

/// Every line of `sources` that `forbidden` matches, but in files for which `excused` is true.
template <class Excused>
void forbid(const std::vector<Source>& sources, const char* forbidden, Excused excused) {
    const std::regex pattern(forbidden);
    for (const auto& source : sources) {
        if (excused(source.path.string())) continue;
        for (std::size_t at = 0; at < source.lines.size(); ++at)
            CHECK_MESSAGE(!std::regex_search(without_comment(source.lines[at]), pattern),
                          source.path.string() << ':' << at + 1 << ": " << source.lines[at]);
    }
}

bool starts_with_any(const std::string& path, std::initializer_list<const char*> prefixes) {
    for (const auto* prefix : prefixes)
        if (path.rfind(prefix, 0) == 0) return true;
    return false;
}

}  // namespace

TEST_SUITE("tidy") {
    // g++ does not destroy what a list holds so far when a later element returns.
    TEST_CASE("CMQ_TRY never comes behind a comma") {
        const auto all = sources_under({"src", "cmd"});
        forbid(all, R"(, CMQ_TRY\()", [](const auto&) { return false; });
        const std::regex begins(R"(^ +CMQ_TRY\()");
        for (const auto& source : all)
            for (std::size_t at = 1; at < source.lines.size(); ++at)
                if (std::regex_search(source.lines[at], begins))
                    CHECK_MESSAGE(source.lines[at - 1].back() != ',', source.path.string()
                                                                          << ':' << at + 1);
    }

    TEST_CASE("rooms include only what rooms.txt allows") {
        const auto rooms = read_rooms();
        const std::regex include(R"re(^#include "([a-z_]+)/)re");
        for (const auto& source : sources_under({"src"})) {
            const auto room = rooms.find(source.room());
            REQUIRE_MESSAGE(room != rooms.end(), source.path.string());
            for (const auto& line : source.lines) {
                std::smatch match;
                if (!std::regex_search(line, match, include)) continue;
                CHECK_MESSAGE(room->second.contains(match[1]), source.path.string()
                                                                   << " includes " << match[1]);
            }
        }
    }

    TEST_CASE("heavy libraries stay behind one header of ours") {
        const auto all = sources_under({"src", "cmd"});
        forbid(all, "#include <(boost)/",
               [](const auto& path) { return starts_with_any(path, {"src/net/"}); });
        forbid(all, "#include <httplib",
               [](const auto& path) { return starts_with_any(path, {"src/client/"}); });
        forbid(all, "#include <CLI/",
               [](const auto& path) { return starts_with_any(path, {"cmd/cli"}); });
        forbid(all, "#include <yaml-cpp",
               [](const auto& path) { return starts_with_any(path, {"src/config/"}); });
        forbid(all, "#include <spdlog",
               [](const auto& path) { return starts_with_any(path, {"src/base/log.cpp"}); });
        forbid(all, "#include <sqlite3", [](const auto& path) {
            return starts_with_any(path, {"src/store/", "src/log/"});
        });
    }

    TEST_CASE("clocks and chance are asked in base only") {
        forbid(sources_under({"src"}), R"(_clock::now\(|\brand\(|random_device|\btime\(nullptr)",
               [](const auto& path) {
                   return starts_with_any(path, {"src/base/", "src/net/", "src/client/"});
               });
        forbid(
            sources_under({"src/raft", "src/broker", "src/check", "src/protocol", "src/auth"}),
            R"(\bClock\b|random_bytes|random_number|std::thread|std::mutex|fstream|log::(info|warn|error|debug))",
            [](const auto&) { return false; });
    }

    TEST_CASE("files are opened and sockets made only where they belong") {
        forbid(sources_under({"src"}),
               R"((^|[^\w>])::open\(|\bfopen\(|fstream|[^\w]::socket\(|\bfsync\(|\bfdatasync\()",
               [](const auto& path) {
                   return starts_with_any(path, {"src/store/", "src/net/", "src/config/"});
               });
    }

    TEST_CASE("files and functions are small") {
        for (const auto& source : sources_under({"src", "cmd"})) {
            CHECK_MESSAGE(source.lines.size() <= 400,
                          source.path.string() << " has " << source.lines.size() << " lines");
            std::size_t begin = 0;
            bool inside = false;
            for (std::size_t at = 0; at < source.lines.size(); ++at) {
                const auto& line = source.lines[at];
                const bool opens = !line.empty() && line[0] != ' ' && line[0] != '}' &&
                                   line.back() == '{' && line.find("namespace") == line.npos &&
                                   line.find('(') != line.npos;
                if (opens) begin = at, inside = true;
                if (!inside || line != "}") continue;
                inside = false;
                CHECK_MESSAGE(at - begin <= 60, source.path.string()
                                                    << ':' << begin + 1 << ": a function of "
                                                    << at - begin << " lines");
            }
        }
    }

    TEST_CASE("no unfinished work is left behind") {
        const std::regex unfinished(std::string("\\b(TO") + "DO|FIX" + "ME|XX" + "X|HA" + "CK)\\b");
        for (const auto& source : sources_under({"src", "cmd", "tests"}))
            for (const auto& line : source.lines)
                CHECK_MESSAGE(!std::regex_search(line, unfinished), source.path.string()
                                                                        << ": " << line);
    }

    TEST_CASE("only two macros, and no naked new or sleep") {
        const auto all = sources_under({"src", "cmd"});
        forbid(all, R"(^#define (?!CMQ_TRY|CMQ_CHECK|CPPHTTPLIB_|RAPIDJSON_|BOOST_))",
               [](const auto&) { return false; });
        forbid(all, R"(\bsleep_for\(|\busleep\(|\bsleep\()", [](const auto&) { return false; });
    }
}
