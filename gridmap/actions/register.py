"""Writes of the register: one record for each real thing, looked at again, corrected, ended; each with one event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from gridmap import access, areacode, events, geo, queries
from gridmap.actions import Answer, Done, once
from gridmap.errors import ProblemError
from gridmap.models import Place, Record, User
from gridmap.queries import register as reads
from gridmap.register import checks
from gridmap.register.kinds import KINDS, Kind

LonLat = tuple[float, float]


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
    _fill(actor, what, row, values, wish.point)
    access.require(actor, "register.edit", row.area_code)
    _looked_at(actor, what, row)
    _save(what, row, new=True)
    return _done(what, row, "recorded", before={}, after=_given(reads.values_of(what, row)))


def change(actor: User, kind: str, record_id: UUID, *, version: int, wish: Wish, mutation_id: UUID) -> Answer:
    """Correct a record; who corrects it has looked at it. Values that another changed since `version` raise `record_changed`."""
    request = {"record": record_id, "version": version, "values": dict(wish.values), "point": wish.point}
    return once(actor, mutation_id, request, lambda: correct(actor, kind, record_id, wish, version))


def correct(actor: User, kind: str, record_id: UUID, wish: Wish, version: int | None = None) -> Done:
    """Put other values into a record, in a transaction that is open; without a version whatever stands there gives way."""
    row = _held(actor, kind, record_id, "register.edit")
    what = KINDS[kind]
    before = reads.values_of(what, row)
    since = row.version if version is None else version
    clash = reads.changed_since(row.pk, since) & set(wish.values) if row.version != since else set()
    if clash:
        detail = {"current": reads.card(kind, row), "yours": dict(wish.values), "fields": sorted(clash)}
        raise ProblemError("record_changed", detail=detail)
    _apply(actor, what, row, wish)
    after = reads.values_of(what, row)
    changed = [name for name in after if after[name] != before[name]]
    told = {name: before[name] for name in changed}, {name: after[name] for name in changed}
    return _done(what, row, "changed", before=told[0], after=told[1])


def _apply(actor: User, what: Kind, row: Any, wish: Wish) -> None:
    values, faults = checks.clean(what, wish.values, whole=False)
    _refuse(faults)
    whole = reads.values_of(what, row) | values
    if what.name == "place" and not all(checks.may_stand_in(part, whole["kind"]) for part in reads.kinds_of_parts(row)):
        raise ProblemError("invalid", fields={"kind": "wrong_parent"})
    _refuse(checks.together(what, whole))
    title, area = row.title, row.area_code
    _fill(actor, what, row, whole, wish.point)
    access.require(actor, "register.edit", row.area_code)
    _looked_at(actor, what, row)
    _save(what, row)
    if what.name == "place" and (title, area) != (row.title, row.area_code):
        retell_parts(row.pk)


def verify(actor: User, kind: str, record_id: UUID, mutation_id: UUID) -> Answer:
    """Note that the actor looked and all is as it stands; it is due again after the cycle of the record."""
    return once(actor, mutation_id, {"verify": record_id}, lambda: _verify(actor, kind, record_id))


def _verify(actor: User, kind: str, record_id: UUID) -> Done:
    row = _held(actor, kind, record_id, "register.edit")
    _looked_at(actor, KINDS[kind], row)
    row.version += 1
    row.save(update_fields=["verified_at", "verified_by", "due_on", "version"])
    return _done(KINDS[kind], row, "verified")


def end(actor: User, kind: str, record_id: UUID, *, version: int, mutation_id: UUID) -> Answer:
    """Take a record out of force: the thing is gone. What still belongs to it is refused (`record_in_use`)."""
    return once(
        actor, mutation_id, {"end": record_id, "version": version}, lambda: _end(actor, kind, record_id, version)
    )


def _end(actor: User, kind: str, record_id: UUID, version: int) -> Done:
    row = _held(actor, kind, record_id, "register.edit")
    if row.version != version:
        raise ProblemError("record_changed", detail={"current": reads.card(kind, row), "fields": []})
    if count := reads.in_use(row):
        raise ProblemError("record_in_use", count=count)
    row.ended_at, row.version = timezone.now(), row.version + 1
    row.save(update_fields=["ended_at", "version"])
    return _done(KINDS[kind], row, "ended")


def _held(actor: User, kind: str, record_id: UUID, right: str) -> Any:
    """The row, locked, if the actor may see it and has the right at its place; `record_ended` if it is out of force."""
    found = reads.one(actor, kind, record_id)
    access.require(actor, right, found.area_code)
    row = reads.MODELS[kind]._default_manager.defer("search").select_for_update(of=("self",)).get(pk=record_id)
    if row.ended_at:
        raise ProblemError("record_ended")
    return row


def _refuse(faults: checks.Faults) -> None:
    if faults:
        raise ProblemError("invalid", fields=faults)


def _fill(actor: User, what: Kind, row: Any, values: Mapping[str, Any], point: LonLat | None) -> None:
    """Put the values into a row, find what it belongs to, and from its place its area, title and natural key."""
    for name, value in values.items():
        kind = what.field(name).type
        setattr(row, f"{name}_id" if kind in ("record", "department") else name, value)
    belongs = _belongs_to(actor, what, values)
    _check_departments(what, values)
    if point:
        row.point = Point(*point, srid=4326)
    row.area_code = _area(row, belongs, what)
    row.title = title_of(what, values, belongs.title if belongs else "")
    row.natural_key = checks.natural_key(what, values, row.area_code[: areacode.WIDTHS[areacode.COMMUNITY - 1]])


def _belongs_to(actor: User, what: Kind, values: Mapping[str, Any]) -> Place | None:
    """The place that a record belongs to, held so that it does not end meanwhile."""
    name = next((field.name for field in what.fields if field.type == "record"), "")
    if not name or not values[name]:
        if what.name == "place":
            _refuse({} if checks.may_stand_in(values["kind"], "") else {"parent": "wrong_parent"})
        return None
    try:
        wanted = UUID(str(values[name]))
    except ValueError:
        raise ProblemError("invalid", fields={name: "unknown_record"}) from None
    place: Place | None = (
        reads.visible(actor, "place").select_for_update(of=("self",), no_key=True).filter(pk=wanted).first()
    )
    if place is None:
        raise ProblemError("invalid", fields={name: "unknown_record"})
    if not checks.may_stand_in(values["kind"] if what.name == "place" else what.name, place.kind):
        raise ProblemError("invalid", fields={name: "wrong_parent"})
    return place


def _check_departments(what: Kind, values: Mapping[str, Any]) -> None:
    named = {
        field.name: values[field.name] for field in what.fields if field.type == "department" and values[field.name]
    }
    known = set(queries.departments_in_force().filter(pk__in=named.values()).values_list("pk", flat=True))
    _refuse({name: "unknown_department" for name, department in named.items() if department not in known})


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


_BELOW = """with recursive below as (
    select id, title::text, area_code::text from gridmap_place where id = %s
    union all
    select p.id, left(b.title || ' ' || p.name, 300), case when p.point is null then b.area_code else p.area_code end
    from gridmap_place p join below b on p.parent_id = b.id)"""
_RETELL = (
    f"""{_BELOW} update gridmap_place r set title = b.title, area_code = b.area_code from below b
        where r.id = b.id and (r.title, r.area_code) is distinct from (b.title, b.area_code)""",
    f"""{_BELOW} update gridmap_household r set title = left(concat_ws(' ', b.title, nullif(r.label, '')), 300), area_code = b.area_code
        from below b where r.place_id = b.id""",
    f"""{_BELOW} update gridmap_organisation r set title = left(r.name || ' ' || b.title, 300),
        area_code = case when r.point is null then b.area_code else r.area_code end from below b where r.place_id = b.id""",
)


def retell_parts(place: UUID) -> None:
    """Let what belongs to a place say its address and area as they are now: both follow from the place, at every depth."""
    with connection.cursor() as cursor:
        for sql in _RETELL:
            cursor.execute(sql, [place])


def _looked_at(actor: User | None, what: Kind, row: Any) -> None:
    row.verified_at, row.verified_by = timezone.now(), actor
    row.due_on = due(what, row, timezone.localdate())


def due(what: Kind, row: Any, seen: date) -> date:
    """When a record that was seen on a day is to be looked at again: an object by its own cycle, others by that of their kind."""
    return seen + timedelta(days=getattr(row, "cycle", None) or what.cycle)


def _save(what: Kind, row: Record, *, new: bool = False) -> None:
    """Store a row. The constraint finds a second record of the same thing, whoever comes at the same moment."""
    row.version += 1
    try:
        with transaction.atomic():
            row.save(force_insert=new)
    except IntegrityError as error:
        if "_once" not in str(error):
            raise
        known = reads.MODELS[what.name]._default_manager.filter(natural_key=row.natural_key, ended_at=None).first()
        raise ProblemError(
            "record_known", detail={"id": str(known.pk) if known else ""}, title=known.title if known else row.title
        ) from None


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None)}


def _done(
    what: Kind, row: Any, verb: str, *, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None
) -> Done:
    return Done({"id": str(row.pk), "version": row.version}, draft(what.name, row, verb, before=before, after=after))


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


def draft_moved(kind: str, record_id: UUID, version: int, before: str, now: str) -> events.Draft:
    """The event of a record that another cell holds from now on."""
    domain = "household" if kind == "household" else "register"
    payload = events.RecordNow.model_validate({"record": kind, "before": {"area": before}, "after": {"area": now}})
    return events.Draft(
        kind=f"{domain}.moved", area_code=now, object_id=str(record_id), version=version, payload=payload
    )
