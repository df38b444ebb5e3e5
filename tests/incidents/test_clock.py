"""The two clocks against the published examples and against a naive count, minute by minute."""

import time as stopwatch
from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gridmap.localtime import ZONE
from incidents.clock import (
    Calendar,
    Kind,
    Limit,
    LimitError,
    add,
    due,
    elapsed,
    intervals,
    read_holidays,
    remaining,
)

CALENDAR = Calendar.shipped()
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("limit", "start", "expected"),
    [
        ("4 工作时", "2025-09-30 16:30", "2025-10-09 10:30"),  # over the National Day holiday
        ("4 工作时", "2025-09-26 17:00", "2025-09-28 11:00"),  # into a Sunday that is worked
        ("8 工作时", "2026-02-14 11:00", "2026-02-24 11:00"),  # from a Saturday that is worked, over Spring Festival
        ("1 工作时", "2025-09-26 12:30", "2025-09-26 15:00"),  # begun in the midday break
        ("2 紧急工作时", "2025-09-26 16:30", "2025-09-26 18:30"),
        ("2 紧急工作时", "2025-10-01 16:30", "2025-10-01 18:30"),  # any day
        ("2 紧急工作日", "2025-09-30 16:30", "2025-10-02 16:30"),
        ("1 工作日", "2025-09-26 17:00", "2025-09-28 17:00"),
        ("4h", "2025-09-26 08:00", "2025-09-26 12:00"),  # ends with the session, not at the next one's start
        ("1d", "2025-09-26 08:00", "2025-09-26 18:00"),
        ("1d", "2025-09-27 03:00", "2025-09-28 18:00"),  # begun on a Saturday that is not worked
        ("15m!", "2025-09-26 23:50", "2025-09-27 00:05"),
        ("30m", "2025-09-26 11:45", "2025-09-26 14:15"),
    ],
)
def test_rule_clocks_5_the_known_due_dates(limit: str, start: str, expected: str) -> None:
    assert due(at(start), Limit.parse(limit), CALENDAR) == at(expected)


# --- limits


@pytest.mark.parametrize(
    ("text", "canonical", "hours", "kind"),
    [
        ("2h!", "2h!", 2, Kind.CONTINUOUS),
        ("4h", "4h", 4, Kind.WORKING),
        ("1d", "1d", 8, Kind.WORKING),
        ("2d!", "2d!", 48, Kind.CONTINUOUS),
        (" 4 工作时 ", "4h", 4, Kind.WORKING),
        ("2 紧急工作时", "2h!", 2, Kind.CONTINUOUS),
        ("1工作日", "1d", 8, Kind.WORKING),
        ("5 个工作日", "5d", 40, Kind.WORKING),
        ("2 紧急工作日", "2d!", 48, Kind.CONTINUOUS),
        ("30m!", "30m!", 0.5, Kind.CONTINUOUS),
    ],
)
def test_limits_are_read_and_written(text: str, canonical: str, hours: float, kind: Kind) -> None:
    limit = Limit.parse(text)
    assert (str(limit), limit.span, limit.kind) == (canonical, timedelta(hours=hours), kind)
    assert Limit.parse(limit.label("zh")) == limit == Limit.parse(str(limit))


