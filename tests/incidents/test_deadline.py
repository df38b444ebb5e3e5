"""Deadlines that were paused and went on: laws of the explanation, against a naive count and against the plain clock."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents import deadline
from incidents.clock import Calendar, Kind, Limit, add, due, elapsed
from incidents.deadline import Stretch, Why, counted, explain, going_on, limits_passed, reached
from tests.incidents.test_clock import (
    CALENDAR,
    MINUTE,
    at,
    calendars,
    calm,
    counts_naively,
    kinds,
    moments,
    spans,
    whole_minutes,
)

limits = st.builds(
    lambda amount, unit, mark: Limit.parse(f"{amount}{unit}{mark}"),
    st.integers(1, 40),
    st.sampled_from("mhd"),
    st.sampled_from(["", "!"]),
)
gaps = st.timedeltas(MINUTE, timedelta(days=6))


@st.composite
def lives(draw: st.DrawFn) -> list[Stretch]:
    """A clock that was started, paused up to five times and goes on at the end."""
    start = draw(moments)
    parts = []
    for run, pause in draw(st.lists(st.tuples(gaps, gaps), max_size=5)):
        parts.append(Stretch(start, start + run, "return"))
        start += run + pause
    return [*parts, Stretch(start)]


def counting(pieces: Sequence[deadline.Piece]) -> timedelta:
    return sum((piece.end - piece.start for piece in pieces if piece.counts), timedelta(0))


# --- laws


@calm
@given(lives(), limits, calendars)
def test_what_counts_adds_up_to_the_limit_exactly(life: list[Stretch], limit: Limit, calendar: Calendar) -> None:
    due_at = reached(life, limit.span, limit.kind, calendar)
    assert due_at is not None
    pieces = list(explain(life, due_at, limit.kind, calendar))
    assert counting(pieces) == limit.span


@calm
@given(lives(), limits, calendars)
def test_the_pieces_leave_no_gap_and_do_not_overlap(life: list[Stretch], limit: Limit, calendar: Calendar) -> None:
    due_at = reached(life, limit.span, limit.kind, calendar)
    assert due_at is not None
    pieces = list(explain(life, due_at, limit.kind, calendar))
    assert (pieces[0].start, pieces[-1].end) == (life[0].start.astimezone(UTC), due_at)
    assert all(one.end == following.start for one, following in pairwise(pieces))
    assert all(piece.start < piece.end for piece in pieces)
    assert pieces[-1].counts  # it ends at the moment at which enough was counted, not later


@settings(max_examples=40, deadline=None)
@given(whole_minutes, st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400)), max_size=3), kinds, calendars)
def test_it_equals_a_count_minute_by_minute(
    start: datetime, turns: list[tuple[int, int]], kind: Kind, calendar: Calendar
) -> None:
    parts, minutes, minute = [], 0, start.astimezone(UTC)
    for run, pause in turns:
        parts.append(Stretch(minute, minute + run * MINUTE, "handle"))
        minutes += sum(counts_naively(minute + n * MINUTE, kind, calendar) for n in range(run))
        minute += (run + pause) * MINUTE
    parts.append(Stretch(minute))
    left = 90
    while left:  # ninety more minutes after the last pause
        left -= counts_naively(minute, kind, calendar)
        minute += MINUTE
    assert reached(parts, (minutes + 90) * MINUTE, kind, calendar) == minute
    assert counted(parts, minute, kind, calendar) == (minutes + 90) * MINUTE


@calm
@given(moments, limits, calendars)
def test_without_a_pause_it_is_the_plain_clock(start: datetime, limit: Limit, calendar: Calendar) -> None:
    assert reached([Stretch(start)], limit.span, limit.kind, calendar) == due(start, limit, calendar)


@calm
@given(lives(), spans, spans, kinds, calendars)
def test_more_time_is_never_due_earlier(
    life: list[Stretch], one: timedelta, other: timedelta, kind: Kind, calendar: Calendar
) -> None:
    less, more = sorted((one, other))
    early, late = reached(life, less, kind, calendar), reached(life, more, kind, calendar)
    assert early is not None
    assert late is not None
    assert early <= late


@calm
@given(lives(), moments, moments, kinds, calendars)
def test_the_count_never_goes_backwards(
    life: list[Stretch], one: datetime, other: datetime, kind: Kind, calendar: Calendar
) -> None:
    early, late = sorted((one, other))
    assert timedelta(0) <= counted(life, early, kind, calendar) <= counted(life, late, kind, calendar)


@calm
@given(lives(), spans, spans, kinds, calendars)
def test_stopping_and_going_on_at_the_same_moment_changes_nothing(
    life: list[Stretch], ran: timedelta, span: timedelta, kind: Kind, calendar: Calendar
) -> None:
    last = life[-1].start + ran
    parted = [*life[:-1], Stretch(life[-1].start, last, "withdraw"), Stretch(last)]
    assert reached(parted, span, kind, calendar) == reached(life, span, kind, calendar)


@calm
@given(moments, limits, st.floats(0.05, 0.95), spans, calendars)
def test_a_pause_before_the_end_moves_it_by_what_would_have_counted_in_it(
    start: datetime, limit: Limit, share: float, pause: timedelta, calendar: Calendar
) -> None:
    plain = due(start, limit, calendar)
    paused = start + (plain - start) * share
    parts = [Stretch(start, paused, "handle"), Stretch(paused + pause)]
    moved = reached(parts, limit.span, limit.kind, calendar)
    lost = elapsed(paused, paused + pause, limit.kind, calendar)
    assert moved == add(plain, lost, limit.kind, calendar)
    if limit.kind is Kind.CONTINUOUS:
        assert moved == plain + pause


@calm
@given(lives(), limits, calendars)
def test_a_pause_after_the_end_moves_nothing(life: list[Stretch], limit: Limit, calendar: Calendar) -> None:
    due_at = reached(life, limit.span, limit.kind, calendar)
    assert due_at is not None
    parted = [*life[:-1], Stretch(life[-1].start, max(due_at, life[-1].start) + MINUTE, "handle")]
    assert reached(parted, limit.span, limit.kind, calendar) == due_at
    assert reached([*parted, Stretch(due_at + timedelta(days=9))], limit.span, limit.kind, calendar) == due_at


@calm
@given(lives(), limits, calendars, st.booleans(), st.integers(0, 5), st.integers(0, 2))
def test_alarms_come_in_order(
    life: list[Stretch], limit: Limit, calendar: Calendar, warned: bool, told: int, extensions: int
) -> None:
    alarms = deadline.alarms(life, limit, calendar, warned=warned, told=told, extensions=extensions)
    if alarms.soon_at:
        assert not warned
        assert not told
        left = deadline.extended(limit, extensions) - counted(life, alarms.soon_at, limit.kind, calendar)
        assert left == max(limit.span / 4, timedelta(minutes=10))
        assert alarms.soon_at < alarms.due_at
    assert (alarms.again_at is None) == (told == 0)
    if alarms.again_at:
        before = alarms.again_at - timedelta(microseconds=1)
        assert limits_passed(life, limit, alarms.again_at, calendar, extensions) == told + 1
        assert limits_passed(life, limit, before, calendar, extensions) == told


# --- the published examples and the reasons


@pytest.mark.parametrize(
    ("limit", "start", "expected"),
    [
        ("4 工作时", "2025-09-30 16:30", "2025-10-09 10:30"),
        ("4 工作时", "2025-09-26 17:00", "2025-09-28 11:00"),
        ("8 工作时", "2026-02-14 11:00", "2026-02-24 11:00"),
        ("1 工作时", "2025-09-26 12:30", "2025-09-26 15:00"),
        ("2 紧急工作时", "2025-09-26 16:30", "2025-09-26 18:30"),
    ],
)
def test_the_published_examples_are_explained_to_the_minute(limit: str, start: str, expected: str) -> None:
    asked = Limit.parse(limit)
    pieces = list(explain([Stretch(at(start))], at(expected), asked.kind, CALENDAR))
    assert counting(pieces) == asked.span
    assert pieces[-1].end == at(expected)


def _reasons(limit: str, start: str, *more: Stretch) -> list[tuple[str, str, str]]:
    asked = Limit.parse(limit)
    parts = [*more, Stretch(at(start))]
    due_at = reached(parts, asked.span, asked.kind, CALENDAR)
    assert due_at is not None
    return [
        (f"{piece.start.astimezone(at(start).tzinfo):%m-%d %H:%M}", str(piece.why), piece.name)
        for piece in explain(parts, due_at, asked.kind, CALENDAR)
    ]


def test_a_holiday_is_called_by_its_name() -> None:
    found = _reasons("4h", "2025-09-30 16:30")
    assert found[:3] == [
        ("09-30 16:30", "session", ""), ("09-30 18:00", "after_work", ""), ("10-01 00:00", "holiday", "国庆节"),
    ]  # fmt: skip
    assert ("10-06 00:00", "holiday", "中秋") in found
    assert found[-2:] == [("10-09 00:00", "before_work", ""), ("10-09 08:00", "session", "")]


def test_a_make_up_day_counts_and_says_so_and_a_weekend_does_not() -> None:
    assert _reasons("4h", "2025-09-26 17:00") == [
        ("09-26 17:00", "session", ""), ("09-26 18:00", "after_work", ""), ("09-27 00:00", "weekend", ""),
        ("09-28 00:00", "before_work", ""), ("09-28 08:00", "make_up", "国庆节"),
    ]  # fmt: skip


def test_the_midday_break_is_one() -> None:
    assert _reasons("1h", "2025-09-26 12:30") == [("09-26 12:30", "midday", ""), ("09-26 14:00", "session", "")]


def test_a_pause_names_the_action_that_made_it() -> None:
    before = Stretch(at("2025-09-26 08:00"), at("2025-09-26 09:00"), "return")
    assert _reasons("2h", "2025-09-26 10:00", before) == [
        ("09-26 08:00", "session", ""), ("09-26 09:00", "paused", "return"), ("09-26 10:00", "session", ""),
    ]  # fmt: skip


def test_rule_clocks_1_an_urgent_limit_runs_on_day_and_night() -> None:
    assert _reasons("2h!", "2025-10-01 23:30") == [("10-01 23:30", "continuous", "")]


def test_every_reason_has_words_in_both_languages() -> None:
    assert set(deadline.LABELS) == set(Why)
    assert all(set(words) == {"zh", "en"} for words in deadline.LABELS.values())


# --- edges


def test_a_clock_that_stands_still_is_not_due() -> None:
    stopped = [Stretch(at("2025-09-26 08:00"), at("2025-09-26 09:00"), "return")]
    assert reached(stopped, timedelta(hours=2), Kind.WORKING, CALENDAR) is None
    assert reached(going_on(stopped), timedelta(hours=2), Kind.WORKING, CALENDAR) == at("2025-09-26 10:00")
    with pytest.raises(ValueError, match="stands still"):
        deadline.alarms(stopped, Limit.parse("2h"), CALENDAR, warned=False, told=0)
    assert going_on([]) == []


@pytest.mark.parametrize(
    ("limit", "minutes"), [("4h", 60), ("2d", 240), ("15m!", 10), ("30m!", 10), ("10m!", None), ("5m", None)]
)
def test_the_warning_comes_at_a_quarter_of_the_limit_but_ten_minutes_before_at_the_least(
    limit: str, minutes: int | None
) -> None:
    lead = deadline.warning_before(Limit.parse(limit).span)
    assert lead == (None if minutes is None else timedelta(minutes=minutes))


def test_past_the_last_published_year_make_up_days_are_unknown() -> None:
    known = CALENDAR.last_known_year
    assert known is not None
    last, beyond = at(f"{known}-12-31 17:00"), at(f"{known + 1}-01-04 09:00")
    assert deadline.beyond_known(last, Kind.WORKING, CALENDAR) is None
    assert deadline.beyond_known(beyond, Kind.WORKING, CALENDAR) == known + 1
    assert deadline.beyond_known(beyond, Kind.CONTINUOUS, CALENDAR) is None  # it does not ask which days are worked
    assert deadline.beyond_known(last, Kind.WORKING, Calendar({})) == known
