# The only build. `make help` lists what it can do.
FLAVOUR  ?= release
PREFIX   ?= /usr/local
BUILD    ?= build/$(FLAVOUR)
MAKEFLAGS += --jobs=$(shell nproc) --output-sync=target --no-builtin-rules

hardened_link := -pie -Wl,-z,relro,-z,now
harden := -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection
flags.release := -O2 -g1 -D_FORTIFY_SOURCE=2 $(harden)
flags.debug   := -O0 -g $(harden)
flags.asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
flags.tsan    := -O1 -g -fsanitize=thread -DBOOST_ASIO_DISABLE_FENCED_BLOCK -Wno-tsan

CXX      := $(shell command -v ccache) g++
CXXFLAGS += -std=c++20 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -pthread $(flags.$(FLAVOUR))
CPPFLAGS += -Isrc -I. -MMD -MP
LDFLAGS  += $(if $(shell command -v mold),-fuse-ld=mold) $(if $(filter release debug,$(FLAVOUR)),$(hardened_link))
include third_party/flags.mk

# ROOMS="base broker" builds and tests only those rooms of src and tests/unit.
ROOMS   ?=
objects = $(patsubst %.cpp,$(BUILD)/%.o,$(shell find $(1) -name '*.cpp' 2>/dev/null))
SRC     := $(call objects,src)
CMD     := $(call objects,cmd)
TESTS   := $(call objects,tests)

.PHONY: all help deps test demo bench install uninstall fmt lint analyse asan tsan fuzz clean unit
.DEFAULT_GOAL := all
all: $(BUILD)/cmq

$(BUILD)/cmq:      $(CMD) $(SRC)
$(BUILD)/cmq_test: $(TESTS) $(SRC)
$(BUILD)/cmq $(BUILD)/cmq_test:
	$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/%.o: %.cpp
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -c $< -o $@

unit_objects = $(foreach room,$(ROOMS),$(call objects,src/$(room) tests/unit/$(room))) \
               $(BUILD)/tests/main.o $(call objects,tests/support)
$(BUILD)/unit: $(unit_objects)
	$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@
unit: $(BUILD)/unit
	$< $(ARGS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
