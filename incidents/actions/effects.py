"""What a step changes besides the state: deadlines, assignments, who verifies."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from gridmap import events
from gridmap.errors import ProblemError
from gridmap.models import Department, User
from gridmap.queries import hold_department
from incidents import clock, queries, workflow
from incidents.actions import clocks, followup, parts
from incidents.actions.clocks import CLEARED, Cause, Changes
from incidents.models import Assignment, Deadline, Incident, PartEnd, Stage
from incidents.workflow import Action, Level, Need, Outcome, State, Step


@dataclass(frozen=True, kw_only=True)
class Joining:
    """A department that is called to a case, and what it is to do there."""

    department: int
    task: str


@dataclass(frozen=True, kw_only=True)
class SeenAgain:
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
    days: int | None = None
    signed: bool = False
    cause: str = ""
    until: date | None = None
    parts: tuple[Joining, ...] = ()
    other: UUID | None = None
    seen: SeenAgain | None = None
    correction: Correction | None = None

    @property
    def needs(self) -> set[Need]:
        present = {
            Need.REASON: self.reason,
            Need.TEXT: self.text,
            Need.DEPARTMENT: self.department,
            Need.OUTCOME: self.outcome,
            Need.CAUSE: self.cause,
            Need.UNTIL: self.until,
            Need.PARTS: self.parts,
            Need.OTHER: self.other,
            Need.SEEN: self.seen,
            Need.CORRECTION: self.correction,
        }
        return {need for need, value in present.items() if value}


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

    @property
    def cause(self) -> Cause:
        """The step as what starts and stops clocks."""
        return Cause(str(self.step.action), self.now, self.incident.version + 1)


def _stage(t: Taking, state: State) -> Changes:
    """What ran stops; the deadline of whoever must act in a state of its own limit begins."""
    clocks.stop(t.incident, t.cause)
    limit = workflow.STAGE_LIMITS.get(state)
    if limit is None:
        return {**CLEARED}
    own = Deadline(incident=t.incident, stage=Stage(str(state)), limit=str(limit))
    return clocks.start(own, t.cause, clocks.calendar())


def no_effect(t: Taking) -> Changes:
    """The step changes the state alone; what runs goes on."""
    return {}


def _file(t: Taking) -> Changes:
    return _stage(t, State.FILED)


def _verification(t: Taking) -> Changes:
    return _stage(t, State.VERIFYING) | {"verifier": _chosen_verifier(t.incident, t.given)}


def _chosen_verifier(incident: Incident, given: Given) -> User | None:
    if given.person is None:
        return queries.nearest_worker(incident)
    person = User.objects.filter(pk=given.person, is_active=True).first()
    if person is None or not queries.may(person, "incident.verify_report", incident):
        raise ProblemError("unknown_person", fields={"person": "unknown_person"})
    return person


def _verify_report(t: Taking) -> Changes:
    return _stage(t, State.REPORTED) | {"verified_report": t.step.outcome is Outcome.PASS, "verifier": t.actor}


def assign(t: Taking) -> Changes:
    """The department's turn begins, and its clock."""
    department = hold_department(t.given.department or 0)
    if department is None or not _serves(department, t.incident):
        raise ProblemError("unknown_department", fields={"department": "unknown_department"})
    condition = queries.condition_for(t.incident, t.given.condition)
    limit = clock.Limit.parse(condition.limit) if condition else workflow.DEFAULT_LIMIT
    parts.release_lead(t.incident, department, t.cause, t.actor.pk)
    clocks.stop(t.incident, t.cause)
    # The department that had the case before goes on with what was left; another condition is another limit, and starts anew.
    own = t.incident.deadlines.filter(stage=Stage.HANDLING, department=department).last()
    if own is None or own.limit != str(limit):
        own = Deadline(incident=t.incident, stage=Stage.HANDLING, department=department, limit=str(limit))
    running = clocks.start(own, t.cause, clocks.calendar())
    Assignment.objects.create(
        incident=t.incident,
        department=department,
        limit=str(limit),
        deadline=own,
        due_at=running["due_at"],
        assigned_at=t.now,
        **queries.suggester(t.incident.area_code)(t.incident),
    )
    return running | {
        "department": department, "departments": sorted({*t.incident.departments, department.pk}), "condition": condition,
        "urgent": t.incident.urgent or limit.kind is clock.Kind.CONTINUOUS,
    }  # fmt: skip


