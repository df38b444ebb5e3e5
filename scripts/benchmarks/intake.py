"""How many rows of a file go into the register in a minute: read, judged, placed, found or made, with history; and undone."""

import random
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from django.conf import settings
from django.db import connection
from django_tasks_db.models import DBTaskResult

from gridmap import actions
from gridmap.actions import imports
from gridmap.datum import to_gcj02
from gridmap.jobs.imports import work_import
from gridmap.models import ImportRun, Role, User
from scripts.benchmarks import town

STREETS = "990101001"
KINDS = {"object": "public objects with coordinates (GCJ-02)", "household": "households by address, with their places"}


def run(rows: int) -> None:
    """Print a table: each kind of record, new and again, then taken back."""
    town.make()
    user = actions.put_user("bench-import", name="导入")
    actions.grant(user, Role.COMMUNITY, STREETS)
    print(
        f"| {rows:,} rows of | looked at | taken | rows a minute | the same again | undone |\n|---|---|---|---|---|---|"
    )
    for kind, words in KINDS.items():
        with TemporaryDirectory() as folder:
            settings.MEDIA_ROOT = Path(folder)
            data = make(kind, rows)
            first, looked, taken = _take(user, kind, data)
            again, _, twice = _take(user, kind, data)
            undone = _timed(partial(_step, user, first, "undo"))
            found, back = ImportRun.objects.get(pk=again), ImportRun.objects.get(pk=first)
        print(
            f"| {words} | {looked:.1f} s | {taken:.1f} s | {rows / taken * 60:,.0f} | {twice:.1f} s | {undone:.1f} s |"
        )
        print(
            f"made {back.made:,}, {back.places:,} places, refused {back.refused:,}; again: {found.same:,} the same; kept {back.kept:,}"
        )
    with connection.cursor() as cursor:
        cursor.execute("select count(*), pg_total_relation_size('gridmap_streamevent') from gridmap_streamevent")
        count, size = cursor.fetchone()
    print(f"log: {count:,} entries, {size / count:.0f} bytes each with indexes")


def make(kind: str, rows: int) -> bytes:
    """A file as an office has it."""
    chance = random.Random(7)  # noqa: S311
    if kind == "object":
        lines = ["部件编码,名称,状态,检查周期,经度(GCJ02),纬度(GCJ02)"]
        spots = list[tuple[float, float]]()
        for _ in range(rows):
            west, south, east, north = town.border(chance.choice(town.CELLS)).extent
            spots.append((chance.uniform(west, east), chance.uniform(south, north)))
        for number, (lon, lat) in enumerate(to_gcj02(np.array(spots))):
            lines.append(f"9901010101{number:06},井盖,完好,30,{lon:.7f},{lat:.7f}")
    else:
        lines = ["网格编码,小区,楼栋,单元,房号,人数,60岁以上,14岁以下"]
        for number in range(rows):
            cell = town.CELLS[number * len(town.CELLS) // rows]
            estate, house = number // 600, number // 60
            lines.append(
                f"{cell},示范花园{estate}区,{house}幢,{number // 20 % 3 + 1}单元,{number % 20 + 101},{number % 5 + 2},1,1"
            )
    return "\n".join(lines).encode("gb18030")


def _take(user: User, kind: str, data: bytes) -> tuple[uuid.UUID, float, float]:
    made = uuid.uuid4()
    imports.upload(user, made, area=STREETS, kind=kind, name="bench.csv", data=data)
    looked = _timed(_work)
    guess = ImportRun.objects.get(pk=made).guess
    wish = imports.Wish(guess["columns"], {}, guess["reference"] or "wgs84", guess["swapped"], make_places=True)
    return made, looked, _timed(lambda: _step(user, made, "start", wish))


def _step(user: User, run: uuid.UUID, step: str, wish: imports.Wish | None = None) -> None:
    version = ImportRun.objects.get(pk=run).version
    imports.step(user, run, step, version=version, mutation_id=uuid.uuid4(), wish=wish)
    _work()


def _work() -> None:
    while waiting := DBTaskResult.objects.filter(status="READY").first():
        DBTaskResult.objects.filter(pk=waiting.pk).delete()
        work_import.func(*waiting.args_kwargs["args"])


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
