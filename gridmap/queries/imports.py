"""Reads of imports: those in scope, how far they are, what was refused; what their rows are looked up by."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection
from django.db.models import Count, QuerySet

from gridmap import access, areacode, errors, kept
from gridmap.errors import ProblemError
from gridmap.intake import columns
from gridmap.models import Area, ImportRefusal, ImportRun, User
from gridmap.queries import departments_in_force
from gridmap.register import checks
from gridmap.register.kinds import KINDS

MOST = 50
MOST_SHOWN = 100  # refusals of a page; the file has all


def visible(user: User) -> QuerySet[ImportRun]:
    """Imports of the user's areas; those of households only where she sees households."""
    scope, homes = access.scope_of(user, "import.view"), access.scope_of(user, "household.view")
    rows = ImportRun.objects.filter(scope.q())
    return rows.exclude(kind="household") | rows.filter(homes.q(), kind="household")


def get(user: User, run: UUID) -> ImportRun:
    """An import that the user may see; `not_found` otherwise."""
    found = visible(user).select_related("created_by").filter(pk=run).first()
    if found is None:
        raise ProblemError("not_found")
    return found


def latest(user: User, language: str) -> list[dict[str, Any]]:
    """The last imports, the newest first, fifty at most."""
    return [
        state(one, language) for one in visible(user).select_related("created_by").order_by("-created_at", "pk")[:MOST]
    ]


PLAIN = (
    "id", "name", "size", "form", "encoding", "state", "rows", "position", "made", "changed", "same", "refused", "places", "undone",
    "kept", "version", "created_at",
)  # fmt: skip


def state(run: ImportRun, language: str) -> dict[str, Any]:
    """An import with its counts, and why it failed if it did."""
    why = why_failed(run.reason, language) if run.reason else ""
    return {name: getattr(run, name) for name in PLAIN} | {
        "area": run.area_code, "record": run.kind, "by": str(run.created_by), "reason": why, "file_there": bool(run.file),
    }  # fmt: skip


def why_failed(reason: dict[str, Any], language: str) -> str:
    words = {name: word[language] if isinstance(word, dict) else word for name, word in reason.get("words", {}).items()}
    return errors.sentence(reason["code"], language, **words)


def detail(run: ImportRun, language: str) -> dict[str, Any]:
    """An import with its columns, what they can be, how they are mapped, a look at the first rows, and refusals by reason."""
    refusals = run.refusals.values("code").annotate(count=Count("pk")).order_by("-count", "code")
    return state(run, language) | {
        "columns": run.columns, "shapes": run.shapes, "guess": run.guess, "mapping": run.mapping, "look": _look(run),
        "targets": [
            {"name": one.name, "zh": one.zh, "en": one.en, "required": one.required, "choices": _choices(run.kind, one.name)}
            for one in columns.targets(KINDS[run.kind])
        ],
        "reasons": [
            {"code": one["code"], "count": one["count"], "text": errors.sentence(one["code"], language)} for one in refusals
        ],
        "refusals": [_refusal(one, language) for one in run.refusals.order_by("row", "pk")[:MOST_SHOWN]],
    }  # fmt: skip


def _choices(kind: str, name: str) -> list[Any]:
    field = KINDS[kind].by_name.get(name)
    return list(field.choices) if field else []


def _look(run: ImportRun) -> list[list[str]]:
    path = kept.look_of(Path(settings.MEDIA_ROOT), run.file)
    return orjson.loads(path.read_bytes()) if run.file and path.exists() else []


def _refusal(one: ImportRefusal, language: str) -> dict[str, Any]:
    return {
        "row": one.row, "column": one.column, "value": one.value, "code": one.code,
        "reason": errors.sentence(one.code, language),
    }  # fmt: skip


HEAD = {"zh": ("行", "列", "值", "原因", "代码"), "en": ("row", "column", "value", "reason", "code")}


def refusal_rows(run: ImportRun, language: str) -> Iterator[tuple[Any, ...]]:
    """All refusals of an import, for a table."""
    for one in run.refusals.order_by("row", "pk").iterator(2000):
        yield one.row, one.column, one.value, errors.sentence(one.code, language), one.code


# --- what the rows of a file are looked up by


def located(points: Sequence[tuple[float, float]]) -> list[str | None]:
    """Of each point (lon, lat in degrees) the smallest area in force from communities on; on a border the lower code wins."""
    sql = """select (select code from gridmap_area
            where st_covers(geom, st_setsrid(st_makepoint(p.lon, p.lat), 4326)) and level >= %s and valid_to is null
            order by level desc, code limit 1)
        from unnest(%s::float8[], %s::float8[]) with ordinality as p (lon, lat, number) order by number"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [areacode.COMMUNITY, [lon for lon, _ in points], [lat for _, lat in points]])
        return [code for (code,) in cursor.fetchall()]


def named_areas(prefix: str) -> dict[str, str]:
    """Codes of communities and cells in force below an area, by code and by names that only one of them has."""
    rows = Area.objects.filter(code__startswith=prefix, valid_to=None, level__gte=areacode.COMMUNITY)
    found: dict[str, str] = {}
    doubled: set[str] = set()
    for code, name in rows.values_list("code", "name"):
        if name in found:
            doubled.add(name)
        found[name] = code
        found[code] = code
    return {name: code for name, code in found.items() if name not in doubled}


def named_departments(area: str) -> dict[str, int]:
    """Departments in force that serve an area or a part of it, by names that only one of them has."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for one in departments_in_force().only("pk", "name", "area_code"):
        if area.startswith(one.area_code) or one.area_code.startswith(area):
            found[checks.written(one.name)].append(one.pk)
    return {name: pks[0] for name, pks in found.items() if len(pks) == 1}


def centre_of(area: str) -> tuple[float, float] | None:
    """A point in the middle of an area, or of the nearest one above that has a border."""
    sql = """select st_x(c), st_y(c) from (select st_centroid(geom) c from gridmap_area
        where code = any(%s) and geom is not null order by level desc limit 1) x"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [areacode.ancestors(area)])
        row = cursor.fetchone()
    return tuple(row) if row else None


def touched_by_others(run: UUID, records: Iterable[str], versions: Iterable[int]) -> set[str]:
    """Those of some records that somebody else changed or verified after a version; that cells were cut anew is nobody's doing."""
    sql = """select distinct w.object_id from unnest(%s::text[], %s::int[]) as w (object_id, version)
        join gridmap_streamevent e on e.object_id = w.object_id and e.object_version > w.version
        where e.payload->>'imported' is distinct from %s and e.kind not like '%%.moved'"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(records), list(versions), str(run)])
        return {record for (record,) in cursor.fetchall()}


def keys_of_others(model: type[Any], keys: Mapping[str, Any]) -> set[str]:
    """Those of some natural keys that a record in force has which is not the one (by id) that is to have it."""
    taken = model._default_manager.filter(natural_key__in=keys, ended_at=None).values_list("natural_key", "pk")
    return {key for key, pk in taken if keys[key] != pk}


def touched_by(run: UUID, records: Iterable[UUID]) -> set[str]:
    """Those of some records that this import has changed already."""
    sql = """select distinct object_id from gridmap_streamevent
        where object_id = any(%s) and payload->>'imported' = %s and kind like '%%.changed'"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [[str(record) for record in records], str(run)])
        return {record for (record,) in cursor.fetchall()}
