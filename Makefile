# trammel: one graph, out of tree. `make help` lists the targets; docs/house.md explains the rooms.
#
# Everything below tui/ is one static library; every program (the command line, the tests, the
# fuzzers, the benchmarks) is that library plus its own files. All that is built lands in
# build/<flavour>/, so flavours live side by side and `make clean` is one folder.
#
#   FLAVOUR=release (default) | san (ASan + UBSan) | fuzz (clang, libFuzzer)
#   CC=gcc (default) | clang       use another B= with it: make CC=clang B=build/clang
#   CI=1                           warnings are errors
#   V=1                            whole commands, not only what is built
#
# New rooms, tests, fuzzers and benchmarks need no line here: they are found by their names.

FLAVOUR ?= release
CC      := $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
B       := build/$(FLAVOUR)
VERSION := 0.1.0

.DEFAULT_GOAL := all

# $(call run,WORD,COMMAND): say what is built in two words, or with V=1 in full.
run = $(if $(V),,@printf '  %-5s %s\n' $(1) $@; )$(2)

# --- how things are compiled --------------------------------------------------------------------
#
# pkg-config is asked when a recipe runs, not when this file is read: `make deps` comes first and
# may be what installs it.

LIBS_PC  := libsodium libzstd yaml-0.1 sqlite3
# What engine/crypto/x509.c is the doorman of; without it certificates and ES256 are not verified.
MAYBE_PC  = $(shell pkg-config --exists 'libcrypto >= 3' && echo libcrypto)
TEST_PC  := criterion jansson
FUZZ_PC  := jansson

PC_CFLAGS   = $(shell pkg-config --cflags $(LIBS_PC))
PC_LIBS     = $(shell pkg-config --libs $(LIBS_PC) $(MAYBE_PC)) -lm
TEST_CFLAGS = $(shell pkg-config --cflags $(TEST_PC))
TEST_LIBS   = $(shell pkg-config --libs $(TEST_PC)) -lm
FUZZ_LIBS   = $(shell pkg-config --libs $(FUZZ_PC)) -lm

CSTD   := -std=c11 -D_DEFAULT_SOURCE -D_GNU_SOURCE
WARN   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
          -Wpointer-arith -Wcast-qual -Wundef -Wformat=2 -Wwrite-strings \
          -Wimplicit-fallthrough $(if $(CI),-Werror)
HARDEN := -fstack-protector-strong -fPIC -fvisibility=hidden

# The same sums on every machine: no fused multiply-add behind our back.
FLOAT  := -ffp-contract=off

SAN         := -fsanitize=address,undefined
OPT_release := -O2 -g -D_FORTIFY_SOURCE=2
OPT_san     := -O1 -g -fno-omit-frame-pointer $(SAN) -fno-sanitize-recover=all
OPT_fuzz    := $(OPT_san) -fsanitize=fuzzer-no-link
LD_release  := -Wl,-z,relro,-z,now
LD_san      := $(SAN)
LD_fuzz     := $(SAN)

CFLAGS_ALL  = $(CSTD) $(OPT_$(FLAVOUR)) $(WARN) $(HARDEN) $(FLOAT) -I. \
              -DTRAMMEL_VERSION='"$(VERSION)"' -MMD -MP $(PC_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = $(LD_$(FLAVOUR)) $(LDFLAGS)

# --- what there is ------------------------------------------------------------------------------

LIB_SRC   := $(sort $(wildcard engine/*/*.c replay/*.c chaos/*.c lightning/*.c))
TUI_SRC   := $(sort $(wildcard tui/*.c))
KIT_SRC   := $(sort $(wildcard tests/kit/*.c))
FUZZ_SRC  := $(sort $(wildcard $(patsubst %,tests/fuzz/fuzz_%.c,$(or $(FUZZ),*))))
BENCH_SRC := $(sort $(wildcard tests/bench/bench_*.c))
ROOMS     := $(sort $(notdir $(patsubst %/,%,$(dir $(wildcard tests/*/test_*.c)))))

LIB_OBJ := $(LIB_SRC:%.c=$B/%.o)
TUI_OBJ := $(TUI_SRC:%.c=$B/%.o)
KIT_OBJ := $(KIT_SRC:%.c=$B/%.o)
LIB     := $B/libtrammel.a
BIN     := $(if $(TUI_SRC),$B/trammel)

