// Runs all tests and ends with one line that counts: "123 passed, 0 failed".

#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <iostream>

namespace {

struct ClosingLine final : doctest::IReporter {
    explicit ClosingLine(const doctest::ContextOptions& options) : out(*options.cout) {}

    void test_run_end(const doctest::TestRunStats& stats) override {
        const auto run = stats.numTestCasesPassingFilters;
        const auto failed = stats.numTestCasesFailed;
        out << run - failed << " passed, " << failed << " failed" << std::endl;
    }

    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_case_start(const doctest::TestCaseData&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}

    std::ostream& out;
};

REGISTER_LISTENER("closing_line", 0, ClosingLine);

}  // namespace
