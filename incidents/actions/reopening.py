"""Answering a resident who says that it is not solved: taking it up again as a new case, or saying why not."""

from collections.abc import Callable
from uuid import uuid4

from gridmap.errors import ProblemError
from incidents import queries
from incidents.actions.clocks import Changes
from incidents.actions.effects import Taking
from incidents.actions.report import insert
from incidents.actions.stages import open_matter
from incidents.models import Domain, Incident, Origin, Rating, Wish
from incidents.workflow import Action, Level, State


def _reopen(t: Taking) -> Changes:
    """Take it up again as a new case that follows the closed one and belongs to the same receipt.

    The closed case is left as it is, because the record of actions is never edited (rule 8): its closing stays in the
    timeline and in every figure, and beside it stands that it was not solved. The new case begins as any of its kind: a
    report is looked at first, a matter follows the procedure in force today.
    """
    fresh = _following(t)
    if fresh.klass.domain == Domain.MATTER:
        _begin(t, fresh)
    else:
        insert(t.actor, fresh, queries.card_of(fresh), "incident.reported", "", {})
    Rating.objects.filter(incident=t.incident).update(wish=Wish.GRANTED, follow_up=fresh.pk)
    return {}


def _following(t: Taking) -> Incident:
    closed = t.incident
    return Incident(
        id=uuid4(), street=closed.street, number=0, area_code=closed.area_code, point=closed.point, address=closed.address,
        klass=closed.klass, condition=closed.condition, description=closed.description, source=Origin.CITIZEN,
        state=State.REPORTED, level=Level.STREET, urgent=closed.urgent, occurred_at=t.now, reported_at=t.now,
        receipt_id=closed.receipt_id, answers=closed.answers,
    )  # fmt: skip


def _begin(t: Taking, fresh: Incident) -> None:
    version = queries.version_for(fresh.klass, fresh.area_code)
    if version is None:
        raise ProblemError("no_procedure")
    fresh.source, fresh.state, fresh.procedure, fresh.earlier = t.incident.source, State.PROCESSING, version, t.incident
    open_matter(t.actor, fresh, "")


def _refuse(t: Taking) -> Changes:
    """Say why it is not taken up again; the resident reads it."""
    Rating.objects.filter(incident=t.incident).update(wish=Wish.REFUSED, reply=t.given.reason)
    return {}


EFFECTS: dict[Action, Callable[[Taking], Changes]] = {Action.REOPEN: _reopen, Action.REFUSE_REOPENING: _refuse}
