"""Reads of the register: records in scope, found by address or name, what is due, their history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.utils import timezone

from gridmap import access, areacode, geo, grams
from gridmap.errors import ProblemError
from gridmap.models import (
    Department,
    Household,
    Organisation,
    Place,
    Pledge,
    Proposal,
    ProposalState,
    PublicObject,
    Record,
    StreamEvent,
    User,
)
from gridmap.queries import area_names
from gridmap.register.kinds import KINDS, PLACE_KINDS, Kind

MODELS: Mapping[str, type[Record]] = {
    "place": Place, "household": Household, "object": PublicObject, "organisation": Organisation,
}  # fmt: skip
COMMUNITY = areacode.WIDTHS[areacode.COMMUNITY - 1]
# The order in which several records of a kind are held: wholes before their parts.
HELD_IN: Mapping[str, tuple[Any, ...]] = dict.fromkeys(MODELS, ("pk",)) | {
    "place": (Case(*(When(kind=one.code, then=n) for n, one in enumerate(PLACE_KINDS))), "pk"),
}
MOST, PARTS = 50, 400  # rows of a page; of all that belongs to one place


def view_of(kind: str) -> str:
    """The right to see records of a kind; households have one of their own, as their events have."""
    return "household.view" if kind == "household" else "register.view"


def visible(user: User, kind: str) -> QuerySet[Any]:
    """Records of a kind in force in the user's areas, without what they are searched by."""
    return seen(user, kind).filter(ended_at=None)


def seen(user: User, kind: str) -> QuerySet[Any]:
    """Records of a kind in the user's areas, ended ones too."""
    scope = access.scope_of(user, view_of(kind))
    return MODELS[kind]._default_manager.filter(scope.q()).defer("search")


def one(user: User, kind: str, record: UUID, *, ended: bool = True) -> Any:
    """A record that the user may see, an ended one too; `not_found` otherwise."""
    found = (seen(user, kind) if ended else visible(user, kind)).filter(pk=record).first()
    if found is None:
        raise ProblemError("not_found")
    return found


def hold_place(place: UUID | None) -> Place | None:
    """A place in force, held so that it does not end before the transaction does; None if there is none."""
    held = Place.objects.defer("search").select_for_update(of=("self",), no_key=True)
    return held.filter(pk=place, ended_at=None).first() if place else None


def may_belong(user: User, place: Place) -> bool:
    """Whether the user may put something into a place: she sees it, or records in its community."""
    community = place.area_code[:COMMUNITY]
    records = any(one.prefix.startswith(community) for one in access.scope_of(user, "register.edit").clauses)
    return records or access.scope_of(user, view_of("place")).covers(place.area_code)


@dataclass(frozen=True)
class Wanted:
    """Which records: in an area (a prefix), with all words, of a place, only what is due."""

    area: str = ""
    words: str = ""
    parent: UUID | None = None
    due: bool = False


def found(user: User, kind: str, wanted: Wanted) -> QuerySet[Any]:
    """Records in force that are wanted, what is due first."""
    rows = visible(user, kind)
    if wanted.area:
        rows = rows.filter(area_code__startswith=wanted.area)
    if wanted.words.strip():
        cut = grams.words(wanted.words)
        rows = rows.filter(search__grams=" & ".join(_said(word) for word in cut)) if cut else rows.none()
    if wanted.parent:
        rows = rows.filter(**{belongs_by(kind): wanted.parent}) if kind != "object" else rows.none()
    if wanted.due:
        rows = rows.filter(due_on__lte=timezone.localdate())
    return rows.order_by("due_on", "pk")


def page(user: User, kind: str, wanted: Wanted, after: str = "") -> dict[str, Any]:
    """Fifty records that are wanted after a place in their order (400 of one place), and where the next page begins."""
    rows = found(user, kind, wanted)
    if after:
        due, pk = _place_in_order(after)
        rows = rows.filter(Q(due_on__gt=due) | Q(due_on=due, pk__gt=pk))
    most = PARTS if wanted.parent else MOST
    some = list(rows[: most + 1])
    last = some[most - 1] if len(some) > most else None
    return {"records": shown(kind, some[:most]), "next": f"{last.due_on}|{last.pk}" if last else None}


def _place_in_order(after: str) -> tuple[date, UUID]:
    due, _, pk = after.partition("|")
    try:
        return date.fromisoformat(due), UUID(pk)
    except ValueError:
        raise ProblemError("invalid", fields={"after": "unknown_record"}) from None


def _said(word: str) -> str:
    return " & ".join(grams.phrase(run) for run in grams.runs(word))


