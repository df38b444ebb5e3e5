"""The deadlines of a case from the rows of their clocks: which one runs, what is left, and why it is due when it is."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from gridmap.localtime import ZONE
from incidents import clock, deadline
from incidents.models import Deadline, Incident, Remark, Run, Stage, Verdict
from incidents.queries.people import calendar
from incidents.workflow import OPEN


def stretches(runs: Iterable[Run]) -> list[deadline.Stretch]:
    """The rows of one clock as the stretches that everything is worked out from, in order."""
    return [deadline.Stretch(run.started_at, run.stopped_at, run.stopped_by) for run in runs]


def running_deadline(incident: Incident) -> Deadline | None:
    """The deadline whose clock runs for this case now."""
    found = incident.deadlines.filter(runs__stopped_at=None, runs__isnull=False).exclude(stage=Stage.JOINED)
    return found.prefetch_related("runs").last()


def stage_deadline(incident: Incident) -> Deadline | None:
    """The clock of the stage that a matter is in, running or stopped; None where the stage has no limit."""
    return incident.deadlines.filter(stage=Stage.PROCESSING, stage_key=incident.stage).last()


def left_of(own: Deadline, now: datetime, days: clock.Calendar) -> timedelta:
    """What is left on the clock of a deadline; negative by what it has counted since."""
    limit = clock.Limit.parse(own.limit)
    span = deadline.extended(limit, own.extensions)
    return span - deadline.counted(stretches(own.runs.all()), now, limit.kind, days)


def on_working_clock(day: date) -> QuerySet[Incident]:
    """Open cases with something to come on this day or later, on a clock that the working calendar decides."""
    begins = datetime.combine(day, time(0), ZONE)
    running = Run.objects.filter(stopped_at=None).exclude(deadline__limit__endswith="!")
    return Incident.objects.filter(
        Q(due_at__gte=begins) | Q(again_at__gte=begins), state__in=OPEN, pk__in=running.values("deadline__incident")
    )


def explained(incident: Incident) -> dict[str, Any]:
    """Every deadline that this case has had, explained; the one that runs now apart from the others."""
    said = dict(Remark.objects.filter(incident=incident).values_list("version", "text"))
    rows = incident.deadlines.select_related("department").prefetch_related(
        "runs", "requests__decided_by", "requests__first_by"
    )
    days = calendar()
    found = [_explained(own, said, days) for own in rows if own.runs.all()]
    main = next((one for one in reversed(found) if one["running"] and one["stage"] != Stage.JOINED), None)
    return {"running": main, "others": [one for one in reversed(found) if one is not main]}


def _explained(own: Deadline, said: dict[int, str], days: clock.Calendar) -> dict[str, Any]:
    runs, limit = list(own.runs.all()), clock.Limit.parse(own.limit)
    parts = stretches(runs)
    until = deadline.going_on(parts)
    due_at = deadline.reached(until, deadline.extended(limit, own.extensions), limit.kind, days)
    assert due_at is not None  # the last stretch goes on
    left = left_of(own, timezone.now(), days)
    return {
        "stage": own.stage, "department": own.department_id, "department_name": own.department.name if own.department else None,
        "department_name_en": own.department.name_en if own.department else None,
        **_stage_names(own),
        "limit": own.limit, "kind": str(limit.kind), "started_at": runs[0].started_at, "due_at": due_at,
        "running": runs[-1].stopped_at is None, "left_minutes": int(left.total_seconds() // 60),
        "warned_at": own.warned_at, "limits_passed": own.told,
        "extensions": [
            {
                "at": one.decided_at, "by": one.decided_by.name if one.decided_by else "",
                "first_by": one.first_by.name if one.first_by else None, "why": said.get(one.asked_version, ""),
            }
            for one in own.requests.all()
            if one.verdict == Verdict.GRANTED
        ],
        "pauses": [
            {
                "start": run.stopped_at, "end": following.started_at if following else None, "action": run.stopped_by,
                "ended_by": following.started_by if following else None, "why": said.get(run.stopped_version or 0, ""),
            }
            for run, following in zip(runs, [*runs[1:], None], strict=True)
            if run.stopped_at
        ],
        "pieces": [
            {"start": p.start, "end": p.end, "counts": p.counts, "why": str(p.why), "name": p.name}
            for p in deadline.explain(until, due_at, limit.kind, days)
        ],
        "unknown_from": deadline.beyond_known(due_at, limit.kind, days),
    }  # fmt: skip


def _stage_names(own: Deadline) -> dict[str, str | None]:
    """What the procedure calls the stage whose time this is; nothing for any other deadline."""
    version = own.incident.procedure
    stage = version.table[own.stage_key] if version and own.stage_key else None
    return {"stage_name": stage.name if stage else None, "stage_name_en": stage.name_en if stage else None}
