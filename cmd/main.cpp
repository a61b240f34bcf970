// The commands, in the order in which `cmq --help` lists them.
#include <signal.h>
#include <unistd.h>

#include <iostream>

#include "cmd/commands.h"

namespace {

using namespace cmq::cmd;

Commands all_commands() {
    Commands commands;
    for (auto* make : {serve,          init,
                       queue_create,   queue_list,
                       queue_show,     queue_set,
                       queue_delete,   queue_purge,
                       queue_peek,     send,
                       receive,        delete_messages,
                       release,        extend,
                       rewind,         context_add,
                       context_use,    context_list,
                       context_show,   context_check,
                       config_explain, verify,
                       repair,         bench,
                       health,         print_version,
                       help,           help_exit_codes,
                       docs_man,       docs_completions})
        commands.push_back(make());
    return commands;
}

}  // namespace

int main(int count, char** words) {
    // A reader that went away is an error to be handled, not the end.
    signal(SIGPIPE, SIG_IGN);
    std::ios::sync_with_stdio(false);
    return run_command_line(all_commands(), {words + 1, words + count}, std::cout, std::cerr,
                            STDIN_FILENO);
}
