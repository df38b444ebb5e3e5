"""The two clocks of handling limits: working time and continuous time.

Working time runs 08:00-12:00 and 14:00-18:00 (Asia/Shanghai) on working days; 1 working day = 8 working hours.
Continuous ("emergency") time runs day and night; 1 emergency day = 24 hours. Which days are worked is data: a
`Calendar`, seeded from `data/holidays.csv` (the yearly notices of the State Council, as the `chinesecalendar`
package knows them; `manage.py write_holidays` writes the file anew) and edited by administrators.

Pure: no Django, no database. Moments are aware datetimes; results are in UTC.
"""

import csv
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple, Self

from gridmap.localtime import ZONE

SESSIONS = ((time(8), time(12)), (time(14), time(18)))
WORKING_DAY = timedelta(hours=8)
HOLIDAYS_FILE = Path(__file__).parent / "data" / "holidays.csv"


class Kind(StrEnum):
    """Which clock counts."""

    WORKING = "working"
    CONTINUOUS = "continuous"


# --- limits


class LimitError(ValueError):
    """A text that is no limit."""


_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_SHORT = re.compile(r"([1-9]\d{0,4})\s*([mhd])(!?)")
_CHINESE = re.compile(r"([1-9]\d{0,4})\s*个?(紧急)?工作(分钟|时|小时|日|天)")
_CHINESE_UNITS = {"分钟": "m", "时": "h", "小时": "h", "日": "d", "天": "d"}
_ZH_UNITS = {"m": "工作分钟", "h": "工作时", "d": "工作日"}
_EN_UNITS = {"m": "minute", "h": "hour", "d": "day"}


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of time on one of the two clocks, written "4h", "2d", "15m" (working) or "2h!" (continuous)."""

    amount: int
    unit: str
    kind: Kind

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "2h!", "4h", "1d" or "4 工作时", "2 紧急工作日"; raises LimitError for anything else."""
        cleaned = text.strip()
        if match := _SHORT.fullmatch(cleaned):
            amount, unit, mark = match.groups()
        elif match := _CHINESE.fullmatch(cleaned):
            amount, mark, unit = match[1], match[2], _CHINESE_UNITS[match[3]]
        else:
            raise LimitError(f"not a limit: {text!r} (expected for example 4h, 2d, 2h!, 4 工作时)")
        return cls(int(amount), unit, Kind.CONTINUOUS if mark else Kind.WORKING)

    @property
    def span(self) -> timedelta:
        """The time that must be counted on the limit's own clock."""
        if self.unit == "d" and self.kind is Kind.WORKING:
            return self.amount * WORKING_DAY
        return self.amount * _UNITS[self.unit]

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}{'!' if self.kind is Kind.CONTINUOUS else ''}"

    def label(self, language: str) -> str:
        """The limit in words, Chinese ("zh") or English."""
        if language.startswith("zh"):
            return f"{self.amount} {'紧急' if self.kind is Kind.CONTINUOUS else ''}{_ZH_UNITS[self.unit]}"
        words = f"{_EN_UNITS[self.unit]}{'' if self.amount == 1 else 's'}"
        if self.kind is Kind.WORKING:
            return f"{self.amount} working {words}"
        return f"{self.amount} {words} round the clock"


# --- the calendar


class Holiday(NamedTuple):
    """One dated exception: a holiday, or a make-up day that is worked."""

    day: date
    working: bool
    name: str


@dataclass(frozen=True)
class Calendar:
    """Decides which days are worked: a date given explicitly wins, otherwise Monday to Friday are.

    `names` says what an explicit date is called; it decides nothing.
    """

    days: Mapping[date, bool]
    names: Mapping[date, str] = field(default_factory=dict, compare=False)
    _ordinals: list[int] = field(init=False, repr=False, compare=False)
    _sums: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        changed = sorted(day for day, working in self.days.items() if working != (day.weekday() < 5))
        steps = (1 if self.days[day] else -1 for day in changed)
        object.__setattr__(self, "_ordinals", [day.toordinal() for day in changed])
        object.__setattr__(self, "_sums", list(accumulate(steps, initial=0)))

    @classmethod
    def of(cls, rows: Iterable[Holiday]) -> "Calendar":
        """The calendar of dated exceptions with their names."""
        known = list(rows)
        return cls({row.day: row.working for row in known}, {row.day: row.name for row in known})

    @classmethod
    def shipped(cls) -> "Calendar":
        """The calendar of `data/holidays.csv`."""
        return _shipped()

    def is_working(self, day: date) -> bool:
        """Whether the day is worked."""
        return self.days.get(day, day.weekday() < 5)

    @property
    def last_known_year(self) -> int | None:
        """The last year with a holiday of its own; due dates beyond it rest on the weekday rule alone."""
        return max((day.year for day, working in self.days.items() if not working), default=None)

    def days_before(self, ordinal: int) -> int:
        """How many working days lie before this proleptic ordinal (which 0001-01-01, a Monday, has as 1)."""
        weeks, rest = divmod(ordinal - 1, 7)
        return weeks * 5 + min(rest, 5) + self._sums[bisect_left(self._ordinals, ordinal)]

    def nth_day(self, index: int) -> date:
        """The working day with this many working days before it; OverflowError when there is none."""
        every = range(1, date.max.toordinal() + 1)
        place = bisect_right(every, index, key=lambda ordinal: self.days_before(ordinal + 1))
        if place == len(every):
            raise OverflowError("the calendar has no such working day")
        return date.fromordinal(every[place])


