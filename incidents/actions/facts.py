"""Keeping the facts that statistics count up with the log: safe to run twice, and any number of these at once."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from gridmap.models import StreamHead
from incidents import clock, facts, queries
from incidents.actions.sums import summed, summed_street
from incidents.counting import AGAIN_DAYS, AGAIN_M, LOTS, SPOT_M
from incidents.models import CaseFact, FactCursor, Incident, LimitFact
from incidents.workflow import State

EVENTS = 1000  # of one transaction
CASES = 500
NEAR = {"metres": AGAIN_M, "days": AGAIN_DAYS}
CORRECTED = "incident.corrected"  # the one event after which a case may be of another class or lie elsewhere


def refresh_facts() -> int:
    """Make the facts of every case that something happened to since they were made; returns how many were made."""
    made = 0
    for head in queries.streets_behind():
        while (more := _next(head)) is not None:
            made += more
    return made


@transaction.atomic
def _next(head: StreamHead) -> int | None:
    """The next events of a street; None at the end of its log, or while another process works on it."""
    FactCursor.objects.get_or_create(stream=head.stream, defaults={"epoch": head.epoch, "seq": head.min_seq - 1})
    cursor = FactCursor.objects.select_for_update(skip_locked=True).filter(stream=head.stream).first()
    if cursor is None:
        return None
    if cursor.epoch != head.epoch:  # the log began anew
        cursor.epoch, cursor.seq = head.epoch, head.min_seq - 1
    found = queries.changed(head.stream, cursor.seq, EVENTS)
    if found is None:
        return None
    make_facts(head.stream, found.cases)
    cursor.seq = found.seq
    cursor.save(update_fields=["epoch", "seq"])
    return len(found.cases)


@transaction.atomic
def remake_facts(street: str) -> int:
    """Make all facts of a street anew, as after a change of the calendar; returns how many cases there are."""
    head = StreamHead.objects.select_for_update().filter(stream=street).first()
    ids = list(Incident.objects.filter(street=street).order_by("pk").values_list("pk", flat=True))
    calendar, left = queries.calendar(), list[UUID]()
    if head:  # the cursor before the counts, as `_next` takes them: neither waits for the other in a ring
        FactCursor.objects.get_or_create(stream=street, defaults={"epoch": head.epoch, "seq": head.seq})
        FactCursor.objects.select_for_update().get(stream=street)
    with summed_street(street):
        for some in _portions(ids):
            left += _put(street, some, calendar)
    for some in _portions([*ids, *left]):
        _mark_recurrences(some)
    if head:
        FactCursor.objects.filter(stream=street).update(epoch=head.epoch, seq=head.seq)
    return len(ids)


def make_facts(street: str, ids: Sequence[UUID]) -> None:
    """Make the facts of these cases of one street, whatever they were before."""
    calendar = queries.calendar()
    for some in _portions(ids):
        with summed(some):
            left = _put(street, some, calendar)
        _mark_recurrences([*some, *left])


def _portions(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (ids[start : start + CASES] for start in range(0, len(ids), CASES))


def _put(street: str, ids: Sequence[UUID], calendar: clock.Calendar) -> list[UUID]:
    """Put the facts of these cases; returns the cases that came again where corrected ones were by their facts until now."""
    logs, kinds = queries.logs(street, ids), queries.kinds(ids)
    corrected = [key for key in ids if any(entry.kind == CORRECTED for entry in logs.get(str(key), []))]
    left = queries.marked_near_facts(corrected, SPOT_M, days=AGAIN_DAYS) if corrected else []
    cases, limits = [], []
    for incident in queries.for_facts(ids, SPOT_M):
        found = facts.of(logs.get(str(incident.pk), []), kinds.get(incident.pk, []), calendar)
        cases.append(_case(incident, found))
        limits += _limits(incident, found)
    fields = [f.name for f in CaseFact._meta.concrete_fields if f.name not in ("incident", "came_again")]
    CaseFact.objects.bulk_create(cases, update_conflicts=True, unique_fields=["incident"], update_fields=fields)
    LimitFact.objects.filter(incident__in=ids).delete()
    LimitFact.objects.bulk_create(limits)
    return left


def _day(at: datetime | None) -> date | None:
    return timezone.localdate(at) if at else None


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else round(span.total_seconds())


def _case(incident: Incident, found: facts.Facts) -> CaseFact:
    said = incident.imported or {}
    ended = incident.closed_at if incident.state == State.CLOSED and found.filed_at else None
    x, y = incident.x, incident.y  # type: ignore[attr-defined]  # annotated by for_facts
    return CaseFact(
        incident=incident, area_code=incident.area_code, klass_id=incident.klass_id, department_id=incident.department_id,
        source=incident.source, state=incident.state, reported_at=incident.reported_at, due_at=incident.due_at,
        reported_day=timezone.localdate(incident.reported_at), filed_day=_day(found.filed_at), closed_day=_day(incident.closed_at),
        closing_s=_seconds(ended - incident.reported_at) if ended else None,
        handling_s=_seconds(found.handling) if ended else None,
        failed_repair=found.failed_repairs > 0, dissatisfied=said.get("dissatisfied") is True or incident.unsolved,  # type: ignore[attr-defined]  # annotated
        matter=found.matter, supplemented=found.supplemented, extended=found.extended,
        lot=incident.pk.int % LOTS, spot_x=None if x is None else int(x), spot_y=None if y is None else int(y),
    )  # fmt: skip


def _limits(incident: Incident, found: facts.Facts) -> list[LimitFact]:
    common = {"area_code": incident.area_code, "klass_id": incident.klass_id, "source": incident.source}
    rows = [
        LimitFact(
            incident=incident, turn=turn.number, department_id=turn.department, ends_at=turn.ends_at,
            ends_day=timezone.localdate(turn.ends_at), on_time=turn.on_time, **common,
        )
        for turn in found.turns
    ]  # fmt: skip
    kept = (incident.imported or {}).get("on_time")
    if isinstance(kept, bool) and not rows:  # an import says only whether, not when
        at = incident.reported_at
        rows.append(
            LimitFact(incident=incident, turn=0, ends_at=at, ends_day=timezone.localdate(at), on_time=kept, **common)
        )
    return rows


def _mark_recurrences(ids: Sequence[UUID]) -> None:
    """Whether these, and the closed cases near them, came again."""
    concerned = {*ids, *queries.came_before(ids, **NEAR)}
    again = set(queries.came_again(sorted(concerned), **NEAR))
    marked = queries.came_again_marked(concerned)
    _mark(sorted(again - marked), value=True)
    _mark(sorted(marked - again), value=False)


def _mark(ids: Sequence[UUID], *, value: bool) -> None:
    if ids:
        with summed(ids):
            CaseFact.objects.filter(pk__in=ids).update(came_again=value)
