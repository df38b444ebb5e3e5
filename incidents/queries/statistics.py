"""Figures of a period and an area in a user's scope, counted from the facts of cases and limits. No person stands in them.

What each figure counts is said once, in `counting.DEFINITIONS`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db import connection
from django.utils import timezone

from gridmap import access, geo
from gridmap.models import User
from incidents import counting
from incidents.queries import sums
from incidents.workflow import TERMINAL

# Dimensions by name: the column, or what is made of it. Sorting by bytes is several times faster than by language.
DIMENSIONS = {
    "class": "klass_id", "major": 'major collate "C"', "community": 'left(area_code, 12) collate "C"', "cell": 'area_code collate "C"',
    "department": "department_id", "source": 'source collate "C"', "state": 'state collate "C"',
}  # fmt: skip
COUNTS = (
    "reported", "filed", "declined", "closed", "open", "overdue", "unsolved", "failed_repair", "came_again", "dissatisfied",
    "to_close", "closed_of_them", "refused", "refused_of_them", "due", "on_time",
)  # fmt: skip
QUARTILES = (0.25, 0.5, 0.75, 0.9)
OVER = ", ".join(f"'{state}'" for state in sorted(TERMINAL))
LEFT_OUT = ", ".join(f"'{state}'" for state in sorted(counting.NO_CASES))
OPEN_NOW = f"not (state in ({OVER}))"


@dataclass(frozen=True)
class Period:
    """Local days, both included, of an area ("" for all that the user sees)."""

    first: date
    last: date
    area: str = ""


@dataclass
class Spread:
    """How long it took: how many cases, quartiles, 90th percentile and mean in hours, and how many lie between the edges."""

    count: int = 0
    quartiles: tuple[float | None, ...] = (None,) * len(QUARTILES)
    mean: float | None = None
    share: float = 1.0  # of the cases that were looked at
    bins: list[int] = field(default_factory=lambda: [0] * (len(counting.EDGES_H) + 1))


@dataclass
class Figures:
    """Counts by name; `median_h` is the median of report to close in hours."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    median_h: float | None = None

    def add(self, counts: Mapping[str, int]) -> None:
        for name, count in counts.items():
            self.counts[name] += count


@dataclass
class Statistics:
    """All figures; `by` has them per dimension and key, `line` per first day of the unit."""

    total: Figures = field(default_factory=Figures)
    by: dict[str, dict[str, Figures]] = field(default_factory=lambda: {name: {} for name in DIMENSIONS})
    line: dict[date, Figures] = field(default_factory=dict)
    closing: Spread = field(default_factory=Spread)
    handling: Spread = field(default_factory=Spread)

    def at(self, dimension: str | None, key: str) -> Figures:
        return self.by[dimension].setdefault(key, Figures()) if dimension else self.total


def scope_sql(user: User, area: str) -> tuple[str, list[Any]]:
    """Which facts a user may count, as SQL with its parameters: of her areas, for a handler those her department has."""
    parts, params = ["false"], list[Any]()
    for clause in access.scope_of(user, "statistics.view").clauses:
        parts.append("area_code like %s" + (" and department_id = %s" if clause.department else ""))
        params += [f"{clause.prefix}%", *([clause.department] if clause.department else [])]
    return f"(({' or '.join(parts)}) and area_code like %s)", [*params, f"{area}%"]


def statistics(
    user: User, period: Period, *, unit: str, now: datetime | None = None, summed: bool = True
) -> Statistics:
    """Every figure of the period; `unit` ("day", "week", "month") is that of the line.

    Where the kept counts of days suffice they are used; without `summed` everything is counted from the facts, and is the same.
    """
    found = Statistics()
    scope, params = scope_sql(user, period.area)
    days = [period.first, period.last]
    moment = now or timezone.now()
    found.line = {day: Figures() for day in counting.starts(period.first, period.last, unit)}
    whole = sums.areas_of(user, period.area) if summed else None
    if whole is None:
        _cases(found, scope, params, days, moment)
        _limits(found, scope, params, days, moment)
        _line(found, scope, params, days, moment, unit)
    else:
        _open(found, scope, params, moment)
        _summed(found, whole, period, moment, unit)
        _today(found, scope, params, period, moment, unit)
    _times(found, scope, params, days)
    return found


def _summed(found: Statistics, areas: list[str], period: Period, now: datetime, unit: str) -> None:
    """What the counts of the days say: all but what is open now, and the limits that end today."""
    today = timezone.localdate(now)
    for dimension, key, counts in sums.groups(areas, period.first, period.last, today):
        found.at(dimension, key).add(counts)
    for first, counts in sums.line(areas, period.first, period.last, today, unit):
        found.line[first].add(counts)


