#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Part of Needletail, a control server for Tailscale clients.
#
# Builds and runs the benchmarks: a table to the terminal, the table and JSON under Benchmarks/results/.
# Arguments are handed on, for example: Scripts/bench.sh --filter 'full map'   (see --help)
set -eu

cd "$(dirname "$0")/../Benchmarks"
swift=${SWIFT:-swift}

"$swift" build -c release --product NeedleBenchmarks
program="$("$swift" build -c release --show-bin-path)/NeedleBenchmarks"

# Databases go to the disk that the checkout is on, since /tmp is memory on many machines.
scratch=$(mktemp -d "$PWD/.build/bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

mkdir -p results
name="results/$(date -u +%Y%m%d-%H%M%S)"
{
    echo "commit   $(git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown)"
    echo "machine  $(uname -sm), $(nproc) cores, $(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)"
    echo "system   $(. /etc/os-release && echo "$PRETTY_NAME")"
    echo "swift    $("$swift" --version 2>/dev/null | head -n 1)"
    echo "load     $(cut -d ' ' -f 1-3 /proc/loadavg) when it began"
    echo
} | tee "$name.txt"
# A pipe to tee would hide the program's status.
status=0
TMPDIR=$scratch NEEDLE_BENCH_JSON="$PWD/$name.json" "$program" "$@" >"$name.table" || status=$?
tee -a "$name.txt" <"$name.table"
rm -f "$name.table"
echo
echo "load     $(cut -d ' ' -f 1-3 /proc/loadavg) when it ended" | tee -a "$name.txt"
echo "written  Benchmarks/$name.txt and .json"
exit "$status"
