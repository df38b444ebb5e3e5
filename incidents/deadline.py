"""Why a deadline is when it is: a clock that was paused and went on, when it has counted enough, and what counted.

A clock is told by its stretches: the times during which it ran, in order. Everything follows from them, the limit
and the calendar, so a due time can be worked out again and explained at any later time.

Pure: no Django, no database. Moments are aware datetimes; results are in UTC.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from gridmap.localtime import ZONE
from incidents import clock
from incidents.clock import SESSIONS, Calendar, Kind, Limit

LEAST_WARNING = timedelta(minutes=10)
MIDNIGHT = time(0)


class Why(StrEnum):
    """Why a piece of time counts or does not."""

    SESSION = "session"
    MAKE_UP = "make_up"
    CONTINUOUS = "continuous"
    BEFORE = "before_work"
    MIDDAY = "midday"
    AFTER = "after_work"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    PAUSED = "paused"


COUNTING = frozenset({Why.SESSION, Why.MAKE_UP, Why.CONTINUOUS})
LABELS: dict[Why, dict[str, str]] = {
    Why.SESSION: {"zh": "工作时段", "en": "working session"},
    Why.MAKE_UP: {"zh": "调休上班", "en": "make-up day, worked"},
    Why.CONTINUOUS: {"zh": "昼夜连续计时", "en": "round the clock"},
    Why.BEFORE: {"zh": "上班前", "en": "before work"},
    Why.MIDDAY: {"zh": "午休", "en": "midday break"},
    Why.AFTER: {"zh": "下班后", "en": "after work"},
    Why.WEEKEND: {"zh": "周末", "en": "weekend"},
    Why.HOLIDAY: {"zh": "放假", "en": "holiday"},
    Why.PAUSED: {"zh": "计时暂停", "en": "clock stopped"},
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time during which the clock ran; without an end it still runs. `stopped_by` names the action that paused it."""

    start: datetime
    end: datetime | None = None
    stopped_by: str = ""


class Piece(NamedTuple):
    """A piece of the time between start and due; `name` is that of the holiday, or of the action that paused."""

    start: datetime
    end: datetime
    why: Why
    name: str = ""

    @property
    def counts(self) -> bool:
        return self.why in COUNTING


# --- how far a clock is


def counted(stretches: Iterable[Stretch], until: datetime, kind: Kind, calendar: Calendar) -> timedelta:
    """What the clock has counted by `until`."""
    total = timedelta(0)
    for stretch in stretches:
        end = until if stretch.end is None else min(stretch.end, until)
        if stretch.start < end:
            total += clock.elapsed(stretch.start, end, kind, calendar)
    return total


def reached(stretches: Iterable[Stretch], span: timedelta, kind: Kind, calendar: Calendar) -> datetime | None:
    """The earliest moment at which the clock has counted `span`; None if it stands still before that."""
    for stretch in stretches:
        here = None if stretch.end is None else clock.elapsed(stretch.start, stretch.end, kind, calendar)
        if here is None or span <= here:
            return clock.add(stretch.start, span, kind, calendar)
        span -= here
    return None