def _today(found: Statistics, scope: str, params: list[Any], period: Period, now: datetime, unit: str) -> None:
    """The limits that ended today, of which only the facts know the hour."""
    today = timezone.localdate(now)
    if period.first <= today <= period.last:
        _limits(found, scope, params, [today, today], now)
        _line(found, scope, params, [today, today], now, unit, only="ends_day")


def _rows(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _sets(names: list[str]) -> tuple[str, str]:
    """Columns of the dimensions and the grouping sets over them: in each, one alone, and none."""
    columns = ", ".join(f"{DIMENSIONS[name]} as d{n}" for n, name in enumerate(names))
    return columns, ", ".join(["()", *(f"(d{n})" for n in range(len(names)))])


def _grouped(rows: list[tuple[Any, ...]], names: list[str]) -> Iterator[tuple[str | None, str, tuple[Any, ...]]]:
    """(dimension or None for the whole, key, values) of rows that begin with the mark of their grouping."""
    marks = {(1 << len(names)) - 1 - (1 << (len(names) - 1 - n)): n for n in range(len(names))}
    for mark, *values in rows:
        place = marks.get(mark)
        key = "" if place is None else values[place]
        yield None if place is None else names[place], "" if key is None else str(key), tuple(values[len(names) :])


CASE_COUNTS = {
    "reported": "r", "filed": "f", "declined": "c and state = 'declined'", "closed": "e", "open": "o", "overdue": "o and late",
    "unsolved": "e and (failed_repair or came_again or dissatisfied)", "failed_repair": "e and failed_repair",
    "came_again": "e and came_again", "dissatisfied": "e and dissatisfied", "to_close": f"r and state not in ({LEFT_OUT})",
    "closed_of_them": "r and state = 'closed'", "refused": "c and state = 'refused'", "refused_of_them": "r and state = 'refused'",
}  # fmt: skip


def _cases(found: Statistics, scope: str, params: list[Any], days: list[date], now: datetime) -> None:
    names = list(DIMENSIONS)
    columns, sets = _sets(names)
    marks = ", ".join(f"d{n}" for n in range(len(names)))
    counts = ", ".join(f"count(*) filter (where {condition})" for condition in CASE_COUNTS.values())
    sql = f"""
        with seen as (
            select {columns}, state, failed_repair, came_again, dissatisfied, coalesce(reported_day between %s and %s, false) r,
                coalesce(filed_day between %s and %s, false) f, coalesce(closed_day between %s and %s, false) c,
                coalesce(closed_day between %s and %s and state = 'closed', false) e, {OPEN_NOW} o, coalesce(due_at <= %s, false) late
            from incidents_casefact join incidents_incidentclass k on k.id = klass_id
            where {scope} and (reported_day between %s and %s or filed_day between %s and %s or closed_day between %s and %s
                or {OPEN_NOW}))
        select grouping({marks}), {marks}, {counts} from seen group by grouping sets ({sets})"""
    rows = _rows(sql, [*days * 4, now, *params, *days * 3])
    for dimension, key, values in _grouped(rows, names):
        found.at(dimension, key).counts.update(zip(CASE_COUNTS, values, strict=True))


def _open(found: Statistics, scope: str, params: list[Any], now: datetime) -> None:
    """What is open now, and of it what is overdue; whatever the period."""
    names = list(DIMENSIONS)
    columns, sets = _sets(names)
    marks = ", ".join(f"d{n}" for n in range(len(names)))
    sql = f"""
        with seen as (
            select {columns}, coalesce(due_at <= %s, false) late
            from incidents_casefact join incidents_incidentclass k on k.id = klass_id where {scope} and {OPEN_NOW})
        select grouping({marks}), {marks}, count(*), count(*) filter (where late) from seen group by grouping sets ({sets})"""
    for dimension, key, (many, late) in _grouped(_rows(sql, [now, *params]), names):
        found.at(dimension, key).add({"open": many, "overdue": late})


def _limits(found: Statistics, scope: str, params: list[Any], days: list[date], now: datetime) -> None:
    names = [name for name in DIMENSIONS if name != "state"]
    columns, sets = _sets(names)
    marks = ", ".join(f"d{n}" for n in range(len(names)))
    sql = f"""
        with seen as (
            select {columns}, on_time from incidents_limitfact join incidents_incidentclass k on k.id = klass_id
            where {scope} and ends_day between %s and %s and ends_at <= %s)
        select grouping({marks}), {marks}, count(*), count(*) filter (where on_time) from seen group by grouping sets ({sets})"""
    for dimension, key, (due, on_time) in _grouped(_rows(sql, [*params, *days, now]), names):
        found.at(dimension, key).add({"due": due, "on_time": on_time})


def _times(found: Statistics, scope: str, params: list[Any], days: list[date]) -> None:
    """Spreads of the whole, and the median of each group; of very many cases, of a share that chance has drawn."""
    many = found.total.counts["closed"]
    share = counting.LOTS if many <= counting.TIMED else max(1, counting.LOTS * counting.TIMED // many)
    seen = f"""from incidents_casefact join incidents_incidentclass k on k.id = klass_id
        where {_lots(share)}{scope} and closed_day between %s and %s and state = 'closed' and closing_s is not null"""
    [row] = _rows(f"select {_spread_sql('closing_s')}, {_spread_sql('handling_s')} {seen}", [*params, *days])
    found.closing, found.handling = _spread(row[: len(row) // 2], share), _spread(row[len(row) // 2 :], share)
    names = [name for name in DIMENSIONS if name != "state"]
    columns, sets = _sets(names)
    marks = ", ".join(f"d{n}" for n in range(len(names)))
    sql = f"""with seen as (select {columns}, closing_s {seen})
        select grouping({marks}), {marks}, percentile_cont(0.5) within group (order by closing_s) from seen
        group by grouping sets ({sets})"""
    for dimension, key, (median,) in _grouped(_rows(sql, [*params, *days]), names):
        found.at(dimension, key).median_h = _hours(median)


def _lots(share: int) -> str:
    """The condition that takes so many of the lots; nothing for all."""
    return "" if share == counting.LOTS else f"lot in ({', '.join(map(str, range(share)))}) and "


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(float(seconds) / 3600, 2)


def _spread_sql(column: str) -> str:
    """Count, mean, quartiles and how many lie between the edges, in one look."""
    shares = ", ".join(map(str, QUARTILES))
    edges = [0, *(hours * 3600 for hours in counting.EDGES_H)]
    bins = [f"count(*) filter (where {column} >= {a} and {column} < {b})" for a, b in pairwise(edges)]
    return f"""count({column}), avg({column}), percentile_cont(array[{shares}]) within group (order by {column}),
        array[{", ".join(bins)}, count(*) filter (where {column} >= {edges[-1]})]"""


def _spread(row: tuple[Any, ...], lots: int) -> Spread:
    """The row as a spread; counts of a share of the lots stand for all."""
    count, mean, quartiles, bins = row
    times = counting.LOTS / lots
    hours = tuple(_hours(q) for q in quartiles or (None,) * len(QUARTILES))
    return Spread(round(count * times), hours, _hours(mean), lots / counting.LOTS, [round(one * times) for one in bins])


def _line(
    found: Statistics, scope: str, params: list[Any], days: list[date], now: datetime, unit: str, only: str = ""
) -> None:
    """The course of the period: each event on its own day; or of the events of `only` one kind of day."""
    closed = "state = 'closed'"
    parts = {
        "reported_day": {
            "reported": "true", "to_close": f"state not in ({LEFT_OUT})", "closed_of_them": closed, "refused_of_them": "state = 'refused'",
        },
        "filed_day": {"filed": "true"},
        "closed_day": {
            "declined": "state = 'declined'", "refused": "state = 'refused'", "closed": closed,
            "unsolved": f"{closed} and (failed_repair or came_again or dissatisfied)", "failed_repair": f"{closed} and failed_repair",
            "came_again": f"{closed} and came_again", "dissatisfied": f"{closed} and dissatisfied",
        },
        "ends_day": {"due": "true", "on_time": "on_time"},
    }  # fmt: skip
    for day, counts in parts.items():
        if only and day != only:
            continue
        table = "limitfact" if day == "ends_day" else "casefact"
        also, values = (" and ends_at <= %s", [now]) if day == "ends_day" else ("", [])
        columns = ", ".join(f"count(*) filter (where {condition})" for condition in counts.values())
        sql = f"""select date_trunc('{unit}', {day}::timestamp)::date, {columns} from incidents_{table}
            where {scope} and {day} between %s and %s{also} group by 1"""
        for first, *many in _rows(sql, [*params, *days, *values]):
            found.line[first].add(dict(zip(counts, many, strict=True)))


def heat(user: User, period: Period) -> bytes:
    """Where the cases of the period lie, as GeoJSON: a point per square of the map with the number of its cases."""
    scope, params = scope_sql(user, period.area)
    side = counting.SPOT_M
    select = f"""select spot_x || ':' || spot_y as id, json_build_object('cases', count(*)) as properties, st_transform(st_setsrid(
            st_makepoint((spot_x + 0.5) * {side}, (spot_y + 0.5) * {side}), 3857), 4326) as geom
        from incidents_casefact where {scope} and reported_day between %s and %s and spot_x is not null group by spot_x, spot_y"""
    return geo.feature_collection(select, [*params, period.first, period.last])