def read_holidays(path: Path = HOLIDAYS_FILE) -> list[Holiday]:
    """The rows of a holiday file (date, working, name), for seeding the table that administrators edit."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            Holiday(date.fromisoformat(row["date"]), row["working"] == "1", row["name"])
            for row in csv.DictReader(lines)
        ]


@cache
def _shipped() -> Calendar:
    return Calendar.of(read_holidays())


# --- counting


def due(start: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """The moment at which the limit, started at `start`, has run out."""
    return add(start, limit.span, limit.kind, calendar)


def add(start: datetime, span: timedelta, kind: Kind, calendar: Calendar) -> datetime:
    """The earliest moment at which the clock has counted `span` since `start`; ValueError if span is negative."""
    if span < timedelta(0):
        raise ValueError("a clock does not run backwards")
    local = _local(start)
    if kind is Kind.CONTINUOUS or not span:
        return start.astimezone(UTC) + span
    index, rest = divmod(_worked(local, calendar) + span, WORKING_DAY)
    if not rest:  # a full day ends in the evening, not on the next morning
        index, rest = index - 1, WORKING_DAY
    return datetime.combine(calendar.nth_day(index), _time_after(rest), ZONE).astimezone(UTC)


def elapsed(start: datetime, end: datetime, kind: Kind, calendar: Calendar) -> timedelta:
    """The time counted from start to end; negative when end is before start."""
    begun, ended = _local(start), _local(end)
    if kind is Kind.CONTINUOUS:
        return end.astimezone(UTC) - start.astimezone(UTC)
    return _worked(ended, calendar) - _worked(begun, calendar)


def remaining(now: datetime, due_at: datetime, kind: Kind, calendar: Calendar) -> timedelta:
    """The counting time left until due_at; negative by as much as it is overdue."""
    return elapsed(now, due_at, kind, calendar)


def intervals(start: datetime, end: datetime, kind: Kind, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """The stretches between start and end during which the clock ran, in order, to explain a due date."""
    first, last = _local(start), _local(end)
    if kind is Kind.CONTINUOUS:
        if start < end:
            yield start.astimezone(UTC), end.astimezone(UTC)
        return
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if not calendar.is_working(day):
            continue
        for opens, closes in SESSIONS:
            begin = max(first, datetime.combine(day, opens, ZONE))
            finish = min(last, datetime.combine(day, closes, ZONE))
            if begin < finish:
                yield begin.astimezone(UTC), finish.astimezone(UTC)


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be put on a clock")
    return moment.astimezone(ZONE)


def _worked(local: datetime, calendar: Calendar) -> timedelta:
    """All working time before this local moment since year 1: a number that only grows, so spans are differences."""
    total = calendar.days_before(local.toordinal()) * WORKING_DAY
    if calendar.is_working(local.date()):
        now = _since_midnight(local.time())
        for opens, closes in SESSIONS:
            opened = _since_midnight(opens)
            total += max(timedelta(0), min(now, _since_midnight(closes)) - opened)
    return total


def _time_after(rest: timedelta) -> time:
    """The time of day at which `rest` (above 0, at most a working day) has been worked."""
    for opens, closes in SESSIONS:
        session = _since_midnight(closes) - _since_midnight(opens)
        if rest <= session:
            return (datetime.combine(date.min, opens) + rest).time()
        rest -= session
    raise AssertionError("more than a working day")


def _since_midnight(moment: time) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond)
