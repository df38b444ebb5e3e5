"""What an acceptor does with a resident's report beyond its usual steps: ask her, answer her wish to open it again."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from gridmap.models import User
from incidents import queries
from incidents.actions import clocks
from incidents.actions.clocks import CLEARED, Cause, Changes
from incidents.actions.report import insert
from incidents.models import Deadline, Incident, Origin, Question, Rating, Run, Wish
from incidents.workflow import Level, State

USUAL_DAYS = 3
OWN = (State.REPORTED, State.VERIFIED)  # the acceptor's own time; while a verification is out, another's clock runs


def ask(incident: Incident, text: str, days: int | None, cause: Cause) -> Changes:
    """Put a question to the resident. The acceptor's clock stands still until she answers or her days are over."""
    own = _running(incident) if State(incident.state) in OWN else None
    if own:
        clocks.stop(incident, cause)
    Question.objects.create(
        id=uuid4(), incident=incident, text=text, state=incident.state, asked_at=cause.at, deadline=own,
        until=cause.at + timedelta(days=days or USUAL_DAYS),
    )  # fmt: skip
    return CLEARED if own else {}


def _running(incident: Incident) -> Deadline | None:
    run = Run.objects.select_related("deadline").filter(deadline__incident=incident, stopped_at=None).first()
    return run.deadline if run else None


def end_question(question: Question, incident: Incident, cause: Cause, **said: Any) -> Changes:
    """End a question, answered or not. The clock goes on with what was left, if the case still waits where it was asked."""
    Question.objects.filter(pk=question.pk).update(ended_at=cause.at, **said)
    if question.deadline is None or incident.state != question.state or _running(incident):
        return {}
    return clocks.start(question.deadline, cause, clocks.calendar())


def reopen(actor: User, closed: Incident, now: datetime) -> Changes:
    """Take the matter up again as a new case that follows the closed one and belongs to the same receipt.

    The closed case is left as it is, because the record of actions is never edited (rule 8): its closing stays in the
    timeline and in every figure, and beside it stands that it was not solved. The new case is looked at first, as any
    report of a resident is.
    """
    fresh = Incident(
        id=uuid4(), street=closed.street, number=0, area_code=closed.area_code, point=closed.point, address=closed.address,
        klass=closed.klass, condition=closed.condition, description=closed.description, source=Origin.CITIZEN,
        state=State.REPORTED, level=Level.STREET, urgent=closed.urgent, occurred_at=now, reported_at=now,
        receipt_id=closed.receipt_id, answers=closed.answers,
    )  # fmt: skip
    insert(actor, fresh, queries.card_of(fresh), "incident.reported", "", {})
    Rating.objects.filter(incident=closed).update(wish=Wish.GRANTED, follow_up=fresh.pk)
    return {}


def refuse(closed: Incident, reason: str) -> Changes:
    """Say why the matter is not taken up again; the resident reads it."""
    Rating.objects.filter(incident=closed).update(wish=Wish.REFUSED, reply=reason)
    return {}