TEST_BIN  := $(ROOMS:%=$B/tests/run_%)
FUZZ_BIN  := $(FUZZ_SRC:%.c=$B/%)
BENCH_BIN := $(BENCH_SRC:%.c=$B/%)

## all: the program and the library, in build/<flavour>/
.PHONY: all
all: $(BIN) $(LIB)

# Below tui/, what must not be called does not compile: banned.h is forced into every file. The one
# file that is the edge to the machine may touch it.
$B/engine/base/world_real.o: CFLAGS_FILE := -DWORLD_REAL_EDGE
$B/engine/crypto/x509.o $B/tests/kit/cert_kit.o: \
	CFLAGS_FILE = $(MAYBE_PC:libcrypto=-DTRAMMEL_LIBCRYPTO)
$B/engine/%.o $B/replay/%.o $B/chaos/%.o $B/lightning/%.o: \
	CFLAGS_ROOM = -include engine/base/banned.h
$B/tests/%.o: CFLAGS_ROOM = $(TEST_CFLAGS) -Wno-missing-prototypes

$B/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call run,CC,$(CC) $(CFLAGS_ALL) $(CFLAGS_ROOM) $(CFLAGS_FILE) -c $< -o $@)

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(call run,AR,ar rcs $@ $^)

$B/trammel: $(TUI_OBJ) $(LIB)
	$(call run,LD,$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PC_LIBS))

# --- what must be there to build ----------------------------------------------------------------

## deps: install what building and testing need (Debian); nothing to do, nothing done
.PHONY: deps deps-fuzz
deps:
	@sh .ci/deps build

## deps-fuzz: the same for clang and libFuzzer
deps-fuzz:
	@sh .ci/deps build fuzz

# --- tests --------------------------------------------------------------------------------------
#
# One Criterion program per room: `make test-state` builds and runs one alone, with
# ARGS="--filter 'delta/*'" for a single suite. malloc, calloc and realloc are wrapped in them, so
# that a test can fail the n-th allocation (tests/kit/fail_alloc.h), and pthread_create, so that a
# test can refuse a thread (tests/kit/fail_thread.h).

WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=pthread_create

