"""The working calendar, edited by administrators: each change stands in the log, and open deadlines follow it."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from gridmap import events
from gridmap.models import Area, User
from incidents import clock, deadline, queries
from incidents.actions import clocks
from incidents.actions.alarms import running_of
from incidents.actions.drafts import draft_of
from incidents.events import CalendarDay, Moved
from incidents.models import Assignment, Deadline, Holiday, Incident

BATCH = 200
MOVED = "incident.deadline_moved"


@transaction.atomic
def put_day(actor: User, day: date, *, working: bool, name: str) -> None:
    """Say of a day whether it is worked, whatever its weekday; the commit queues the job that counts deadlines anew.

    The calendar is the same everywhere and belongs to no street, so its event stands in the stream of the topmost areas:
    whoever serves there reads it, and everybody else reads of each deadline that it moved in the street of the case.
    """
    clocks.lock_calendar()
    was = Holiday.objects.filter(pk=day).first()
    Holiday.objects.update_or_create(date=day, defaults={"working": working, "name": name})
    _say(actor, day, CalendarDay(working=working, was=was.working if was else None))


@transaction.atomic
def end_day(actor: User, day: date) -> None:
    """Let a day follow the rule of its weekday again; as `put_day`. Nothing happens if it does so already."""
    clocks.lock_calendar()
    was = Holiday.objects.filter(pk=day).first()
    if was:
        was.delete()
        _say(actor, day, CalendarDay(working=None, was=was.working))


def _say(actor: User, day: date, payload: CalendarDay) -> None:
    top = Area.objects.filter(valid_to=None).aggregate(level=Min("level"))["level"]
    roots = Area.objects.filter(valid_to=None, level=top).values_list("pk", flat=True)
    kind = "calendar.changed"
    events.record_all(
        (events.Draft(kind=kind, area_code=code, object_id=day.isoformat(), payload=payload) for code in roots), actor
    )


def move_deadlines(day: date) -> int:
    """Count the open working deadlines anew that a change of this day can touch; returns how many moved.

    In batches, each a transaction of its own. Safe to run twice: a deadline that is right already stays, without an event.
    """
    moved, last = 0, None
    while True:
        found, last = _move_batch(day, last)
        moved += found
        if last is None:
            return moved


@transaction.atomic
def _move_batch(day: date, after: UUID | None) -> tuple[int, UUID | None]:
    rows = queries.on_working_clock(day).order_by("pk")
    rows = rows.filter(pk__gt=after) if after else rows
    batch = list(rows.select_for_update(of=("self",))[:BATCH])
    own, days, now = running_of(batch), clocks.calendar(), timezone.now()
    was = {incident.pk: incident.due_at for incident in batch}
    touched = [incident for incident in batch if incident.pk in own and _recount(incident, own[incident.pk], now, days)]
    Incident.objects.bulk_update(touched, [*clocks.CLEARED, "version"])
    Deadline.objects.bulk_update(own.values(), ["told", "warned_at"])
    moved = {incident.pk: was[incident.pk] for incident in touched if incident.due_at != was[incident.pk]}
    rows_after = Incident.objects.select_related("klass", "department").filter(pk__in=moved)
    events.record_all([_moved(incident, moved[incident.pk]) for incident in rows_after], None)
    return len(moved), batch[-1].pk if len(batch) == BATCH else None


def _recount(incident: Incident, own: Deadline, now: datetime, days: clock.Calendar) -> bool:
    """Put what the calendar says now into the row; whether anything changed. What was told of a time that is ahead again is void."""
    runs, limit = list(own.runs.all()), clock.Limit.parse(own.limit)
    parts = queries.stretches(runs)
    own.told = min(own.told, deadline.limits_passed(parts, limit, now, days, own.extensions))
    lead = deadline.warning_before(limit.span)
    if lead and deadline.counted(parts, now, limit.kind, days) < deadline.extended(limit, own.extensions) - lead:
        own.warned_at = None
    before = {name: getattr(incident, name) for name in clocks.CLEARED}
    after = clocks.running(own, runs, days)
    for name, value in after.items():
        setattr(incident, name, value)
    if after["due_at"] != before["due_at"]:
        incident.version += 1
        Assignment.objects.filter(incident=incident, ended_at=None).update(due_at=after["due_at"])
    return after != before


def _moved(incident: Incident, was: datetime | None) -> events.Draft:
    draft = draft_of(incident, MOVED)
    return replace(draft, payload=Moved.model_validate(draft.payload.model_dump() | {"was": was}))
