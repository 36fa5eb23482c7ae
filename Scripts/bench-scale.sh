#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Part of Needletail, a control server for Tailscale clients.
#
# Lets simulated clients load a new release server for each workload, and writes what was measured, as JSON and as a
# table that says which aims were missed, under Benchmarks/results/scale-*. The smaller sizes take some minutes; FULL=1
# takes all of them. The exit status is 1 when a run was not exact or an aim was missed.
#
#   Scripts/bench-scale.sh              the smaller sizes
#   FULL=1 Scripts/bench-scale.sh       all sizes
#   ONLY=ctf Scripts/bench-scale.sh     those whose name has "ctf" in it
#   PROGRAM=path Scripts/bench-scale.sh another build of needletail
set -eu

cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
if [ -z "${PROGRAM:-}" ]; then
    "$swift" build -c release --product needletail
    PROGRAM="$("$swift" build -c release --show-bin-path)/needletail"
fi

# Databases go to the disk that the checkout is on, since /tmp is memory on many machines.
scratch=$(mktemp -d "$PWD/.build/scale.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

results="Benchmarks/results/scale-$(date -u +%Y%m%d-%H%M%S)"
mkdir -p "$results"
{
    echo "commit   $(git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown)"
    echo "machine  $(uname -sm), $(nproc) cores, $(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)"
    echo "system   $(. /etc/os-release && echo "$PRETTY_NAME")"
    echo "load     $(cut -d ' ' -f 1-3 /proc/loadavg) when it began"
    echo "files    $(ulimit -Hn) open at most"
} | tee "$results/machine.txt"

status=0
failed=""

# measure NAME ARGUMENTS: one run against a server of its own.
measure() {
    name=$1
    shift
    case $name in *"${ONLY:-}"*) ;; *) return 0 ;; esac
    echo
    echo "== $name: needletail swarm run --spawn $*"
    if ! TMPDIR=$scratch "$PROGRAM" swarm run --spawn "$@" --json "$results/$name.json" \
        >"$results/$name.txt" 2>"$results/$name.log"; then
        status=1
        failed="$failed $name"
        tail -n 3 "$results/$name.log"
    fi
    cat "$results/$name.txt"
    [ -n "${KEEP_LOGS:-}" ] || rm -f "$results/$name.log"
}

# The smaller sizes.
measure acl15k-200 --preset acl15k --nodes 200 --idle-seconds 0 --scenario reconnect,policy,edit
for nodes in 500 1000 2000; do measure acl15k-$nodes --preset acl15k --nodes $nodes --idle-seconds 0; done
measure brutal-2000 --preset brutal --nodes 2000 --idle-seconds 0
measure ctf-3606 --preset ctf --nodes 3606 --idle-seconds 0
measure mesh-500-parts --preset mesh --nodes 500 --idle-seconds 0 --scenario newcomer,policy,churn --churn-seconds 10
measure mesh-1000 --preset mesh --nodes 1000 --idle-seconds 0 --scenario policy
measure mesh-2000 --preset mesh --nodes 2000 --idle-seconds 60

if [ -n "${FULL:-}" ]; then
    measure acl15k-5000 --preset acl15k --nodes 5000 --idle-seconds 60
    measure brutal-5000 --preset brutal --nodes 5000 --idle-seconds 60
    measure mesh-5000 --preset mesh --nodes 5000 --idle-seconds 60
    for nodes in 10000 19000; do measure ctf-$nodes --preset ctf --nodes $nodes --idle-seconds 60; done
    # 5,000 at a time: killed and back, one more, few touched by an edit, churn of one in a hundred a second.
    for preset in ctf brutal; do
        measure $preset-5000-parts --preset $preset --nodes 5000 --idle-seconds 0 \
            --scenario reconnect,newcomer,edit,churn
    done
    # The same number of peers among few and many nodes.
    for nodes in 500 2000 10000; do
        measure newcomer-$nodes --preset ctf --nodes $nodes --idle-seconds 0 --scenario newcomer --newcomers 100
    done
fi

echo
echo "load     $(cut -d ' ' -f 1-3 /proc/loadavg) when it ended" | tee -a "$results/machine.txt"
echo "written  $results"
if [ -n "$failed" ]; then echo "not exact:$failed"; fi
echo
Scripts/bench-scale-table.py "$results" >"$results/table.md" || status=1
cat "$results/table.md"
exit $status
