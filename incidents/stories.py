"""Three weeks of made-up cases for a demonstration: who reported what where, and every step that was taken since.

Classes follow the measured mix (`catalogue.CASE_MIX`), steps follow the workflow table, the pace follows the limits.
The same input gives the same stories. Pure: no Django, no database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Protocol
from uuid import UUID

from gridmap.localtime import ZONE
from incidents import clock, pictures
from incidents import story_texts as texts
from incidents.catalogue import CASE_MIX, LOCAL, NATIONAL, ClassKey, ClassRow, Condition, Domain
from incidents.workflow import Action, Outcome

DAYS = 21
PER_DAY = 34
FIRST_LOCAL = 78  # minor numbers from here on were added by a city
OTHERS = 71  # cases of the measured mix in rare classes
# Reports by hour of the day, from 6: two tops, in the morning and in the afternoon.
HOURS = (1, 3, 7, 11, 12, 9, 4, 3, 9, 12, 10, 7, 5, 3, 2, 1)
SOURCES = (("patrol", 76), ("self_handled", 9), ("hotline", 8), ("citizen", 5), ("superior", 2))
CITIZENS = frozenset({"hotline", "citizen"})


class Where(Protocol):
    """A place where cases happen: what is there, its cell, degrees, address."""

    @property
    def tag(self) -> str: ...
    @property
    def cell(self) -> str: ...
    @property
    def lon(self) -> float: ...
    @property
    def lat(self) -> float: ...
    @property
    def address(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who acts, by user name: workers by cell, handlers by department, which department stands for a handler name."""

    workers: Mapping[str, str]
    acceptors: Sequence[str]
    dispatchers: Sequence[str]
    director: str
    handlers: Mapping[str, Sequence[str]]
    departments: Mapping[str, str]  # handler name of the catalogue: code of the department


@dataclass(frozen=True, slots=True)
class Taken:
    """One step that was taken."""

    at: datetime
    action: Action
    actor: str
    outcome: Outcome | None = None
    text: str = ""
    department: str = ""
    photo: str = ""  # name of a drawn picture that stands for a photo


@dataclass(slots=True)
class Story:
    """One case: what was reported and, in order, the steps after that."""

    id: UUID
    klass: ClassKey
    condition: int | None
    where: Where
    source: str
    reporter: str
    reported_at: datetime
    description: str
    steps: list[Taken] = field(default_factory=list)

    @property
    def self_handled(self) -> bool:
        return self.source == "self_handled"


@dataclass(frozen=True)
class Setting:
    """What the stories are told from; `now` is the moment at which they stop."""

    now: datetime
    classes: Mapping[ClassKey, ClassRow]
    places: Sequence[Where]
    cast: Cast
    calendar: clock.Calendar


def tell(setting: Setting, seed: int = 1) -> list[Story]:
    """All stories, oldest first: three weeks of everyday cases, and some that are at each stage right now."""
    rng = Random(seed)  # noqa: S311  # stories, not secrets
    teller = _Teller(setting, rng)
    told = [
        teller.everyday(day)
        for day in range(DAYS, -1, -1)
        for _ in range(_count(setting.now - timedelta(days=day), rng))
    ]
    current = [story for story in told if story.reported_at < setting.now - timedelta(minutes=2)]
    current += [teller.now_at(*stage) for stage in STAGES]
    for number, story in enumerate(current):
        if _is_recent(story, setting.now):
            _add_photos(story, number)
    return sorted(current, key=lambda story: story.reported_at)


def _is_recent(story: Story, now: datetime) -> bool:
    """Whether somebody may still look at it: open, or ended since yesterday."""
    ended = story.self_handled or any(taken.action in (Action.CLOSE, Action.DECLINE) for taken in story.steps)
    last = story.steps[-1].at if story.steps else story.reported_at
    return not ended or last > now - timedelta(days=1)


def _add_photos(story: Story, number: int) -> None:
    """What a reporter and a handler take along: one picture of how it was, one of how it is now."""
    code, steps = _code(story.klass), story.steps
    if story.source in ("patrol", "self_handled"):
        seen = Taken(
            story.reported_at + timedelta(seconds=4),
            Action.PHOTO,
            story.reporter,
            photo=pictures.name(code, "before", number),
        )
        steps.insert(0, seen)
    for place in range(len(steps) - 1, 0, -1):
        taken = steps[place]
        if taken.action is Action.HANDLE:
            after = Taken(
                taken.at - timedelta(seconds=9), Action.PHOTO, taken.actor, photo=pictures.name(code, "after", number)
            )
            steps.insert(place, after)
            return


