#include "metrics/registry.h"

#include <algorithm>
#include <cstdio>

#include "base/check.h"

namespace cmq::metrics {
namespace {

/// `quote` is escaped too when it is not 0: in a label, but not in a help text.
std::string escaped(const std::string& value, char quote) {
    std::string text;
    for (const char c : value) {
        if (c == '\\' || (c == quote && quote != 0)) text += '\\';
        if (c == '\n') {
            text += "\\n";
        } else {
            text += c;
        }
    }
    return text;
}

std::string to_text(const Labels& labels) {
    if (labels.empty()) return {};
    std::string text = "{";
    for (const auto& [name, value] : labels) {
        if (text.size() > 1) text += ',';
        text.append(name).append("=\"").append(escaped(value, '"')).append("\"");
    }
    return text + '}';
}

std::string to_text(double value) {
    std::array<char, 32> text;
    const int size = std::snprintf(text.data(), text.size(), "%.15g", value);
    return {text.data(), static_cast<std::size_t>(size)};
}

void write_sample(std::string& text, const std::string& name, const Labels& labels,
                  const std::string& value) {
    text.append(name).append(to_text(labels)).append(" ").append(value).append("\n");
}

void write_histogram(std::string& text, const std::string& name, const Labels& labels,
                     const Histogram& histogram) {
    std::uint64_t below = 0;
    auto with_bound = labels;
    with_bound.emplace_back("le", "");
    for (std::size_t bucket = 0; bucket < Histogram::buckets; ++bucket) {
        below += histogram.count(bucket);
        const auto bound = static_cast<double>(Histogram::bound(bucket).count()) / 1e6;
        with_bound.back().second = to_text(bound);
        write_sample(text, name + "_bucket", with_bound, std::to_string(below));
    }
    below += histogram.count(Histogram::buckets);
    with_bound.back().second = "+Inf";
    write_sample(text, name + "_bucket", with_bound, std::to_string(below));
    write_sample(text, name + "_sum", labels,
                 to_text(static_cast<double>(histogram.nanoseconds()) / 1e9));
    write_sample(text, name + "_count", labels, std::to_string(below));
}

/// The metric of `labels`, made when it is missing.
template <class Metric>
Metric& one_of(std::vector<std::pair<Labels, std::unique_ptr<Metric>>>& metrics, Labels labels) {
    for (const auto& [known, metric] : metrics)
        if (known == labels) return *metric;
    return *metrics.emplace_back(std::move(labels), std::make_unique<Metric>()).second;
}

bool is_metric_name(const std::string& name) {
    return !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
           std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

}  // namespace

std::string_view Registry::name_of(Type type) {
    switch (type) {
        case Type::counter:
            return "counter";
        case Type::gauge:
            return "gauge";
        case Type::histogram:
            return "histogram";
    }
    return "untyped";
}

void Histogram::add(std::chrono::nanoseconds duration) {
    std::size_t bucket = 0;
    while (bucket < buckets && duration > bound(bucket)) ++bucket;
    counts_[bucket].add();
    sum_.add(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)));
}

Registry::Family& Registry::family(std::string name, std::string help, Type type) {
    CMQ_CHECK(is_metric_name(name));
    for (const auto& known : families_) {
        if (known->name != name) continue;
        CMQ_CHECK(known->type == type);
        return *known;
    }
    auto fresh = std::make_unique<Family>();
    fresh->name = std::move(name);
    fresh->help = std::move(help);
    fresh->type = type;
    return *families_.emplace_back(std::move(fresh));
}

Counter& Registry::counter(std::string name, std::string help, Labels labels) {
    const std::lock_guard lock(mutex_);
    return one_of(family(std::move(name), std::move(help), Type::counter).counters,
                  std::move(labels));
}

Histogram& Registry::histogram(std::string name, std::string help, Labels labels) {
    const std::lock_guard lock(mutex_);
    return one_of(family(std::move(name), std::move(help), Type::histogram).histograms,
                  std::move(labels));
}

void Registry::gauge(std::string name, std::string help, Read read) {
    const std::lock_guard lock(mutex_);
    family(std::move(name), std::move(help), Type::gauge).read = std::move(read);
}

void Registry::counted(std::string name, std::string help, Read read) {
    const std::lock_guard lock(mutex_);
    family(std::move(name), std::move(help), Type::counter).read = std::move(read);
}

void Registry::write(const Family& family, std::string& text) {
    text.append("# HELP ")
        .append(family.name)
        .append(" ")
        .append(escaped(family.help, 0))
        .append("\n");
    text.append("# TYPE ")
        .append(family.name)
        .append(" ")
        .append(name_of(family.type))
        .append("\n");
    for (const auto& [labels, counter] : family.counters)
        write_sample(text, family.name, labels, std::to_string(counter->value()));
    for (const auto& [labels, histogram] : family.histograms)
        write_histogram(text, family.name, labels, *histogram);
    if (!family.read) return;
    for (const auto& sample : family.read())
        write_sample(text, family.name, sample.labels, to_text(sample.value));
}

std::string Registry::text() const {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& family : families_) write(*family, text);
    return text;
}

}  // namespace cmq::metrics
