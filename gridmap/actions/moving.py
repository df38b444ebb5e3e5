"""Cells were cut anew: the register goes to the cell that each thing lies in now, with an event each; what ended stays where it was."""

import json
from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from gridmap import events
from gridmap.actions.register import draft_moved
from gridmap.actions.register_parts import WHOLES_FIRST, move_proposals
from gridmap.models import Pledge, User
from gridmap.queries.register import MODELS
from gridmap.registry import Successors

# Places first: whoever changes what lies in one holds the place before it.
TABLES = {name: model._meta.db_table for name, model in MODELS.items()}
# By its own point where it has one (a border's lower code wins, as everywhere), or the first cell that follows.
_BY_POINT = """coalesce((select a.code from gridmap_area a where a.level = 6 and a.valid_to is null and st_covers(a.geom, r.point)
    and a.code like left(r.area_code, 12) || '%%' order by a.code limit 1), %(first)s::jsonb ->> r.area_code)"""
_BY_PLACE = "(select p.area_code from gridmap_place p where p.id = r.{by})"

Moved = tuple[UUID, int, str, str]


def hold_records(cells: Iterable[str]) -> None:
    """Lock the records in force of these cells, in one order, before the first event."""
    with connection.cursor() as cursor:
        for kind, table in TABLES.items():
            order = WHOLES_FIRST if kind == "place" else "r.id"
            cursor.execute(
                f"select id from {table} r where area_code = any(%s) and ended_at is null order by {order} for update",
                [list(cells)],
            )


def move_records(successors: Successors, actor: int | None) -> int:
    """Give every record in force of a cell that ended the code of the cell around it, with an event each; how many."""
    first = {code: after[0] if after else None for code, after in successors.items()}
    moved = {
        "place": [*_set("place", _BY_POINT, first, "r.point is not null"), *_follow("place", "parent_id", first)],
        "object": _set("object", _BY_POINT, first),
        "organisation": [
            *_set("organisation", _BY_POINT, first, "r.point is not null"), *_follow("organisation", "place_id", first)
        ],
        "household": _follow("household", "place_id", first),
    }  # fmt: skip
    move_proposals((kind, *row) for kind, rows in moved.items() for row in rows)
    for code, after in first.items():
        if after:
            Pledge.objects.filter(area_code=code, done_at=None).update(area_code=after)
    user = User.objects.filter(pk__in=[actor] if actor else []).first()
    events.record_all((draft_moved(kind, *row) for kind, rows in moved.items() for row in rows), user)
    return sum(map(len, moved.values()))


def _follow(kind: str, by: str, first: dict[str, str | None]) -> list[Moved]:
    """What has no point goes with what it belongs to: level after level, until nothing is left behind."""
    found = list[Moved]()
    behind = "r.point is null" if by == "parent_id" or kind == "organisation" else "true"
    for _ in range(3):  # a unit, a dwelling in it, a rest whose place ended before it did
        moved_on = f"not exists (select 1 from gridmap_place p where p.id = r.{by} and p.area_code = any(%(ended)s))"
        found += _set(kind, _BY_PLACE.format(by=by), first, f"{behind} and {moved_on}")
    return found + _set(kind, "%(first)s::jsonb ->> r.area_code", first, behind)


def _set(kind: str, code: str, first: dict[str, str | None], where: str = "true") -> list[Moved]:
    """One statement for all records of a kind: (id, version, code before, code now) of each that it moved."""
    table = TABLES[kind]
    sql = f"""with wanted as (select r.id, r.area_code as before, {code} as now from {table} r
            where r.area_code = any(%(ended)s) and r.ended_at is null and {where})
        update {table} r set area_code = w.now, version = r.version + 1 from wanted w
        where r.id = w.id and w.now is not null and w.now <> w.before returning r.id, r.version, w.before, w.now"""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"first": json.dumps(first), "ended": list(first)})
        return [tuple(row) for row in cursor.fetchall()]
