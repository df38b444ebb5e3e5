"""Which department takes a case, and why: rules of area × class × time × answers, in one clear order.

The order: the object's own maintainer first; then the rule of the most specific area; then of the most specific class;
then with more answers; then with the narrower time; last the territory (属地兜底: nobody's duty is the street's first).
Pure: no Django, no database.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gridmap.localtime import ZONE

MONTHS, HOURS = 12, 24
ALL_DAY = (1 << HOURS) - 1
ALL_YEAR = (1 << (MONTHS * HOURS)) - 1


@dataclass(frozen=True, slots=True)
class When:
    """A part of the year in Asia/Shanghai: months (none: all), and hours from the first up to before the second.

    Hours pass midnight where the first is the greater; month and hour are each those of the moment itself.
    """

    months: tuple[int, ...] = ()
    hours: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if any(not 1 <= month <= MONTHS for month in self.months):
            raise ValueError("a month is 1 to 12")
        if self.hours:
            start, end = self.hours
            if not (0 <= start < HOURS and 0 <= end <= HOURS) or start == end:
                raise ValueError("hours run from 0..23 to before 0..24, and not to where they began")

    @property
    def narrowings(self) -> int:
        """How many conditions it sets: none, months or hours, both."""
        return bool(self.months) + (self.hours is not None)

    @property
    def mask(self) -> int:
        """One bit for each hour of each month in which it holds."""
        day = ALL_DAY
        if self.hours:
            start, end = self.hours
            day = sum(1 << hour for hour in range(HOURS) if _within(hour, start, end))
        return sum(day << ((month - 1) * HOURS) for month in self.months or range(1, MONTHS + 1))

    def holds(self, at: datetime) -> bool:
        local = at.astimezone(ZONE)
        in_month = not self.months or local.month in self.months
        return in_month and (self.hours is None or _within(local.hour, *self.hours))


def _within(hour: int, start: int, end: int) -> bool:
    return start <= hour < end if start < end else hour >= start or hour < end


ALWAYS = When()


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: cases of an area (its code is a prefix) and a class go to a department.

    `class_key` is "scheme/domain/code"; `major` is "domain/name of the major class"; with neither it is for all classes.
    `answers` are values that fields of the report must have. A rule of the `territory` takes what no other rule takes.
    `number` is its place in its set; it decides between rules of equal rank, which a set in force does not have.
    """

    number: int
    area: str
    department: int
    class_key: str = ""
    major: str = ""
    when: When = ALWAYS
    answers: tuple[tuple[str, str], ...] = ()
    territory: bool = False

    @property
    def breadth(self) -> int:
        """0 for all classes, 1 for a major class, 2 for one class."""
        return 2 if self.class_key else int(bool(self.major))

    @property
    def rank(self) -> tuple[int, ...]:
        """How specific it is; of the rules that match a case the greatest rank wins."""
        return not self.territory, len(self.area), self.breadth, len(self.answers), self.when.narrowings

    def for_class(self, class_key: str, major: str) -> bool:
        if self.class_key:
            return self.class_key == class_key
        return not self.major or self.major == major


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules look at. `at` is when the case was reported; `answers` are values of the report's fields."""

    area: str
    class_key: str
    major: str
    at: datetime
    answers: Mapping[str, object] = field(default_factory=dict)


class By(StrEnum):
    """What named the department."""

    MAINTAINER = "maintainer"
    RULE = "rule"
    TERRITORY = "territory"
    NOBODY = "nobody"


class Verdict(StrEnum):
    """What became of one rule; the first four did not match the case, the others did."""

    OTHER_AREA = "other_area"
    OTHER_CLASS = "other_class"
    OTHER_TIME = "other_time"
    OTHER_ANSWERS = "other_answers"
    CHOSEN = "chosen"
    MAINTAINER_FIRST = "maintainer_first"
    BROKEN = "broken"
    WIDER_AREA = "wider_area"
    WIDER_CLASS = "wider_class"
    FEWER_ANSWERS = "fewer_answers"
    WIDER_TIME = "wider_time"
    TERRITORY_LAST = "territory_last"
    LATER_ROW = "later_row"


_LOST = (
    Verdict.TERRITORY_LAST, Verdict.WIDER_AREA, Verdict.WIDER_CLASS, Verdict.FEWER_ANSWERS, Verdict.WIDER_TIME,
)  # by the place in the rank where it was the lesser  # fmt: skip


@dataclass(frozen=True, slots=True)
class Considered:
    rule: Rule
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Decision:
    """The department (None: no rule names one), what named it, and what became of each rule, in the order of rank.

    `failed` is the rule that would have decided had nothing that it names ended: the territory took its case.
    """

    department: int | None
    by: By
    rule: Rule | None = None
    failed: Rule | None = None
    considered: tuple[Considered, ...] = ()


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """The rules as they are considered: the highest rank first, of equal ones the first row."""
    return sorted(rules, key=lambda rule: (*(-part for part in rule.rank), rule.number))


def mismatch(rule: Rule, case: Case) -> Verdict | None:
    """Why a rule is not for this case; None if it is."""
    if not case.area.startswith(rule.area):
        return Verdict.OTHER_AREA
    if not rule.for_class(case.class_key, case.major):
        return Verdict.OTHER_CLASS
    if not rule.when.holds(case.at):
        return Verdict.OTHER_TIME
    if any(as_answer(case.answers.get(key)) != value for key, value in rule.answers):
        return Verdict.OTHER_ANSWERS
    return None


def as_answer(value: object) -> str | None:
    """A field's value as rules compare it: text; true and false by these words; None was not answered."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def decide(case: Case, rules: Iterable[Rule], *, maintainer: int | None = None, broken: Iterable[int] = ()) -> Decision:
    """The department of a case and the fate of every rule; the same for the same rules in any order.

    `maintainer` is the department that maintains the very object, where that is known. `broken` are numbers of rules
    that name something that ended: where such a rule wins, it is not passed over in silence, the territory takes the case.
    """
    ordered, ended = in_order(rules), set(broken)
    misses = {rule: mismatch(rule, case) for rule in ordered}
    first = next((rule for rule in ordered if misses[rule] is None), None)
    if maintainer is not None:
        return Decision(maintainer, By.MAINTAINER, considered=_fates(misses, None, None, Verdict.MAINTAINER_FIRST))
    if first is None:
        return Decision(None, By.NOBODY, considered=_fates(misses, None, None))
    failed = first if first.number in ended else None
    rest = (rule for rule in ordered if misses[rule] is None and rule.territory and rule.number not in ended)
    chosen = next(rest, None) if failed else first
    considered = _fates(misses, chosen, failed)
    if chosen is None:
        return Decision(None, By.NOBODY, failed=failed, considered=considered)
    by = By.TERRITORY if chosen.territory else By.RULE
    return Decision(chosen.department, by, chosen, failed, considered)


def _fates(
    misses: Mapping[Rule, Verdict | None], chosen: Rule | None, failed: Rule | None, all_lost: Verdict | None = None
) -> tuple[Considered, ...]:
    return tuple(Considered(rule, miss or all_lost or _fate(rule, chosen, failed)) for rule, miss in misses.items())


def _fate(rule: Rule, chosen: Rule | None, failed: Rule | None) -> Verdict:
    if rule == chosen:
        return Verdict.CHOSEN
    before = failed or chosen
    if rule == failed or before is None:
        return Verdict.BROKEN
    pairs = zip(before.rank, rule.rank, _LOST, strict=True)
    return next((verdict for won, lost, verdict in pairs if lost < won), Verdict.LATER_ROW)
