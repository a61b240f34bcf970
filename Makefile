# The only build. `make help` lists what it can do.
FLAVOUR  ?= release
PREFIX   ?= /usr/local
BUILD    ?= build/$(FLAVOUR)
# The outermost one says how many jobs; the others share them.
MAKEFLAGS += $(if $(filter 0,$(MAKELEVEL)),--jobs=$(shell nproc)) --output-sync=target --no-builtin-rules

hardened_link := -pie -Wl,-z,relro,-z,now
hardened      := -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection
flags.release := -O2 -g1 -D_FORTIFY_SOURCE=2 $(hardened)
flags.debug   := -O0 -g $(hardened)
flags.asan    := -O1 -g1 -Wno-maybe-uninitialized -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
flags.tsan    := -O1 -g1 -Wno-maybe-uninitialized -fsanitize=thread -DBOOST_ASIO_DISABLE_FENCED_BLOCK -Wno-tsan

CXX      := $(shell command -v ccache) g++
CXXFLAGS += -std=c++20 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -pthread $(flags.$(FLAVOUR))
CPPFLAGS += -Isrc -I. -MMD -MP
LDFLAGS  += $(if $(shell command -v mold),-fuse-ld=mold) $(if $(filter release debug,$(FLAVOUR)),$(hardened_link))
include third_party/flags.mk

# `make V=1` shows whole commands.
quiet := $(if $(V),,@)
say   := @$(if $(V),:,echo)

