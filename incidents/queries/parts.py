"""What joining departments owe to a case to which the street whistled them."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from gridmap import access
from gridmap.models import Department, Role, User
from incidents import clock, deadline
from incidents.models import Incident, Part, PartEnd
from incidents.queries.deadlines import left_of, stretches
from incidents.queries.people import calendar
from incidents.workflow import Action, State


def open_parts() -> QuerySet[Part]:
    """Every part that is open, with its clock."""
    return Part.objects.filter(end=PartEnd.OPEN).select_related("deadline").prefetch_related("deadline__runs")


def parts_with(department: Department) -> QuerySet[Part]:
    """The open parts that a department owes, by case."""
    return open_parts().filter(department=department).order_by("incident", "pk")


def own_parts(actor: User, incident: Incident) -> list[Part]:
    """The open parts that the actor's departments owe to this case."""
    own = [
        department
        for role, prefix, department in access.grants_of(actor).rows
        if role == Role.HANDLER and incident.area_code.startswith(prefix)
    ]
    return [part for part in incident.parts.all() if part.end == PartEnd.OPEN and part.department_id in own]


def parts_needs(action: str, incident: Incident) -> list[str]:
    """What the lead must give to feed back while a joining department has not finished; who leads, where nobody does yet."""
    waits = action == Action.HANDLE and any(part.end == PartEnd.OPEN for part in incident.parts.all())
    led = action != Action.WHISTLE or incident.state != State.FILED
    return [*(["reason"] if waits else []), *([] if led else ["department"])]


def parts_so_far(incident: Incident, said: dict[int, str]) -> list[dict[str, Any]]:
    """What each joining department owes or owed, until when, and what it said in the end; the oldest first."""
    rows = list(incident.parts.all())
    if not rows:
        return []
    days = calendar()
    return [_part(one, said, days) for one in rows]


def _part(one: Part, said: dict[int, str], days: clock.Calendar) -> dict[str, Any]:
    own, limit = one.deadline, clock.Limit.parse(one.deadline.limit)
    going_on = deadline.going_on(stretches(own.runs.all()))
    running = any(run.stopped_at is None for run in own.runs.all())
    return {
        "department": one.department_id, "department_name": one.department.name, "department_name_en": one.department.name_en,
        "task": one.task, "end": one.end, "asked_at": one.asked_at, "ended_at": one.ended_at,
        "ended_by": one.ended_by.name if one.ended_by else None, "said": said.get(one.ended_version or 0, ""),
        "overdue": one.end == PartEnd.OPEN and own.told > 0,
        "clock": {
            "due_at": deadline.reached(going_on, limit.span, limit.kind, days), "limit": own.limit, "running": running,
            "kind": str(limit.kind), "left_minutes": int(left_of(own, timezone.now(), days).total_seconds() // 60),
        },
    }  # fmt: skip
