# SPDX-License-Identifier: BSD-3-Clause
# Part of Needletail, a control server for Tailscale clients.
"""Nodes of a tailnet, each an official client in this process, and what gets through between them."""

import asyncio
import itertools
import pathlib

import tailscale

SETTLE_SECONDS = 5          # the client loses the first packets to a peer that it has only just heard of
TCP_ATTEMPT_SECONDS = 8
UDP_INTERVAL_SECONDS = 0.5
LOOKUP_INTERVAL_SECONDS = 0.2

_ports = itertools.count(7000)
_tokens = itertools.count(1)


class Node:
    """One client: its device, and its addresses once it has joined."""

    def __init__(self, name, device, addresses):
        self.name = name
        self.device = device
        self.v4, self.v6 = addresses


async def join(folder, url, name, key, within):
    """Connects a client whose keys are in a file of its name; raises TimeoutError if the server does not let it in."""
    async with asyncio.timeout(within):
        device = await tailscale.connect(
            str(pathlib.Path(folder) / (name + ".json")), key, control_server_url=url, hostname=name
        )
        return Node(name, device, [await device.ipv4_addr(), await device.ipv6_addr()])


async def sees(node, peer_name, peer_v4, within):
    """Whether the node knows the peer, by its name and by its address, before the time is over."""
    try:
        async with asyncio.timeout(within):
            while True:
                if await _knows(node.device, peer_name, peer_v4):
                    return True
                await asyncio.sleep(LOOKUP_INTERVAL_SECONDS)
    except TimeoutError:
        return False


async def _knows(device, name, v4):
    try:
        by_name, by_address = await device.peer_by_name(name), await device.peer_by_tailnet_ip(v4)
    except (LookupError, OSError, RuntimeError, ValueError):
        return False
    return bool(by_name) and bool(by_address)


async def settle(nodes, within):
    """Waits until every node knows every other, and then as long as the client needs; names who does not know whom."""
    pairs = list(itertools.permutations(nodes, 2))
    known = await asyncio.gather(*(sees(a, b.name, b.v4, within) for a, b in pairs))
    if all(known):
        await asyncio.sleep(SETTLE_SECONDS)
    return ["%s does not see %s" % (a.name, b.name) for (a, b), is_known in zip(pairs, known) if not is_known]


async def probe(pairs, within):
    """What gets through, as "a>b tcp" and "a>b udp"; `within` is for each pair, and less when everything does.

    One pair comes after the other: two clients that first speak to each other at the same moment
    lose both handshakes, and do not try again for a long time.
    """
    through = []
    for a, b in pairs:
        tasks = [asyncio.create_task(kind(a, b), name=kind.__name__) for kind in (tcp, udp)]
        done, pending = await asyncio.wait(tasks, timeout=within)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        through += ["%s>%s %s" % (a.name, b.name, t.get_name()) for t in tasks if t in done and not t.exception()]
    return through


async def tcp(a, b):
    """Returns once a stream that a opened to b has carried words there and back."""
    port, words = next(_ports), b"tcp %d" % next(_tokens)
    listener = await b.device.tcp_listen((b.v4, port))

    async def echo():
        while True:
            stream = await listener.accept()
            await stream.send(await stream.recv())

    server = asyncio.create_task(echo())
    try:
        while True:
            try:
                async with asyncio.timeout(TCP_ATTEMPT_SECONDS):
                    stream = await a.device.tcp_connect((b.v4, port))
                    await stream.send(words)
                    if bytes(await stream.recv()) == words:
                        return
            except (TimeoutError, OSError, RuntimeError):
                pass
            await asyncio.sleep(UDP_INTERVAL_SECONDS)
    finally:
        server.cancel()


async def udp(a, b):
    """Returns once b has received one of the datagrams that a sends it again and again."""
    port, words = next(_ports), b"udp %d" % next(_tokens)
    here, there = await a.device.udp_bind((a.v4, port)), await b.device.udp_bind((b.v4, port))

    async def send():
        while True:
            await here.sendto((b.v4, port), msg=words)
            await asyncio.sleep(UDP_INTERVAL_SECONDS)

    sender = asyncio.create_task(send())
    try:
        while bytes((await there.recvfrom())[0]) != words:
            pass
    finally:
        sender.cancel()
