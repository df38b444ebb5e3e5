"""`scripts/bench live`: from commit to receipt, with many sockets, beside what else could carry the same events."""

import asyncio
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.benchmarks.sockets import Crowd, Received
from scripts.support.processes import (
    ROOT,
    Redis,
    Server,
    cpu_seconds,
    free_port,
    granian,
    open_folder,
    resident_bytes,
    uvicorn,
)
from scripts.support.rates import quantile

GRACE_S = 3.0  # what has not arrived so long after the last commit is lost


@dataclass(frozen=True)
class Load:
    sockets: int
    rate: int  # events a second
    seconds: float

    @property
    def events(self) -> int:
        return int(self.rate * self.seconds)


@dataclass(frozen=True)
class Figures:
    """One run of one way under one load."""

    way: str
    load: Load
    p50_ms: float
    p99_ms: float
    lost: float  # share
    cpu_us: float  # server CPU per event due at a socket
    late: float  # seconds that the publisher fell behind its rate
    megabytes: float  # memory of the server at the end
    closed: int

    def row(self) -> list[str]:
        lost = f"{self.lost:.1%}" if self.lost else "0"
        return [
            self.way, str(self.load.sockets), str(self.load.rate), f"{self.p50_ms:.0f}", f"{self.p99_ms:.0f}", lost,
            f"{self.cpu_us:.1f}", f"{self.megabytes:.0f}",
        ]  # fmt: skip


HEAD = ["way", "sockets", "events/s", "p50 ms", "p99 ms", "lost", "CPU µs/delivery", "server MB"]


@dataclass(frozen=True)
class Way:
    """One way of carrying events: how its server starts, and how the publisher tells it."""

    name: str
    start: Callable[[Mapping[str, str]], Server]
    env: Mapping[str, str]
    forward: str = ""


def bare(env: Mapping[str, str]) -> Server:
    port = free_port()
    command = [sys.executable, "-m", "scripts.benchmarks.bare", str(port), env["BENCH_DATAGRAM"]]
    return Server(command, {}, port=port)


def ways(redis: Redis) -> list[Way]:
    """The product in its variants, then the references."""
    datagram = str(open_folder("bench") / "bell")
    layered = {"DJANGO_SETTINGS_MODULE": "scripts.benchmarks.layers", "BENCH_REDIS": redis.url}
    app = "scripts.benchmarks.grouped:application"
    return [
        Way("hub, granian", granian, {}),
        Way("hub, granian, 2 processes", lambda env: granian(env, workers=2), {}),
        Way("hub, granian, Redis bell", granian, {"REDIS_URL": redis.url}),
        Way("hub, uvicorn", uvicorn, {}),
        Way("hub, uvicorn, 2 processes", lambda env: uvicorn(env, workers=2), {}),
        Way("bare `websockets` broadcast", bare, {"BENCH_DATAGRAM": datagram}, datagram),
        Way(
            "Channels groups, pubsub layer", lambda env: granian(env, app=app), layered | {"BENCH_LAYER": "pubsub"}, "incidents"
        ),
        Way("Channels groups, core layer", lambda env: granian(env, app=app), layered | {"BENCH_LAYER": "core"}, "incidents"),
    ]  # fmt: skip


@contextmanager
def running(way: Way) -> Iterator[Server]:
    server = way.start(way.env)
    try:
        yield server
    finally:
        server.stop()


async def measure(way: Way, load: Load, tokens: list[str]) -> Figures:
    """One run: start the server, connect all, publish, wait, count."""
    with running(way) as server:
        crowd = Crowd(server.live, tokens[: load.sockets])
        try:
            await crowd.connect()
            await asyncio.sleep(2)  # greetings, first positions
            crowd.reset()
            cpu = cpu_seconds(server.pid)
            commits = await published(way, load)
            await asyncio.sleep(GRACE_S)
            cpu = cpu_seconds(server.pid) - cpu
            return figures(way, load, commits, crowd.received(), cpu, resident_bytes(server.pid))
        finally:
            crowd.close()


async def published(way: Way, load: Load) -> list[tuple[int, float]]:
    command = ["--rate", str(load.rate), "--count", str(load.events), "--forward", way.forward]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scripts.benchmarks.publisher", *command,
        cwd=ROOT, env=os.environ | dict(way.env), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError("the publisher failed")
    return [(seq, at) for seq, at in json.loads(said)]


def figures(way: Way, load: Load, commits: list[tuple[int, float]], got: Received, cpu: float, memory: int) -> Figures:
    committed = dict(commits)
    delays = [at - committed[seq] for times in got.sample for seq, at in times.items() if seq in committed]
    due = load.sockets * load.events
    return Figures(
        way=way.name, load=load, p50_ms=quantile(delays, 0.5) * 1e3, p99_ms=quantile(delays, 0.99) * 1e3,
        lost=max(0.0, 1 - got.events / due), cpu_us=cpu / due * 1e6, closed=got.closed, megabytes=memory / 1e6,
        late=commits[-1][1] - commits[0][1] - (load.events - 1) / load.rate,
    )  # fmt: skip


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> str:
    """The machine in one line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    kind = names[0] if names else platform.machine()
    return f"{os.cpu_count()} × {kind}, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def now() -> str:
    return time.strftime("%Y-%m-%d %H:%M %z")
