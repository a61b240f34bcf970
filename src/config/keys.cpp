#include "config/keys.h"

#include <set>

#include "config/fields.h"
#include "config/files.h"

namespace cmq::config {
namespace {

namespace fs = std::filesystem;

struct Entry {
    auth::Credential credential;
    fs::path secret_key_file;  // empty: none
};

const std::vector<FieldOf<Entry>>& key_fields() {
    static const std::vector<FieldOf<Entry>> fields{
        {"id",
         [](Entry& entry, const std::string& text) -> Status {
             if (text.empty() || text.size() > 128) return fail(Code::invalid, "1 to 128 letters");
             entry.credential.id = text;
             return {};
         }},
        {"secret_key",
         [](Entry& entry, const std::string& text) -> Status {
             entry.credential.secret_key = text;
             return {};
         }},
        {"secret_key_file",
         [](Entry& entry, const std::string& text) -> Status {
             entry.secret_key_file = text;
             return {};
         }},
        {"token",
         [](Entry& entry, const std::string& text) -> Status {
             entry.credential.token = text;
             return {};
         }},
        {"namespace",
         [](Entry& entry, const std::string& text) -> Status {
             entry.credential.space.value = CMQ_TRY(parse_whole(text));
             if (entry.credential.space.value == 0)
                 return fail(Code::invalid, "namespaces count from 1");
             return {};
         }},
        {"enabled",
         [](Entry& entry, const std::string& text) -> Status {
             entry.credential.enabled = CMQ_TRY(parse_truth(text));
             return {};
         }},
        {"allow_sha1",
         [](Entry& entry, const std::string& text) -> Status {
             entry.credential.allow_sha1 = CMQ_TRY(parse_truth(text));
             return {};
         }},
    };
    return fields;
}

Result<Entry> read_entry(const Yaml& map, const fs::path& file) {
    const auto name = file.string();
    Entry entry;
    CMQ_TRY(assign_fields(entry, map, "", key_fields(), name));
    auto& credential = entry.credential;
    if (!entry.secret_key_file.empty()) {
        if (!credential.secret_key.empty())
            return tl::unexpected(
                wrong_at(name, map.place, "give secret_key or secret_key_file, not both"));
        entry.secret_key_file = file.parent_path() / entry.secret_key_file;
        CMQ_TRY(check_private(entry.secret_key_file));
        credential.secret_key = CMQ_TRY(read_secret(entry.secret_key_file));
    }
    if (credential.id.empty()) return tl::unexpected(wrong_at(name, map.place, "id is missing"));
    if (credential.secret_key.empty())
        return tl::unexpected(wrong_at(name, map.place, "secret_key_file is missing"));
    return entry;
}

Result<std::vector<Entry>> read_entries(const fs::path& file) {
    const auto text = CMQ_TRY(read_text(file));
    CMQ_TRY(check_private(file));
    const auto name = file.string();
    const auto root = CMQ_TRY(parse_yaml(text, name));
    const auto* list = root.find("keys");
    if (!list || root.keys.size() != 1 || list->kind != Yaml::Kind::list)
        return tl::unexpected(wrong_at(name, root.place, "one key \"keys\" with a list is needed"));
    std::vector<Entry> entries;
    std::set<std::string> ids;
    for (const auto& item : list->items) {
        entries.push_back(CMQ_TRY(read_entry(item, file)));
        const auto& id = entries.back().credential.id;
        if (!ids.insert(id).second)
            return tl::unexpected(
                wrong_at(name, item.place, "id \"" + id + "\" stands here twice"));
    }
    return entries;
}

}  // namespace

Result<std::vector<auth::Credential>> read_keys(const fs::path& file) {
    std::vector<auth::Credential> keys;
    auto entries = CMQ_TRY(read_entries(file));
    for (auto& entry : entries) keys.push_back(std::move(entry.credential));
    return keys;
}

Result<fs::path> first_secret_key_file(const fs::path& file) {
    const auto entries = CMQ_TRY(read_entries(file));
    return entries.empty() ? fs::path() : entries.front().secret_key_file;
}

}  // namespace cmq::config