def _count(day: datetime, rng: Random) -> int:
    weekend = day.astimezone(ZONE).weekday() >= 5
    return round(PER_DAY * rng.uniform(0.85, 1.15) * (0.62 if weekend else 1.12))


class Pace(StrEnum):
    """Which classes a current case is taken from."""

    ANY = "any"
    URGENT = "urgent"
    SLOW = "slow"  # with a limit of days: it may well wait for hours


# Cases that stand at a certain stage now: (last action, minutes since it, pace or a class).
STAGES: tuple[tuple[Action, int, Pace | str], ...] = (
    (Action.REPORT, 1, Pace.URGENT), (Action.REPORT, 4, Pace.ANY), (Action.REPORT, 7, Pace.ANY), (Action.REPORT, 12, Pace.ANY),
    (Action.REPORT, 19, Pace.ANY), (Action.REPORT, 26, Pace.ANY), (Action.REPORT, 38, Pace.SLOW), (Action.REPORT, 52, Pace.SLOW),
    (Action.REQUEST_VERIFICATION, 5, Pace.ANY), (Action.REQUEST_VERIFICATION, 14, Pace.ANY),
    (Action.FILE, 2, Pace.ANY), (Action.FILE, 5, Pace.ANY), (Action.FILE, 8, Pace.URGENT),
    (Action.ASSIGN, 6, Pace.URGENT), (Action.ASSIGN, 17, Pace.ANY), (Action.ASSIGN, 35, Pace.ANY), (Action.ASSIGN, 70, Pace.SLOW),
    (Action.ASSIGN, 110, Pace.SLOW), (Action.ASSIGN, 160, Pace.SLOW), (Action.ASSIGN, 240, Pace.SLOW), (Action.ASSIGN, 330, Pace.SLOW),
    (Action.TAKE, 9, Pace.URGENT), (Action.TAKE, 48, Pace.ANY), (Action.TAKE, 75, Pace.URGENT), (Action.TAKE, 84, Pace.URGENT),
    (Action.TAKE, 130, Pace.SLOW), (Action.TAKE, 190, Pace.SLOW), (Action.TAKE, 300, Pace.SLOW),
    (Action.TAKE, 260, Pace.URGENT), (Action.TAKE, 420, Pace.URGENT), (Action.REPORT, 66, Pace.SLOW), (Action.ASSIGN, 52, Pace.SLOW),
    (Action.ASSIGN, 400, Pace.SLOW), (Action.TAKE, 95, Pace.SLOW), (Action.TAKE, 520, Pace.SLOW), (Action.TAKE, 610, Pace.SLOW),
    (Action.VERIFY_REPAIR, 31, Pace.ANY),
    (Action.HANDLE, 3, Pace.ANY), (Action.HANDLE, 11, Pace.ANY), (Action.HANDLE, 18, Pace.URGENT),
    (Action.VERIFY_REPAIR, 4, Pace.ANY), (Action.VERIFY_REPAIR, 13, Pace.ANY), (Action.VERIFY_REPAIR, 22, Pace.ANY),
    *((Action.TAKE, 200, code) for code in texts.LONGER),
)  # fmt: skip
ORDER = (Action.REPORT, Action.FILE, Action.ASSIGN, Action.TAKE, Action.HANDLE, Action.VERIFY_REPAIR)


