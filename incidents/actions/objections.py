"""Objections (异议) to an assignment: they go to review, and the first receiver keeps working until it is decided (rule 7)."""

from collections.abc import Callable

from incidents.actions import effects, requests
from incidents.actions.clocks import Changes
from incidents.actions.effects import Taking
from incidents.models import RequestKind, Verdict
from incidents.workflow import Action, Outcome


def _object(t: Taking) -> Changes:
    requests.put(t, RequestKind.OBJECTION)
    return {}


def _review(t: Taking) -> Changes:
    """Upheld: back to the dispatcher, as a return. Rejected: it stays where it is."""
    upheld = t.step.outcome is Outcome.PASS
    requests.decide(t, requests.take(t, RequestKind.OBJECTION), Verdict.GRANTED if upheld else Verdict.REFUSED)
    return effects.give_back(t)


EFFECTS: dict[Action, Callable[[Taking], Changes]] = {Action.OBJECT: _object, Action.REVIEW_OBJECTION: _review}
