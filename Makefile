# SPDX-License-Identifier: BSD-3-Clause
# Part of Needletail, a control server for Tailscale clients.

SWIFT ?= swift
SOURCES := $(wildcard Sources Tests Benchmarks/Sources Benchmarks/Package.swift FuzzTesting/Sources FuzzTesting/Package.swift) Package.swift

.PHONY: run test build check lint format bench bench-scale fuzz clean setup

# Starts a server with its embedded defaults; ARGUMENTS are handed on, for example ARGUMENTS="--config FILE".
run: setup
	$(SWIFT) build -c release --product needletail
	exec "$$($(SWIFT) build -c release --show-bin-path)/needletail" serve $(ARGUMENTS)

# Builds everything and runs every test, those with the official client included.
test: setup
	Scripts/test.sh

build: setup
	$(SWIFT) build --build-tests

# What CI runs.
check: lint test

lint:
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

format:
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

# Figures, not tests; see Benchmarks/README.md.
bench: setup
	Scripts/bench.sh

# Whole runs of the load tool; FULL=1 for all sizes. See docs/swarm.md.
bench-scale: setup
	Scripts/bench-scale.sh

# Fuzzes every parser for SECONDS each.
SECONDS_EACH ?= 60
fuzz: setup
	Scripts/fuzz.sh $(SECONDS_EACH)

clean:
	$(SWIFT) package clean
	rm -rf .build .interop Benchmarks/.build FuzzTesting/.build

setup:
	@Scripts/install-system-libraries.sh