class _Teller:
    def __init__(self, setting: Setting, rng: Random) -> None:
        self.s, self.rng = setting, rng
        self._mix = [key for key, _ in CASE_MIX]
        self._weights = [times for _, times in CASE_MIX]

    # --- what, where, when ---

    def everyday(self, days_ago: int) -> Story:
        """A case reported on a day, with the steps that had been taken by now."""
        midnight = datetime.combine((self.s.now - timedelta(days=days_ago)).astimezone(ZONE), time(), ZONE)
        hour = self.rng.choices(range(6, 22), HOURS)[0]
        at = midnight + timedelta(hours=hour, seconds=self.rng.randint(0, 3599))
        source = self.rng.choices([name for name, _ in SOURCES], [times for _, times in SOURCES])[0]
        story = self._report(self._any_class(), at, source)
        if not story.self_handled:
            _Life(self, story).run()
        story.steps = [step for step in story.steps if step.at < self.s.now - timedelta(minutes=1)]
        return story

    def now_at(self, last: Action, minutes: int, pace: Pace | str) -> Story:
        """A case whose last step was taken some minutes ago."""
        at = self.s.now - timedelta(minutes=minutes)
        key = self._class_of(pace)
        verifying = last is Action.REQUEST_VERIFICATION
        wanted = (Action.REPORT, last) if verifying else ORDER[: ORDER.index(last) + 1]
        gaps = [self.rng.randint(3, 9) for _ in wanted[1:]]
        moments = [at - timedelta(minutes=sum(gaps[i:])) for i in range(len(wanted))]
        story = self._report(key, moments[0], "hotline" if verifying else "patrol", spread=False)
        life = _Life(self, story)
        for action, moment in zip(wanted[1:], moments[1:], strict=True):
            life.take(action, moment)
        return story

    def _class_of(self, pace: Pace | str) -> ClassKey:
        if not isinstance(pace, Pace):
            return _key(pace)
        if pace is Pace.URGENT:
            return _key(self.rng.choice(texts.URGENT))
        key = self._any_class()
        while pace is Pace.SLOW and self.s.classes[key].conditions[0].limit.unit != "d":
            key = self._any_class()
        return key

    def _any_class(self) -> ClassKey:
        if self.rng.random() < OTHERS / (sum(self._weights) + OTHERS):
            return _key(self.rng.choice(texts.RARE))
        return self.rng.choices(self._mix, self._weights)[0]

    def _report(self, key: ClassKey, at: datetime, source: str, *, spread: bool = True) -> Story:
        tags, written = texts.SCENES[_code(key)]
        place = self.rng.choice([place for place in self.s.places if place.tag in tags])
        conditions = self.s.classes[key].conditions
        chosen = self._condition(conditions, spread=spread)
        staff = self.s.cast
        reporter = (
            staff.workers[place.cell]
            if source not in CITIZENS and source != "superior"
            else self.rng.choice(staff.acceptors)
        )
        return Story(
            id=self._uuid(at), klass=key, condition=chosen.number if chosen else None, where=place, source=source, reporter=reporter,
            reported_at=at, description=self.rng.choice(written),
        )  # fmt: skip

    def _condition(self, conditions: Sequence[Condition], *, spread: bool) -> Condition | None:
        if not conditions:
            return None
        weights = [1.0 / (i + 1) for i in range(len(conditions))]
        return self.rng.choices(conditions, weights)[0] if spread else conditions[0]

    def _uuid(self, at: datetime) -> UUID:
        """A version 7 UUID, as a tablet makes them: in the order of time."""
        ms = int(at.timestamp() * 1000)
        return UUID(int=ms << 80 | 7 << 76 | self.rng.getrandbits(12) << 64 | 2 << 62 | self.rng.getrandbits(62))

    def department(self, key: ClassKey, *, other_than: str = "") -> str:
        """The department that usually handles a class; the enforcement team where none is known."""
        known = [
            self.s.cast.departments[name] for name in self.s.classes[key].handlers if name in self.s.cast.departments
        ]
        left = [code for code in [*known, *self.s.cast.handlers] if code != other_than]
        return left[0]


