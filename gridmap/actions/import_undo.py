"""An import is taken back: what it made ends, what it changed is as before, unless somebody has touched it since.

The log says what an import wrote; it is gone through from the end, some thousand entries in one transaction.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from gridmap import areacode, events
from gridmap.actions.import_rows import AT_ONCE, columns_of
from gridmap.actions.imports import S, finish, in_state
from gridmap.actions.many import store
from gridmap.actions.register import draft, retell_parts, title_of
from gridmap.models import Household, ImportRefusal, ImportRun, Organisation, Place, StreamEvent
from gridmap.queries import imports as looks
from gridmap.queries import register as reads
from gridmap.register import checks
from gridmap.register.kinds import KINDS


@dataclass
class Back:
    """Some entries of an import on their way back."""

    run: ImportRun
    rows: dict[str, Any]  # by id, held
    left: list[tuple[Any, str]] = field(default_factory=list)  # (row, why it is kept)
    touched: dict[type[Any], dict[UUID, Any]] = field(default_factory=lambda: defaultdict(dict))
    told: list[events.Draft] = field(default_factory=list)

    def tell(self, row: Any, record: str, verb: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        self.touched[type(row)][row.pk] = row
        self.told.append(draft(record, row, verb, before=before, after=after, imported=self.run.pk))


def undo(run_id: UUID, after: int) -> bool:
    """Take back the next entries after the last `after`; False if there is nothing more for this worker to do."""
    with transaction.atomic():
        run = in_state(run_id, S.UNDOING)
        if run is None or run.position != after:
            return False
        stretch = _stretch(run.written, after)
        if stretch is None:
            finish(run, S.UNDONE)
            return False
        entries = list(
            StreamEvent.objects.filter(stream=stretch[0], seq__range=stretch[1:])
            .exclude(kind__endswith=".moved")  # what followed a place follows it back
            .order_by("-seq")
            .only("kind", "object_id", "object_version", "payload")
        )  # fmt: skip
        _take_back(run, entries)
        run.position, run.touched_at = after + stretch[2] - stretch[1] + 1, timezone.now()
        run.save()
    return True


def _stretch(written: list[list[Any]], after: int) -> tuple[str, int, int] | None:
    """(stream, first, last) of the next entries from the end, when the last `after` are done."""
    for stream, first, last in reversed(written):
        count = last - first + 1
        if after < count:
            until = last - after
            return stream, max(first, until - AT_ONCE + 1), until
        after -= count
    return None


def _take_back(run: ImportRun, entries: list[StreamEvent]) -> None:
    back = Back(run, _held(entries))
    foreign = looks.touched_by_others(run.pk, [e.object_id for e in entries], [e.object_version for e in entries])
    mine = [e for e in entries if e.object_id not in foreign]
    back.left += [(back.rows[e.object_id], "changed_since") for e in entries if e.object_id in foreign]
    changed = [e for e in mine if e.kind.endswith(".changed")]
    _restore(back, [e for e in changed if back.rows[e.object_id].ended_at is None])
    _end(back, [e for e in mine if e.kind.endswith(".recorded")])
    for model, rows in back.touched.items():
        store(model, list(rows.values()), known=True)
    moved = retell_parts(back.touched[Place], run.pk)
    events.record_many([*back.told, *moved], run.asked_by)
    run.undone += len(entries) - len(back.left)
    run.kept += len(back.left)
    ImportRefusal.objects.bulk_create(
        [ImportRefusal(run=run, row=0, value=row.title[:80], code=why) for row, why in back.left], batch_size=1000
    )


def _held(entries: list[StreamEvent]) -> dict[str, Any]:
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for one in entries:
        wanted[one.payload["record"]].add(one.object_id)
    found: dict[str, Any] = {}
    for record in (one for one in reads.MODELS if one in wanted):  # places first
        ids = wanted[record]
        rows = reads.MODELS[record]._default_manager.filter(pk__in=ids).defer("search")
        found |= {str(row.pk): row for row in rows.select_for_update(of=("self",)).order_by(*reads.HELD_IN[record])}
    return found


def _restore(back: Back, entries: list[StreamEvent]) -> None:
    """Put the values from before the import back, unless another record has come to bear the name since."""
    moved = [e for e in entries if e.payload["before"].get("point")]
    codes = dict(
        zip((e.object_id for e in moved), looks.located([e.payload["before"]["point"] for e in moved]), strict=True)
    )
    wanted = [(one, _as_before(back.rows[one.object_id], one, codes.get(one.object_id))) for one in entries]
    taken = looks.keys_of_others(
        Organisation, {was["natural_key"]: back.rows[e.object_id].pk for e, was in wanted if _is_body(e)}
    )
    for one, was in wanted:
        row = back.rows[one.object_id]
        if _is_body(one) and was["natural_key"] in taken:
            back.left.append((row, "changed_since"))
            continue
        for name, value in was.items():
            setattr(row, name, value)
        row.version += 1
        now = {name: value for name, value in one.payload["after"].items() if name != "coordinates"}
        back.tell(row, one.payload["record"], "changed", now, dict(one.payload["before"]))


def _is_body(one: StreamEvent) -> bool:
    return bool(one.payload["record"] == "organisation")


def _as_before(row: Any, one: StreamEvent, code: str | None) -> dict[str, Any]:
    """The columns of a row as they were before an entry; `code` is the area around the place where it was then."""
    record, before = one.payload["record"], dict(one.payload["before"])
    kind, was = KINDS[record], dict[str, Any]()
    if "point" in before:
        point = before.pop("point")
        was = {"point": Point(point[0], point[1], srid=4326) if point else None, "area_code": code or row.area_code}
    was |= columns_of(kind, before)
    if record in ("organisation", "object"):
        values, area = reads.values_of(kind, row) | before, was.get("area_code", row.area_code)
        place = Place.objects.filter(pk=was.get("place_id", row.place_id)).first() if record == "organisation" else None
        was["title"] = title_of(kind, values, place.title if place else "")
        was["natural_key"] = checks.natural_key(kind, values, area[: areacode.WIDTHS[areacode.COMMUNITY - 1]])
    return was


def _end(back: Back, entries: list[StreamEvent]) -> None:
    """End what the import made; a place in which something is in force that stays, stays too."""
    rows = {one.object_id: back.rows[one.object_id] for one in entries}
    rows = {pk: row for pk, row in rows.items() if row.ended_at is None}
    records = {one.object_id: one.payload["record"] for one in entries}
    while held := _in_use(
        {row.pk for row in rows.values() if isinstance(row, Place)}, {row.pk for row in rows.values()}
    ):
        back.left += [(rows.pop(str(pk)), "in_use_since") for pk in held]
    for pk, row in rows.items():
        row.ended_at, row.version = timezone.now(), row.version + 1
        back.tell(row, records[pk], "ended", {}, {})


def _in_use(places: set[UUID], ending: set[UUID]) -> set[UUID]:
    """Those of some places to which something in force belongs that does not end with them."""
    parts = (
        Place.objects.filter(parent__in=places, ended_at=None).exclude(pk__in=ending).values_list("parent", flat=True)
    )
    homes = (
        Household.objects.filter(place__in=places, ended_at=None).exclude(pk__in=ending).values_list("place", flat=True)
    )
    bodies = (
        Organisation.objects.filter(place__in=places, ended_at=None)
        .exclude(pk__in=ending)
        .values_list("place", flat=True)
    )
    return {place for place in (*parts, *homes, *bodies) if place}
