"""Asking a resident about her report, and the clock that stands still meanwhile."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from incidents.actions import clocks
from incidents.actions.clocks import CLEARED, Cause, Changes
from incidents.models import Deadline, Incident, Question, Run
from incidents.workflow import State

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