sources = $(shell find $(1) -name '*.cpp' 2>/dev/null)
objects = $(patsubst %.cpp,$(BUILD)/%.o,$(call sources,$(1)))
SRC     := $(call objects,src)
CMD     := $(call objects,cmd)
TESTS   := $(BUILD)/tests/main.o $(call objects,$(filter-out tests/fuzz tests/bench tests/next tests/main.cpp,$(wildcard tests/*)))

.PHONY: all help deps soak test run-test demo run-demo demo-cluster run-demo-cluster chaos run-chaos bench bench-catch-up parts install uninstall fmt lint analyse asan tsan fuzz clean unit
.DEFAULT_GOAL := all
all: $(BUILD)/cmq

help:
	@printf '%s\n' \
	  'make            build/release/cmq' \
	  'make demo       set up, then send and receive through a broker, and say what happens' \
	  'make demo-cluster   three nodes on this machine, the leader killed under way' \
	  'make test       set up, then all tests; SUITE=unit/broker picks one' \
	  'make chaos      real nodes killed, paused, cut off, for an hour; CHAOS=10: a tenth, SEED=n: again' \
	  'make deps       install the Debian packages of third_party/debian.txt' \
	  'make bench      throughput and latency on this machine; NODES=3 of a cluster' \
	  'make bench-catch-up   what a node costs the others that was away for 10 million messages' \
	  'make parts      small programs that time one part: state, log, door' \
	  'make install    binary, man pages, completions to PREFIX (/usr/local); uninstall takes them back' \
	  'make fmt lint   format; check format and the house rules' \
	  'make asan tsan  all tests under a sanitizer' \
	  'make soak       simulated clusters for HOURS (300) virtual hours, then all planted bugs; FROM=seed goes on' \
	  'make fuzz       each decoder against RUNS (100000) mutated inputs' \
	  'make analyse    clang-tidy' \
	  'make unit ROOMS="base broker"   only the unit tests of these rooms' \
	  'make clean      remove build/'

$(BUILD)/cmq:      $(CMD) $(SRC)
$(BUILD)/cmq_test: $(TESTS) $(SRC)
# For tests of an upgrade: the same program, but it knows one version of the formats more.
$(BUILD)/cmq_next: $(BUILD)/tests/next/newest_format.o $(CMD) $(filter-out %/newest_format.o,$(SRC))
$(BUILD)/cmq $(BUILD)/cmq_test $(BUILD)/cmq_next:
	$(say) link $@
	$(quiet)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

# g++ 12 sees uninitialised parts of moved-from std::variants that are not there.
$(BUILD)/cmd/%.o: CXXFLAGS += -Wno-maybe-uninitialized
$(BUILD)/%.o: %.cpp
	@mkdir -p $(@D)
	$(say) compile $<
	$(quiet)$(CXX) $(CPPFLAGS) $(CXXFLAGS) -c $< -o $@

# Flags from pkg-config exist only once deps has run: so a second make.
test demo: deps
	@$(MAKE) --no-print-directory run-$@
run-test: $(BUILD)/cmq_test $(BUILD)/cmq $(BUILD)/cmq_next
	CMQ_BINARY=$(BUILD)/cmq CMQ_NEXT_BINARY=$(BUILD)/cmq_next $< $(if $(SUITE),--test-suite='$(SUITE)*')
run-demo: $(BUILD)/cmq
	@tests/demo/one_node.sh $<
deps:
	@third_party/install.sh
# Clusters under every trouble until HOURS virtual hours are done on all cores, 15 seeds an hour;
# then each planted bug. RAFT seeds of consensus alone beside it.
HOURS ?= 300
RAFT  ?= 20000
soak: $(BUILD)/cmq_test
	HOURS=$(HOURS) JOBS=$(shell nproc) $< --test-case='*keeps its promises through every trouble*'
	SEEDS=$(RAFT) $< --test-suite='simulation/raft' --test-case='*every promise*,*whatever order*'
	TURN=3 $< --test-case='*rule of consensus*,*rule of a whole cluster*,*is missed*,*planted*,*ends whose state*'
# Simulated clusters take ten times as long then: one hour of them.
# A race in a process that is killed later is told by its end.
asan tsan: export TSAN_OPTIONS = halt_on_error=1
asan tsan:
	HOURS=1 $(MAKE) test FLAVOUR=$@
demo-cluster: deps
	@$(MAKE) --no-print-directory run-demo-cluster
run-demo-cluster: $(BUILD)/cmq
	@tests/demo/three_nodes.sh $<
# The suite `chaos`, of which `make test` runs a hundredth.
CHAOS ?= 100
chaos: deps
	@$(MAKE) --no-print-directory run-chaos
run-chaos: $(BUILD)/cmq_test $(BUILD)/cmq
	CHAOS=$(CHAOS) CMQ_BINARY=$(BUILD)/cmq $< --test-suite=chaos
bench: $(BUILD)/cmq
	@tests/bench/nodes.sh $<
bench-catch-up: $(BUILD)/cmq
	@tests/bench/catch_up.sh $<
# What a part costs by itself: `make parts`, then build/release/bench/log_commits DIRECTORY.
parts := $(patsubst tests/bench/%.cpp,$(BUILD)/bench/%,$(wildcard tests/bench/*.cpp))
parts: $(parts)
$(parts): $(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(SRC)
	@mkdir -p $(@D)
	$(say) link $@
	$(quiet)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

formatted := $(shell find src cmd tests -name '*.h' -o -name '*.cpp')
fmt:
	@clang-format -i $(formatted)
lint: $(BUILD)/tidy
	@clang-format --dry-run -Werror $(formatted)
	$<
$(BUILD)/tidy: $(BUILD)/tests/main.o $(call objects,tests/tidy)
	$(say) link $@
	$(quiet)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ -o $@
analyse:
	printf '%s\n' $(call sources,src cmd) | xargs -P $(shell nproc) -n 4 sh -c \
	    'clang-tidy --quiet "$$@" -- -std=c++20 $(filter-out -MMD -MP,$(CPPFLAGS))' sh

# clang's libFuzzer; a target needs the pure rooms and the request parser only.
RUNS ?= 100000
fuzzed := $(call sources,src/base src/broker src/auth src/protocol src/raft) src/net/http_parser.cpp src/shard/entry.cpp src/shard/bulk.cpp src/cluster/join_json.cpp
FUZZ   := $(patsubst tests/fuzz/%.cpp,build/fuzz/%,$(wildcard tests/fuzz/*.cpp))
# RapidJSON adds 0 to a null pointer when it begins.
build/fuzz/%.o: %.cpp
	@mkdir -p $(@D)
	$(say) compile $< for fuzzing
	$(quiet)clang++ $(CPPFLAGS) -std=c++20 -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	    -fno-sanitize=pointer-overflow -fno-sanitize-recover=all -c $< -o $@
$(FUZZ): build/fuzz/%: build/fuzz/tests/fuzz/%.o $(fuzzed:%.cpp=build/fuzz/%.o)
	$(say) link $@
	$(quiet)clang++ -fsanitize=fuzzer,address,undefined $^ $(LDLIBS) -o $@
fuzz: $(FUZZ)
	for target in $^; do $$target -runs=$(RUNS) -max_len=4096 -seed=1 \
	    -artifact_prefix=build/fuzz/ || exit 1; done

install: $(BUILD)/cmq
	install -Dm755 $< $(DESTDIR)$(PREFIX)/bin/cmq
	for page in man/*.1; do install -Dm644 $$page $(DESTDIR)$(PREFIX)/share/man/man1/$${page##*/} || exit 1; done
	for page in man/*.5; do install -Dm644 $$page $(DESTDIR)$(PREFIX)/share/man/man5/$${page##*/} || exit 1; done
	install -Dm644 completions/cmq.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/cmq
	install -Dm644 completions/_cmq     $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_cmq
	install -Dm644 completions/cmq.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/cmq.fish
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/cmq $(DESTDIR)$(PREFIX)/share/man/man1/cmq*.1 $(DESTDIR)$(PREFIX)/share/man/man5/cmq*.5
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/cmq
	rm -f $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_cmq $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/cmq.fish

clean:
	rm -rf build

# Only the unit tests of some rooms: `make unit ROOMS="base broker"`.
$(BUILD)/unit: $(foreach room,$(ROOMS),$(call objects,tests/unit/$(room))) \
               $(BUILD)/tests/main.o $(call objects,tests/support) $(SRC)
	$(say) link $@
	$(quiet)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@
unit: $(BUILD)/unit
	$< $(ARGS)

-include $(shell find $(BUILD) build/fuzz -name '*.d' 2>/dev/null)