define room_rules
$B/tests/run_$(1): $$(patsubst %.c,$B/%.o,$$(sort $$(wildcard tests/$(1)/*.c))) \
		$$(KIT_OBJ) $$(LIB)
	$$(call run,LD,$$(CC) $$(LDFLAGS_ALL) $$(WRAP) -o $$@ $$^ $$(TEST_LIBS) $$(PC_LIBS))
.PHONY: test-$(1)
test-$(1): $B/tests/run_$(1)
	$B/tests/run_$(1) $$(ARGS)
endef
$(foreach room,$(ROOMS),$(eval $(call room_rules,$(room))))

# What checks a log a second time is a program in another language.
PYTHON := $(shell command -v python3 2>/dev/null)

.PHONY: programs
programs: all $(TEST_BIN)
	@:

## test: every test: rooms, transcripts of the command line, house checks, a second verifier
.PHONY: test
test: deps
	@$(MAKE) --no-print-directory programs
	@$(if $(PYTHON),,echo 'conformance  skipped: there is no python3')
	@tests/run $B $(ROOMS) cli house $(if $(PYTHON),conformance)

## check-san: the rooms' tests again, under AddressSanitizer and UBSan
.PHONY: check-san
check-san: deps
	@$(MAKE) --no-print-directory FLAVOUR=san B=build/san programs
	@tests/run build/san $(ROOMS)

## house: the rules of docs/house.md, checked
.PHONY: house
house: all
	@tests/house/run $B

## cli: the transcripts of tests/cli alone
.PHONY: cli
cli: all
	@tests/cli/run $B

# A fuzzer is one file and the library, both built by clang with coverage, ASan and UBSan. jansson
# serves some of them as the second opinion.
$(FUZZ_BIN): $B/tests/fuzz/%: $B/tests/fuzz/%.o $(LIB)
	$(call run,LD,$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(PC_LIBS) $(FUZZ_LIBS))

.PHONY: fuzzers
fuzzers: $(FUZZ_BIN)
	@:

FUZZ_SECONDS ?= 60

## fuzz: every fuzzer for FUZZ_SECONDS=60, or some: FUZZ='json yaml'; other inputs: FUZZ_SEED=0
.PHONY: fuzz
fuzz: deps-fuzz
	@$(MAKE) --no-print-directory CC=clang FLAVOUR=fuzz B=build/fuzz fuzzers
	@tests/fuzz/run build/fuzz $(FUZZ_SECONDS) $(FUZZ_SRC:tests/fuzz/fuzz_%.c=%)

CONF_SRC := $(sort $(wildcard tests/conformance/*.c))
VECTORS  ?= ../shared/vectors

$B/tests/conformance/conformance: $(CONF_SRC:%.c=$B/%.o) $(LIB)
	$(call run,LD,$(CC) $(LDFLAGS_ALL) -o $@ $^ $(TEST_LIBS) $(PC_LIBS))

## conformance: our answers beside published ones; SUITE=a,b VECTORS=folder TABLES=1
.PHONY: conformance
conformance: $B/tests/conformance/conformance
	@$< $(if $(TABLES),-t) $(if $(SUITE),-s $(SUITE)) $(VECTORS)

$(BENCH_BIN): $B/tests/bench/%: $B/tests/bench/%.o $B/tests/bench/scratch.o \
		$B/tests/bench/redis.o $(LIB)
	$(call run,LD,$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PC_LIBS))

## retention: a million entries, 10 prunes, 3 rotations, 5 crashes; RETENTION_ENTRIES=N
.PHONY: retention
retention: $B/tests/run_flow
	@RETENTION_ENTRIES=$(or $(RETENTION_ENTRIES),1000000) $< --filter 'retention/*'
	@echo '1 passed, 0 failed'

## bench: the benchmarks, one after the other
.PHONY: bench
bench: $(BENCH_BIN)
	@set -e; for bench in $^; do echo "# $${bench##*/}"; $$bench $(ARGS); echo; done

## demo: a tour of the program on the data sets that ship with it
.PHONY: demo
demo: deps
	@$(MAKE) --no-print-directory all
	@sh datasets/demo.sh $(BIN)

# --- installing ---------------------------------------------------------------------------------

PREFIX  ?= /usr/local
DOCDIR  ?= $(PREFIX)/share/doc/trammel
DESTDIR ?=
D        = $(DESTDIR)$(PREFIX)

INSTALLED = bin/trammel lib/libtrammel.a lib/pkgconfig/trammel.pc include/trammel.h \
            share/bash-completion/completions/trammel

define PC_FILE
prefix=$(PREFIX)
libdir=$${prefix}/lib
includedir=$${prefix}/include

Name: trammel
Description: flight recorder for governed AI agents
Version: $(VERSION)
Requires: $(LIBS_PC) @MAYBE_PC@
Libs: -L$${libdir} -ltrammel -lm
Cflags: -I$${includedir}
endef
export PC_FILE

## install: program, library, header, completion, templates, pages; PREFIX= DOCDIR= DESTDIR=
.PHONY: install
install: all
	install -d $(D)/lib/pkgconfig
	install -m 644 $(LIB) $(D)/lib/libtrammel.a
	printf '%s\n' "$$PC_FILE" | sed 's/ @MAYBE_PC@/$(MAYBE_PC:%= %)/' \
		>$(D)/lib/pkgconfig/trammel.pc
	chmod 644 $(D)/lib/pkgconfig/trammel.pc
ifneq ($(wildcard lightning/trammel.h),)
	install -d $(D)/include
	install -m 644 lightning/trammel.h $(D)/include/trammel.h
endif
ifneq ($(BIN),)
	install -d $(D)/bin $(D)/share/bash-completion/completions
	install -m 755 $(BIN) $(D)/bin/trammel
	$(BIN) completion bash >$(D)/share/bash-completion/completions/trammel
	install -d $(D)/share/trammel
	cp -R datasets/policies $(D)/share/trammel/
endif
	install -d $(DESTDIR)$(DOCDIR)
	cp -R README.md docs $(DESTDIR)$(DOCDIR)/

## uninstall: take away what install put there
.PHONY: uninstall
uninstall:
	rm -f $(INSTALLED:%=$(D)/%)
	rm -rf $(D)/share/trammel $(DESTDIR)$(DOCDIR)

# --- the rest -----------------------------------------------------------------------------------

## clean: forget everything built
.PHONY: clean
clean:
	rm -rf build

## help: this list
.PHONY: help
help:
	@awk '/^## / { i = index($$0, ":"); \
		printf "  make %-10s %s\n", substr($$0, 4, i - 4), substr($$0, i + 2) }' Makefile

-include $(LIB_OBJ:.o=.d) $(TUI_OBJ:.o=.d) $(KIT_OBJ:.o=.d) $(wildcard $B/tests/*/*.d)
