# trammel: one graph, out of tree. `make help` lists the targets.
#
#   FLAVOUR=release (default) | san (ASan + UBSan) | fuzz (clang, libFuzzer)     each in its own build/<flavour>/
#   CC=gcc (default) | clang
#
# Everything below tui/ is one static library; a program is that library plus its own files.

FLAVOUR ?= release
CC      := $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
B       := build/$(FLAVOUR)
PREFIX  ?= /usr/local
DESTDIR ?=
VECTORS ?= ../shared/vectors
VERSION := 0.1.0

LIBS_PC := libsodium libzstd yaml-0.1
TEST_PC := criterion jansson

CSTD    := -std=c11 -D_DEFAULT_SOURCE -D_GNU_SOURCE
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wpointer-arith -Wcast-qual \
           -Wundef -Wformat=2 -Wwrite-strings -Wimplicit-fallthrough $(if $(CI),-Werror)
HARDEN  := -fstack-protector-strong -fPIC -fvisibility=hidden
FLOAT   := -ffp-contract=off
OPT_release := -O2 -g -D_FORTIFY_SOURCE=2
OPT_san     := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
OPT_fuzz    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
OPT     := $(OPT_$(FLAVOUR))
LD_release := -Wl,-z,relro,-z,now
LD_san     := -fsanitize=address,undefined
LD_fuzz    := -fsanitize=address,undefined

PC_CFLAGS = $(shell pkg-config --cflags $(LIBS_PC))
PC_LIBS   = $(shell pkg-config --libs $(LIBS_PC))
TEST_CFLAGS = $(shell pkg-config --cflags $(TEST_PC))
TEST_LIBS   = $(shell pkg-config --libs $(TEST_PC))

CFLAGS_ALL = $(CSTD) $(OPT) $(WARN) $(HARDEN) $(FLOAT) -I. -DTRAMMEL_VERSION='"$(VERSION)"' -MMD -MP $(PC_CFLAGS) $(CFLAGS)
BANNED     = -include engine/base/banned.h
LDFLAGS_ALL = $(LD_$(FLAVOUR)) $(LDFLAGS)

LIB_SRC  := $(sort $(wildcard engine/*/*.c replay/*.c chaos/*.c lightning/*.c))
TUI_SRC  := $(sort $(wildcard tui/*.c))
KIT_SRC  := $(sort $(wildcard tests/kit/*.c))
ROOMS    := $(sort $(notdir $(patsubst %/,%,$(dir $(wildcard tests/*/test_*.c)))))
LIB_OBJ  := $(LIB_SRC:%.c=$B/%.o)
TUI_OBJ  := $(TUI_SRC:%.c=$B/%.o)
KIT_OBJ  := $(KIT_SRC:%.c=$B/%.o)
LIB      := $B/libtrammel.a
BIN      := $B/trammel

.PHONY: all
all: $(BIN) $(LIB)

$B/engine/base/world_real.o: CFLAGS_EXTRA := -DWORLD_REAL_EDGE
$B/engine/%.o $B/replay/%.o $B/chaos/%.o $B/lightning/%.o: CFLAGS_BANNED = $(BANNED)
$B/tests/%.o: CFLAGS_EXTRA = $(TEST_CFLAGS) -Wno-missing-prototypes

$B/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(CFLAGS_BANNED) $(CFLAGS_EXTRA) -c $< -o $@

$(LIB): $(LIB_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(BIN): $(TUI_OBJ) $(LIB)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PC_LIBS)

# --- tests: one Criterion program per room, `make test-state` runs one room alone -------------------------------
WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

define room_rules
$B/tests/run_$(1): $$(patsubst %.c,$B/%.o,$$(sort $$(wildcard tests/$(1)/*.c))) $$(KIT_OBJ) $$(LIB)
	$$(CC) $$(LDFLAGS_ALL) $$(WRAP) -o $$@ $$^ $$(TEST_LIBS) $$(PC_LIBS) -lm
.PHONY: test-$(1)
test-$(1): $B/tests/run_$(1)
	$B/tests/run_$(1) $$(ARGS)
endef
$(foreach room,$(ROOMS),$(eval $(call room_rules,$(room))))

# --- conformance: our answers beside published ones; SUITE=jcs,merkle picks, VECTORS=folder says where they are ------
CONF_SRC := $(sort $(wildcard tests/conformance/*.c))

$B/tests/conformance/conformance: $(CONF_SRC:%.c=$B/%.o) $(LIB)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(TEST_LIBS) $(PC_LIBS) -lm

.PHONY: conformance
conformance: $B/tests/conformance/conformance
	$< $(if $(SUITE),-s $(SUITE)) $(VECTORS)

-include $(LIB_OBJ:.o=.d) $(TUI_OBJ:.o=.d) $(KIT_OBJ:.o=.d) $(wildcard $B/tests/*/*.d)
