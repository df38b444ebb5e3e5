"""The runs of the benches, one after the other, and what they print."""

import argparse
from pathlib import Path

import django

django.setup()

from asgiref.sync import sync_to_async  # noqa: E402
from django.core.management import call_command  # noqa: E402

from scripts.benchmarks import cases, persons, registers, requests, town  # noqa: E402
from scripts.benchmarks import intake as importing  # noqa: E402
from scripts.benchmarks.live import HEAD, Figures, Load, Way, machine, measure, now, table, ways  # noqa: E402
from scripts.support.processes import Redis  # noqa: E402

LOADS = [(sockets, rate) for sockets in (200, 1000) for rate in (5, 50, 200)]
QUICK_LOADS = [(200, 50), (1000, 200)]
QUICK_WAYS = ("hub, granian", "hub, uvicorn", "bare `websockets` broadcast", "Channels groups, pubsub layer")


@sync_to_async
def prepared(sockets: int) -> list[str]:
    """An empty database with one street and as many people as sockets; their tokens."""
    call_command("migrate", verbosity=0)
    town.make()
    town.reporter()
    return town.tokens(sockets)


async def live(asked: argparse.Namespace, redis: Redis) -> None:
    """Every way under every load."""
    loads = _loads(asked)
    chosen = [way for way in ways(redis) if _asked(way, asked)]
    tokens = await prepared(max(sockets for sockets, _ in loads))
    print(f"{now()}, {machine()}\n", flush=True)
    rows = []
    for sockets, rate in loads:
        load = Load(sockets, rate, 5 if asked.quick else asked.seconds)
        for way in chosen:
            found = [await measure(way, load, tokens) for _ in range(asked.repeat)]
            middle = sorted(found, key=lambda f: f.p99_ms)[len(found) // 2]
            rows.append(middle.row())
            print(_line(middle), flush=True)
    print(f"\n{table(HEAD, rows)}\n")


def people(asked: argparse.Namespace, folder: Path) -> None:
    """Requests to people by service beside very many others."""
    call_command("migrate", verbosity=0)
    head, rows, chain = persons.run(asked.persons, asked.repeat, folder)
    print(f"{now()}, {machine()}, {asked.persons:,} people\n\n{table(head, rows)}\n\n{chain}")


def _loads(asked: argparse.Namespace) -> list[tuple[int, int]]:
    if asked.loads:
        pairs = (load.split("x") for load in asked.loads.split(","))
        return [(int(sockets), int(rate)) for sockets, rate in pairs]
    return QUICK_LOADS if asked.quick else LOADS


def _asked(way: Way, asked: argparse.Namespace) -> bool:
    if asked.only:
        return any(word in way.name for word in asked.only.split(","))
    return not asked.quick or way.name in QUICK_WAYS


def _line(found: Figures) -> str:
    notes = f" (publisher {found.late:.1f} s late)" if found.late > 1 else ""  # it shows
    notes += f" ({found.closed} closed)" if found.closed else ""
    return " | ".join(found.row()) + notes


async def http(asked: argparse.Namespace) -> None:
    """Every server with every kind of request."""
    [token] = await prepared(1)
    print(f"{now()}, {machine()}, {requests.CONNECTIONS} connections\n", flush=True)
    rows = []
    for name, start in requests.SERVERS.items():
        rows += await requests.measure(name, start, token, asked.seconds)
        print("\n".join(" | ".join(row) for row in rows[-3:]), flush=True)
    print(f"\n{table(requests.HEAD, rows)}\n")


def incidents(asked: argparse.Namespace) -> None:
    """What an office asks for, over very many cases."""
    print(f"{now()}, {machine()}\n", flush=True)
    rows = cases.measure(asked.cases, asked.repeat, asked.rate, lambda line: print(line, flush=True))
    print(f"\n{table(cases.HEAD, rows)}\n")


def register(asked: argparse.Namespace) -> None:
    """The register of very many persons."""
    print(f"{now()}, {machine()}\n", flush=True)
    rows = registers.measure(asked.persons, asked.repeat, lambda line: print(line, flush=True))
    print(f"\n{table(registers.HEAD, rows)}\n")


def intake(asked: argparse.Namespace) -> None:
    """Files into the register."""
    call_command("migrate", verbosity=0)
    print(f"{now()}, {machine()}\n", flush=True)
    importing.run(asked.rows)
