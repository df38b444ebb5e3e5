"""`scripts/bench register`: the register of a district of a million persons: cell pages, searches, lists, writes; beside a plain search.

Five streets, a hundred communities, eight hundred cells; made by statements over sets, in the bench's own database alone.
"""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.management import call_command
from django.db import connection

from gridmap import actions
from gridmap.models import Area, Role
from scripts.support.processes import granian
from scripts.support.rates import quantile

HEAD = ["request", "who", "p50 ms", "p95 ms", "KiB"]
DISTRICT = "990101"
STREETS, COMMUNITIES, CELLS = 5, 20, 8
PER_HOUSEHOLD = 2.95  # persons; what the sizes below come to
SIDE = 0.003  # degrees
RECORD = "area_code, title, natural_key, version, verified_at, due_on, created_at"

PLACES = """
    insert into gridmap_place (id, kind, parent_id, name, use, floors, households, point, {record})
    select id, 'building', null, name, 'residential', 6, 48, st_setsrid(st_makepoint(lon, lat), 4326), cell, name,
        left(cell, 12) || '|building|' || n, 1, now() - interval '90 days', current_date + (n %% 180)::int - 5, now()
    from (select n, gen_random_uuid() as id, (%(cells)s::text[])[1 + n %% %(many)s] as cell,
            '翠屏' || n / 40 || '村 ' || n %% 40 || '幢' as name, %(west)s + (n %% %(many)s) * 0.0001 as lon, 28.0 as lat
        from generate_series(1, %(buildings)s) n) b"""
HOMES = """
    insert into gridmap_place (id, kind, parent_id, name, use, floors, households, point, {record})
    select gen_random_uuid(), 'dwelling', p.id, number::text, 'residential', null, null, null, p.area_code, p.title || ' ' || number,
        p.id || '|dwelling|' || number, 1, now() - interval '90 days', p.due_on, now()
    from gridmap_place p cross join lateral (select f * 100 + d as number from generate_series(1, 6) f, generate_series(1, 8) d) n
    where p.kind = 'building'"""
HOUSEHOLDS = """
    insert into gridmap_household (id, place_id, label, size, over_60, over_80, under_14, {record})
    select gen_random_uuid(), p.id, '', 1 + h %% 5, case when h %% 3 = 0 then 1 else 0 end, case when h %% 30 = 0 then 1 else 0 end, 0,
        p.area_code, p.title, p.id || '|', 1, now() - interval '90 days', current_date + (h %% 183)::int - 3, now()
    from (select *, row_number() over () as h from gridmap_place where kind = 'dwelling') p limit %(households)s"""
OBJECTS = """
    insert into gridmap_publicobject (id, code, scheme, klass, name, state, cycle, point, {record})
    select gen_random_uuid(), '9901010137' || lpad(n::text, 6, '0'), 'GB30428.2-2013', '0137', '路灯', 'good', 90,
        st_setsrid(st_makepoint(%(west)s + n * 1e-7, 28.001), 4326), (%(cells)s::text[])[1 + n %% %(many)s], '路灯 9901010137' || n,
        '9901010137' || lpad(n::text, 6, '0'), 1, now(), current_date + (n %% 90)::int, now() from generate_series(1, 100000) n"""
ORGANISATIONS = """
    insert into gridmap_organisation (id, name, kind, uscc, phone, hours, shares, point, {record})
    select gen_random_uuid(), '利民商店' || n, 'shop', '', '', '', '', st_setsrid(st_makepoint(%(west)s, 28.001), 4326), cell,
        '利民商店' || n, left(cell, 12) || '|利民商店' || n, 1, now(), current_date + (n %% 365)::int, now()
    from (select n, (%(cells)s::text[])[1 + n %% %(many)s] as cell from generate_series(1, 40000) n) o"""


def cells() -> Iterator[str]:
    for street in range(1, STREETS + 1):
        for community in range(1, COMMUNITIES + 1):
            for cell in range(1, CELLS + 1):
                yield f"{DISTRICT}{street:03}{community:03}{cell:03}"


OWN = f"{DISTRICT}001002003"
# Who asks, where, and whether she sees households.
ASKING = {
    "worker": (Role.WORKER, OWN, True), "community": (Role.COMMUNITY, OWN[:12], True), "director": (Role.DIRECTOR, OWN[:9], False),
    "committee": (Role.COMMUNITY, DISTRICT, True), "auditor": (Role.AUDITOR, DISTRICT, False),
}  # fmt: skip


def make_areas() -> dict[str, str]:
    """Areas, and the tokens of who asks, by name."""
    codes = list(cells())
    above = {code[:width] for code in codes for width in (2, 4, 6, 9, 12)}
    areas = [Area(code=code, name=f"示范{code[-3:]}") for code in sorted(above)]
    for at, code in enumerate(codes):
        west, south = 105 + (at % 40) * SIDE, 28 + at // 40 * SIDE
        border = MultiPolygon(Polygon.from_bbox((west, south, west + SIDE, south + SIDE)))
        areas.append(Area(code=code, name=f"第{code[-3:]}网格", geom=border))
    actions.put_areas(areas)
    tokens = {}
    for name, (role, area, _) in ASKING.items():
        user = actions.put_user(name, name=name)
        actions.grant(user, role, area)
        tokens[name] = actions.issue_token(user, label="bench")
    return tokens


