"""The parts of a case that joining departments owe: their clocks run beside that of the lead, and end with the part."""

from gridmap.models import Department
from incidents import queries
from incidents.actions import clocks
from incidents.actions.clocks import Cause
from incidents.models import Deadline, Incident, Part, PartEnd, Run, Stage


def begin(incident: Incident, department: int, task: str, limit: str, cause: Cause) -> Part:
    """A new part, its clock running from now."""
    own = Deadline(incident=incident, stage=Stage.JOINED, department_id=department, limit=limit)
    clocks.start(own, cause, clocks.calendar())
    return Part.objects.create(incident=incident, department_id=department, deadline=own, task=task, asked_at=cause.at)


def finish(part: Part, end: PartEnd, cause: Cause, by: int | None) -> None:
    """End a part; its clock stops with what it has counted."""
    part.end, part.ended_at, part.ended_by_id, part.ended_version = end, cause.at, by, cause.version
    part.save(update_fields=["end", "ended_at", "ended_by", "ended_version"])
    clocks.stop_one(part.deadline, cause)


def release(incident: Incident, cause: Cause, by: int | None) -> None:
    """End every part that is open: the case goes on, or ends, without it."""
    for part in incident.parts.filter(end=PartEnd.OPEN).select_related("deadline"):
        finish(part, PartEnd.RELEASED, cause, by)


def release_lead(incident: Incident, lead: Department, cause: Cause, by: int | None) -> None:
    """What a department owed as one that joined is its own case now that it leads."""
    for part in queries.parts_with(lead).filter(incident=incident):
        finish(part, PartEnd.RELEASED, cause, by)


def stop(incident: Incident, cause: Cause) -> None:
    """The clocks of open parts stand still."""
    for part in incident.parts.filter(end=PartEnd.OPEN).select_related("deadline"):
        clocks.stop_one(part.deadline, cause)


def go_on(incident: Incident, cause: Cause) -> None:
    """The clocks of open parts go on with what was left."""
    runs = [
        clocks.started(part.deadline, cause)
        for part in incident.parts.filter(end=PartEnd.OPEN).select_related("deadline")
    ]
    Run.objects.bulk_create(runs)
