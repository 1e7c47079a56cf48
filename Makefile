# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors

# Release programs carry the Swift runtime in themselves: they start faster, need less memory, and
# run where no toolchain is.
RELEASE_PATH := .build-release
RELEASE := swift build -c release --static-swift-stdlib --scratch-path $(RELEASE_PATH) \
	-Xswiftc -enforce-exclusivity=unchecked
PROGRAMS := $(RELEASE_PATH)/release
# So many simulated worlds are run by make test.
SEEDS ?= 5000
# So many worlds in which functions move between ctdbd and new daemons.
STAGE_SEEDS ?= 10000
# So many worlds in which public addresses move.
ADDRESS_SEEDS ?= 1500

# So many seconds of made-up inputs are given to each reader by make fuzz, and to which; all: "".
FUZZ_SECONDS ?= 15
FUZZ_READERS ?=

.PHONY: all packages build release demo demo-stages test compare fuzz bench bench-events lint \
	format generated clean

all: build

# The Debian packages that are missing, by legacy/packages.
packages:
	legacy/install-packages --require

build:
	swift build

release:
	$(RELEASE) --product ctdb
	$(RELEASE) --product ctdb-proxyd
	$(RELEASE) --product ctdb-eventd
	$(RELEASE) --product ctdb-clusterd
	$(RELEASE) --product ctdb-ipd
	$(RELEASE) --product ctdb-bench

# A three-node cluster of real ctdbd, a proxy beside each, and live round trips through the tunnel.
demo: packages release
	legacy/demo $(PROGRAMS)

# Events are taken over from ctdbd, stage by stage, and given back, while clients work on files.
demo-stages: packages release
	legacy/demo-stages $(PROGRAMS)

# Everything that can be tested on this machine; what is skipped says so by name.
test: packages lint
	swift build --build-tests
	.ci/swift-test
	# 77 is what it says when it is not run as root.
	legacy/compare-tool --both .build/debug/ctdb || [ $$? -eq 77 ]
	legacy/compare-records .build/debug/ctdb-legacy || [ $$? -eq 77 ]
	$(RELEASE) --product ctdb-simulate
	$(RELEASE) --product ctdb-allocate
	$(RELEASE) --product ctdb-mutate
	$(PROGRAMS)/ctdb-mutate
	$(PROGRAMS)/ctdb-allocate --seeds 50000
	$(PROGRAMS)/ctdb-simulate --stages --seeds $(STAGE_SEEDS)
	export SWIFT_DETERMINISTIC_HASHING=1; \
	$(PROGRAMS)/ctdb-simulate --addresses --seeds $(ADDRESS_SEEDS) --step 2 --first 0 & \
	$(PROGRAMS)/ctdb-simulate --addresses --seeds $(ADDRESS_SEEDS) --step 2 --first 1 && wait $$!
	$(PROGRAMS)/ctdb-simulate --seeds $(SEEDS) --step 2 --first 0 & \
	$(PROGRAMS)/ctdb-simulate --seeds $(SEEDS) --step 2 --first 1 && wait $$!

# The old command line with every set of options in every state of a cluster, through both
# programs that speak it: ten minutes. make test asks a part of it.
compare: packages
	swift build --product ctdb
	swift build --product ctdb-legacy
	legacy/compare-tool --full --both .build/debug/ctdb
	legacy/compare-tool --full .build/debug/ctdb-legacy
	legacy/compare-records .build/debug/ctdb-legacy

# libFuzzer, with the address sanitizer, on everything that reads bytes from outside.
fuzz:
	$(RELEASE) --product ctdb-mutate
	swift build -c release --scratch-path .build-fuzz --product ctdb-mutate \
	    --sanitize=fuzzer --sanitize=address -Xswiftc -sanitize=fuzzer \
	    -Xswiftc -DFUZZING -Xcc -fsanitize=fuzzer-no-link
	Tests/ctdb-mutate/fuzz --seconds $(FUZZ_SECONDS) $(PROGRAMS)/ctdb-mutate \
	    .build-fuzz/release/ctdb-mutate $(FUZZ_READERS)

# Every line: NAME VALUE UNIT bar BOUND ok|short
bench: packages release
	legacy/bench --lab bench-$$$$ --bin $(PROGRAMS)

# The event daemon against the legacy one, and its memory after 100,000 scripts: three minutes; and
# what clients notice while events change hands.
bench-events: packages release
	legacy/bench-events --bin $(PROGRAMS)
	legacy/demo-stages $(PROGRAMS)

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

format:
	swift format --in-place --recursive Package.swift Sources Tests

# The Swift of the new wire, from its .x files; completions, man pages and schemas of the command
# line, from its definitions.
generated:
	swift run xdrgen
	swift build --product ctdb
	for name in $$(.build/debug/ctdb generate); do \
	    .build/debug/ctdb generate $$name >Sources/ctdb/Generated/$$name || exit 1; done

clean:
	rm -rf .build $(RELEASE_PATH) .build-fuzz