def fill(persons: int) -> int:
    """Buildings, dwellings, households of so many persons, objects and organisations; returns how many persons there are."""
    households = round(persons / PER_HOUSEHOLD)
    codes = list(cells())
    values: dict[str, Any] = {
        "cells": codes,
        "many": len(codes),
        "buildings": households // 48 + 1,
        "households": households,
        "west": 105.0001,
    }
    with connection.cursor() as cursor:
        for sql in (PLACES, HOMES, HOUSEHOLDS, OBJECTS, ORGANISATIONS):
            cursor.execute(sql.format(record=RECORD), values)
        cursor.execute("vacuum analyze")
        cursor.execute("select sum(size) from gridmap_household")
        found: int = cursor.fetchone()[0]
    return found


def requests(rng: random.Random, scope: str) -> dict[str, Callable[[], str]]:
    """What is asked, each time of another place of a scope."""
    codes = [code for code in cells() if code.startswith(scope)]

    def address() -> str:
        return f"翠屏{rng.randrange(170)}村 {rng.randrange(40)}幢 {rng.randrange(1, 7)}0{rng.randrange(1, 9)}"

    return {
        "page of a cell": lambda: f"/areas/{rng.choice(codes)}/page",
        "page of a community": lambda: f"/areas/{rng.choice(codes)[:12]}/page",
        "household by its address": lambda: f"/register/household?q={address()}",
        "places by part of an address": lambda: f"/register/place?q=翠屏{rng.randrange(170)}村",
        "organisation by name": lambda: f"/register/organisation?q=商店{rng.randrange(40000)}",
        "organisations, a common word": lambda: "/register/organisation?q=商店",
        "households of a cell, due first": lambda: f"/register/household?area={rng.choice(codes)}",
        "all households, due first": lambda: "/register/household",
        "objects due": lambda: "/register/object?due=1",
    }


ASKS: dict[str, bool] = {
    "committee": False,
    "worker": False,
    "director": True,
    "auditor": True,
}  # who sees no households


def measure(persons: int, repeat: int, say: Callable[[str], None]) -> list[list[str]]:
    """Fill, then ask everything `repeat` times, each role in its scope; the rows of the table."""
    call_command("migrate", verbosity=0)
    tokens = make_areas()
    begun = time.monotonic()
    found = fill(persons)
    say(f"{found:,} persons in {STREETS * COMMUNITIES * CELLS} cells, made in {time.monotonic() - begun:.0f} s")
    server = granian({}, workers=2)
    rng, rows = random.Random(1), []  # noqa: S311  # which place is asked for protects nothing
    try:
        for who, (_, scope, homes) in ASKING.items():
            with httpx.Client(
                base_url=f"{server.url}/api", headers={"Authorization": f"Bearer {tokens[who]}"}, timeout=60
            ) as client:
                for what, path in requests(rng, scope).items():
                    if not homes and what.startswith(("household", "all households")):
                        continue
                    rows.append([what, who, *_ask(client, path, repeat)])
        with httpx.Client(
            base_url=f"{server.url}/api", headers={"Authorization": f"Bearer {tokens['committee']}"}, timeout=60
        ) as client:
            rows += _write(client, repeat)
    finally:
        server.stop()
    return rows


def _ask(client: httpx.Client, path: Callable[[], str], repeat: int) -> list[str]:
    seconds, size = [], 0
    for number in range(repeat + 2):
        begun = time.monotonic()
        answer = client.get(path())
        if answer.status_code != 200 and not (
            answer.status_code == 404 and "/page" in str(answer.url)
        ):  # above a worker's cell
            raise RuntimeError(f"{answer.url}: {answer.status_code} {answer.text[:200]}")
        if number > 1:
            seconds.append(time.monotonic() - begun)
        size = len(answer.content)
    return [f"{quantile(seconds, 0.5) * 1e3:.0f}", f"{quantile(seconds, 0.95) * 1e3:.0f}", f"{size / 1024:.0f}"]


def _write(client: httpx.Client, repeat: int) -> list[list[str]]:
    """Verify and correct households, one after the other."""
    some = client.get("/register/household").json()["records"]
    verified, changed = [], []
    for number in range(repeat):
        one = some[number % len(some)]
        path = f"/register/household/{one['id']}"
        seen = {"mutation_id": str(uuid4()), "version": client.get(path).json()["version"]}
        begun = time.monotonic()
        version = client.post(f"{path}/verify", json=seen).json()["version"]
        verified.append(time.monotonic() - begun)
        begun = time.monotonic()
        body = {
            "mutation_id": str(uuid4()),
            "version": version,
            "values": {"size": 1 + number % 6, "over_60": 0, "over_80": 0},
        }
        client.patch(path, json=body).raise_for_status()
        changed.append(time.monotonic() - begun)
    return [
        [what, "committee", f"{quantile(seconds, 0.5) * 1e3:.0f}", f"{quantile(seconds, 0.95) * 1e3:.0f}", "0"]
        for what, seconds in (("verify a household", verified), ("correct a household", changed))
    ]
