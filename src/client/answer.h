// client/answer.h: JSON answers of the CMQ API to values. Pure; hides the JSON library.
//
// Every function gives the broker's error (client/wire_errors.h) when the answer carries one, and
// internal when the text is not the answer that the contract promises.
// Source: CMQ wire contract, sections "Legacy answer envelope" and "Legacy queue actions".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "client/messages.h"

namespace cmq::client {

/// Whether the broker did nothing because it has no leader just now.
bool says_no_leader(std::string_view answer);

Status decode_done(std::string_view answer);
Result<std::string> decode_queue_id(std::string_view answer);
Result<QueueList> decode_queue_list(std::string_view answer);
Result<QueueDetails> decode_queue_details(std::string_view answer);
Result<std::vector<std::string>> decode_message_ids(std::string_view answer);
Result<std::vector<Message>> decode_messages(std::string_view answer);
/// Empty: all were deleted. A batch that failed in part is not an error here.
Result<std::vector<NotDeleted>> decode_deleted(std::string_view answer);
Result<Stamp> decode_next_visible(std::string_view answer);
Result<Peeked> decode_peeked(std::string_view answer);
Result<RewindPeeked> decode_rewind_peeked(std::string_view answer);
Result<ClusterDetails> decode_cluster(std::string_view answer);
Result<std::string> decode_join_token(std::string_view answer);
Result<Removal> decode_removal(std::string_view answer);

}  // namespace cmq::client
