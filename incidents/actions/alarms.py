"""What deadlines say by themselves: a warning before, the limit, and each further full limit, every one of them once.

Any number of these may run at a time, and at any distance: a row is locked while it is looked at, and what was told is
stored with the clock. After a gap a case says once how things stand, not everything that was missed.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from gridmap import events
from incidents import clock, deadline, queries
from incidents.actions import clocks
from incidents.actions.clocks import Changes
from incidents.actions.drafts import draft_of
from incidents.models import Deadline, Incident, Run

BATCH = 200
Moment = tuple[datetime, clock.Calendar]
Say = Callable[[Deadline | None, Moment], Changes]  # what a case says from now on; its deadline is noted by the way


def mark_due_soon() -> int:
    """Warn of the cases of which a quarter of the limit is left, at least ten minutes; returns how many."""
    return _all(queries.nearly_due, _warn, "incident.due_soon")


def mark_overdue() -> int:
    """Mark the cases whose deadline has passed; returns how many."""
    return _all(queries.newly_overdue, _overdue, "incident.overdue")


def mark_overdue_again() -> int:
    """Escalate the cases that are overdue by one more full limit: department and director hear it; returns how many."""
    return _all(queries.overdue_again, _again, "incident.overdue_again")


def _warn(own: Deadline | None, moment: Moment) -> Changes:
    if own:
        own.warned_at = moment[0]
    return {"due_soon": True, "soon_at": None}


def _overdue(own: Deadline | None, moment: Moment) -> Changes:
    if own:
        own.told = max(own.told, 1)
    return {"overdue": True, "due_soon": False, "soon_at": None, "again_at": _next(own, moment)}


def _again(own: Deadline | None, moment: Moment) -> Changes:
    """The count of further limits; where the clock, looked at again, has no new one, only the next moment is set."""
    if own is None:
        return {"again_at": None}
    limit = clock.Limit.parse(own.limit)
    passed = deadline.limits_passed(queries.stretches(own.runs.all()), limit, *moment, own.extensions)
    fresh = passed > own.told
    own.told = max(own.told, passed)
    return {"again_at": _next(own, moment)} | ({"overdue_by": own.told - 1} if fresh else {})


def _next(own: Deadline | None, moment: Moment) -> datetime | None:
    return clocks.running(own, own.runs.all(), moment[1])["again_at"] if own else None


def _all(due: Callable[[], QuerySet[Incident]], say: Say, kind: str) -> int:
    marked = 0
    while batch := _batch(due, say, kind):
        marked += batch
    return marked


@transaction.atomic
def _batch(due: Callable[[], QuerySet[Incident]], say: Say, kind: str) -> int:
    late = list(due().select_for_update(skip_locked=True, of=("self",))[:BATCH])
    if not late:
        return 0
    moment = timezone.now(), clocks.calendar()
    own = running_of(late)
    told = []
    for incident in late:
        changes = say(own.get(incident.pk), moment)
        if set(changes) != {"again_at"}:
            told.append(incident.pk)
            changes["version"] = incident.version + 1
        for name, value in changes.items():
            setattr(incident, name, value)
    Incident.objects.bulk_update(late, [*clocks.CLEARED, "version"])
    Deadline.objects.bulk_update(own.values(), ["told", "warned_at"])
    after = Incident.objects.select_related("klass", "department").filter(pk__in=told)
    events.record_all((draft_of(incident, kind) for incident in after), None)
    return len(late)


def running_of(incidents: list[Incident]) -> dict[object, Deadline]:
    """The deadline that runs for each of these cases, with its runs."""
    running = Run.objects.filter(stopped_at=None, deadline__incident__in=incidents).values("deadline")
    return {own.incident_id: own for own in Deadline.objects.filter(pk__in=running).prefetch_related("runs")}
