#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Part of Needletail, a control server for Tailscale clients.
"""Runs official clients as it is told, for a test or by hand.

    FOLDER/venv/bin/python nodes.py KEYS_FOLDER SERVER_URL

Reads one order a line from standard input, and answers each with one line; both are JSON. A node's
keys are kept in KEYS_FOLDER, so that another process can be the same machine. It ends with its input.

    {"order": "join", "names": ["a", "b"], "key": "hskey-auth-...", "within": 30}
        {"joined": {"a": ["100.64.0.1", "fd7a:115c:a1e0::1"], ...}, "refused": {"b": "TimeoutError: "}}
    {"order": "settle", "names": ["a", "b"], "within": 30}      waits until they know each other
        {"problems": []}
    {"order": "probe", "pairs": [["a", "b"]], "within": 30}     what gets through
        {"through": ["a>b tcp", "a>b udp"]}
"""

import asyncio
import json
import os
import sys

import tailnet


class Nodes:
    def __init__(self, folder, url):
        self.folder = folder
        self.url = url
        self.nodes = {}

    async def obey(self, order):
        orders = {"join": self.join, "settle": self.settle, "probe": self.probe}
        return await orders[order.pop("order")](**order)

    async def join(self, names, key, within):
        joining = (tailnet.join(self.folder, self.url, name, key, within) for name in names)
        results = dict(zip(names, await asyncio.gather(*joining, return_exceptions=True)))
        refused = {name: r for name, r in results.items() if isinstance(r, Exception)}
        joined = {name: r for name, r in results.items() if name not in refused}
        self.nodes.update(joined)
        return {
            "joined": {name: [str(node.v4), str(node.v6)] for name, node in joined.items()},
            "refused": {name: "%s: %s" % (type(r).__name__, r) for name, r in refused.items()},
        }

    async def settle(self, names, within):
        return {"problems": await tailnet.settle([self.nodes[name] for name in names], within)}

    async def probe(self, pairs, within):
        return {"through": await tailnet.probe([[self.nodes[name] for name in pair] for pair in pairs], within)}


async def main(folder, url):
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())       # the client logs to what it takes for standard output
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    nodes = Nodes(folder, url)
    async for line in orders:
        print(json.dumps(await nodes.obey(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: nodes.py KEYS_FOLDER SERVER_URL")
    asyncio.run(main(sys.argv[1], sys.argv[2]))
    os._exit(0)         # the client's own threads complain loudly when Python takes itself down
