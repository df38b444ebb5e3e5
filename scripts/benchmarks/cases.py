"""`scripts/bench incidents`: what an office asks for all day, over very many cases, alone and beside a steady stream of reports."""

import logging
import math
import random
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import Event
from typing import Any

import httpx
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from gridmap import actions
from incidents.actions import refresh_facts
from scripts.benchmarks import million
from scripts.support.processes import Server, granian
from scripts.support.rates import quantile

logging.getLogger("httpx").setLevel(logging.WARNING)  # a line per request is too much
HEAD = ["request", "scope", "p50 ms", "p95 ms", "p50 beside writes", "p95 beside writes", "KiB", "plan"]
WRITERS = 12


def requests(count: int, today: date) -> dict[str, str]:
    """What is asked, by what it is."""
    month, year = today - timedelta(days=29), today - timedelta(days=364)
    cell, klass = million.CELLS[3], "GB30428.2-2013/event/0110"
    return {
        "list, newest": "/incidents", "list, open by due time": "/incidents?open=1&order=due",
        "filter: state and class": f"/incidents?state=assigned,in_work&class_key={klass}",
        "filter: one cell, overdue": f"/incidents?area={cell}&overdue=1",
        "list of a community": f"/incidents?area={cell[:12]}", "list of a cell, closed": f"/incidents?area={cell}&state=closed",
        "search: address, in a community": f"/incidents?area={cell[:12]}&q=望江路39号",
        "search: number": f"/incidents?q={count // 2}", "search: address": "/incidents?q=望江路39号",
        "search: initials": "/incidents?q=jclj", "search: every address, open": "/incidents?open=1&q=望江路",
        "search: a class, open": "/incidents?open=1&q=垃圾", "search: one sign, open": "/incidents?open=1&q=路",
        "strip of figures": "/incidents/summary", "statistics, 30 days": f"/statistics?first={month}&last={today}",
        "statistics, a year": f"/statistics?first={year}&last={today}",
        "statistics of a community, a year": f"/statistics?area={cell[:12]}&first={year}&last={today}",
        "statistics of a cell, a year": f"/statistics?area={cell}&first={year}&last={today}",
        "heat map, 30 days": f"/statistics/heat.geojson?first={month}&last={today}",
        "brief of a day": f"/brief?day={today}", "brief of a week": f"/brief?day={today}&span=week",
        "map tile, z13, open": f"/tiles/incidents/{tile(13)}?open=1",
        "map tile, z16, open": f"/tiles/incidents/{tile(16)}?open=1",
    }  # fmt: skip


def tile(zoom: int) -> str:
    """z/x/y of a tile in the middle of the first street."""
    lon, lat = million.WEST + 3.5 * million.SIDE, million.SOUTH + 3.5 * million.SIDE
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return f"{zoom}/{int((lon + 180) / 360 * 2**zoom)}/{int(y * 2**zoom)}"


