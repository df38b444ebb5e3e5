"""Extensions (延期): one more original limit for a clock, at most two, approved at two levels; until then it runs on.

Rule 4 of the life of an incident. The request is a row and names the clock, so that a deadline can tell of its extensions.
"""

from collections.abc import Callable

from gridmap.errors import ProblemError
from gridmap.models import Role
from incidents import queries
from incidents.actions import clocks, requests
from incidents.actions.clocks import Changes
from incidents.actions.effects import Taking
from incidents.models import Deadline, Request, RequestKind, Verdict
from incidents.procedure import MOST_EXTENSIONS
from incidents.workflow import Action, Outcome

KIND = RequestKind.EXTENSION


def lengthen(own: Deadline) -> Changes:
    """Give a clock that runs one more original limit; answers what the case says of it now, or `no_more_extensions`.

    What was told of a limit that lies ahead again will be told again.
    """
    if own.extensions >= MOST_EXTENSIONS:
        raise ProblemError("no_more_extensions")
    own.extensions += 1
    own.told, own.warned_at = max(0, own.told - 1), None
    own.save(update_fields=["extensions", "told", "warned_at"])
    return clocks.running(own, own.runs.all(), clocks.calendar())


def _ask(t: Taking) -> Changes:
    turn = t.incident.assignments.get(ended_at__isnull=True)
    requests.put(t, KIND, clocks.of_turn(turn))
    return {}


def _ask_for_stage(t: Taking) -> Changes:
    """Ask for the stage that a matter is in. Its director has no superior in the street: asking is her word as the first level."""
    own = queries.stage_deadline(t.incident)
    one = requests.put(t, KIND, own)
    if t.incident.stage_role == Role.DIRECTOR:
        _first(t, one)
    return {}


def _first(t: Taking, one: Request) -> None:
    Request.objects.filter(pk=one.pk).update(first_by=t.actor, first_at=t.now, first_version=t.cause.version)


def _endorse(t: Taking) -> Changes:
    """The lower level: its yes goes on to the upper one, its no ends it."""
    one = requests.take(t, KIND)
    if t.step.outcome is Outcome.FAIL:
        requests.decide(t, one, Verdict.REFUSED)
        return {}
    _first(t, one)
    return {}


def _grant(t: Taking) -> Changes:
    one = requests.take(t, KIND)
    if t.step.outcome is Outcome.FAIL:
        requests.decide(t, one, Verdict.REFUSED)
        return {}
    requests.decide(t, one, Verdict.GRANTED)
    assert one.deadline  # every extension names its clock
    changes = lengthen(one.deadline)
    queries.open_turns(t.incident).update(due_at=changes["due_at"])
    return changes


EFFECTS: dict[Action, Callable[[Taking], Changes]] = {
    Action.ASK_EXTENSION: _ask,
    Action.EXTEND: _ask_for_stage,
    Action.ENDORSE_EXTENSION: _endorse,
    Action.GRANT_EXTENSION: _grant,
}
