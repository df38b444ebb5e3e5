"""What was asked about a case, what was said to it, and what waits for a decision."""

from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils import timezone

from incidents.models import Assignment, Deadline, Incident, Part, Request, RequestKind, Verdict
from incidents.procedure import MOST_EXTENSIONS
from incidents.queries.deadlines import stage_deadline
from incidents.workflow import State


def with_requests(incident: Incident) -> None:
    """Read at once what the rules and the page of a case ask for again and again: requests, parts, turns."""
    requests = Request.objects.select_related("department", "asked_by", "first_by", "decided_by")
    parts = Part.objects.select_related("department", "deadline", "ended_by").prefetch_related("deadline__runs")
    turns = Assignment.objects.select_related("department", "deadline")
    prefetch_related_objects(
        [incident], Prefetch("requests", requests), Prefetch("parts", parts), Prefetch("assignments", turns)
    )


def open_request(incident: Incident, kind: RequestKind) -> Request | None:
    """The request of this kind that nobody has decided yet."""
    return next((one for one in incident.requests.all() if one.kind == kind and one.verdict == Verdict.OPEN), None)


def open_turns(incident: Incident) -> QuerySet[Assignment]:
    """The turn of the department that has the case, if one has."""
    return incident.assignments.select_related("deadline").filter(ended_at__isnull=True)


def _turn(incident: Incident) -> Assignment | None:
    return next((turn for turn in incident.assignments.all() if turn.ended_at is None), None)


def handling_deadline(incident: Incident) -> Deadline | None:
    """The clock of the department that has the case, running or not."""
    turn = _turn(incident)
    return turn.deadline if turn else None


def extensions_left(incident: Incident) -> int:
    """How often the clock of the stage, or of the department that has the case, can still be extended."""
    own = stage_deadline(incident) if incident.procedure else handling_deadline(incident)
    return MOST_EXTENSIONS - (own.extensions if own else 0)


def requests_so_far(incident: Incident, said: dict[int, str]) -> list[dict[str, Any]]:
    """Everything that was asked about a case, with the words of each who had a say; the oldest first."""
    return [_shown(one, said) for one in incident.requests.all()]


def _shown(one: Request, said: dict[int, str]) -> dict[str, Any]:
    words = {
        name: {"name": person.name if person else None, "at": at, "text": said.get(version or 0, "")} if at else None
        for name, person, at, version in (
            ("asked", one.asked_by, one.asked_at, one.asked_version),
            ("first", one.first_by, one.first_at, one.first_version),
            ("decided", one.decided_by, one.decided_at, one.decided_version),
        )
    }
    return words | {
        "kind": one.kind, "verdict": one.verdict, "cause": one.cause or None, "until": one.until,
        "department_name": one.department.name if one.department else None,
        "department_name_en": one.department.name_en if one.department else None,
    }  # fmt: skip


# --- suspensions


def suspended_before(incident: Incident) -> bool:
    """Whether this case was suspended once, which is all it may be."""
    return any(one.kind == RequestKind.SUSPENSION and one.verdict == Verdict.GRANTED for one in incident.requests.all())


def suspended_until_now() -> QuerySet[Incident]:
    """The suspended cases whose date has come."""
    over = Request.objects.filter(kind=RequestKind.SUSPENSION, verdict=Verdict.GRANTED, until__lte=timezone.now())
    return Incident.objects.filter(state=State.SUSPENDED, pk__in=over.values("incident"))


# --- objections


def objected(incident: Incident) -> bool:
    """Whether the department has objected to the assignment that it has now; what became void was never reviewed."""
    turn = _turn(incident)
    said = (one for one in incident.requests.all() if one.kind == RequestKind.OBJECTION and one.verdict != Verdict.VOID)
    return turn is not None and any(one.asked_at >= turn.assigned_at for one in said)
