#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Part of Needletail, a control server for Tailscale clients.
#
# Builds everything and runs every test. The interop suite needs Python 3.12 or later; without one it is skipped with
# a loud reason, and under CI=true that is a failure.
set -eu
cd "$(dirname "$0")/.."

swift build --build-tests

if python=$(Scripts/find-python.sh); then
    "$python" Tests/InteropTests/Client/prepare.py .interop
    NEEDLE_INTEROP=$(pwd)/.interop
    export NEEDLE_INTEROP
elif [ "${CI:-}" = "true" ]; then
    echo "test: no Python 3.12 or later was found, so the official client cannot be tested; under CI this is a failure" >&2
    echo "test: install one, or name it with NEEDLE_PYTHON=/path/to/python3" >&2
    exit 1
else
    echo "********************************************************************************" >&2
    echo "test: SKIPPING the interop suite: no Python 3.12 or later was found." >&2
    echo "test: install one, or name it with NEEDLE_PYTHON=/path/to/python3" >&2
    echo "********************************************************************************" >&2
fi

if [ $# -gt 0 ]; then
    exec swift test --skip-build "$@"
fi
swift test --skip-build --skip EndToEndTests --skip InteropTests
# These start processes and talk to them over sockets: one after the other, so that none waits for a core.
swift test --skip-build --no-parallel --filter EndToEndTests --filter InteropTests