def belongs_by(kind: str) -> str:
    """The field by which records of a kind belong to a place; objects stand in the open."""
    return {"place": "parent", "household": "place", "organisation": "place"}[kind]


def values_of(kind: Kind, row: Any) -> dict[str, Any]:
    """The values of a record by field, as they are sent, stored in the log and compared."""
    return {field.name: _plain(row, field.name, field.type) for field in kind.fields}


def state_of(kind: Kind, row: Any) -> dict[str, Any]:
    """All of a record that its history tells: its values, its place in degrees, and the code of the area in which it lies."""
    point = {} if kind.point == "none" else {"point": (row.point.x, row.point.y) if row.point else None}
    return values_of(kind, row) | point | {"area": row.area_code}


def _plain(row: Any, name: str, kind: str) -> Any:
    if kind in ("record", "department"):
        value = getattr(row, f"{name}_id")
        return str(value) if kind == "record" and value else value
    return getattr(row, name)


def shown(kind: str, rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Records as they are listed."""
    return [card(kind, row) for row in rows]


def card(kind: str, row: Any) -> dict[str, Any]:
    """A record with its values, when it was last looked at, and its place in degrees."""
    return {
        "id": row.pk, "record": kind, "title": row.title, "area": row.area_code, "version": row.version,
        "verified_at": row.verified_at, "due_on": row.due_on, "ended_at": row.ended_at,
        "point": (row.point.x, row.point.y) if row.point else None, "values": values_of(KINDS[kind], row),
    }  # fmt: skip


def detail(user: User, kind: str, row: Any) -> dict[str, Any]:
    """A record with who looked last, the names of what it refers to, how much belongs to it, and the proposals that wait."""
    references = {
        field.name: _reference(row, field.name)
        for field in KINDS[kind].fields
        if field.type in ("record", "department")
    }
    waiting = Proposal.objects.filter(record=row.pk, state=ProposalState.OPEN).order_by("created_at")
    return card(kind, row) | {
        "verified_by": str(row.verified_by) if row.verified_by else None,
        "references": {name: text for name, text in references.items() if text},
        "parts": _parts(user, kind, row),
        "proposals": [{"id": one.pk, "values": one.values, "at": one.created_at} for one in waiting],
        "can_edit": access.scope_of(user, "register.edit").covers(row.area_code),
    }  # fmt: skip


def _reference(row: Any, name: str) -> str | None:
    held = getattr(row, name)
    return None if held is None else held.name if isinstance(held, Department) else held.title


def _parts(user: User, kind: str, row: Any) -> dict[str, int]:
    """How many records of each kind belong to a place, of those that the user may see."""
    if kind != "place":
        return {}
    counts = {
        part: visible(user, part).filter(**{belongs_by(part): row.pk}).count() for part in MODELS if part != "object"
    }
    return {part: count for part, count in counts.items() if count}


SAME_OBJECT_M = 15.0  # a position of class C is right to 10 m (CJ/T 214), and a report is made beside the thing


def maintainer_near(point: Any, scheme: str, klass: str) -> int | None:
    """The department that maintains the nearest registered object of a class within 15 m of a point (EPSG:4326); None if unknown."""
    sql = """select o.maintainer_id from gridmap_publicobject o join gridmap_department d on d.id = o.maintainer_id
        where o.scheme = %s and o.klass = %s and o.ended_at is null and (d.valid_to is null or d.valid_to >= %s)
            and o.point_3857 && st_makeenvelope(%s, %s, %s, %s, 3857)
            and st_dwithin(o.point::geography, st_setsrid(st_makepoint(%s, %s), 4326)::geography, %s)
        order by o.point::geography <-> st_setsrid(st_makepoint(%s, %s), 4326)::geography, o.id limit 1"""
    here = [point.x, point.y]
    box = geo.box_3857(point.x, point.y, SAME_OBJECT_M)
    found: int | None = geo.fetch_value(sql, [scheme, klass, timezone.localdate(), *box, *here, SAME_OBJECT_M, *here])
    return found


def in_use(row: Record) -> int:
    """How many records in force belong to one."""
    if not isinstance(row, Place):
        return 0
    parts = (row.parts, row.homes, row.organisations)
    return sum(one.filter(ended_at=None).count() for one in parts)


def pledges_open(row: Record) -> int:
    """How many offers and needs that are not done name an organisation."""
    if not isinstance(row, Organisation):
        return 0
    return Pledge.objects.filter(Q(by=row) | Q(taken_by=row), done_at=None).count()


def kinds_of_parts(place: Place) -> set[str]:
    """The kinds of all that belongs to a place and is in force."""
    found = set(place.parts.filter(ended_at=None).values_list("kind", flat=True).distinct())
    lived = {"household"} if place.homes.filter(ended_at=None).exists() else set()
    return found | lived | ({"organisation"} if place.organisations.filter(ended_at=None).exists() else set())


def history(record: UUID, kind: str) -> list[dict[str, Any]]:
    """What happened to a record, the latest first: from the log, each value before and after, with names for what is referred to."""
    condition = Q(kind__startswith="household." if kind == "household" else "register.")
    rows = list(
        StreamEvent.objects.filter(condition, object_id=str(record))
        .select_related("actor")
        .order_by("-created_at", "-seq")[:200]
    )
    names = _names(KINDS[kind], [side for row in rows for side in (row.payload["before"], row.payload["after"])])
    return [
        {
            "what": row.kind.split(".")[1], "at": row.created_at, "by": str(row.actor) if row.actor else None,
            "before": row.payload["before"], "after": row.payload["after"], "imported": row.payload["imported"],
            "names": {name: names[name] for name in _referred(KINDS[kind], (row.payload["before"], row.payload["after"])) if name in names},
        }
        for row in rows
    ]  # fmt: skip


def _referred(kind: Kind, sides: Iterable[dict[str, Any]]) -> set[str]:
    """What these values refer to: areas, departments and records, by code or id."""
    names = {"area", *(field.name for field in kind.fields if field.type in ("record", "department"))}
    return {str(side[name]) for side in sides for name in names if side.get(name)}


def _names(kind: Kind, sides: Iterable[dict[str, Any]]) -> dict[str, str]:
    """The names of what values refer to, those that ended too."""
    some = list(sides)
    by_type = {
        type_: {str(side[f.name]) for side in some for f in kind.fields if f.type == type_ and side.get(f.name)}
        for type_ in ("record", "department")
    }
    places = dict(Place.objects.filter(pk__in=by_type["record"]).values_list("pk", "title"))
    departments = dict(Department.objects.filter(pk__in=by_type["department"]).values_list("pk", "name"))
    areas = area_names({str(side["area"]) for side in some if side.get("area")})
    return {str(key): name for names in (places, departments) for key, name in names.items()} | dict(areas)


def changed_since(record: UUID, version: int) -> set[str]:
    """The fields of a record that changed after a version."""
    rows = StreamEvent.objects.filter(object_id=str(record), object_version__gt=version)
    return {name for payload in rows.values_list("payload", flat=True) for name in payload.get("after", {})}


def proposals_shown(user: User) -> list[dict[str, Any]]:
    """Proposals that wait for somebody like this user to decide, with what stands in the record now; the oldest first, fifty at most."""
    in_force = Q()
    for kind in MODELS:
        in_force |= Q(Exists(visible(user, kind).filter(pk=OuterRef("record"))), kind=kind)
    scope = access.scope_of(user, "register.decide")
    rows = Proposal.objects.filter(in_force, scope.q(), state=ProposalState.OPEN)
    some = list(rows.select_related("proposed_by").order_by("created_at", "pk")[:MOST])
    held = {kind: visible(user, kind).in_bulk([one.record for one in some]) for kind in {one.kind for one in some}}
    return [_waiting(one, held[one.kind][one.record]) for one in some if one.record in held[one.kind]]


def _waiting(one: Proposal, row: Any) -> dict[str, Any]:
    values = values_of(KINDS[one.kind], row)
    return {
        "id": one.pk, "values": one.values, "at": one.created_at, "record": one.kind, "record_id": one.record, "title": row.title,
        "by": str(one.proposed_by), "now": {name: values[name] for name in one.values}, "version": row.version,
    }  # fmt: skip


def own_proposals(user: User) -> list[dict[str, Any]]:
    """What became of the proposals that a user made herself, the latest first, fifty at most; of records that she may still see."""
    some = list(Proposal.objects.filter(proposed_by=user).order_by("-created_at", "pk")[:MOST])
    wanted = {kind: [one.record for one in some if one.kind == kind] for kind in MODELS}
    held = {kind: seen(user, kind).filter(pk__in=ids).in_bulk() for kind, ids in wanted.items() if ids}
    return [
        {
            "id": one.pk, "values": one.values, "at": one.created_at, "record": one.kind, "record_id": one.record,
            "title": row.title, "state": one.state, "reason": one.reason, "decided_at": one.decided_at, "ended": row.ended_at is not None,
        }
        for one in some if (row := held[one.kind].get(one.record))
    ]  # fmt: skip
