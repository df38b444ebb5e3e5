"""What time does besides deadlines of cases: suspensions that end at their date, parts that are overdue. Safe to run twice."""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from gridmap import events
from incidents import clock, deadline, queries
from incidents.actions import suspensions
from incidents.actions.clocks import Cause
from incidents.actions.door import change
from incidents.actions.drafts import draft_of
from incidents.models import Incident, Part
from incidents.workflow import Action, State

BATCH = 200


def end_suspensions() -> int:
    """Let the suspended cases go on whose date has come; returns how many."""
    return sum(_end_suspension(incident) for incident in list(queries.suspended_until_now()[:BATCH]))


@transaction.atomic
def _end_suspension(found: Incident) -> bool:
    incident = (
        queries.suspended_until_now().select_for_update(skip_locked=True, of=("self",)).filter(pk=found.pk).first()
    )
    if incident is None:  # somebody was faster
        return False
    cause = Cause(str(Action.RESUME), timezone.now(), incident.version + 1)
    done = change(incident, (Action.RESUME, None), suspensions.resumed(incident, cause) | {"state": State.ASSIGNED})
    assert done.event
    events.record(replace(done.event, kind="incident.suspension_ended"), None)
    return True


def mark_parts_overdue() -> int:
    """Say of the parts whose clock has counted its limit, and each further one, that they are overdue; returns how many."""
    days = queries.calendar()
    return sum(_mark_part(part, days) for part in queries.open_parts())


def _mark_part(part: Part, days: clock.Calendar) -> bool:
    """Their due times are not stored: they follow from the runs, whatever becomes of the calendar."""
    if _passed(part, days) <= part.deadline.told:
        return False
    with transaction.atomic():
        incident = queries.lock(part.incident_id)
        now = queries.open_parts().filter(pk=part.pk).first()
        passed = _passed(now, days) if now else 0
        if now is None or passed <= now.deadline.told:  # somebody was faster
            return False
        now.deadline.told = passed
        now.deadline.save(update_fields=["told"])
        Incident.objects.filter(pk=incident.pk).update(version=incident.version + 1)
        after = Incident.objects.select_related("klass", "department").get(pk=incident.pk)
        events.record(draft_of(after, "incident.part_overdue"), None)
    return True


def _passed(part: Part, days: clock.Calendar) -> int:
    own, limit = part.deadline, clock.Limit.parse(part.deadline.limit)
    return deadline.limits_passed(queries.stretches(own.runs.all()), limit, timezone.now(), days)
