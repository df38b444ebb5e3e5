"""`scripts/bench people`: lists, searches and looks in a register of very many people, answered by the product in this process.

Those whom the asker may see are real; the others are rows of the same size that nobody can open, made by one statement.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from gridmap import actions, keyfile
from gridmap.actions import persons
from gridmap.models import AccessLook, Area, How, LookHead, Role
from gridmap.queries import looks
from gridmap.services import SERVICES
from scripts.benchmarks.million import CELLS, DISTRICT, STREETS, border
from scripts.support.rates import quantile

COMMUNITY, OWN = CELLS[0][:12], 500
HEAD = ["request", "p50 ms", "p95 ms", "p99 ms"]
OTHERS = """
    insert into gridmap_servedperson (id, service, area_code, sealed, name_index, phone_index, since, version, changed_at)
    select gen_random_uuid(), (%(services)s::text[])[1 + n %% 4], (%(cells)s::text[])[1 + n %% %(many)s], repeat('x', 240),
        substr(sha256(('n' || n / 3)::bytea), 1, 16), substr(sha256(('p' || n)::bytea), 1, 16), current_date, 1, now()
    from generate_series(1, %(count)s) n"""
KEYS = "insert into gridmap_personkey (person_id, locked) select id, repeat('x', 80) from gridmap_servedperson"


def run(count: int, repeat: int, folder: Path) -> tuple[list[str], list[list[str]], str]:
    """The head and rows of the table, and a line about the chain."""
    settings.PERSON_DATA, settings.KEYS_FILE = True, folder / "persons"
    keyfile.make(settings.KEYS_FILE)
    above = ["99", "9901", DISTRICT, *STREETS, *sorted({cell[:12] for cell in CELLS})]
    cells = [Area(code=cell, name=f"网格{cell[-3:]}", geom=border(cell)) for cell in CELLS]
    actions.put_areas([*(Area(code=code, name=code) for code in above), *cells])
    with connection.cursor() as cursor:
        values: dict[str, Any] = {
            "services": list(SERVICES),
            "cells": CELLS[49:],
            "many": len(CELLS[49:]),
            "count": count,
        }
        cursor.execute(OTHERS, values)
        cursor.execute(KEYS)
        cursor.execute("vacuum analyze gridmap_servedperson, gridmap_personkey")
    asked = _requests()
    rows = [[name, *_measured(ask, repeat)] for name, ask in asked.items()]
    return HEAD, rows, _chain()


def _requests() -> dict[str, Callable[[int], Any]]:
    clerk = actions.put_user("clerk", name="clerk")
    actions.grant(clerk, Role.COMMUNITY, COMMUNITY)
    client = Client(
        headers={"host": "localhost", "authorization": f"Bearer {actions.issue_token(clerk, label='bench')}"}
    )
    known = [_register(clerk, number) for number in range(OWN)]

    def post(path: str, body: dict[str, Any]) -> Any:
        answer = client.post(f"/api/persons/care{path}", json.dumps(body), content_type="application/json")
        assert answer.status_code in (200, 201), answer.content
        return answer

    return {
        "list of a community, 50 of 500": lambda _: client.get("/api/persons/care"),
        "search by name": lambda n: post("/search", {"name": f"张{n:03}"}),
        "search by number": lambda n: post("/search", {"phone": f"1380000{n:04}"}),
        "open two values": lambda n: post(f"/{known[n]}/reveal", {"purpose": "visit", "words": "量一量", "fields": ["name", "phone"]}),
        "register": lambda _: _register(clerk, 0, another=True),
        "who looked (page of a month)": lambda _: client.get(f"/api/looks?month={timezone.localdate():%Y-%m}"),
    }  # fmt: skip


def _register(clerk: Any, number: int, *, another: bool = False) -> str:
    west, south, east, north = border(CELLS[number % 7]).extent
    where = persons.Where(lon=(west + east) / 2, lat=(south + north) / 2)
    values = {"name": f"张{number:03}", "phone": f"1380000{number:04}", "need": "每周二送餐"}
    agreed = persons.Agreed(form=1, how=How.WRITTEN, given_on=timezone.localdate())
    done = persons.register(clerk, SERVICES["care"], uuid4(), values, where, agreed, another=another)
    return str(done.body["id"])


def _measured(ask: Callable[[int], Any], repeat: int) -> list[str]:
    ask(0)
    spent = []
    for number in range(repeat):
        started = time.perf_counter()
        ask(number % OWN)
        spent.append((time.perf_counter() - started) * 1000)
    return [f"{quantile(spent, share):.1f}" for share in (0.5, 0.95, 0.99)]


def _chain() -> str:
    started = time.perf_counter()
    stream = LookHead.objects.get().pk
    found = looks.verified(stream)
    entries = AccessLook.objects.count() / (time.perf_counter() - started)
    return f"chain whole: {found.broken_at is None}, {entries:,.0f} entries verified a second"
