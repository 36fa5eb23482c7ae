#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Part of Needletail, a control server for Tailscale clients.
"""Stands before a server and keeps its port open while it is restarted: who connects then, waits.

    python3 front.py PORT PORT_OF_THE_SERVER

It ends with its standard input.
"""

import asyncio
import os
import sys

RETRY_SECONDS = 0.02
CHUNK_BYTES = 65536


async def forward(reader, writer):
    try:
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def dial(port):
    while True:
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(RETRY_SECONDS)


async def main(port, server_port):
    async def serve(reader, writer):
        server_reader, server_writer = await dial(server_port)
        await asyncio.gather(forward(reader, server_writer), forward(server_reader, writer))

    listener = await asyncio.start_server(serve, "127.0.0.1", port)
    print("ready", flush=True)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    await orders.read()
    listener.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
    os._exit(0)         # whatever it still forwards
