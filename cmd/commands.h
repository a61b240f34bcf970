// cmd/commands.h: one function a command; each is defined in the file that its path names.
#pragma once

#include <memory>

#include "cmd/cli.h"

namespace cmq::cmd {

using MadeCommand = std::unique_ptr<Command>;

MadeCommand serve();
MadeCommand init();
MadeCommand queue_create();
MadeCommand queue_list();
MadeCommand queue_show();
MadeCommand queue_set();
MadeCommand queue_delete();
MadeCommand queue_purge();
MadeCommand queue_peek();
MadeCommand send();
MadeCommand receive();
MadeCommand delete_messages();
MadeCommand release();
MadeCommand extend();
MadeCommand rewind();
MadeCommand context_add();
MadeCommand context_use();
MadeCommand context_list();
MadeCommand context_show();
MadeCommand context_check();
MadeCommand config_explain();
MadeCommand verify();
MadeCommand repair();
MadeCommand bench();
MadeCommand health();
MadeCommand print_version();
MadeCommand help();
MadeCommand help_exit_codes();
MadeCommand docs_man();
MadeCommand docs_completions();

}  // namespace cmq::cmd