@dataclass
class Writes:
    """How long each report took, and what was refused."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0


def report_body() -> dict[str, Any]:
    cell = random.choice(million.CELLS)  # noqa: S311  # which cell it is protects nothing
    west, south, east, north = million.border(cell).extent
    return {
        "id": str(uuid.uuid4()), "class_key": "GB30428.2-2013/event/0110", "lon": (west + east) / 2, "lat": (south + north) / 2,
        "occurred_at": datetime.now(UTC).isoformat(),
    }  # fmt: skip


def count(stop: Event) -> None:
    """What `tick` does of it: the facts and their sums follow the log every five seconds."""
    while not stop.wait(5):
        refresh_facts()
    connection.close()


@contextmanager
def writing(server: Server, token: str, rate: float) -> Iterator[Writes]:
    """Reports at `rate` a second (or as many as the server takes) until the end of the block."""
    made, stop = Writes(), Event()

    def write(first: float) -> None:
        with httpx.Client(
            base_url=f"{server.url}/api", headers={"Authorization": f"Bearer {token}"}, timeout=60
        ) as client:
            due = time.monotonic() + first
            while not stop.is_set():
                stop.wait(max(0.0, due - time.monotonic()))
                begun = time.monotonic()
                try:
                    made.refused += client.post("/incidents", json=report_body()).status_code != 201
                except httpx.HTTPError:
                    made.refused += 1
                made.seconds.append(time.monotonic() - begun)
                due = max(due + WRITERS / rate, begun)

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        counting = pool.submit(count, stop)
        for number in range(WRITERS):
            pool.submit(write, number / rate)
        try:
            yield made
        finally:
            stop.set()
    counting.result()  # or why it ended


def ask(server: Server, token: str, path: str, repeat: int) -> tuple[list[float], int]:
    """Seconds of each of `repeat` answers, one after the other, after two that do not count; and the size of the last."""
    seconds, size = [], 0
    with httpx.Client(
        base_url=f"{server.url}/api", headers={"Authorization": f"Bearer {token}"}, timeout=120
    ) as client:
        for number in range(repeat + 2):
            begun = time.monotonic()
            answer = client.get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:200]}")
            if number > 1:
                seconds.append(time.monotonic() - begun)
            size = len(answer.content)
    return seconds, size


def plan(token: str, path: str) -> str:
    """How the database finds the rows of a request: its scans of the large tables, by index or not, as EXPLAIN says."""
    connection.force_debug_cursor = True
    connection.queries_log.clear()
    Client(headers={"host": "localhost"}).get(f"/api{path}", headers={"authorization": f"Bearer {token}"})
    connection.force_debug_cursor = False
    asked = [str(one["sql"]) for one in connection.queries if "incidents_" in str(one["sql"])]
    found: list[str] = []
    with connection.cursor() as cursor:
        for sql in asked:
            if sql.lstrip().lower().startswith(("select", "with")):
                cursor.execute("explain (format json) " + sql.replace("%", "%%"), [])
                found += scans(cursor.fetchone()[0][0]["Plan"])
    return ", ".join(dict.fromkeys(found)) or "-"


LARGE = ("incidents_incident", "incidents_daycount", "incidents_casefact", "incidents_limitfact", "gridmap_streamevent")


def scans(node: dict[str, Any]) -> list[str]:
    """The scans of a plan: the index by name, or the table that is read from end to end."""
    found = [one for child in node.get("Plans", ()) for one in scans(child)]
    if "Index Name" in node:
        found.append(node["Index Name"].removeprefix("incidents_"))
    elif node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE:
        found.append(f"**seq {node['Relation Name'].removeprefix('incidents_')}**")
    return found


def measure(count: int, repeat: int, rate: float, say: Callable[[str], None]) -> list[list[str]]:
    """Fill, ask everything alone, then beside the writes; the rows of the table."""
    call_command("migrate", verbosity=0)
    people = million.make_town()
    begun = time.monotonic()
    million.fill(count)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    say(f"{count:,} cases in {len(million.STREETS)} streets, made in {time.monotonic() - begun:.0f} s")
    tokens = {
        name: actions.issue_token(getattr(people, name), label="bench") for name in ("director", "district", "reporter")
    }
    todo = [
        (what, who, path)
        for what, path in requests(count, timezone.localdate()).items()
        for who in ("director", "district")
    ]
    server = granian({}, workers=2)  # as the product is started
    try:
        alone = {one: ask(server, tokens[one[1]], one[2], repeat) for one in todo}
        with writing(server, tokens["reporter"], rate) as made:
            started = time.monotonic()
            beside = {one: ask(server, tokens[one[1]], one[2], repeat) for one in todo}
            length = time.monotonic() - started
            written = len(made.seconds) / length
    finally:
        server.stop()
    say(
        f"beside: {written:.0f} reports a second, p50 {ms(made.seconds, 0.5)} ms, p95 {ms(made.seconds, 0.95)} ms, {made.refused} refused"
    )
    scope = {"director": "street", "district": "district"}
    return [
        [what, scope[who], ms(alone[what, who, path][0], 0.5), ms(alone[what, who, path][0], 0.95), ms(beside[what, who, path][0], 0.5),
         ms(beside[what, who, path][0], 0.95), f"{alone[what, who, path][1] / 1024:.0f}", plan(tokens[who], path)]
        for what, who, path in todo
    ]  # fmt: skip


def ms(seconds: list[float], share: float) -> str:
    return f"{quantile(seconds, share) * 1e3:.0f}"
