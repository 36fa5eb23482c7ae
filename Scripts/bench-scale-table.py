#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Part of Needletail, a control server for Tailscale clients.
"""Print what a folder of bench-scale results says, against the aims; exit 1 if one was missed.

    bench-scale-table.py FOLDER
"""

import json
import pathlib
import sys

MB = 1e6

# Seconds until all are exact; peak and final memory in bytes; idle processor time in percent of a core.
AIMS = {
    "acl15k-200": {"exact": 0.6},
    "acl15k-500": {"exact": 2},
    "acl15k-1000": {"exact": None},
    "acl15k-2000": {"exact": 12, "peak": 400 * MB, "end": 300 * MB},
    "acl15k-5000": {"exact": None},
    "brutal-2000": {"exact": 8},
    "brutal-5000": {"exact": 25, "peak": 400 * MB, "end": 300 * MB},
    "ctf-3606": {"exact": 10},
    "ctf-10000": {"exact": None, "peak": 1000 * MB},
    "ctf-19000": {"exact": None, "peak": 1000 * MB},
    "mesh-1000": {"exact": 2.5},
    "mesh-2000": {"exact": 8, "idle": 0.3},
    "mesh-5000": {"exact": None},
}


class Table:
    """Rows of what was measured, and whether an aim was missed."""

    def __init__(self):
        self.rows = []
        self.isMissed = False
        # Processor time for each newcomer, by run.
        self.costs = {}

    def aim(self, value, limit, text):
        """One cell: the value, and what it should have been if it is not below that."""
        if limit is None or value < limit:
            return text(value) + ("" if limit is None else f" (< {text(limit)})")
        self.isMissed = True
        return f"**{text(value)}, missed {text(limit)}**"

    def add(self, *cells):
        self.rows.append(cells)


def seconds(value):
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def megabytes(value):
    return f"{value / MB:.0f} MB"


def percent(value):
    return f"{value:.2f} %"


def joining(table, name, run):
    aims = AIMS.get(name, {})
    server = run["server"]
    exact = run["exact_s"]
    if exact is None:
        table.isMissed = True
        cells = [f"**{run['outcome']}**"]
    else:
        cells = [table.aim(exact, aims.get("exact"), seconds)]
    cells.append(seconds(run["registered_s"]) if run["registered_s"] is not None else "")
    cells.append(seconds(server["cpu_s"]))
    cells.append(table.aim(server["rss_peak_bytes"], aims.get("peak"), megabytes))
    cells.append(table.aim(server["rss_end_bytes"], aims.get("end"), megabytes))
    cells.append(f"{run['wire_bytes'] / MB:.0f} MB in {run['messages']}")
    idle = server.get("idle_cpu_percent")
    cells.append("" if idle is None else table.aim(idle, aims.get("idle"), percent))
    table.add(name, str(run["nodes"]), *cells)


def phase(table, name, part):
    kind = part["name"]
    text = ""
    if part["outcome"] != "exact":
        table.isMissed = True
        text = f"**{part['outcome']}**"
    elif kind == "reconnect":
        text = "all exact after " + table.aim(part["done_s"], 20 if part["affected"] > 4000 else None, seconds)
        text += f", wrong maps {part['wrong_maps']}"
        table.isMissed |= part["wrong_maps"] > 0
    elif kind == "newcomer":
        delivery = part["delivery"]
        text = f"others told after {seconds(delivery['p50_s'])} at the median, last "
        text += table.aim(delivery["max_s"], 0.1, seconds)
        cost = part["server_cpu_s"] / delivery["count"]
        table.costs[name] = cost
        text += f"; {cost * 1000:.1f} ms of processor time each, {part['messages'] / delivery['count']:.0f} messages"
    elif kind == "policy":
        text = f"{part['affected']} filters after " + table.aim(part["done_s"], 0.5, seconds)
    elif kind == "edit":
        text = f"{part['affected']} clients after " + table.aim(part["done_s"], 1, seconds)
        text += f", messages to others: {part['untouched_messages']}"
        table.isMissed |= part["untouched_messages"] > 0
    elif kind == "churn":
        delivery = part["delivery"]
        text = table.aim(part["server_cpu_percent"], 30, percent) + " of a core; "
        text += f"{100 * part['delivered']:.1f} % told, after {seconds(delivery['p50_s'])} at the median"
    if text:
        table.add(name, kind, text)


def flatness(table):
    """A join among 10,000 nodes may cost less than twice what it costs among 500, for the same number of peers."""
    few, many = table.costs.get("newcomer-500"), table.costs.get("newcomer-10000")
    if few and many:
        text = "among 10,000 nodes one newcomer takes " + table.aim(many / few, 2, lambda value: f"{value:.2f} times")
        table.add("newcomer-*", "newcomer", text + " what one takes among 500")


def show(title, header, rows):
    print(f"{title}\n")
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: bench-scale-table.py FOLDER")
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.json"), key=lambda file: file.stat().st_mtime)
    if not files:
        sys.exit(f"there are no results in {sys.argv[1]}; Scripts/bench-scale.sh writes some")
    joins, phases = Table(), Table()
    for file in files:
        run = json.loads(file.read_text())
        joining(joins, file.stem, run)
        for part in run["phases"]:
            phase(phases, file.stem, part)
    flatness(phases)
    header = ["run", "clients", "all exact", "registered", "server CPU", "memory, peak", "at the end", "sent", "idle"]
    show("Joining, all at once:", header, joins.rows)
    show("Afterwards:", ["run", "what", "outcome"], phases.rows)
    missed = joins.isMissed or phases.isMissed
    print("An aim was missed." if missed else "All aims were reached.")
    sys.exit(1 if missed else 0)


main()
