"""`scripts/bench http`: small requests a second, closed loop: every connection asks again as soon as it is answered."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from scripts.benchmarks import town
from scripts.support.processes import Server, cpu_seconds, granian, uvicorn
from scripts.support.rates import quantile

CONNECTIONS = 16
HEAD = ["server", "request", "requests/s", "p50 ms", "p99 ms", "CPU µs/request"]
Request = Callable[[], bytes]


@dataclass
class Tally:
    """What all connections of a run have got."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0


class Asker(asyncio.Protocol):
    """One connection that is kept open; answers carry their length."""

    def __init__(self, request: Request, tally: Tally) -> None:
        self.request, self.tally = request, tally
        self.buffer, self.missing = b"", 0
        self.asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        self.asked_at = time.monotonic()
        self.transport.write(self.request())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) >= length:
            self.buffer = b""
            self.tally.seconds.append(time.monotonic() - self.asked_at)
            self.tally.refused += head[9:10] != b"2"
            self._ask()


def requests(token: str) -> Mapping[str, Request]:
    """What is asked: the smallest page, a read with scope, and the write that opens a case."""
    base = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"

    def get(path: str) -> Request:
        whole = f"GET {path} HTTP/1.1\r\n{base}\r\n".encode()
        return lambda: whole

    def report() -> bytes:
        lon, lat = town.place()
        body = {
            "id": str(uuid.uuid4()), "class_key": "GB30428.2-2013/event/0110", "lon": lon, "lat": lat,
            "occurred_at": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        text = json.dumps(body)
        head = f"POST /api/incidents HTTP/1.1\r\n{base}Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
        return (head + text).encode()

    return {
        "GET /healthz": get("/healthz"),
        "GET /api/incidents/summary": get("/api/incidents/summary"),
        "POST /api/incidents": report,
    }


SERVERS: Mapping[str, Callable[[], Server]] = {
    "granian": lambda: granian({}),
    "granian, 2 processes": lambda: granian({}, workers=2),
    "uvicorn": lambda: uvicorn({}),
    "uvicorn, 2 processes": lambda: uvicorn({}, workers=2),
}


async def measure(name: str, start: Callable[[], Server], token: str, seconds: float) -> list[list[str]]:
    """The rows of one server: every kind of request for so many seconds, after a short warm-up."""
    server = start()
    try:
        return [await _measure(name, what, server, request, seconds) for what, request in requests(token).items()]
    finally:
        server.stop()


async def _measure(name: str, what: str, server: Server, request: Request, seconds: float) -> list[str]:
    await _ask(server, request, 0.5)
    cpu = cpu_seconds(server.pid)
    tally = await _ask(server, request, seconds)
    cpu = cpu_seconds(server.pid) - cpu
    count = len(tally.seconds)
    if tally.refused:
        raise RuntimeError(f"{tally.refused} of {count} answers to {what} are no success")
    return [
        name, what, f"{count / seconds:.0f}", f"{quantile(tally.seconds, 0.5) * 1e3:.1f}", f"{quantile(tally.seconds, 0.99) * 1e3:.1f}",
        f"{cpu / count * 1e6:.0f}",
    ]  # fmt: skip


async def _ask(server: Server, request: Request, seconds: float) -> Tally:
    tally = Tally()
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: Asker(request, tally), "127.0.0.1", server.port)
        for _ in range(CONNECTIONS)
    ]
    await asyncio.sleep(seconds)
    for transport, _ in made:
        transport.abort()
    return tally
