"""Times to book: even stretches of the working hours, on worked days alone, in order, and none too soon."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridmap.localtime import ZONE
from incidents import slots
from incidents.clock import SESSIONS, Calendar

CALENDAR = Calendar.shipped()
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 60 * 24 * 600).map(lambda minutes: FIRST + timedelta(minutes=minutes))


@given(MOMENTS, st.integers(10, 240), st.integers(0, 30), st.integers(0, 48))
def test_every_time_lies_within_one_half_of_a_worked_day(now: datetime, minutes: int, days: int, notice: int) -> None:
    every = timedelta(minutes=minutes)
    found = slots.offered(now, every=every, days=days, notice=timedelta(hours=notice), calendar=CALENDAR)
    assert found == sorted(set(found))
    for begins in found:
        ends = begins + every
        assert CALENDAR.is_working(begins.date())
        assert any(opens <= begins.time() and ends.time() <= closes for opens, closes in SESSIONS)
        assert now + timedelta(hours=notice) <= begins <= now + timedelta(days=days + 1)


def test_a_make_up_day_is_given_out_and_a_holiday_is_not() -> None:
    """The calendar that counts deadlines gives out the times too."""
    half_hours = list(slots.of_day(date(2025, 9, 28), timedelta(minutes=30), CALENDAR))
    assert len(half_hours) == 16
    assert half_hours[0] == datetime(2025, 9, 28, 8, tzinfo=ZONE)
    assert list(slots.of_day(date(2025, 10, 1), timedelta(minutes=30), CALENDAR)) == []
