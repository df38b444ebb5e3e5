"""Requests: asked by one, decided by another, void when the turn ends in which they were asked."""

from gridmap.errors import ProblemError
from incidents import queries
from incidents.actions.clocks import Cause
from incidents.actions.effects import Taking
from incidents.models import Deadline, Incident, Request, RequestKind, Verdict
from incidents.workflow import State


def put(t: Taking, kind: RequestKind, own: Deadline | None = None) -> Request:
    """Store what is asked; `asked_already` where such a request waits for its decision."""
    if queries.open_request(t.incident, kind):
        raise ProblemError("asked_already")
    return Request.objects.create(
        incident=t.incident, kind=kind, deadline=own, department=t.incident.department, asked_by=t.actor, asked_at=t.now,
        asked_version=t.cause.version,
    )  # fmt: skip


def take(t: Taking, kind: RequestKind) -> Request:
    """The request that waits; `nothing_asked` where there is none (any more)."""
    found = queries.open_request(t.incident, kind)
    if found is None:
        raise ProblemError("nothing_asked")
    return found


def decide(t: Taking, one: Request, verdict: Verdict) -> None:
    """Store the decision; it stays."""
    one.verdict, one.decided_by, one.decided_at, one.decided_version = verdict, t.actor, t.now, t.cause.version
    one.save(update_fields=["verdict", "decided_by", "decided_at", "decided_version"])


def void(incident: Incident, target: State, cause: Cause) -> None:
    """End what nobody decided while the department had the case: it has it no longer, or is done.

    It has a case that is suspended: its objection waits for its review all the same (rule 7).
    """
    waits = [RequestKind.OBJECTION] if target is State.SUSPENDED else []
    incident.requests.filter(verdict=Verdict.OPEN).exclude(kind__in=waits).update(
        verdict=Verdict.VOID, decided_at=cause.at, decided_version=cause.version
    )
