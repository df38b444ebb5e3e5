"""Figures of days from the kept counts: what a scope of whole districts and streets adds up to, without a look at any case."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models.functions import Length

from gridmap import access
from gridmap.models import Area, User
from incidents import counting
from incidents.models import DayCount, IncidentClass

DIMENSIONS = ["class", "cell", "department", "source", "state"]
NOT_COUNTS = ("id", "dimension", "area_code", "month", "day", "key")
COLUMNS = [field.name for field in DayCount._meta.concrete_fields if field.name not in NOT_COUNTS]
_SUMS = ", ".join(
    f"sum({name}){' filter (where day < %(today)s)' if name in ('due', 'on_time') else ''}" for name in COLUMNS
)
# Whole months by their own rows, the days before and after them by theirs.
_WHERE = """area_code = any(%(areas)s) and (month and day >= %(month)s and day < %(until)s
    or not month and day between %(first)s and least(%(month)s - 1, %(last)s)
    or not month and day between greatest(%(until)s, %(first)s) and %(last)s)"""
Counts = dict[str, int]


def areas_of(user: User, area: str, action: str = "statistics.view") -> list[str] | None:
    """The districts and streets that are together what the user may count in an area.

    None where only the facts can tell: the share of one department, a community, a cell.
    """
    clauses = access.scope_of(user, action).clauses
    inside = {max(clause.prefix, area, key=len) for clause in clauses if meet(clause.prefix, area)}
    if any(clause.department for clause in clauses if meet(clause.prefix, area)):
        return None
    whole = [code for code in inside if not any(code != other and code.startswith(other) for other in inside)]
    if any(len(code) > min(counting.SUMMED) and len(code) not in counting.SUMMED for code in whole):
        return None
    kept = [code for code in whole if len(code) in counting.SUMMED]
    return kept + [one for code in whole if code not in kept for one in _districts(code)]


def meet(prefix: str, area: str) -> bool:
    """Whether one of two areas lies in the other."""
    return prefix.startswith(area) or area.startswith(prefix)


def _districts(code: str) -> list[str]:
    rows = Area.objects.annotate(digits=Length("code")).filter(digits=min(counting.SUMMED), code__startswith=code)
    return list(rows.values_list("code", flat=True))


def groups(areas: list[str], first: date, last: date, today: date) -> Iterator[tuple[str | None, str, Counts]]:
    """(dimension or None for the whole, key, counts) of the days; limits only of those before today, which are all over.

    A key may come several times: what comes is to be added up.
    """
    known = majors()
    for dimension, key, counts in _read(
        "dimension, key", "dimension = any(%(dimensions)s)", areas, first, last, today, by_months=True
    ):
        for name, one in told_by(dimension, key, known):
            yield name, one, counts


def majors() -> dict[str, str]:
    """The major class of each class."""
    return {str(pk): major for pk, major in IncidentClass.objects.values_list("pk", "major")}


def told_by(dimension: str, key: str, known: Mapping[str, str]) -> Iterator[tuple[str | None, str]]:
    """The groups to which a count under one key belongs: its own, and those that add up from it (None: the whole)."""
    yield dimension, key
    if dimension == "class":
        yield "major", known.get(key, "")
    elif dimension == "cell":
        yield "community", key[:12]
    elif dimension == "source":
        yield None, ""


def line(areas: list[str], first: date, last: date, today: date, unit: str) -> Iterator[tuple[date, Counts]]:
    """The counts by the first day of each "day", "week" or "month"; limits as in `groups`."""
    days = f"date_trunc('{unit}', day::timestamp)::date"
    for day, _, counts in _read(f"{days}, ''", "dimension = 'source'", areas, first, last, today, by_months=False):
        yield day, counts


def whole_months(first: date, last: date, today: date) -> tuple[date, date]:
    """The first day of the whole months of a period that are over, and the first day after them; twice the same for none."""
    begin = first if first.day == 1 else _next_month(first)
    end = _next_month(last) if _next_month(last) == last + timedelta(days=1) else last.replace(day=1)
    end = min(end, today.replace(day=1))
    return (begin, end) if begin < end else (first, first)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _read(
    keys: str, also: str, areas: list[str], first: date, last: date, today: date, *, by_months: bool
) -> Iterator[tuple[Any, str, Counts]]:
    month, until = whole_months(first, last, today) if by_months else (first, first)
    values: dict[str, Any] = {
        "areas": areas, "first": first, "last": last, "today": today, "dimensions": DIMENSIONS, "month": month, "until": until,
    }  # fmt: skip
    sql = f"select {keys}, {_SUMS} from incidents_daycount where {also} and {_WHERE} group by 1, 2"
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for one, other, *sums in cursor.fetchall():
            counts = {name: int(count or 0) for name, count in zip(COLUMNS, sums, strict=True)}
            if any(counts.values()):
                yield one, other, counts
