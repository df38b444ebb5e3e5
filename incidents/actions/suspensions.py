"""Suspension (挂账): once in the life of a case, at most a year; every clock of it stands still (rule 4)."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from gridmap.errors import ProblemError
from gridmap.localtime import ZONE
from incidents import queries
from incidents.actions import clocks, effects, parts, requests
from incidents.actions.clocks import CLEARED, Cause, Changes
from incidents.actions.effects import Taking
from incidents.models import Incident, RequestKind, Verdict
from incidents.workflow import Action

KIND = RequestKind.SUSPENSION
LONGEST = timedelta(days=365)


def resumed(incident: Incident, cause: Cause) -> Changes:
    """What changes when the clocks of a suspended case go on with what was left."""
    turn = queries.open_turns(incident).get()
    running = clocks.start(clocks.of_turn(turn), cause, clocks.calendar())
    parts.go_on(incident, cause)
    turn.due_at = running["due_at"]
    turn.save(update_fields=["due_at"])
    return running


def _end_of(until: date) -> datetime:
    """The morning of the day on which the clocks go on; `bad_until` unless it lies between tomorrow and a year from now."""
    if not timedelta(0) < until - timezone.localdate() <= LONGEST:
        raise ProblemError("bad_until", fields={"until": "bad_until"})
    return datetime.combine(until, time(0), ZONE)


def _ask(t: Taking) -> Changes:
    one = requests.put(t, KIND)
    one.cause = t.given.cause
    one.save(update_fields=["cause"])
    return {}


def _refuse(t: Taking) -> Changes:
    requests.decide(t, requests.take(t, KIND), Verdict.REFUSED)
    return {}


def _suspend(t: Taking) -> Changes:
    """The director decides what the department asked for, or of her own accord; the cause is hers to name."""
    assert t.given.until  # needed by the table
    until = _end_of(t.given.until)
    one = queries.open_request(t.incident, KIND) or requests.put(t, KIND)
    one.cause, one.until = t.given.cause, until
    one.save(update_fields=["cause", "until"])
    requests.decide(t, one, Verdict.GRANTED)
    effects.pause(t, ended=False)
    clocks.stop(t.incident, t.cause)
    parts.stop(t.incident, t.cause)
    return dict(CLEARED)


def _resume(t: Taking) -> Changes:
    return resumed(t.incident, t.cause)


EFFECTS: dict[Action, Callable[[Taking], Changes]] = {
    Action.ASK_SUSPENSION: _ask,
    Action.REFUSE_SUSPENSION: _refuse,
    Action.SUSPEND: _suspend,
    Action.RESUME: _resume,
}
