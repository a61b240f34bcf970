// cmd/commands.h: one function a command; each is defined in the file that its path names.
#pragma once

#include <memory>

#include "cmd/cli.h"

namespace cmq::cmd {

using MadeCommand = std::unique_ptr<Command>;

MadeCommand make_serve();
MadeCommand make_init();
MadeCommand make_queue_create();
MadeCommand make_queue_list();
MadeCommand make_queue_show();
MadeCommand make_queue_set();
MadeCommand make_queue_delete();
MadeCommand make_queue_purge();
MadeCommand make_queue_peek();
MadeCommand make_send();
MadeCommand make_receive();
MadeCommand make_delete_messages();
MadeCommand make_release();
MadeCommand make_extend();
MadeCommand make_rewind();
MadeCommand make_context_add();
MadeCommand make_context_use();
MadeCommand make_context_list();
MadeCommand make_context_show();
MadeCommand make_context_check();
MadeCommand make_config_explain();
MadeCommand make_cluster_status();
MadeCommand make_cluster_token();
MadeCommand make_cluster_join();
MadeCommand make_cluster_remove();
MadeCommand make_cluster_transfer();
MadeCommand make_cluster_drain();
MadeCommand make_cluster_replace();
MadeCommand make_verify();
MadeCommand make_repair();
MadeCommand make_bench();
MadeCommand make_health();
MadeCommand make_version();
MadeCommand make_help();
MadeCommand make_help_exit_codes();
MadeCommand make_help_output();
MadeCommand make_docs_man();
MadeCommand make_docs_completions();

}  // namespace cmq::cmd
