// The commands, in the order in which `cmq --help` lists them.
#include <signal.h>
#include <unistd.h>

#include <iostream>

#include "cmd/commands.h"

namespace {

using namespace cmq::cmd;

Commands all_commands() {
    Commands commands;
    for (auto* make : {make_serve,           make_init,
                       make_queue_create,    make_queue_list,
                       make_queue_show,      make_queue_set,
                       make_queue_delete,    make_queue_purge,
                       make_queue_peek,      make_send,
                       make_receive,         make_delete_messages,
                       make_release,         make_extend,
                       make_rewind,          make_cluster_status,
                       make_cluster_token,   make_cluster_join,
                       make_cluster_remove,  make_cluster_transfer,
                       make_cluster_drain,   make_cluster_replace,
                       make_context_add,     make_context_use,
                       make_context_list,    make_context_show,
                       make_context_check,   make_config_explain,
                       make_verify,          make_repair,
                       make_bench,           make_health,
                       make_version,         make_help,
                       make_help_exit_codes, make_help_output,
                       make_docs_man,        make_docs_completions})
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
