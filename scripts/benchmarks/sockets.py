"""A thousand clients in one process: raw WebSockets that count the events they get, and time them on a sample."""

import asyncio
import base64
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

MARK = b'"seq" : '  # how the log writes it: once per event; frames and heartbeats of the hub have no blanks
NUMBER = re.compile(rb'"seq" : (\d+),')
CARRY = 64  # bytes kept from one read to the next, so that nothing is missed at their border
BUFFER = bytearray(CARRY + 1024 * 1024)  # all sockets read into this one, one after the other
VIEW = memoryview(BUFFER)


@dataclass(frozen=True)
class Received:
    """What all sockets got: events in all, and on the sample when each arrived, by its number."""

    events: int
    bytes: int
    sample: list[dict[int, float]]
    closed: int


class CountingSocket(asyncio.BufferedProtocol):
    """Counts events without taking frames apart: the client side must cost less than what it measures."""

    def __init__(self, request: bytes, *, timed: bool) -> None:
        self.request = request
        self.timed = timed
        self.events = self.bytes = 0
        self.open = self.closed = False
        self.times: dict[int, float] = {}
        self.carry = b""
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class has no common base
        self.transport.write(self.request)

    def get_buffer(self, sizehint: int) -> memoryview:
        return VIEW[CARRY:]

    def buffer_updated(self, size: int) -> None:
        end = CARRY + size
        if not self.open:
            self._handshake(bytes(VIEW[CARRY:end]))
            return
        self.bytes += size
        start = CARRY - len(self.carry)
        BUFFER[start:CARRY] = self.carry
        if self.timed:
            now = time.monotonic()
            for found in NUMBER.finditer(BUFFER, start, end):
                self.times.setdefault(int(found[1]), now)
            self.events = len(self.times)
            self.carry = bytes(VIEW[max(start, end - CARRY) : end])
        else:
            self.events += BUFFER.count(MARK, start, end)
            self.carry = bytes(VIEW[max(start, end - len(MARK) + 1) : end])

    def _handshake(self, said: bytes) -> None:
        if not self.ready.done():
            if b" 101 " in said.split(b"\r\n", 1)[0]:
                self.open = True
                self.ready.set_result(None)
            else:
                self.ready.set_exception(ConnectionError(said.decode(errors="replace")))

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        if not self.ready.done():
            self.ready.set_exception(error or ConnectionError("closed before the handshake"))

    def reset(self) -> None:
        """Begin to count anew."""
        self.events = self.bytes = 0
        self.times = {}
        self.carry = b""


class Crowd:
    """Many sockets on one address, each signed in with its own token."""

    def __init__(self, address: str, tokens: Sequence[str], *, timed_every: int = 25) -> None:
        parts = urlsplit(address)
        self.host, self.port, self.path = parts.hostname or "", parts.port or 80, parts.path or "/"
        self.sockets = [CountingSocket(self._request(t), timed=i % timed_every == 0) for i, t in enumerate(tokens)]

    def _request(self, token: str) -> bytes:
        key = base64.b64encode(os.urandom(16)).decode()
        return (
            f"GET {self.path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {token}\r\n\r\n"
        ).encode()

    async def connect(self, *, at_once: int = 50) -> None:
        """Open all; the first failure is raised."""
        loop = asyncio.get_running_loop()
        gate = asyncio.Semaphore(at_once)

        async def one(socket: CountingSocket) -> None:
            async with gate:
                await loop.create_connection(lambda: socket, self.host, self.port)
                await asyncio.wait_for(socket.ready, 30)

        await asyncio.gather(*(one(socket) for socket in self.sockets))

    def reset(self) -> None:
        for socket in self.sockets:
            socket.reset()

    def received(self) -> Received:
        return Received(
            events=sum(s.events for s in self.sockets),
            bytes=sum(s.bytes for s in self.sockets),
            sample=[s.times for s in self.sockets if s.timed],
            closed=sum(s.closed for s in self.sockets),
        )

    def close(self) -> None:
        for socket in self.sockets:
            if socket.open and not socket.closed:
                socket.transport.abort()
