"""What an acceptor does with a resident's report beyond its usual steps: ask her, answer her wish to open it again."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from gridmap.models import User
from incidents import clock, queries, workflow
from incidents.actions.report import insert
from incidents.models import Incident, Origin, Question, Rating, Wish
from incidents.workflow import Level, State

USUAL_DAYS = 3
OWN = (State.REPORTED, State.VERIFIED)  # the acceptor's own time; while a verification is out, another's clock runs

Changes = dict[str, Any]


def ask(incident: Incident, text: str, days: int | None, now: datetime) -> Changes:
    """Put a question to the resident. The acceptor's clock stands still until she answers or her days are over."""
    left = None
    if incident.due_at is not None and State(incident.state) in OWN:
        left = clock.remaining(now, incident.due_at, _kind(incident), queries.calendar())
        if left < timedelta(0):
            left = incident.due_at - now
    Question.objects.create(
        id=uuid4(), incident=incident, text=text, state=incident.state, asked_at=now,
        until=now + timedelta(days=days or USUAL_DAYS), left_s=None if left is None else round(left.total_seconds()),
    )  # fmt: skip
    return {} if left is None else {"due_at": None, "overdue": False}


def end_question(question: Question, incident: Incident, now: datetime, **said: Any) -> Changes:
    """End a question, answered or not. The clock goes on with what was left, if the case still waits where it was asked."""
    Question.objects.filter(pk=question.pk).update(ended_at=now, **said)
    if question.left_s is None or incident.state != question.state:
        return {}
    left = timedelta(seconds=question.left_s)
    late = left < timedelta(0)
    due_at = now + left if late else clock.add(now, left, _kind(incident), queries.calendar())
    return {"due_at": due_at, "overdue": late}


def _kind(incident: Incident) -> clock.Kind:
    return workflow.STAGE_LIMITS.get(State(incident.state), workflow.DEFAULT_LIMIT).kind


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
        receipt_id=closed.receipt_id,
    )  # fmt: skip
    insert(actor, fresh, queries.card_of(fresh), "incident.reported", "", {})
    Rating.objects.filter(incident=closed).update(wish=Wish.GRANTED, follow_up=fresh.pk)
    return {}


def refuse(closed: Incident, reason: str) -> Changes:
    """Say why the matter is not taken up again; the resident reads it."""
    Rating.objects.filter(incident=closed).update(wish=Wish.REFUSED, reply=reason)
    return {}
