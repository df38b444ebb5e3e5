"""What was asked about a case, what was said to it, and what waits for a decision."""

from typing import Any

from django.db.models import QuerySet

from incidents.models import Assignment, Incident, Remark, Request, RequestKind, Verdict
from incidents.procedure import MOST_EXTENSIONS
from incidents.queries.deadlines import stage_deadline


def open_request(incident: Incident, kind: RequestKind) -> Request | None:
    """The request of this kind that nobody has decided yet."""
    return incident.requests.filter(kind=kind, verdict=Verdict.OPEN).first()


def open_turns(incident: Incident) -> QuerySet[Assignment]:
    """The turn of the department that has the case, if one has."""
    return incident.assignments.select_related("deadline").filter(ended_at__isnull=True)


def extensions_left(incident: Incident) -> int:
    """How often the clock of the stage, or of the department that has the case, can still be extended."""
    turn = None if incident.procedure else open_turns(incident).first()
    own = stage_deadline(incident) if incident.procedure else turn and turn.deadline
    return MOST_EXTENSIONS - (own.extensions if own else 0)


def requests_so_far(incident: Incident) -> list[dict[str, Any]]:
    """Everything that was asked about a case, with the words of each who had a say; the oldest first."""
    said = dict(Remark.objects.filter(incident=incident).values_list("version", "text"))
    rows = incident.requests.select_related("department", "asked_by", "first_by", "decided_by")
    return [_shown(one, said) for one in rows]


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
        "kind": one.kind, "verdict": one.verdict,
        "department_name": one.department.name if one.department else None,
        "department_name_en": one.department.name_en if one.department else None,
    }  # fmt: skip
