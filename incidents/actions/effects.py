"""What a step changes besides the state: deadlines, assignments, who verifies."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gridmap import events
from gridmap.errors import ProblemError
from gridmap.models import Department, User
from incidents import clock, queries, workflow
from incidents.models import Assignment, Incident
from incidents.workflow import Action, Level, Need, Outcome, State, Step


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Where (degrees, EPSG:4326) and when a thing that has its case was seen again, and who says so."""

    lon: float
    lat: float
    occurred_at: datetime
    source: str


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What a reporter puts right; None stays as it is."""

    class_key: str | None = None
    condition: int | None = None
    lon: float | None = None
    lat: float | None = None
    description: str | None = None
    address: str | None = None


@dataclass(frozen=True, kw_only=True)
class Given:
    """What comes with an action; `version` is the one that its user saw (None where it does not matter)."""

    version: int | None = None
    reason: str = ""
    text: str = ""
    department: int | None = None
    condition: int | None = None
    outcome: Outcome | None = None
    person: int | None = None
    other: UUID | None = None
    seen: Seen | None = None
    correction: Correction | None = None

    @property
    def needs(self) -> set[Need]:
        present = {
            Need.REASON: self.reason,
            Need.TEXT: self.text,
            Need.DEPARTMENT: self.department,
            Need.OUTCOME: self.outcome,
            Need.OTHER: self.other,
            Need.SEEN: self.seen,
            Need.CORRECTION: self.correction,
        }
        return {need for need, value in present.items() if value}


Changes = dict[str, Any]


@dataclass(frozen=True)
class Other:
    """Another case that a step changes: the kind of its event, and the case that its timeline names."""

    incident: Incident
    kind: str
    changes: Changes
    link: UUID


@dataclass
class Tale:
    """What a step tells besides the new state of its case; effects fill it in."""

    others: list[Other] = field(default_factory=list)
    opened: list[events.Draft] = field(default_factory=list)  # of new cases
    link: UUID | None = None  # the case that the timeline names
    changed: list[str] = field(default_factory=list)  # by a correction
    said: str = ""  # what is kept with the entry besides reason and text


@dataclass(frozen=True)
class Taking:
    """One step being taken: who, on which case, with what, by which row of the table, when."""

    actor: User
    incident: Incident
    given: Given
    step: Step
    now: datetime
    mutation_id: UUID
    tale: Tale = field(default_factory=Tale)


def _stage(state: State, now: datetime) -> Changes:
    """The deadline of whoever must act in a state of its own limit."""
    limit = workflow.STAGE_LIMITS.get(state)
    return {"due_at": clock.due(now, limit, queries.calendar()) if limit else None, "overdue": False}


def no_effect(t: Taking) -> Changes:
    """The step changes the state alone; what runs goes on."""
    return {}


def _file(t: Taking) -> Changes:
    return _stage(State.FILED, t.now)


def _verification(t: Taking) -> Changes:
    return _stage(State.VERIFYING, t.now) | {"verifier": _chosen_verifier(t.incident, t.given)}


def _chosen_verifier(incident: Incident, given: Given) -> User | None:
    if given.person is None:
        return queries.nearest_worker(incident)
    person = User.objects.filter(pk=given.person, is_active=True).first()
    if person is None or not queries.may(person, "incident.verify_report", incident):
        raise ProblemError("unknown_person", fields={"person": "unknown_person"})
    return person


def _verify_report(t: Taking) -> Changes:
    return _stage(State.REPORTED, t.now) | {"verified_report": t.step.outcome is Outcome.PASS, "verifier": t.actor}


def _assign(t: Taking) -> Changes:
    department = Department.objects.filter(pk=t.given.department or 0).first()
    if department is None or not _serves(department, t.incident):
        raise ProblemError("unknown_department", fields={"department": "unknown_department"})
    condition = queries.condition_for(t.incident, t.given.condition)
    limit = clock.Limit.parse(condition.limit) if condition else workflow.DEFAULT_LIMIT
    earlier = t.incident.assignments.filter(department=department, left_s__isnull=False).last()
    if earlier and earlier.limit != str(limit):  # another condition, another limit: that one starts anew
        earlier = None
    due_at = _resumed(earlier, t.now) if earlier else clock.due(t.now, limit, queries.calendar())
    Assignment.objects.create(
        incident=t.incident,
        department=department,
        limit=str(limit),
        due_at=due_at,
        assigned_at=t.now,
    )
    return {
        "department": department, "departments": sorted({*t.incident.departments, department.pk}), "condition": condition,
        "due_at": due_at, "overdue": due_at < t.now, "urgent": t.incident.urgent or limit.kind is clock.Kind.CONTINUOUS,
    }  # fmt: skip


def _serves(department: Department, incident: Incident) -> bool:
    return incident.area_code.startswith(department.area_code)


def _resumed(paused: Assignment, now: datetime) -> datetime:
    """When a clock that goes on with what was left runs out; one that had run out stays overdue by as much."""
    left = timedelta(seconds=paused.left_s or 0)
    if left < timedelta(0):
        return now + left
    return clock.add(now, left, clock.Limit.parse(paused.limit).kind, queries.calendar())


def _pause(incident: Incident, now: datetime, *, ended: bool) -> Assignment:
    """Stop the handling clock of the open assignment and keep what was left of it."""
    turn = incident.assignments.get(ended_at__isnull=True)
    if turn.due_at is not None:
        left = clock.remaining(now, turn.due_at, clock.Limit.parse(turn.limit).kind, queries.calendar())
        if left < timedelta(0):
            left = turn.due_at - now
        turn.left_s, turn.due_at = round(left.total_seconds()), None
    turn.ended_at = now if ended else None
    turn.save(update_fields=["left_s", "due_at", "ended_at"])
    return turn


def give_up_turn(incident: Incident, now: datetime) -> None:
    """End the open assignment, if there is one, and keep what was left of its clock."""
    turn = incident.assignments.filter(ended_at__isnull=True).first()
    if turn is None:
        return
    if turn.due_at is None:  # paused already, while the repair was to be verified
        turn.ended_at = now
        turn.save(update_fields=["ended_at"])
    else:
        _pause(incident, now, ended=True)


def _give_back(t: Taking) -> Changes:
    """Withdrawn or returned to the dispatcher: the handling clock pauses, the dispatcher's own runs."""
    if t.step.target is not State.FILED:
        return {}
    _pause(t.incident, t.now, ended=True)
    return _stage(State.FILED, t.now) | {"department": None}


