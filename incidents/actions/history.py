"""Whole lives of cases, stored at once: what a demonstration town is filled with.

What a step does to a case is worked out in memory by the same table and clocks as a step taken live; the log gets every
event with its time, in order.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import transaction

from gridmap import events
from gridmap.models import Department, StreamHead, User
from gridmap.queries import area_names
from incidents import clock, deadline, photos, pictures, queries, store, workflow
from incidents.actions import clocks
from incidents.actions.clocks import CLEARED, Cause, Changes
from incidents.events import KINDS, Card
from incidents.models import (
    Assignment,
    Attachment,
    ClassCondition,
    Deadline,
    Incident,
    IncidentClass,
    Origin,
    Remark,
    Run,
    Stage,
)
from incidents.queries.catalogue import classes_in_force
from incidents.stories import Story, Taken
from incidents.workflow import OPEN, Action, Level, Outcome, State, Step

BATCH = 500
SOON, OVERDUE, AGAIN = "incident.due_soon", "incident.overdue", "incident.overdue_again"


@dataclass(frozen=True, kw_only=True)
class Known:
    """The rows that stories speak of: people by user name, departments by code, classes by key, names of cells."""

    street: str
    people: Mapping[str, User]
    departments: Mapping[str, Department]
    classes: Mapping[str, IncidentClass]
    areas: Mapping[str, str]
    calendar: clock.Calendar
    photos: Mapping[str, photos.Photo]
    suggest: Callable[[Incident], dict[str, Any]]


@dataclass(frozen=True)
class Moment:
    """One event of a life, before it has its place in the log."""

    at: datetime
    kind: str
    actor: User | None
    card: Card
    departments: tuple[int, ...]
    persons: tuple[int, ...]


@transaction.atomic
def put_history(
    street: str,
    stories: Iterable[Story],
    *,
    people: Mapping[str, User],
    departments: Mapping[str, Department],
    now: datetime,
) -> int:
    """Store cases of one street with all that happened to them up to `now`; returns how many were new.

    A case that is there already stays as it is. Deadlines that passed are in the log at their time.
    """
    told = list(stories)
    there = set(Incident.objects.filter(pk__in=[story.id for story in told]).values_list("pk", flat=True))
    names = {taken.photo for story in told for taken in story.steps if taken.photo}
    known = Known(
        photos={name: _photo(name) for name in names},
        suggest=queries.suggester(street), street=street, people=people, departments=departments, calendar=queries.calendar(),
        classes={klass.key: klass for klass in classes_in_force()}, areas=area_names(story.where.cell for story in told),
    )  # fmt: skip
    lives = [Life(story, known, now) for story in told if story.id not in there]
    head = StreamHead.objects.select_for_update().filter(stream=street).first()
    drafts = _numbered(lives, head.seq if head else 0)
    Incident.objects.bulk_create([life.incident for life in lives], batch_size=BATCH)
    Deadline.objects.bulk_create([own for life in lives for own, _ in life.clocks], batch_size=BATCH)
    Run.objects.bulk_create([run for life in lives for _, runs in life.clocks for run in runs], batch_size=BATCH)
    Assignment.objects.bulk_create([turn for life in lives for turn in life.turns], batch_size=BATCH)
    Remark.objects.bulk_create([remark for life in lives for remark in life.remarks], batch_size=BATCH)
    Attachment.objects.bulk_create([photo for life in lives for photo in life.photos], batch_size=BATCH)
    for draft, actor in drafts:
        events.record(draft, actor)
    return len(lives)


def _photo(name: str) -> photos.Photo:
    """The drawn picture of that name as a photo in its place, with its small picture."""
    photo = photos.clean(pictures.draw(name))
    root = Path(settings.MEDIA_ROOT)
    store.write(store.path_of(root, photo.sha256), photo.jpeg)
    store.write(store.path_of(root, photo.sha256, thumb=True), photos.thumb(photo.jpeg))
    return photo


def _numbered(lives: Iterable["Life"], seq: int) -> list[tuple[events.Draft, User | None]]:
    """All moments in the order of time; the number of a case is that of its first event, as for a case reported live."""
    moments = sorted(((moment, life) for life in lives for moment in life.moments), key=lambda pair: pair[0].at)
    drafts = []
    for place, (moment, life) in enumerate(moments, seq + 1):
        incident = life.incident
        incident.number = incident.number or place
        card = moment.card.model_copy(update={"number": incident.label})
        draft = events.Draft(
            kind=moment.kind, area_code=incident.area_code, object_id=str(incident.pk), version=card.version, payload=card,
            departments=moment.departments, persons=moment.persons, at=moment.at,
        )  # fmt: skip
        drafts.append((draft, moment.actor))
    return drafts


class Life:
    """One case from its report on, as it stands at the end: the row, its assignments, its remarks, its moments."""

    def __init__(self, story: Story, known: Known, now: datetime) -> None:
        self.known = known
        self.turns: list[Assignment] = []
        self.clocks: list[tuple[Deadline, list[Run]]] = []
        self.remarks: list[Remark] = []
        self.photos: list[Attachment] = []
        self.moments: list[Moment] = []
        reporter = known.people[story.reporter]
        self.incident = self._reported(story, reporter)
        self._note(
            story.reported_at, KINDS[Action.SELF_HANDLE if story.self_handled else Action.REPORT, None], reporter
        )
        for taken in story.steps:
            self._fall_due(taken.at)
            self._take(replace(taken, at=taken.at.astimezone(UTC)))
        self._fall_due(now)

    def _reported(self, story: Story, reporter: User) -> Incident:
        klass, done = self.known.classes[str(story.klass)], story.self_handled
        at = story.reported_at.astimezone(UTC)  # as a row read back has it
        known: list[ClassCondition] = klass.in_force  # type: ignore[attr-defined]  # prefetched by classes_in_force
        condition = next((c for c in known if c.number == story.condition), None)
        return Incident(
            id=story.id, street=self.known.street, number=0, area_code=story.where.cell, klass=klass, condition=condition,
            point=Point(story.where.lon, story.where.lat, srid=4326), address=story.where.address, description=story.description,
            source=Origin(story.source), state=State.CLOSED if done else State.REPORTED, level=Level.CELL if done else Level.STREET,
            urgent=bool(condition and condition.limit.endswith("!")), reporter=reporter, occurred_at=at, reported_at=at,
            closed_at=at if done else None, version=1, departments=[],
        )  # fmt: skip

    def _note(self, at: datetime, kind: str, actor: User | None) -> None:
        incident = self.incident
        card = queries.card(incident, self.known.areas.get(incident.area_code, incident.area_code))
        persons = {person for person in (incident.reporter_id, incident.verifier_id) if person}
        self.moments.append(Moment(at, kind, actor, card, tuple(incident.departments), tuple(sorted(persons))))

    def _fall_due(self, until: datetime) -> None:
        """What the deadline says by itself up to a moment: the warning, the limit, and once how many limits it is late."""
        incident, own = self.incident, self.running
        if own is None or incident.due_at is None or incident.state not in OPEN:
            return
        if incident.soon_at and incident.soon_at <= until:
            self._tell(incident.soon_at, SOON, warned_at=incident.soon_at)
        if incident.due_at <= until and not incident.overdue:
            self._tell(incident.due_at, OVERDUE, told=1)
        limit, parts = clock.Limit.parse(own.limit), queries.stretches(self.runs_of(own))
        passed = deadline.limits_passed(parts, limit, until, self.known.calendar)
        if passed > own.told > 0:
            at = deadline.reached(parts, limit.span * passed, limit.kind, self.known.calendar)
            self._tell(at or until, AGAIN, told=passed)

    def _tell(self, at: datetime, kind: str, **noted: object) -> None:
        own = self.running
        assert own is not None  # the caller looked
        for name, value in noted.items():
            setattr(own, name, value)
        self.put(clocks.running(own, self.runs_of(own), self.known.calendar))
        self.incident.version += 1
        self._note(max(at, self.moments[-1].at), kind, None)  # a clock that goes on may have passed it long ago

    def _take(self, taken: Taken) -> None:
        incident, actor = self.incident, self.known.people[taken.actor]
        step = workflow.step(taken.action, State(incident.state), outcome=taken.outcome)
        effect = EFFECTS.get(taken.action)
        if effect:
            effect(self, taken, step, actor)
        incident.state = step.target or incident.state
        incident.version += 1
        if taken.action not in workflow.STEPLESS:
            incident.step_version = incident.version
        if taken.text:
            remark = uuid5(NAMESPACE_OID, f"{incident.pk}:{incident.version}")
            self.remarks.append(Remark(id=remark, incident=incident, version=incident.version, text=taken.text))
        if taken.photo:
            self._attach(taken, actor)
        self._note(taken.at, KINDS[taken.action, taken.outcome], actor)

    def _attach(self, taken: Taken, actor: User) -> None:
        photo, incident = self.known.photos[taken.photo], self.incident
        attachment = Attachment(
            id=uuid5(NAMESPACE_OID, f"{incident.pk}:photo:{incident.version}"), incident=incident, kind=taken.photo.split("/")[1],
            sha256=photo.sha256, width=photo.width, height=photo.height, size=len(photo.jpeg), uploaded_by=actor,
        )  # fmt: skip
        self.photos.append(attachment)
        incident.cover = incident.cover or attachment.pk

    @property
    def running(self) -> Deadline | None:
        """The deadline whose clock runs."""
        return next((own for own, runs in self.clocks if runs[-1].stopped_at is None), None)

    def runs_of(self, own: Deadline) -> list[Run]:
        """The runs of one of the clocks of this life."""
        return next(runs for known, runs in self.clocks if known is own)

    def put(self, changes: Changes) -> None:
        """Take fields over into the case."""
        for name, value in changes.items():
            setattr(self.incident, name, value)

    def cause(self, taken: Taken) -> Cause:
        """The step as what starts and stops clocks."""
        return Cause(str(taken.action), taken.at, self.incident.version + 1)

    def stop(self, taken: Taken) -> None:
        """Stop whatever runs."""
        for _, runs in self.clocks:
            clocks.stopped(runs, self.cause(taken))
        self.put(CLEARED)

    def start(self, own: Deadline, taken: Taken) -> None:
        """Start a clock, or let it go on with what was left."""
        if not any(known is own for known, _ in self.clocks):
            self.clocks.append((own, []))
        self.runs_of(own).append(clocks.started(own, self.cause(taken)))
        self.put(clocks.running(own, self.runs_of(own), self.known.calendar))

    def stage(self, state: State, taken: Taken) -> None:
        """The deadline of whoever must act in a state that has a limit of its own."""
        self.stop(taken)
        limit = workflow.STAGE_LIMITS.get(state)
        if limit:
            self.start(Deadline(incident=self.incident, stage=Stage(str(state)), limit=str(limit)), taken)

    def handling(self, department: Department, limit: str) -> Deadline:
        """The clock of a department: the one that it had before, unless the limit is another one."""
        hers = [own for own, _ in self.clocks if own.stage == Stage.HANDLING and own.department_id == department.pk]
        if hers and hers[-1].limit == limit:
            return hers[-1]
        return Deadline(incident=self.incident, stage=Stage.HANDLING, department=department, limit=limit)


Effect = Callable[[Life, Taken, Step, User], None]


def _file(life: Life, taken: Taken, step: Step, actor: User) -> None:
    life.stage(State.FILED, taken)


def _ask(life: Life, taken: Taken, step: Step, actor: User) -> None:
    life.stage(State.VERIFYING, taken)


def _answer(life: Life, taken: Taken, step: Step, actor: User) -> None:
    life.stage(State.REPORTED, taken)
    life.incident.verified_report, life.incident.verifier = taken.outcome is Outcome.PASS, actor


def _assign(life: Life, taken: Taken, step: Step, actor: User) -> None:
    incident, department = life.incident, life.known.departments[taken.department]
    limit = clock.Limit.parse(incident.condition.limit) if incident.condition else workflow.DEFAULT_LIMIT
    own = life.handling(department, str(limit))
    life.stop(taken)
    life.start(own, taken)
    life.turns.append(
        Assignment(
            incident=incident, department=department, limit=str(limit), deadline=own, due_at=incident.due_at,
            assigned_at=taken.at, **life.known.suggest(incident),
        )
    )  # fmt: skip
    incident.department = department
    incident.departments = sorted({*incident.departments, department.pk})
    incident.urgent = incident.urgent or limit.kind is clock.Kind.CONTINUOUS


def _give_back(life: Life, taken: Taken, step: Step, actor: User) -> None:
    if step.target is State.FILED:
        life.turns[-1].due_at, life.turns[-1].ended_at = None, taken.at
        life.stage(State.FILED, taken)
        life.incident.department = None


def _handle(life: Life, taken: Taken, step: Step, actor: User) -> None:
    life.turns[-1].due_at = None
    life.stage(State.TO_VERIFY, taken)
    life.incident.handled_by = actor


def _check(life: Life, taken: Taken, step: Step, actor: User) -> None:
    turn, incident = life.turns[-1], life.incident
    incident.verifier = actor
    life.stop(taken)
    if taken.outcome is Outcome.PASS:
        turn.ended_at = taken.at
        return
    assert turn.deadline is not None  # every turn of a life has its clock
    life.start(turn.deadline, taken)
    turn.due_at = incident.due_at


def _end(life: Life, taken: Taken, step: Step, actor: User) -> None:
    life.stop(taken)
    life.incident.closed_at = taken.at


def _raise(life: Life, taken: Taken, step: Step, actor: User) -> None:
    life.incident.level = workflow.next_level(Level(life.incident.level)) or life.incident.level


EFFECTS: dict[Action, Effect] = {
    Action.FILE: _file,
    Action.REQUEST_VERIFICATION: _ask,
    Action.VERIFY_REPORT: _answer,
    Action.ASSIGN: _assign,
    Action.WITHDRAW: _give_back,
    Action.RETURN: _give_back,
    Action.HANDLE: _handle,
    Action.VERIFY_REPAIR: _check,
    Action.CLOSE: _end,
    Action.DECLINE: _end,
    Action.ESCALATE: _raise,
}
