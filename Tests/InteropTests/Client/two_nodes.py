#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Part of Needletail, a control server for Tailscale clients.
"""Two official clients join, see each other and exchange TCP and UDP through the relay.

    FOLDER/venv/bin/python two_nodes.py SERVER_URL KEY [KEY_OF_THE_SECOND]

FOLDER is the one that prepare.py filled, and the server runs with its certificate. The exit status
is 0 if both got through in both directions.
"""

import asyncio
import os
import sys
import tempfile

import tailnet

SECONDS_EACH_STEP = 45


async def main(url, key_a, key_b):
    with tempfile.TemporaryDirectory() as folder:
        a = await tailnet.join(folder, url, "node-a", key_a, SECONDS_EACH_STEP)
        b = await tailnet.join(folder, url, "node-b", key_b, SECONDS_EACH_STEP)
        print("joined: %s %s" % (a.v4, b.v4))
        for problem in await tailnet.settle([a, b], SECONDS_EACH_STEP):
            print(problem)
        through = await tailnet.probe([(a, b), (b, a)], SECONDS_EACH_STEP)
        print("through: %s" % (", ".join(through) or "nothing"))
        return 0 if len(through) == 4 else 1


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: two_nodes.py SERVER_URL KEY [KEY_OF_THE_SECOND]")
    status = asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[-1]))
    sys.stdout.flush()
    os._exit(status)        # the client's own threads complain loudly when Python takes itself down