def _serves(department: Department, incident: Incident) -> bool:
    return incident.area_code.startswith(department.area_code)


def pause(t: Taking, *, ended: bool) -> None:
    """Stop the handling clock of the open assignment; its runs keep what was counted."""
    turn = t.incident.assignments.get(ended_at__isnull=True)
    clocks.of_turn(turn)
    turn.due_at = None
    turn.ended_at = t.now if ended else None
    turn.save(update_fields=["due_at", "ended_at"])


def give_up_turn(t: Taking) -> None:
    """Stop every clock of a case that ends here, and end the open assignment, if there is one."""
    if t.incident.assignments.filter(ended_at__isnull=True).exists():
        pause(t, ended=True)
    clocks.stop(t.incident, t.cause)


NO_PROCEDURE: Changes = {
    "procedure": None, "stage": "", "stage_name": "", "stage_name_en": "", "stage_role": "", "path": [], "level": Level.STREET,
}  # fmt: skip


def give_back(t: Taking) -> Changes:
    """Withdrawn or returned to the dispatcher: what ran stops, the dispatcher's own clock runs; a procedure is left."""
    if t.step.target is not State.FILED:
        return {}
    left: Changes = {**NO_PROCEDURE} if t.incident.procedure_id else {}
    if not left:
        pause(t, ended=True)
    return _stage(t, State.FILED) | {"department": None} | left


def _handle(t: Taking) -> Changes:
    """The lead feeds back when every part is done, or says why it does not wait for it."""
    if t.incident.parts.filter(end=PartEnd.OPEN).exists() and not t.given.reason:
        raise ProblemError("parts_open", fields={"reason": "parts_open"})
    parts.release(t.incident, t.cause, t.actor.pk)
    pause(t, ended=False)
    t.incident.handled_by = t.actor
    return _stage(t, State.TO_VERIFY) | {"handled_by": t.actor, "verifier": queries.nearest_worker(t.incident)}


def _verify_repair(t: Taking) -> Changes:
    turn = t.incident.assignments.get(ended_at__isnull=True)
    own = clocks.of_turn(turn)
    clocks.stop(t.incident, t.cause)
    if t.step.outcome is Outcome.PASS:
        turn.ended_at = t.now
        turn.save(update_fields=["ended_at"])
        return CLEARED | {"verifier": t.actor}
    running = clocks.start(own, t.cause, clocks.calendar())
    turn.due_at = running["due_at"]
    turn.save(update_fields=["due_at"])
    return running | {"verifier": t.actor}


def _close(t: Taking) -> Changes:
    clocks.stop(t.incident, t.cause)
    return CLEARED | {"closed_at": t.now}


def _escalate(t: Taking) -> Changes:
    return {"level": workflow.next_level(Level(t.incident.level))}


EFFECTS: dict[Action, Callable[[Taking], Changes]] = {
    Action.FILE: _file,
    Action.REQUEST_VERIFICATION: _verification,
    Action.VERIFY_REPORT: _verify_report,
    Action.ASSIGN: assign,
    Action.WITHDRAW: give_back,
    Action.RETURN: give_back,
    Action.HANDLE: _handle,
    Action.VERIFY_REPAIR: _verify_repair,
    Action.CLOSE: _close,
    Action.DECLINE: _close,
    Action.SELF_HANDLE: _close,
    Action.ESCALATE: _escalate,
    Action.ASK: lambda t: followup.ask(t.incident, t.given.text, t.given.days, t.cause),
}