class _Life:
    """The steps of one case, taken at a believable pace."""

    def __init__(self, teller: _Teller, story: Story) -> None:
        self.teller, self.story, self.rng = teller, story, teller.rng
        self.at = story.reported_at
        self.department = teller.department(story.klass)

    def run(self) -> None:
        """From the report to the close, with what goes wrong now and then."""
        if self.story.source in CITIZENS and not self._verified():
            self._later(2, 10, Action.DECLINE, text=self._one(texts.DECLINED))
            return
        if self.rng.random() < 0.045:
            self._later(4, 25, Action.DECLINE, text=self._one(texts.DECLINED))
            return
        self._later(2, 14, Action.FILE)
        self._later(2, 12, Action.ASSIGN)
        if self.rng.random() < 0.05:
            self._later(8, 40, Action.RETURN, text=self._one(texts.RETURNED))
            self.department = self.teller.department(self.story.klass, other_than=self.department)
            self._later(2, 12, Action.ASSIGN)
        started = self.at
        self._later(4, 40, Action.TAKE)
        if self.rng.random() < 0.08:
            self._later(3, 30, Action.NOTE, text=self._one(texts.NOTES))
        if self.rng.random() < 0.012:
            self._later(5, 30, Action.ESCALATE, text=self._one(texts.ESCALATED))
        self._work(started)
        self._later(6, 55, Action.CLOSE)

    def _verified(self) -> bool:
        self._later(2, 15, Action.REQUEST_VERIFICATION)
        holds = self.rng.random() < 0.88
        text = "" if holds else self._one(texts.REFUTED)
        self._later(8, 28, Action.VERIFY_REPORT, outcome=Outcome.PASS if holds else Outcome.FAIL, text=text)
        return holds

    def _work(self, started: datetime) -> None:
        """Handled within a share of the limit, seldom after it; the check fails now and then."""
        limit = self._limit()
        share = self.rng.uniform(1.1, 1.5) if self.rng.random() < 0.06 else self.rng.uniform(0.15, 0.85)
        done = clock.add(started, limit.span * share, limit.kind, self.teller.s.calendar)
        if share < 1:  # a street is swept on holidays too, though its clock stands still
            done = min(done, _awake(started + limit.span * 4 * share))
        self.take(Action.HANDLE, max(done, self.at + timedelta(minutes=6)))
        if self.rng.random() < 0.06:
            self._later(10, 29, Action.VERIFY_REPAIR, outcome=Outcome.FAIL, text=self._one(texts.FAILED))
            self._later(20, 90, Action.HANDLE, text=self._one(texts.HANDLED_AGAIN))
        self._later(5, 28, Action.VERIFY_REPAIR, outcome=Outcome.PASS)

    def _limit(self) -> clock.Limit:
        conditions = self.teller.s.classes[self.story.klass].conditions
        found = [condition.limit for condition in conditions if condition.number == self.story.condition]
        return found[0] if found else clock.Limit.parse("4h")

    def _later(self, least: int, most: int, action: Action, *, outcome: Outcome | None = None, text: str = "") -> None:
        self.take(
            action, _awake(self.at + timedelta(minutes=self.rng.uniform(least, most))), outcome=outcome, text=text
        )

    def take(self, action: Action, at: datetime, *, outcome: Outcome | None = None, text: str = "") -> None:
        """Note a step by whoever does such things; what it needs is filled in."""
        if action is Action.VERIFY_REPAIR and outcome is None:
            outcome = Outcome.PASS
        if action is Action.HANDLE and not text:
            text = self._one(texts.HANDLED)
        department = self.department if action is Action.ASSIGN else ""
        self.story.steps.append(Taken(at, action, self._actor(action), outcome, text, department))
        self.at = at

    def _actor(self, action: Action) -> str:
        cast = self.teller.s.cast
        if action in (Action.ASSIGN, Action.NOTE):
            return self.rng.choice(cast.dispatchers)
        if action in (Action.TAKE, Action.HANDLE, Action.RETURN):
            return self.rng.choice(cast.handlers[self.department])
        if action in (Action.VERIFY_REPORT, Action.VERIFY_REPAIR):
            return cast.workers[self.story.where.cell]
        return cast.director if action is Action.ESCALATE else self.rng.choice(cast.acceptors)

    def _one(self, words: Sequence[str]) -> str:
        return self.rng.choice(words)


def _awake(at: datetime) -> datetime:
    """The same moment, or early next morning for what would be done at night."""
    local = at.astimezone(ZONE)
    if local.hour >= 22 or local.hour < 7:
        morning = local + timedelta(days=1) if local.hour >= 22 else local
        return morning.replace(hour=7) + timedelta(minutes=30)
    return at


def _key(code: str) -> ClassKey:
    domain = Domain.OBJECT if code.startswith("object/") else Domain.EVENT
    number = code.removeprefix("object/")
    return ClassKey(LOCAL if int(number[2:]) >= FIRST_LOCAL else NATIONAL, domain, number)


def _code(key: ClassKey) -> str:
    return f"object/{key.code}" if key.domain is Domain.OBJECT else key.code
