"""Times that a resident can book: even stretches of the working hours, on the days that the calendar says are worked.

Pure: no Django, no database.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from gridmap.localtime import ZONE
from incidents.clock import SESSIONS, Calendar


def offered(now: datetime, *, every: timedelta, days: int, notice: timedelta, calendar: Calendar) -> list[datetime]:
    """When the slots of today and the next `days` days begin, earliest first; none sooner than `notice` from now."""
    today = now.astimezone(ZONE).date()
    found = (moment for ahead in range(days + 1) for moment in of_day(today + timedelta(days=ahead), every, calendar))
    return [moment for moment in found if moment >= now + notice]


def of_day(day: date, every: timedelta, calendar: Calendar) -> Iterator[datetime]:
    """The slots of a day in local time: each ends within its half of the working day."""
    if not calendar.is_working(day):
        return
    for opens, closes in SESSIONS:
        begins, ends = datetime.combine(day, opens, ZONE), datetime.combine(day, closes, ZONE)
        while begins + every <= ends:
            yield begins
            begins += every