def going_on(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The same clock as if its last stretch had not ended: what its due time was when it was stopped."""
    return [*stretches[:-1], replace(stretches[-1], end=None)] if stretches else []


# --- when something must be said


def warning_before(span: timedelta) -> timedelta | None:
    """How long before the end to warn: a quarter of the limit, at least ten minutes; None where that is the whole."""
    lead = max(span / 4, LEAST_WARNING)
    return lead if lead < span else None


@dataclass(frozen=True, slots=True)
class Alarms:
    """When a running clock has something to say: the warning, the limit itself, one more limit since what was told."""

    due_at: datetime
    soon_at: datetime | None
    again_at: datetime | None


def extended(limit: Limit, extensions: int) -> timedelta:
    """What a clock may count until it is due: each extension adds one original limit (rule 4 of the life of an incident)."""
    return limit.span * (extensions + 1)


def alarms(
    stretches: Sequence[Stretch], limit: Limit, calendar: Calendar, *, warned: bool, told: int, extensions: int = 0
) -> Alarms:
    """The moments still to come for a running clock of which `told` full limits were told and whether it was warned.

    ValueError for a clock that stands still: nothing will come of it.
    """

    def moment(span: timedelta) -> datetime:
        found = reached(stretches, span, limit.kind, calendar)
        if found is None:
            raise ValueError("a clock that stands still has no deadline")
        return found

    lead, span = warning_before(limit.span), extended(limit, extensions)
    return Alarms(
        due_at=moment(span),
        soon_at=None if warned or told or lead is None else moment(span - lead),
        again_at=moment(span + limit.span * told) if told else None,
    )


def limits_passed(
    stretches: Iterable[Stretch], limit: Limit, now: datetime, calendar: Calendar, extensions: int = 0
) -> int:
    """How many full limits the clock has counted by now beyond its extensions: 1 when overdue, 2 one more limit later."""
    return max(0, counted(stretches, now, limit.kind, calendar) // limit.span - extensions)


# --- why


def explain(stretches: Sequence[Stretch], end: datetime, kind: Kind, calendar: Calendar) -> Iterator[Piece]:
    """The time from the start of the clock to `end` without a gap, in order, in pieces that count and that do not."""
    at: datetime | None = None
    paused_by = ""
    for stretch in stretches:
        begin, finish = stretch.start, end if stretch.end is None else min(stretch.end, end)
        if at is not None and at < min(begin, end):
            yield _piece(at, min(begin, end), Why.PAUSED, paused_by)
        if begin < finish:
            yield from _running(begin, finish, kind, calendar)
        at, paused_by = finish, stretch.stopped_by
    if at is not None and at < end:
        yield _piece(at, end, Why.PAUSED, paused_by)


def _running(start: datetime, end: datetime, kind: Kind, calendar: Calendar) -> Iterator[Piece]:
    if kind is Kind.CONTINUOUS:
        yield _piece(start, end, Why.CONTINUOUS)
        return
    first, last = start.astimezone(ZONE), end.astimezone(ZONE)
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        for opens, closes, why, name in _day(day, calendar):
            begin = max(first, datetime.combine(day, opens, ZONE))
            until = datetime.combine(day, closes, ZONE) + (timedelta(days=1) if closes == MIDNIGHT else timedelta(0))
            finish = min(last, until)
            if begin < finish:
                yield _piece(begin, finish, why, name)


def _day(day: date, calendar: Calendar) -> Iterator[tuple[time, time, Why, str]]:
    """A day on the working clock, from midnight to midnight."""
    explicit, weekday = calendar.days.get(day), day.weekday() < 5
    if not calendar.is_working(day):
        named = calendar.names.get(day, "")
        yield MIDNIGHT, MIDNIGHT, Why.WEEKEND if explicit is None else Why.HOLIDAY, named
        return
    (morning, noon), (afternoon, evening) = SESSIONS
    worked = Why.SESSION if weekday else Why.MAKE_UP
    name = "" if weekday else calendar.names.get(day, "")
    yield MIDNIGHT, morning, Why.BEFORE, ""
    yield morning, noon, worked, name
    yield noon, afternoon, Why.MIDDAY, ""
    yield afternoon, evening, worked, name
    yield evening, MIDNIGHT, Why.AFTER, ""


def _piece(start: datetime, end: datetime, why: Why, name: str = "") -> Piece:
    return Piece(start.astimezone(UTC), end.astimezone(UTC), why, name)


def beyond_known(end: datetime, kind: Kind, calendar: Calendar) -> int | None:
    """The first year whose make-up days are not known yet, if a working deadline lies in it or later; else None."""
    if kind is Kind.CONTINUOUS:
        return None
    year = end.astimezone(ZONE).year
    known = calendar.last_known_year
    return (known + 1 if known else year) if known is None or year > known else None
