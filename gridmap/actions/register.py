"""Writes of the register: one record for each real thing, looked at again, corrected, ended; each with one event."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.utils import timezone

from gridmap import access, areacode, events, geo, queries
from gridmap.actions import Answer, Done, once
from gridmap.actions.register_parts import follow, move_proposals, refuse_proposals
from gridmap.errors import ProblemError
from gridmap.models import Place, Record, User
from gridmap.queries import register as reads
from gridmap.register import checks
from gridmap.register.kinds import KINDS, Kind

LonLat = tuple[float, float]
CLOCK_TOLERANCE = timedelta(minutes=5)  # how far a tablet's clock may run ahead, as for reports
OLDEST = timedelta(days=366)


@dataclass(frozen=True)
class Wish:
    """What a record is to be: values by field, and its place in degrees (EPSG:4326) if one was pointed out."""

    values: Mapping[str, Any]
    point: LonLat | None = None


def record(actor: User, kind: str, record_id: UUID, wish: Wish) -> Answer:
    """Store a new record where the actor may; who knows the real thing already is answered `record_known` with its record."""
    request = {"record": kind, "values": dict(wish.values), "point": wish.point}
    return once(actor, record_id, request, lambda: _record(actor, kind, record_id, wish))


def _record(actor: User, kind: str, record_id: UUID, wish: Wish) -> Done:
    access.require(actor, "register.edit")
    what = KINDS[kind]
    values, faults = checks.clean(what, wish.values)
    _refuse(faults or checks.together(what, values))
    row = reads.MODELS[kind](id=record_id, version=0)
    _fill(actor, what, row, values, wish.point, before={})
    access.require(actor, "register.edit", row.area_code)
    _looked_at(actor, what, row)
    _save(actor, what, row, new=True)
    after = _given(reads.state_of(what, row))
    return _done(what, row, "recorded", before={}, after={name: after[name] for name in after if name != "area"})


def change(actor: User, kind: str, record_id: UUID, *, version: int, wish: Wish, mutation_id: UUID) -> Answer:
    """Correct a record; who corrects it has looked at it. Values that another changed since `version` raise `record_changed`."""
    request = {"record": record_id, "version": version, "values": dict(wish.values), "point": wish.point}
    return once(actor, mutation_id, request, lambda: correct(actor, kind, record_id, wish, version))


def correct(
    actor: User, kind: str, record_id: UUID, wish: Wish, version: int | None = None, *, looked: bool = True
) -> Done:
    """Put other values into a record, in a transaction that is open; without a version whatever stands there gives way.

    Who only decides about it from a desk has not `looked`: it stays due as it was.
    """
    what = KINDS[kind]
    found = _seen(actor, kind, record_id)
    values, faults = checks.clean(what, wish.values, whole=False)
    _refuse(faults)
    _hold_ahead(what, found, values)
    row = held(kind, record_id)
    before = reads.state_of(what, row)
    _no_clash(what, row, wish, version)
    _apply(actor, what, row, values, wish.point)
    also: tuple[events.Draft, ...] = ()
    if looked:
        _looked_at(actor, what, row)
    _save(actor, what, row)
    after = reads.state_of(what, row)
    if after["area"] != before["area"]:
        move_proposals([(kind, row.pk, row.version, before["area"], after["area"])])
    if kind == "place":
        also = retell_parts([row.pk])
    changed = [name for name in after if after[name] != before[name]]
    told = {name: before[name] for name in changed}, {name: after[name] for name in changed}
    return _done(what, row, "changed", before=told[0], after=told[1], also=also)


def _no_clash(what: Kind, row: Any, wish: Wish, version: int | None) -> None:
    """Raise `record_changed` with both sides where another changed the same values since the version that was seen."""
    if version is None or row.version == version:
        return
    yours = dict(wish.values) | ({"point": wish.point} if wish.point else {})
    if clash := reads.changed_since(row.pk, version) & set(yours):
        detail = {"current": reads.card(what.name, row), "yours": yours, "fields": sorted(clash)}
        raise ProblemError("record_changed", detail=detail)


def _apply(actor: User, what: Kind, row: Any, values: Mapping[str, Any], point: LonLat | None) -> None:
    before = reads.values_of(what, row)
    whole = {**before, **values}
    if what.name == "place" and not all(checks.may_stand_in(part, whole["kind"]) for part in reads.kinds_of_parts(row)):
        raise ProblemError("invalid", fields={"kind": "wrong_parent"})
    _refuse(checks.together(what, whole))
    _fill(actor, what, row, whole, point, before=before)
    access.require(actor, "register.edit", row.area_code)


def retell_parts(places: Collection[UUID], imported: UUID | None = None) -> tuple[events.Draft, ...]:
    """Let what belongs to places follow them, in the transaction that moved or renamed them; what lies elsewhere now, not stored."""
    try:
        with transaction.atomic():
            moved = follow(places)
    except IntegrityError as error:
        if "_once" not in str(error):
            raise
        raise ProblemError("part_known") from None
    return tuple(draft_moved(*one, imported=imported) for one in moved)


def verify(
    actor: User, kind: str, record_id: UUID, *, version: int, mutation_id: UUID, seen_at: datetime | None = None
) -> Answer:
    """Note that the actor looked at `seen_at` (now) and all is as it stood in this version; it is due again after its cycle.

    Values that another changed since raise `record_changed`: nobody has seen these.
    """
    request = {"verify": record_id, "version": version, "seen_at": seen_at}
    return once(actor, mutation_id, request, lambda: _verify(actor, kind, record_id, version, seen_at))


def _verify(actor: User, kind: str, record_id: UUID, version: int, seen_at: datetime | None) -> Done:
    _seen(actor, kind, record_id)
    row, what = held(kind, record_id), KINDS[kind]
    if clash := reads.changed_since(row.pk, version) & {*what.by_name, "point"}:
        raise ProblemError("record_changed", detail={"current": reads.card(kind, row), "fields": sorted(clash)})
    _looked_at(actor, what, row, _checked(seen_at))
    row.version += 1
    row.save(update_fields=["verified_at", "verified_by", "due_on", "version"])
    return _done(what, row, "verified")


def _checked(seen_at: datetime | None) -> datetime:
    """When somebody looked: within the last year, and no later than now whatever her clock says."""
    now = timezone.now()
    if seen_at and seen_at > now + CLOCK_TOLERANCE:
        raise ProblemError("future_time", fields={"seen_at": "future_time"})
    if seen_at and seen_at < now - OLDEST:
        raise ProblemError("too_old", fields={"seen_at": "too_old"})
    return min(seen_at or now, now)


def end(actor: User, kind: str, record_id: UUID, *, version: int, mutation_id: UUID) -> Answer:
    """Take a record out of force: the thing is gone. Not while something belongs to it (`record_in_use`, `pledges_open`)."""
    return once(
        actor, mutation_id, {"end": record_id, "version": version}, lambda: _end(actor, kind, record_id, version)
    )


def _end(actor: User, kind: str, record_id: UUID, version: int) -> Done:
    _seen(actor, kind, record_id)
    row = held(kind, record_id)
    if row.version != version:
        raise ProblemError("record_changed", detail={"current": reads.card(kind, row), "fields": []})
    if count := reads.in_use(row):
        raise ProblemError("record_in_use", count=count)
    if count := reads.pledges_open(row):
        raise ProblemError("pledges_open", count=count)
    row.ended_at, row.version = timezone.now(), row.version + 1
    row.save(update_fields=["ended_at", "version"])
    refuse_proposals(kind, row.pk)
    return _done(KINDS[kind], row, "ended")


def _seen(actor: User, kind: str, record_id: UUID) -> Any:
    """The row as it stands, if the actor may see it and edit at its place."""
    found = reads.one(actor, kind, record_id)
    access.require(actor, "register.edit", found.area_code)
    return found


def held(kind: str, record_id: UUID) -> Any:
    """The row, locked; `record_ended` if it is out of force."""
    row = reads.MODELS[kind]._default_manager.defer("search").select_for_update(of=("self",)).get(pk=record_id)
    if row.ended_at:
        raise ProblemError("record_ended")
    return row


def _hold_ahead(what: Kind, found: Any, values: Mapping[str, Any]) -> None:
    """Departments and the place that a record belongs to are held before the record: two who take several never wait in a ring."""
    for field in what.fields:
        if field.type == "department" and values.get(field.name):
            queries.hold_department(values[field.name])
        elif field.type == "record":
            place = values.get(field.name) or getattr(found, f"{field.name}_id")
            reads.hold_place(_uuid(field.name, place) if place else None)


def _refuse(faults: checks.Faults) -> None:
    if faults:
        raise ProblemError("invalid", fields=faults)


def _fill(
    actor: User, what: Kind, row: Any, values: Mapping[str, Any], point: LonLat | None, *, before: Mapping[str, Any]
) -> None:
    """Put the values into a row, find what it belongs to, and from its place its area, title and natural key.

    What it refers to is looked at only where that is another than `before`.
    """
    _check_departments(what, values, before)
    belongs = _belongs_to(actor, what, values, before)
    for name, value in values.items():
        kind = what.field(name).type
        setattr(row, f"{name}_id" if kind in ("record", "department") else name, value)
    if point:
        row.point = Point(*point, srid=4326)
    row.area_code = _area(row, belongs, what)
    row.title = title_of(what, values, belongs.title if belongs else "")
    row.natural_key = checks.natural_key(what, values, row.area_code[: areacode.WIDTHS[areacode.COMMUNITY - 1]])


def _belongs_to(actor: User, what: Kind, values: Mapping[str, Any], before: Mapping[str, Any]) -> Place | None:
    """The place that a record belongs to, held so that it does not end meanwhile.

    A new one is a place in force that the actor sees, or any of a community in which she records: a compound has many cells.
    """
    name = next((field.name for field in what.fields if field.type == "record"), "")
    if not name or not values[name]:
        if what.name == "place":
            _refuse({} if checks.may_stand_in(values["kind"], "") else {"parent": "wrong_parent"})
        return None
    wanted = _uuid(name, values[name])
    place = reads.hold_place(wanted)
    stays = str(wanted) == before.get(name)
    if place is None or not (stays or reads.may_belong(actor, place)):
        raise ProblemError("invalid", fields={name: "unknown_record"})
    if not checks.may_stand_in(values["kind"] if what.name == "place" else what.name, place.kind):
        raise ProblemError("invalid", fields={name: "wrong_parent"})
    return place


def _uuid(name: str, value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise ProblemError("invalid", fields={name: "unknown_record"}) from None


def _check_departments(what: Kind, values: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """One that ended may stay where it stood, but nothing new is given to it."""
    named = {field.name: values[field.name] for field in what.fields if field.type == "department"}
    other = {name: wanted for name, wanted in named.items() if wanted and wanted != before.get(name)}
    _refuse({name: "unknown_department" for name, wanted in other.items() if queries.hold_department(wanted) is None})


def _area(row: Any, belongs: Place | None, what: Kind) -> str:
    """Where a record lies: the cell around its own point, else where that lies which it belongs to."""
    if row.point is None:
        if belongs is None:
            raise ProblemError("invalid", fields={"point": "point_needed"})
        return belongs.area_code
    code = geo.locate(row.point.x, row.point.y)
    if code is None:
        raise ProblemError("point_outside", fields={"lon": "point_outside", "lat": "point_outside"})
    return code


def title_of(what: Kind, values: Mapping[str, Any], belongs: str) -> str:
    """A record as people read it and find it: the address of a place, the name of an organisation with where it is."""
    own = {"household": "label", "object": "name"}.get(what.name, "name")
    parts = (
        [belongs, values[own]] if what.name in ("place", "household") else [values[own], values.get("code") or belongs]
    )
    return " ".join(part for part in parts if part)[:300]


def _looked_at(actor: User | None, what: Kind, row: Any, at: datetime | None = None) -> None:
    """Somebody looked, now or at a moment before; who looked later counts."""
    at = at or timezone.now()
    if row.verified_at is None or at >= row.verified_at:
        row.verified_at, row.verified_by = at, actor
        row.due_on = due(what, row, timezone.localdate(at))


def due(what: Kind, row: Any, seen: date) -> date:
    """When a record that was seen on a day is to be looked at again: an object by its own cycle, others by that of their kind."""
    return seen + timedelta(days=getattr(row, "cycle", None) or what.cycle)


def _save(actor: User, what: Kind, row: Record, *, new: bool = False) -> None:
    """Store a row. The constraint finds a second record of the same thing, whoever comes at the same moment."""
    row.version += 1
    try:
        with transaction.atomic():
            row.save(force_insert=new)
    except IntegrityError as error:
        if new and "_pkey" in str(error):
            raise ProblemError("id_reused") from None
        if "_once" not in str(error):
            raise
        raise _known(actor, what.name, row) from None


def _known(actor: User, kind: str, row: Record) -> ProblemError:
    """The record that is there already, if the actor may see it; of others she learns no more than that there is one."""
    known = reads.visible(actor, kind).filter(natural_key=row.natural_key).first()
    if known is None:
        return ProblemError("record_elsewhere")
    return ProblemError("record_known", detail={"id": str(known.pk)}, title=known.title)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None)}


def _done(
    what: Kind, row: Any, verb: str, *, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None,
    also: tuple[events.Draft, ...] = (),
) -> Done:  # fmt: skip
    told = draft(what.name, row, verb, before=before, after=after)
    return Done({"id": str(row.pk), "version": row.version}, told, after=also)


def draft(
    kind: str, row: Any, verb: str, *, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None,
    imported: UUID | None = None,
) -> events.Draft:  # fmt: skip
    """The event of a record, and the import that it came with; those of households are heard by fewer people."""
    domain = "household" if kind == "household" else "register"
    payload = events.RecordNow.model_validate(
        {
            "record": kind,
            "before": before or {},
            "after": after or {},
            "imported": imported or (row.imported if verb == "recorded" else None),
        }
    )
    return events.Draft(
        kind=f"{domain}.{verb}", area_code=row.area_code, object_id=str(row.pk), version=row.version, payload=payload
    )


def draft_moved(
    kind: str, record_id: UUID, version: int, before: str, now: str, imported: UUID | None = None
) -> events.Draft:
    """The event of a record that lies in another cell from now on."""
    domain = "household" if kind == "household" else "register"
    said = {"record": kind, "before": {"area": before}, "after": {"area": now}, "imported": imported}
    payload = events.RecordNow.model_validate(said)
    return events.Draft(
        kind=f"{domain}.moved", area_code=now, object_id=str(record_id), version=version, payload=payload
    )
