#include "config/yaml.h"

#include <doctest/doctest.h>

using namespace cmq;
using namespace cmq::config;

namespace {

std::string complaint(std::string_view text) {
    const auto yaml = parse_yaml(text, "f");
    return yaml ? "none" : yaml.error().message;
}

}  // namespace

TEST_SUITE("unit/config") {
    TEST_CASE("scalars stay text") {
        const auto yaml = parse_yaml("a: 010\nb: no\nc: \"x y\"\n", "f");
        REQUIRE(yaml);
        CHECK(yaml->find("a")->text == "010");
        CHECK(yaml->find("b")->text == "no");
        CHECK(yaml->find("c")->text == "x y");
        CHECK(yaml->find("d") == nullptr);
    }

    TEST_CASE("every value knows its line and column") {
        const auto yaml = parse_yaml("a:\n  b: [x, {y: z}]\n", "f");
        REQUIRE(yaml);
        const auto& list = *yaml->find("a")->find("b");
        CHECK(list.kind == Yaml::Kind::list);
        CHECK(list.place.line == 2);
        CHECK(list.items[1].find("y")->place.column == 14);
    }

    TEST_CASE("a key that stands twice is an error with its place") {
        CHECK(complaint("a: 1\nb: 2\na: 3\n") ==
              "f:3:1: \"a\" stands here a second time (first in line 1)");
    }

    TEST_CASE("what is not YAML is an error with its place") {
        CHECK(complaint("a: [1, 2\n").find("f:") == 0);
        CHECK(complaint("a: b: c\n").find("f:1:") == 0);
    }

    TEST_CASE("anchors, aliases, tags and several documents are refused") {
        CHECK(complaint("a: &x 1\n").find("anchors") != std::string::npos);
        CHECK(complaint("a: &x [1]\nb: *x\n").find("anchors") != std::string::npos);
        CHECK(complaint("a: !!binary x\n").find("tag") != std::string::npos);
        CHECK(complaint("? [a]\n: b\n").find("a key must be a word") != std::string::npos);
        CHECK(complaint("a: 1\n---\nb: 2\n").find("one document") != std::string::npos);
    }

    TEST_CASE("an empty file is nothing") {
        CHECK(parse_yaml("", "f")->kind == Yaml::Kind::nothing);
        CHECK(parse_yaml("# only this\n", "f")->kind == Yaml::Kind::nothing);
    }

    TEST_CASE("what is quoted reads back") {
        const std::string odd = "a\"b\\c\nd: #\x01 \xe4\xb8\xad";
        const auto yaml = parse_yaml("k: " + yaml_quoted(odd), "f");
        REQUIRE(yaml);
        CHECK(yaml->find("k")->text == odd);
    }
}
