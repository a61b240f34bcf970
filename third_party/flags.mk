# Flags of the packages in debian.txt. Boost, CLI11, RapidJSON, nlohmann-json, doctest and
# tl::expected are headers only. httplib is used with TLS, without compression (D15).
packages := sqlite3 openssl yaml-cpp spdlog libxxhash
CPPFLAGS += $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(packages) 2>/dev/null))
LDLIBS   += $(shell pkg-config --libs $(packages) 2>/dev/null) -lcpp-httplib
