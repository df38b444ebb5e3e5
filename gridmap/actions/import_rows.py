"""Rows of an import go into the register, some thousand in one transaction: known records are changed, others are made.

A worker may die at any moment: how far it came is stored with what it wrote, so the next one goes on there and nothing comes
twice. A dry run takes the same way and writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from gridmap import access, events
from gridmap.actions.import_places import COMMUNITY, Places, Row
from gridmap.actions.imports import S, failed, finish, in_state
from gridmap.actions.many import store
from gridmap.actions.register import draft, due, retell_parts, title_of
from gridmap.intake.columns import masked
from gridmap.intake.judge import SHOWN, Refusal, Wanted
from gridmap.models import ImportRefusal, ImportRun, Place
from gridmap.queries import imports as looks
from gridmap.queries import register as reads
from gridmap.register import checks
from gridmap.register.kinds import KINDS, PLACE, Kind
from gridmap.uuid7 import uuid7

AT_ONCE = 2000  # rows of a transaction
MOVED = 5e-6  # degrees, half a metre: nearer is the same place
# By what a record was found again: another spelling of it is no change.
IDENTITY = {
    "place": {"kind", "name", "parent"},
    "household": {"place", "label"},
    "object": {"code"},
    "organisation": set[str](),
}
# The column that is named where a row repeats another.
NAMED_BY = {"place": "name", "household": "room", "object": "code", "organisation": "name"}


@dataclass
class Memory:
    """What a dry run would have written, so that later rows meet it."""

    keys: set[str] = field(default_factory=set)
    places: dict[str, Any] = field(default_factory=dict)


@dataclass
class Batch:
    """Some rows of one import, and what becomes of them."""

    run: ImportRun
    kind: Kind
    areas: dict[str, str]
    memory: Memory | None
    refused: list[Refusal] = field(default_factory=list)
    new: list[Any] = field(default_factory=list)
    changed: list[Any] = field(default_factory=list)
    told: list[events.Draft] = field(default_factory=list)
    same: int = 0
    done: set[str] = field(default_factory=set)  # ids of records that rows of this import have changed

    def refuse(self, wanted: Wanted, target: str, value: object, code: str) -> None:
        column = self.run.mapping["columns"].get(target, target)
        self.refused.append(Refusal(wanted.row, column, masked(column, str(value or ""))[:SHOWN], code))


def take(
    run_id: UUID,
    after: int,
    last: int,
    wanted: Sequence[Wanted],
    refused: Sequence[Refusal],
    memory: Memory | None = None,
) -> bool:
    """Take the rows up to `last` that come after row `after`; False if there is nothing more for this worker to do.

    With a memory nothing is written but the counts: a dry run.
    """
    with transaction.atomic():
        run = in_state(run_id, S.CHECKING if memory else S.RUNNING)
        if run is None or run.position != after:
            return False
        if not access.scope_of(run.asked_by, "register.import").covers(run.area_code):
            failed(run_id, "import_right_gone", {})
            return False
        batch = Batch(run, KINDS[run.kind], looks.named_areas(run.area_code), memory, list(refused))
        places = _settle(batch, [Row(one) for one in wanted])
        _write(batch, places)
        _count(batch, places, last)
    return True


def _settle(batch: Batch, rows: list[Row]) -> Places:
    """Find where each row lies and which record it is."""
    rows = _where(batch, rows)
    places = Places(batch.kind.name, bool(batch.run.mapping.get("make_places")))
    if batch.memory:
        places.known = batch.memory.places
    known: dict[str, Any] = {}
    for some in _from_the_outside_in(batch.kind, rows):
        settled, unknown = places.settle(some)
        batch.refused += unknown
        here = [row for row in settled if _in_reach(batch, row)]
        _look_up(batch, here, known)
        for row in here:
            if one := _judge(batch, row, known):
                places.use(row, one if batch.kind.name == "place" else None)
    places.drop_unused()
    return places


def _from_the_outside_in(kind: Kind, rows: list[Row]) -> list[list[Row]]:
    """Places in the order in which they hold one another: a row may name as its address what another row is."""
    if kind.name != "place":
        return [rows]
    depths = sorted({len(row.wanted.path) for row in rows})
    return [[row for row in rows if len(row.wanted.path) == depth] for depth in depths]


def _where(batch: Batch, rows: list[Row]) -> list[Row]:
    """The area of each row: around its point, or the one that it names, or that of the whole import."""
    pointed = [row for row in rows if row.wanted.point]
    for row, code in zip(pointed, looks.located([row.wanted.point or (0, 0) for row in pointed]), strict=True):
        row.area = code or "outside"
    found = []
    for row in rows:
        said = row.wanted.area
        row.area = row.area or (batch.areas.get(said, "unknown") if said else batch.run.area_code)
        if row.area == "outside" or (row.wanted.point and not row.area.startswith(batch.run.area_code)):
            batch.refuse(row.wanted, "x", "", "outside_area")
        elif row.area == "unknown":
            batch.refuse(row.wanted, "area", said, "unknown_area")
        elif len(row.area) < COMMUNITY:
            batch.refuse(row.wanted, "area", "", "row_nowhere")
        else:
            found.append(row)
    return found


def _in_reach(batch: Batch, row: Row) -> bool:
    kind, wanted = batch.kind, row.wanted
    own, above = wanted.values.get("kind", "") if kind.name == "place" else kind.name, row.spot.kind if row.spot else ""
    if not row.area.startswith(batch.run.area_code):
        batch.refuse(wanted, "area", row.area, "outside_area")
    elif kind.name == "household" and row.spot is None:
        batch.refuse(wanted, "address", "", "missing")
    elif kind.point == "own" and wanted.point is None:
        batch.refuse(wanted, "x", "", "point_needed")
    elif own in checks.PARENTS and (row.spot or own != "organisation") and not checks.may_stand_in(own, above):
        batch.refuse(wanted, "kind", own, "wrong_parent")
    else:
        if kind.name != "object" and row.spot:
            wanted.values["parent" if kind.name == "place" else "place"] = str(row.spot.id)
        return True
    return False


def _look_up(batch: Batch, rows: list[Row], known: dict[str, Any]) -> None:
    """Records in force by natural key, held until the end of the transaction. An organisation is known by its name, too."""
    wanted = set()
    for row in rows:
        values = {"parent": None, "label": "", "uscc": "", **row.wanted.values}
        if any(not values.get(name) for name in ("name",) if batch.kind.name == "organisation" and not values["uscc"]):
            continue
        row.key = checks.natural_key(batch.kind, values, row.area[:COMMUNITY])
        wanted |= {row.key, *_by_name(batch.kind, row)}
    rows_held = reads.MODELS[batch.kind.name]._default_manager.filter(
        natural_key__in=wanted - known.keys(), ended_at=None
    )
    if batch.memory is None:
        rows_held = rows_held.select_for_update(of=("self",)).order_by(*reads.HELD_IN[batch.kind.name])
    found = {one.natural_key: one for one in rows_held.defer("search")}
    batch.done |= looks.touched_by(batch.run.pk, (one.pk for one in found.values()))
    known |= found


def _by_name(kind: Kind, row: Row) -> list[str]:
    values = row.wanted.values
    if kind.name != "organisation" or not values.get("uscc") or not values.get("name"):
        return []
    return [checks.natural_key(kind, {**values, "uscc": ""}, row.area[:COMMUNITY])]


def _judge(batch: Batch, row: Row, known: dict[str, Any]) -> Any:
    """The record that the row is: a new one, or a known one with or without a change; None if the row is refused."""
    wanted = row.wanted
    found = known.get(row.key)
    if found is None and (other := next((known[key] for key in _by_name(batch.kind, row) if key in known), None)):
        found = other if not other.uscc else None
    if not row.key:
        batch.refuse(wanted, "name", "", "missing")
    elif _repeated(batch, row, found):
        batch.refuse(wanted, NAMED_BY[batch.kind.name], "", "repeated_row")
    elif found is None:
        return _new(batch, row, known)
    elif not found.area_code.startswith(batch.run.area_code):
        batch.refuse(wanted, "area", "", "known_elsewhere")
    else:
        return _change(batch, row, found)
    return None


def _repeated(batch: Batch, row: Row, found: Any) -> bool:
    """Whether an earlier row was this record; a place that was only made for an address of another row is none."""
    if batch.memory and row.key in batch.memory.keys:
        return True
    if found is None:
        return False
    bare = batch.kind.name == "place" and found.use == "" and found.floors is None and found.households is None
    return str(found.pk) in batch.done or (found.imported == batch.run.pk and not bare)


def _new(batch: Batch, row: Row, known: dict[str, Any]) -> Any:
    kind, wanted = batch.kind, row.wanted
    values = {one.name: "" if one.type in ("text", "choice") else None for one in kind.fields} | wanted.values
    missing = next((one.name for one in kind.fields if one.required and values[one.name] in ("", None)), "")
    faults = {missing: "missing"} if missing else checks.together(kind, values)
    if faults:
        name, code = next(iter(faults.items()))
        batch.refuse(wanted, name, values[name], code)
        return None
    made = reads.MODELS[kind.name](
        id=uuid7(), area_code=row.area, title=title_of(kind, values, row.spot.title if row.spot else ""), natural_key=row.key,
        imported=batch.run.pk, version=1, point=_point(wanted), **columns_of(kind, values),
    )  # fmt: skip
    made.due_on = due(kind, made, timezone.localdate())
    known[row.key] = made  # a second row of the same record is told so
    batch.new.append(made)
    batch.told.append(draft(kind.name, made, "recorded", after=_given(values) | _where_from(wanted)))
    return made


def _change(batch: Batch, row: Row, found: Any) -> Any:
    """Put what the file says into a record; what it leaves empty stays."""
    kind, wanted = batch.kind, row.wanted
    now = reads.values_of(kind, found)
    after = {
        name: value for name, value in wanted.values.items()
        if value not in ("", None) and name not in IDENTITY[kind.name] and value != now[name]
    }  # fmt: skip
    if kind.name == "organisation" and "name" in after and found.uscc == "":
        del after["name"]  # found by its name: another spelling
    if faults := checks.together(kind, now | after):
        name, code = next(iter(faults.items()))
        batch.refuse(wanted, name, wanted.values.get(name, ""), code)
        return None
    before = {name: now[name] for name in after}
    if moved := _moved(found, wanted):
        before["point"], after["point"] = moved
        found.point, found.area_code = _point(wanted), row.area
    if not after:
        batch.same += 1
        return found
    for name, value in columns_of(kind, {name: value for name, value in after.items() if name != "point"}).items():
        setattr(found, name, value)
    _rename(kind, row, found, now | after)
    found.version += 1
    batch.done.add(str(found.pk))
    batch.changed.append(found)
    event = draft(kind.name, found, "changed", before=before, after=after | _where_from(wanted), imported=batch.run.pk)
    batch.told.append(event)
    return found


def _rename(kind: Kind, row: Row, found: Any, values: dict[str, Any]) -> None:
    if kind.name == "organisation":
        belongs = row.spot.title if row.spot else found.place.title if found.place_id else ""
        found.title, found.natural_key = title_of(kind, values, belongs), row.key
    elif kind.name == "object":
        found.title = title_of(kind, values, "")


def _moved(found: Any, wanted: Wanted) -> tuple[Any, Any] | None:
    if wanted.point is None or not hasattr(found, "point_3857"):
        return None
    before = (found.point.x, found.point.y) if found.point else None
    if before and max(abs(before[0] - wanted.point[0]), abs(before[1] - wanted.point[1])) < MOVED:
        return None
    return before, wanted.point


def _point(wanted: Wanted) -> Point | None:
    return Point(*wanted.point, srid=4326) if wanted.point else None


def columns_of(kind: Kind, values: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{name}_id" if kind.field(name).type in ("record", "department") else name: value
        for name, value in values.items()
    }


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None)}


def _where_from(wanted: Wanted) -> dict[str, str]:
    return {"coordinates": wanted.given} if wanted.given else {}


# --- what is stored


def _write(batch: Batch, places: Places) -> None:
    if batch.memory is not None:
        batch.memory.keys |= {one.natural_key for one in (*batch.new, *batch.changed)}
        return
    today = timezone.localdate()
    for place in places.made:
        place.imported, place.due_on = batch.run.pk, due(PLACE, place, today)
    model = reads.MODELS[batch.kind.name]
    store(Place, places.made)
    store(model, batch.new)
    store(model, batch.changed, known=True)
    told = [draft("place", one, "recorded", after=_given(reads.values_of(PLACE, one))) for one in places.made]
    moved = retell_parts([one.pk for one in batch.changed if batch.kind is PLACE], batch.run.pk)
    batch.run.written += [list(one) for one in events.record_many([*told, *batch.told, *moved], batch.run.asked_by)]


def _count(batch: Batch, places: Places, last: int) -> None:
    run = batch.run
    run.made += len(batch.new)
    run.changed += len(batch.changed)
    run.same += batch.same
    run.refused += len(batch.refused)
    run.places += len(places.made)
    run.position, run.touched_at, run.attempts = last, timezone.now(), 0
    ImportRefusal.objects.bulk_create(
        [
            ImportRefusal(run=run, row=one.row, column=one.column[:100], value=one.value[:80], code=one.code)
            for one in batch.refused
        ],
        batch_size=1000,
    )
    run.save()


def ended(run_id: UUID, state: str) -> None:
    """The file has no more rows: the import, or its dry run, is done."""
    with transaction.atomic():
        run = in_state(run_id, S.CHECKING if state == S.CHECKED else S.RUNNING)
        if run:
            run.rows = max(run.rows, run.position)  # a dry run of very many rows looks at the first ones
            finish(run, state)
