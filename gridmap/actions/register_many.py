"""Many records at once, that are known to be right: a made-up town, a measurement. One statement a kind, an event each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.utils import timezone

from gridmap import areacode, events
from gridmap.actions.register import LonLat, draft, title_of
from gridmap.models import Place, User
from gridmap.queries import register as reads
from gridmap.register import checks
from gridmap.register.kinds import KINDS, Kind


@dataclass(frozen=True)
class Given:
    """A record as it is known: its values by field, its place in degrees if it has one, when somebody looked and will again."""

    id: UUID
    values: dict[str, Any]
    point: LonLat | None = None
    seen: date | None = None
    due: date | None = None


@transaction.atomic
def put_records(kind: str, given: Sequence[Given], actor: User | None = None) -> int:
    """Store new records; ValueError if one cannot be a record, lies nowhere or belongs to nothing. Returns how many."""
    what = KINDS[kind]
    belongs = next((field.name for field in what.fields if field.type == "record"), "")
    above = Place.objects.defer("search").in_bulk(
        [UUID(one.values[belongs]) for one in given if one.values.get(belongs)]
    )
    areas = _located([one.point for one in given])
    rows = [
        _row(what, one, area, above.get(UUID(one.values[belongs])) if one.values.get(belongs) else None, actor)
        for one, area in zip(given, areas, strict=True)
    ]
    model: Any = reads.MODELS[kind]
    model.objects.bulk_create(rows, batch_size=1000)
    after = [
        {name: value for name, value in reads.state_of(what, row).items() if value not in ("", None) and name != "area"}
        for row in rows
    ]
    events.record_all((draft(kind, row, "recorded", after=now) for row, now in zip(rows, after, strict=True)), actor)
    return len(rows)


def _row(what: Kind, one: Given, area: str | None, above: Place | None, actor: User | None) -> Any:
    values, faults = checks.clean(what, one.values)
    faults = faults or checks.together(what, values)
    code = area or (above.area_code if above and not one.point else None)
    if faults or code is None:
        raise ValueError(f"{what.name} {one.id}: {faults or 'lies nowhere'}")
    columns = {
        f"{field.name}_id" if field.type in ("record", "department") else field.name: values[field.name]
        for field in what.fields
    }
    row: Any = reads.MODELS[what.name](id=one.id, area_code=code, **columns)
    row.point = Point(*one.point, srid=4326) if one.point else None
    row.title = title_of(what, values, above.title if above else "")
    row.natural_key = checks.natural_key(what, values, code[: areacode.WIDTHS[areacode.COMMUNITY - 1]])
    if one.seen:
        row.verified_at = timezone.make_aware(datetime.combine(one.seen, time(9, 30)))
        row.verified_by = actor
    row.due_on = one.due or timezone.localdate()
    return row


def _located(points: Sequence[LonLat | None]) -> list[str | None]:
    """The smallest area in force around each point; None without a point or outside."""
    sql = """select (select code from gridmap_area a where st_covers(a.geom, st_setsrid(st_makepoint(p.x, p.y), 4326))
                and a.level >= %s and a.valid_to is null order by a.level desc, a.code limit 1)
        from unnest(%s::float8[], %s::float8[]) with ordinality as p (x, y, n) order by n"""
    xs, ys = [p and p[0] for p in points], [p and p[1] for p in points]
    with connection.cursor() as cursor:
        cursor.execute(sql, [areacode.COMMUNITY, xs, ys])
        return [code for (code,) in cursor.fetchall()]
