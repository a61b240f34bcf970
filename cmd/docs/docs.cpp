// `cmq docs man` and `cmq docs completions` write what is installed beside the binary.
#include <fstream>
#include <system_error>

#include "cmd/commands.h"
#include "cmd/docs/pages.h"

namespace cmq::cmd {
namespace {

namespace fs = std::filesystem;

struct Docs final : Command {
    using Make = std::vector<Page> (*)(const Commands&);

    Docs(std::string path_, std::string summary_, Make make)
        : Command(std::move(path_), std::move(summary_)), make_(make) {}

    void describe(Arguments& arguments) override {
        arguments.required("directory", directory_, "where they are written")
            .offers(Offer::directory);
        arguments.example("cmq " + path + " ./docs", "the files that make install puts in place");
    }

    Status run(Context& context) override {
        std::error_code failed;
        fs::create_directories(directory_, failed);
        if (failed)
            return fail(Code::io, "cannot make " + directory_.string() + ": " + failed.message());
        for (const auto& page : make_(context.commands)) {
            std::ofstream file(directory_ / page.name, std::ios::binary);
            file << page.text;
            if (!file.flush())
                return fail(Code::io, "cannot write " + (directory_ / page.name).string());
        }
        return {};
    }

private:
    Make make_;
    fs::path directory_;
};

}  // namespace

MadeCommand make_docs_man() {
    return std::make_unique<Docs>("docs man", "Write the manual pages", manual_pages);
}

MadeCommand make_docs_completions() {
    return std::make_unique<Docs>("docs completions", "Write completions for bash, zsh and fish",
                                  completions);
}

}  // namespace cmq::cmd
