#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Part of Needletail, a control server for Tailscale clients.
#
# Fuzzes parsers with libFuzzer: fuzz.sh [SECONDS [PARSER...]], by default every parser for 60 seconds.
#
# The corpus in Tests/Fixtures/corpus is where it begins; what it learns stays in FuzzTesting/.build/corpus, and finds
# in FuzzTesting/Findings. libFuzzer's archive comes with Swift; NEEDLE_FUZZER_ARCHIVE names another one.
set -eu
cd "$(dirname "$0")/.."

seconds=${1:-60}
[ $# -eq 0 ] || shift
case $seconds in
'' | *[!0-9]*)
    echo "usage: Scripts/fuzz.sh [SECONDS [PARSER...]]" >&2
    exit 2
    ;;
esac

find_archive() {
    swift_binary=$(readlink -f "$(command -v swift)")
    for archive in "${NEEDLE_FUZZER_ARCHIVE:-}" \
        "${swift_binary%/bin/*}"/lib/clang/*/lib/*/libclang_rt.fuzzer_no_main*"$(uname -m)".a \
        /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer_no_main-"$(uname -m)".a; do
        [ -f "$archive" ] && echo "$archive" && return 0
    done
    echo "fuzz: no libclang_rt.fuzzer_no_main was found beside Swift or in /usr/lib/llvm-*" >&2
    echo "fuzz: install Debian's libclang-rt-dev, or name the archive with NEEDLE_FUZZER_ARCHIVE" >&2
    return 1
}

archive=$(find_archive)
swift build --package-path FuzzTesting -c release --product needletail-fuzz -Xlinker "$archive"
fuzzer=$(swift build --package-path FuzzTesting -c release --show-bin-path)/needletail-fuzz
[ $# -gt 0 ] || set -- $("$fuzzer")

mkdir -p FuzzTesting/Findings
found=""
for parser in "$@"; do
    learned=FuzzTesting/.build/corpus/$parser
    log=FuzzTesting/.build/$parser.log
    mkdir -p "$learned"
    echo "fuzz: $parser for $seconds s"
    # Leaks are not looked for: the Swift runtime keeps what it allocates once. Its own backtraces and AddressSanitizer
    # do not get along; libFuzzer prints the stack.
    if SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 "$fuzzer" "$parser" \
        -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -dict=FuzzTesting/Dictionaries/tokens.dict -artifact_prefix="FuzzTesting/Findings/$parser-" \
        "$learned" "Tests/Fixtures/corpus/$parser" >"$log" 2>&1; then
        grep -E 'stat::(number_of_executed_units|average_exec_per_sec|new_units_added|peak_rss_mb)' "$log" || true
    else
        tail -n 60 "$log"
        found="$found $parser"
    fi
done

if [ -n "$found" ]; then
    echo "fuzz: finds in:$found; the inputs are in FuzzTesting/Findings, the logs in FuzzTesting/.build" >&2
    echo "fuzz: put each input into Tests/Fixtures/corpus/PARSER and give it a test in FuzzResultTests" >&2
    exit 1
fi
echo "fuzz: nothing found"
