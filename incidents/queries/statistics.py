"""Figures of a period and an area in a user's scope, counted from the facts of cases and limits. No person stands in them.

What each figure counts is said once, in `counting.DEFINITIONS`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise, product
from typing import Any

from django.db import connection
from django.utils import timezone

from gridmap import access, areacode, geo
from gridmap.models import User
from incidents import counting
from incidents.queries import sums
from incidents.workflow import TERMINAL

# Dimensions by name: the column, or what is made of it. Sorting by bytes is several times faster than by language.
DIMENSIONS = {
    "class": "klass_id", "major": 'major collate "C"', "community": 'left(area_code, 12) collate "C"', "cell": 'area_code collate "C"',
    "department": "department_id", "source": 'source collate "C"', "state": 'state collate "C"',
}  # fmt: skip
COUNTED = ["class", "cell", "department", "source", "state"]  # the others, and the whole, add up from these
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
    """Local days, both included, of an area ("" for all that the user sees), as far as she may do `action` there."""

    first: date
    last: date
    area: str = ""
    action: str = "statistics.view"


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


def scope_sql(user: User, period: Period) -> tuple[str, list[Any]]:
    """Which facts a user may count, as SQL with its parameters: of her areas, for a handler those her department has.

    A cell is counted with those that it continues: the figures of a year do not begin anew where cells were cut.
    """
    parts, params = ["false"], list[Any]()
    cell = len(period.area) == areacode.WIDTHS[areacode.CELL - 1]
    areas = [period.area, *(geo.continued_by(period.area) if cell else ())]
    for clause, area in product(access.scope_of(user, period.action).clauses, areas):
        if sums.meet(clause.prefix, area):
            parts.append("area_code like %s" + (" and department_id = %s" if clause.department else ""))
            inside = f"{max(clause.prefix, area, key=len)}%"
            params += [inside, clause.department] if clause.department else [inside]
    return f"({' or '.join(parts)})", params


def statistics(
    user: User,
    period: Period,
    *,
    unit: str,
    now: datetime | None = None,
    summed: bool = True,
    events_only: bool = False,
) -> Statistics:
    """Every figure of the period; `unit` ("day", "week", "month") is that of the line.

    With `events_only` what happened in it, without what is open now and without how long it took. Where the kept counts of days
    suffice they are used; without `summed` everything is counted from the facts, and is the same.
    """
    found = Statistics()
    scope, params = scope_sql(user, period)
    days = [period.first, period.last]
    moment = now or timezone.now()
    found.line = {day: Figures() for day in counting.starts(period.first, period.last, unit)}
    whole = sums.areas_of(user, period.area, period.action) if summed else None
    if whole is None:
        _cases(found, scope, params, days, moment, unit)
        _limits(found, scope, params, days, moment, unit)
    else:
        if not events_only:
            _open(found, scope, params, moment)
        _summed(found, whole, period, moment, unit)
        _today(found, scope, params, period, moment, unit)
    if not events_only:
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
        _limits(found, scope, params, [today, today], now, unit)


def _rows(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _sets(names: list[str], days: list[str]) -> tuple[str, str, str]:
    """Columns of the dimensions, their marks with those of the days, and the grouping sets: each of them alone."""
    columns = ", ".join(f"{DIMENSIONS[name]} as d{n}" for n, name in enumerate(names))
    marks = [*(f"d{n}" for n in range(len(names))), *days]
    return columns, ", ".join(marks), ", ".join(f"({mark})" for mark in marks)


def _grouped(rows: list[tuple[Any, ...]], names: list[str]) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    """(dimension or day, key, values) of rows that begin with the mark of their grouping, which is by one of the names."""
    marks = {(1 << len(names)) - 1 - (1 << (len(names) - 1 - n)): n for n in range(len(names))}
    for mark, *values in rows:
        yield names[marks[mark]], values[marks[mark]], tuple(values[len(names) :])


def _put(
    found: Statistics,
    rows: list[tuple[Any, ...]],
    names: list[str],
    columns: Sequence[str],
    days: Mapping[str, Sequence[str]],
) -> None:
    """Add counts to the groups they belong to; of a day those that happened on it go into the line."""
    majors = sums.majors()
    for name, key, values in _grouped(rows, [*names, *days]):
        counts = dict(zip(columns, values, strict=True))
        if name in days:
            if key is not None:
                found.line[key].add({column: counts[column] for column in days[name]})
            continue
        for dimension, one in sums.told_by(name, "" if key is None else str(key), majors):
            found.at(dimension, one).add(counts)


CASE_COUNTS = {
    "reported": "r", "filed": "f", "declined": "c and state = 'declined'", "closed": "e", "open": "o", "overdue": "o and late",
    "unsolved": "e and (failed_repair or came_again or dissatisfied)", "failed_repair": "e and failed_repair",
    "came_again": "e and came_again", "dissatisfied": "e and dissatisfied", "to_close": f"r and state not in ({LEFT_OUT})",
    "closed_of_them": "r and state = 'closed'", "refused": "c and state = 'refused'", "refused_of_them": "r and state = 'refused'",
}  # fmt: skip


ON_DAYS = {
    "reported_on": ("reported", "to_close", "closed_of_them", "refused_of_them"), "filed_on": ("filed",),
    "closed_on": ("declined", "refused", "closed", "unsolved", "failed_repair", "came_again", "dissatisfied"),
}  # fmt: skip


def _start(unit: str, day: str, holds: str) -> str:
    return f"case when {holds} then date_trunc('{unit}', {day}::timestamp)::date end"


def _cases(found: Statistics, scope: str, params: list[Any], days: list[date], now: datetime, unit: str) -> None:
    """All counts of cases, and the course of the period with each event on its own day, in one look at the facts."""
    columns, marks, sets = _sets(COUNTED, list(ON_DAYS))
    counts = ", ".join(f"count(*) filter (where {condition})" for condition in CASE_COUNTS.values())
    sql = f"""
        with facts as (
            select *, coalesce(reported_day between %s and %s, false) r, coalesce(filed_day between %s and %s, false) f,
                coalesce(closed_day between %s and %s, false) c
            from incidents_casefact
            where {scope} and (reported_day between %s and %s or filed_day between %s and %s or closed_day between %s and %s
                or {OPEN_NOW})),
        seen as (
            select {columns}, state, failed_repair, came_again, dissatisfied, r, f, c, c and state = 'closed' e, {OPEN_NOW} o,
                coalesce(due_at <= %s, false) late, {_start(unit, "reported_day", "r")} reported_on,
                {_start(unit, "filed_day", "f")} filed_on, {_start(unit, "closed_day", "c")} closed_on
            from facts)
        select grouping({marks}), {marks}, {counts} from seen group by grouping sets ({sets})"""
    _put(found, _rows(sql, [*days * 3, *params, *days * 3, now]), COUNTED, list(CASE_COUNTS), ON_DAYS)


def _open(found: Statistics, scope: str, params: list[Any], now: datetime) -> None:
    """What is open now, and of it what is overdue; whatever the period."""
    columns, marks, sets = _sets(COUNTED, [])
    sql = f"""
        with seen as (select {columns}, coalesce(due_at <= %s, false) late from incidents_casefact where {scope} and {OPEN_NOW})
        select grouping({marks}), {marks}, count(*), count(*) filter (where late) from seen group by grouping sets ({sets})"""
    _put(found, _rows(sql, [now, *params]), COUNTED, ["open", "overdue"], {})


def _limits(found: Statistics, scope: str, params: list[Any], days: list[date], now: datetime, unit: str) -> None:
    """The limits that ended in these days; a limit is of no state."""
    columns, marks, sets = _sets(COUNTED[:-1], ["ends_on"])
    sql = f"""
        with seen as (
            select {columns}, on_time, {_start(unit, "ends_day", "true")} ends_on from incidents_limitfact
            where {scope} and ends_day between %s and %s and ends_at <= %s)
        select grouping({marks}), {marks}, count(*), count(*) filter (where on_time) from seen group by grouping sets ({sets})"""
    _put(found, _rows(sql, [*params, *days, now]), COUNTED[:-1], ["due", "on_time"], {"ends_on": ("due", "on_time")})


def _times(found: Statistics, scope: str, params: list[Any], days: list[date]) -> None:
    """Spreads of the whole, and the median of each group; of very many cases, of a share that chance has drawn."""
    many = found.total.counts["closed"]
    share = counting.LOTS if many <= counting.TIMED else max(1, counting.LOTS * counting.TIMED // many)
    seen = f"""from incidents_casefact join incidents_incidentclass k on k.id = klass_id
        where {_lots(share)}{scope} and closed_day between %s and %s and state = 'closed' and closing_s is not null"""
    [row] = _rows(f"select {_spread_sql('closing_s')}, {_spread_sql('handling_s')} {seen}", [*params, *days])
    found.closing, found.handling = _spread(row[: len(row) // 2], share), _spread(row[len(row) // 2 :], share)
    names = [name for name in DIMENSIONS if name != "state"]
    columns, marks, sets = _sets(names, [])
    sql = f"""with seen as (select {columns}, closing_s {seen})
        select grouping({marks}), {marks}, percentile_cont(0.5) within group (order by closing_s) from seen
        group by grouping sets ({sets})"""
    for dimension, key, (median,) in _grouped(_rows(sql, [*params, *days]), names):
        found.at(dimension, "" if key is None else str(key)).median_h = _hours(median)
    found.total.median_h = found.closing.quartiles[1]


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


def heat(user: User, period: Period) -> bytes:
    """Where the cases of the period lie, as GeoJSON: a point per square of the map with the number of its cases."""
    scope, params = scope_sql(user, period)
    side = counting.SPOT_M
    select = f"""select spot_x || ':' || spot_y as id, json_build_object('cases', count(*)) as properties, st_transform(st_setsrid(
            st_makepoint((spot_x + 0.5) * {side}, (spot_y + 0.5) * {side}), 3857), 4326) as geom
        from incidents_casefact where {scope} and reported_day between %s and %s and spot_x is not null group by spot_x, spot_y"""
    return geo.feature_collection(select, [*params, period.first, period.last])
