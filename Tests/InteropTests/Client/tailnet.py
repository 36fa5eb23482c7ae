# SPDX-License-Identifier: BSD-3-Clause
# Part of Needletail, a control server for Tailscale clients.
"""Nodes of a tailnet, each an official client in this process, and what gets through between them.

The client's network stack does not survive that a connection attempt is given up or a listener closed:
it panics, and the node is deaf from then on. So listeners stay, and attempts that failed are left alone.
"""

import asyncio
import itertools
import pathlib

import tailscale

PORT = 7000
SETTLE_SECONDS = 5          # the client loses the first packets to a peer that it has only just heard of
TCP_ATTEMPT_SECONDS = 8
RETRY_SECONDS = 0.5
POLL_SECONDS = 0.05
LOOKUP_SECONDS = 0.2

_numbers = itertools.count(1)


class Node:
    """One client that has joined: its addresses, a TCP service that echoes, and the datagrams it received."""

    def __init__(self, name, device, v4, v6):
        self.name = name
        self.device = device
        self.v4, self.v6 = v4, v6
        self.received = set()
        self.kept = []

    async def open(self):
        """Opens its services."""
        listener = await self.device.tcp_listen((self.v4, PORT))
        self.socket = await self.device.udp_bind((self.v4, PORT))
        self.kept += [listener, self.socket]
        self.keep(self._accept(listener))
        self.keep(self._receive(self.socket))

    def keep(self, work):
        """Starts a task that is never given up."""
        task = asyncio.create_task(work)
        self.kept.append(task)
        return task

    async def _accept(self, listener):
        while True:
            self.keep(_echo(await listener.accept()))

    async def _receive(self, socket):
        while True:
            self.received.add(bytes((await socket.recvfrom())[0]))


async def _echo(stream):
    await stream.send(await stream.recv())


async def join(folder, url, name, key, within):
    """Connects a client whose keys are in a file of its name; raises TimeoutError if the server does not let it in."""
    async with asyncio.timeout(within):
        device = await tailscale.connect(
            str(pathlib.Path(folder) / (name + ".json")), key, control_server_url=url, hostname=name
        )
        node = Node(name, device, await device.ipv4_addr(), await device.ipv6_addr())
        await node.open()
        return node


async def sees(node, peer_name, peer_v4, within):
    """Whether the node knows the peer, by its name and by its address, before the time is over."""
    try:
        async with asyncio.timeout(within):
            while not await _knows(node.device, peer_name, peer_v4):
                await asyncio.sleep(LOOKUP_SECONDS)
            return True
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
    while True:
        attempt = a.keep(_tell(a, b, b"tcp %d" % next(_numbers)))
        await asyncio.wait([attempt], timeout=TCP_ATTEMPT_SECONDS)
        if attempt.done() and not attempt.exception() and attempt.result():
            return
        await asyncio.sleep(RETRY_SECONDS)


async def _tell(a, b, words):
    stream = await a.device.tcp_connect((b.v4, PORT))
    await stream.send(words)
    return bytes(await stream.recv()) == words


async def udp(a, b):
    """Returns once b has received one of the datagrams that a sends it again and again."""
    words = b"udp %d" % next(_numbers)
    for turn in itertools.count():
        if turn % round(RETRY_SECONDS / POLL_SECONDS) == 0:
            await a.socket.sendto((b.v4, PORT), msg=words)
        await asyncio.sleep(POLL_SECONDS)
        if words in b.received:
            return
