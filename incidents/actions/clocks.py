"""Starting and stopping the clocks of a case: every run is a row, and every due time follows from the rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from incidents import clock, deadline, queries
from incidents.models import Assignment, Deadline, Incident, Run, Stage

Changes = dict[str, Any]

# What a case says of its deadline when no clock of it runs.
CLEARED: Changes = {
    "due_at": None, "soon_at": None, "due_soon": False, "overdue": False, "overdue_by": 0, "again_at": None,
}  # fmt: skip


CALENDAR_LOCK = 0x63616C656E646172  # any number that nobody else uses


@dataclass(frozen=True)
class Cause:
    """What starts or stops a clock: the action, when, and the version of the incident that it makes."""

    action: str
    at: datetime
    version: int


def calendar() -> clock.Calendar:
    """The calendar for a deadline that is about to be stored: whoever changes it waits until this transaction has ended.

    So the job that counts open deadlines anew after a change meets every deadline that was counted by the old one.
    """
    _lock("pg_advisory_xact_lock_shared")
    return queries.calendar()


def lock_calendar() -> None:
    """Wait until no transaction counts by the calendar any more, and let none begin before this one has ended."""
    _lock("pg_advisory_xact_lock")


def _lock(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s)", [CALENDAR_LOCK])


def stop(incident: Incident, cause: Cause) -> None:
    """Stop what runs for this case, but for the parts of joining departments, which run beside it.

    A clock that is stopped keeps what it counted and can be started again.
    """
    # The few clocks by name: a join inside the update costs a walk through all runs where the database knows no figures of them.
    own = list(incident.deadlines.exclude(stage=Stage.JOINED).values_list("pk", flat=True))
    Run.objects.filter(deadline__in=own, stopped_at=None).update(**_stopped(cause))


def stop_one(own: Deadline, cause: Cause) -> None:
    """Stop one clock, if it runs."""
    own.runs.filter(stopped_at=None).update(**_stopped(cause))


def start(own: Deadline, cause: Cause, calendar: clock.Calendar) -> Changes:
    """Start a clock, or let one that was stopped go on with what was left; answers what the case says of it now."""
    if own._state.adding:
        own.save()
    Run.objects.create(deadline=own, **_started(cause))
    return running(own, own.runs.all(), calendar)


def running(own: Deadline, runs: Iterable[Run], calendar: clock.Calendar) -> Changes:
    """What a case says of its deadline while this clock runs: when it is due and what was told of it."""
    limit = clock.Limit.parse(own.limit)
    coming = deadline.alarms(
        queries.stretches(runs),
        limit,
        calendar,
        warned=own.warned_at is not None,
        told=own.told,
        extensions=own.extensions,
    )
    return {
        "due_at": coming.due_at, "soon_at": coming.soon_at, "due_soon": own.warned_at is not None and not own.told,
        "overdue": own.told > 0, "overdue_by": max(0, own.told - 1), "again_at": coming.again_at,
    }  # fmt: skip


def of_turn(turn: Assignment) -> Deadline:
    """The clock of a department's turn; one from before runs were kept gets its row, as if it had run from the start."""
    if turn.deadline is None:
        own = Deadline.objects.create(
            incident_id=turn.incident_id, stage=Stage.HANDLING, department_id=turn.department_id, limit=turn.limit
        )
        Run.objects.create(deadline=own, **_started(Cause("assign", turn.assigned_at, 1)))
        turn.deadline = own
        turn.save(update_fields=["deadline"])
    return turn.deadline


def started(own: Deadline, cause: Cause) -> Run:
    """A run that begins, not stored."""
    return Run(deadline=own, **_started(cause))


def stopped(runs: Sequence[Run], cause: Cause) -> None:
    """End what runs among these, without storing it."""
    for run in runs:
        if run.stopped_at is None:
            run.stopped_at, run.stopped_by, run.stopped_version = cause.at, cause.action, cause.version


def _started(cause: Cause) -> Changes:
    return {"started_at": cause.at, "started_by": cause.action, "started_version": cause.version}


def _stopped(cause: Cause) -> Changes:
    return {"stopped_at": cause.at, "stopped_by": cause.action, "stopped_version": cause.version}
