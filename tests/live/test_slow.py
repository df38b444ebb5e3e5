"""A client that reads slowly falls behind and catches up; one that never reads is closed; neither fills the server's memory."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import ClientConnection, connect

from scripts.support.processes import Server, granian, resident_bytes
from tests import factories
from tests.live.site import Site, burst, in_loop, in_thread


@pytest.fixture
def impatient(site_env: dict[str, str], site_town: factories.Town) -> Iterator[Server]:
    server = granian(site_env, app="tests.live.impatient:application")
    yield server
    server.stop()


async def slow_socket(server: Server, token: str) -> ClientConnection:
    """A connection that reads nothing until it is asked to, and for which the system keeps little meanwhile."""
    own = socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    await asyncio.to_thread(own.connect, ("127.0.0.1", server.port))
    headers = {"authorization": f"Bearer {token}"}
    return await connect(
        server.live, additional_headers=headers, compression=None, ping_interval=None, proxy=None, sock=own
    )


def deaf_socket(server: Server, token: str) -> socket.socket:
    """A connection on which nobody listens, on the level of TCP."""
    own = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    own.sendall(
        f"GET /ws/live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    )
    assert own.recv(12) == b"HTTP/1.1 101"
    return own


def read_to_the_end(own: socket.socket) -> int:
    """How many bytes come before the server ends the connection; TimeoutError if it does not."""
    with own:
        count = 0
        while chunk := own.recv(1_000_000):
            count += len(chunk)
        return count


@in_loop
async def test_who_reads_too_slowly_is_told_so_and_catches_up_from_the_log(site: Site, impatient: Server) -> None:
    site = site.on(impatient)
    async with site.clients("worker", "director") as [worker, director]:
        card = await worker.report()
        await director.sees(card)
        slow = await slow_socket(impatient, site.town.director.token)
        await slow.recv()
        await in_thread(burst, card, 12_000, 12_000)  # in one transaction: her time to catch up begins only after it
        await director.sees(await worker.report(), seconds=30)
        kinds: list[str] = []
        seqs: list[int] = []
        while "behind" not in kinds:
            for frame in json.loads(await asyncio.wait_for(slow.recv(), 10)):
                kinds.append(frame["type"])
                seqs += [event["seq"] for event in frame.get("events", ())]
        assert seqs == sorted(seqs)
        assert len(seqs) < 12_000
        await slow.send('{"type":"caught_up"}')
        [welcome] = json.loads(await asyncio.wait_for(slow.recv(), 10))
        assert welcome["type"] == "welcome"
        assert welcome["streams"][factories.STREET]["seq"] > seqs[-1]
        await worker.report()
        frames = [frame for _ in range(2) for frame in json.loads(await asyncio.wait_for(slow.recv(), 10))]
        assert "events" in [frame["type"] for frame in frames]
        await slow.close()


@in_loop
async def test_a_whole_client_that_falls_behind_ends_with_the_whole_picture(site: Site, impatient: Server) -> None:
    site = site.on(impatient)
    async with site.clients("worker", "director") as [worker, director]:
        card = await worker.report()
        await director.sees(card)
        director.live.on_event = lambda event, live: time.sleep(0.001)  # a tablet that draws slowly, and blocks
        await in_thread(burst, card, 4000)
        last = await worker.report()
        await director.sees(last, seconds=60)
        assert director.live.applied == sorted(set(director.live.applied))
        assert len(director.live.applied) >= 4002
        assert director.live.cards[last["id"]] == (await director.fresh())[last["id"]]


@pytest.mark.slow
@in_loop
async def test_clients_that_never_read_are_let_go_and_memory_stays_bounded(site: Site, impatient: Server) -> None:
    site = site.on(impatient)
    async with site.clients("worker", "director") as [worker, director]:
        card = await worker.report()
        await director.sees(card)
        stuck = [await asyncio.to_thread(deaf_socket, impatient, site.town.director.token) for _ in range(20)]
        before = resident_bytes(impatient.pid)
        for _ in range(8):
            await in_thread(burst, card, 2000)
        await director.sees(await worker.report(), seconds=30)
        grown = resident_bytes(impatient.pid) - before
        sent = 16_000 * 700 * len(stuck)
        assert grown < 100e6 < sent / 2, f"{grown / 1e6:.0f} MB of {sent / 1e6:.0f} MB"
        await asyncio.sleep(9)
        got = await asyncio.gather(*(asyncio.to_thread(read_to_the_end, one) for one in stuck))
        assert max(got) < 16_000 * 700