def _handle(t: Taking) -> Changes:
    _pause(t.incident, t.now, ended=False)
    t.incident.handled_by = t.actor
    return _stage(State.TO_VERIFY, t.now) | {"handled_by": t.actor, "verifier": queries.nearest_worker(t.incident)}


def _verify_repair(t: Taking) -> Changes:
    turn = t.incident.assignments.get(ended_at__isnull=True)
    if t.step.outcome is Outcome.PASS:
        turn.ended_at = t.now
        turn.save(update_fields=["ended_at"])
        return {"due_at": None, "overdue": False, "verifier": t.actor}
    turn.due_at, turn.left_s = _resumed(turn, t.now), None
    turn.save(update_fields=["due_at", "left_s"])
    return {"due_at": turn.due_at, "overdue": turn.due_at < t.now, "verifier": t.actor}


def _close(t: Taking) -> Changes:
    return {"closed_at": t.now, "due_at": None, "overdue": False}


def _escalate(t: Taking) -> Changes:
    return {"level": workflow.next_level(Level(t.incident.level))}


EFFECTS: dict[Action, Callable[[Taking], Changes]] = {
    Action.FILE: _file,
    Action.REQUEST_VERIFICATION: _verification,
    Action.VERIFY_REPORT: _verify_report,
    Action.ASSIGN: _assign,
    Action.WITHDRAW: _give_back,
    Action.RETURN: _give_back,
    Action.HANDLE: _handle,
    Action.VERIFY_REPAIR: _verify_repair,
    Action.CLOSE: _close,
    Action.DECLINE: _close,
    Action.SELF_HANDLE: _close,
    Action.ESCALATE: _escalate,
}