@pytest.mark.parametrize("text", ["", "h", "0h", "-2h", "2", "2w", "h2", "2h!!", "2.5h", "四工作时", "2 时", "999999h"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(LimitError):
        Limit.parse(text)


def test_limits_have_words_in_both_languages() -> None:
    assert Limit.parse("2h!").label("zh") == "2 紧急工作时"
    assert Limit.parse("2h!").label("en") == "2 hours round the clock"
    assert Limit.parse("1d").label("en") == "1 working day"


# --- the calendar


def test_rule_clocks_3_the_shipped_calendar_agrees_with_the_published_one_on_every_day() -> None:
    first, last = date(2004, 1, 1), date(CALENDAR.last_known_year or 0, 12, 31)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert [day for day in days if CALENDAR.is_working(day) != chinese_calendar.is_workday(day)] == []
    assert len(days) > 8000


def test_an_explicit_date_overrides_the_weekday_rule() -> None:
    friday, saturday = date(2030, 5, 3), date(2030, 5, 4)
    edited = Calendar({friday: False, saturday: True})
    assert (edited.is_working(friday), edited.is_working(saturday), edited.is_working(date(2030, 5, 6))) == (
        False,
        True,
        True,
    )
    assert due(at("2030-05-02 17:00"), Limit.parse("2h"), edited) == at("2030-05-04 09:00")


def test_the_calendar_says_how_far_it_knows() -> None:
    assert CALENDAR.last_known_year == max(row.day.year for row in read_holidays() if not row.working)
    assert Calendar({}).last_known_year is None
    assert Calendar({date(2031, 1, 4): True}).last_known_year is None  # a make-up day alone is no year's notice


def test_a_calendar_without_working_days_is_an_error_and_not_an_endless_search() -> None:
    with pytest.raises(OverflowError):
        add(at("9999-12-31 17:00"), timedelta(hours=2), Kind.WORKING, Calendar({}))


def test_ten_years_of_working_time_take_no_time() -> None:
    begun = stopwatch.perf_counter()
    for _ in range(200):
        moment = due(at("2015-03-02 09:15"), Limit.parse("2500d"), CALENDAR)
        assert elapsed(at("2015-03-02 09:15"), moment, Kind.WORKING, CALENDAR) == timedelta(hours=20_000)
    assert stopwatch.perf_counter() - begun < 2


# --- laws

calm = settings(deadline=None)  # a busy machine is no failure

FIRST, LAST = at("2024-01-01").replace(tzinfo=None), at("2026-12-31").replace(tzinfo=None)
moments = st.datetimes(FIRST, LAST, timezones=st.just(ZONE))
whole_minutes = moments.map(lambda moment: moment.replace(second=0, microsecond=0))
spans = st.timedeltas(timedelta(0), timedelta(days=40))
kinds = st.sampled_from(Kind)
calendars = st.one_of(
    st.just(CALENDAR),
    st.dictionaries(st.dates(date(2023, 12, 1), date(2028, 1, 1)), st.booleans(), max_size=60).map(Calendar),
)


def counts_naively(minute: datetime, kind: Kind, calendar: Calendar) -> bool:
    """Whether the minute that begins here is counted, said the long way round."""
    if kind is Kind.CONTINUOUS:
        return True
    local = minute.astimezone(ZONE)
    explicit = calendar.days.get(local.date())
    worked = local.strftime("%a") not in ("Sat", "Sun") if explicit is None else explicit
    return worked and local.hour in (8, 9, 10, 11, 14, 15, 16, 17)


@settings(max_examples=60, deadline=None)
@given(whole_minutes, st.integers(1, 1500), kinds, calendars)
def test_rule_clocks_2_due_is_the_end_of_the_last_minute_of_a_naive_count(
    start: datetime, minutes: int, kind: Kind, calendar: Calendar
) -> None:
    minute, left = start.astimezone(UTC), minutes
    while left:
        left -= counts_naively(minute, kind, calendar)
        minute += MINUTE
    assert add(start, minutes * MINUTE, kind, calendar) == minute


@settings(max_examples=60, deadline=None)
@given(whole_minutes, st.integers(0, 20_000), kinds, calendars)
def test_elapsed_is_a_naive_count(start: datetime, minutes: int, kind: Kind, calendar: Calendar) -> None:
    first = start.astimezone(UTC)
    naive = sum(counts_naively(first + n * MINUTE, kind, calendar) for n in range(minutes))
    assert elapsed(start, first + minutes * MINUTE, kind, calendar) == naive * MINUTE


@calm
@given(moments, spans, kinds, calendars)
def test_what_was_added_has_elapsed(start: datetime, span: timedelta, kind: Kind, calendar: Calendar) -> None:
    end = add(start, span, kind, calendar)
    assert end >= start
    assert elapsed(start, end, kind, calendar) == span
    assert remaining(start, end, kind, calendar) == span


@calm
@given(moments, spans, spans, kinds, calendars)
def test_adding_twice_is_adding_the_sum(
    start: datetime, first: timedelta, second: timedelta, kind: Kind, calendar: Calendar
) -> None:
    stepwise = add(add(start, first, kind, calendar), second, kind, calendar)
    assert stepwise == add(start, first + second, kind, calendar)


@calm
@given(moments, moments, spans, spans, kinds, calendars)
def test_later_starts_and_longer_spans_are_never_due_earlier(
    one: datetime, other: datetime, short: timedelta, longer: timedelta, kind: Kind, calendar: Calendar
) -> None:
    early, late = sorted((one, other))
    less, more = sorted((short, longer))
    assert add(early, more, kind, calendar) <= add(late, more, kind, calendar)
    assert add(early, less, kind, calendar) <= add(early, more, kind, calendar)


@calm
@given(moments, moments, kinds, calendars)
def test_elapsed_backwards_is_negative(one: datetime, other: datetime, kind: Kind, calendar: Calendar) -> None:
    assert elapsed(one, other, kind, calendar) == -elapsed(other, one, kind, calendar)


@calm
@given(moments, spans, kinds, calendars)
def test_the_intervals_add_up_and_do_not_overlap(
    start: datetime, span: timedelta, kind: Kind, calendar: Calendar
) -> None:
    end = start + span
    found = list(intervals(start, end, kind, calendar))
    assert sum((till - since for since, till in found), timedelta(0)) == elapsed(start, end, kind, calendar)
    edges = [edge for pair in found for edge in pair]
    assert edges == sorted(set(edges))
    assert all(start <= edge <= end for edge in edges)


@calm
@given(moments, spans, calendars)
def test_a_pause_loses_nothing(start: datetime, pause: timedelta, calendar: Calendar) -> None:
    limit = Limit.parse("2d")
    due_at = due(start, limit, calendar)
    paused = start + (due_at - start) / 3
    left = remaining(paused, due_at, limit.kind, calendar)
    resumed = paused + pause
    new_due = add(resumed, left, limit.kind, calendar)
    counted = elapsed(start, paused, limit.kind, calendar) + elapsed(resumed, new_due, limit.kind, calendar)
    assert counted == limit.span


@calm
@given(moments, moments)
def test_the_time_zone_of_the_input_does_not_matter(one: datetime, other: datetime) -> None:
    assume(one != other)
    in_utc = elapsed(one.astimezone(UTC), other.astimezone(UTC), Kind.WORKING, CALENDAR)
    assert in_utc == elapsed(one, other, Kind.WORKING, CALENDAR)
    assert add(one, timedelta(hours=3), Kind.WORKING, CALENDAR).tzinfo is UTC


def test_overdue_is_negative_time_remaining() -> None:
    due_at = at("2025-09-26 18:00")
    assert remaining(at("2025-09-28 09:00"), due_at, Kind.WORKING, CALENDAR) == -timedelta(hours=1)


@pytest.mark.parametrize("kind", Kind)
def test_moments_without_a_zone_and_negative_spans_are_refused(kind: Kind) -> None:
    naive = at("2025-09-26 09:00").replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        add(naive, timedelta(hours=1), kind, CALENDAR)
    with pytest.raises(ValueError, match="time zone"):
        elapsed(at("2025-09-26 09:00"), naive, kind, CALENDAR)
    with pytest.raises(ValueError, match="backwards"):
        add(at("2025-09-26 09:00"), -MINUTE, kind, CALENDAR)
