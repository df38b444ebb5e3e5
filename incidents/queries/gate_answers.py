"""The forms of the register: figures from the records, what was answered before, and the answers as a table."""

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum
from django.utils import timezone

from gridmap import areacode
from gridmap.errors import ProblemError
from gridmap.models import Area, User
from gridmap.queries import area_names, forms
from incidents import demands
from incidents.demands import Field, Period
from incidents.models import Demand, DemandAnswer
from incidents.queries.gate import field_out, fields_of, named, own_communities, periods_of
from incidents.workflow import OPEN

# All figures of cases in one look at the cases of an area: now, or within [from, to).
FIGURES_SQL = """select
    count(*) filter (where i.state = any(%(open)s)),
    count(*) filter (where i.state = any(%(open)s) and i.overdue),
    count(*) filter (where {reported}),
    count(*) filter (where {closed}),
    count(*) filter (where {reported} and k.domain = 'object'),
    count(*) filter (where {reported} and k.domain = 'event'),
    count(*) filter (where {reported} and k.domain = 'matter'),
    percentile_cont(0.5) within group (order by extract(epoch from i.closed_at - i.reported_at))
        filter (where {closed})
    from incidents_incident i join incidents_incidentclass k on k.id = i.klass_id
    where i.area_code like %(area)s and (%(klass)s = '' or k.scheme || '/' || k.domain || '/' || k.code = %(klass)s)
        and (%(department)s::bigint is null or i.departments @> array[%(department)s::bigint])""".format(
    reported="i.reported_at >= %(from)s and i.reported_at < %(to)s",
    closed="i.state = 'closed' and i.closed_at >= %(from)s and i.closed_at < %(to)s",
)
ORDER = ("open", "overdue", "reported", "closed", "objects", "events", "matters", "median_days")
Values = dict[str, dict[str, Any]]


def figures(area_code: str, period: Period, fields: Sequence[Field]) -> dict[str, float | int | None]:
    """The values of recorded fields for an area and a period, by key; None where there is nothing to take a median of."""
    found: dict[str, float | int | None] = {}
    looked: dict[tuple[str, int | None], dict[str, float | int | None]] = {}
    register = forms.figures(area_code) if any(one.figure in forms.REGISTER_FIGURES for one in fields) else {}
    for field in fields:
        if field.figure in register:
            found[field.key] = register[field.figure]
            continue
        if field.figure in ("cells", "households"):
            found[field.key] = _of_area(area_code, field.figure)
            continue
        narrow = field.class_key, field.department
        if narrow not in looked:
            looked[narrow] = _of_cases(area_code, period, *narrow)
        found[field.key] = looked[narrow][field.figure]
    return found


def _of_area(area_code: str, figure: str) -> int:
    cells = Area.objects.filter(code__startswith=area_code, level=areacode.CELL, valid_to=None)
    return cells.count() if figure == "cells" else cells.aggregate(n=Sum("households"))["n"] or 0


def _of_cases(area_code: str, period: Period, class_key: str, department: int | None) -> dict[str, float | int | None]:
    begin, end = (timezone.make_aware(datetime.combine(day, time())) for day in (period.first, period.last + _DAY))
    params: dict[str, Any] = {
        "open": [str(state) for state in OPEN], "from": begin, "to": end, "area": f"{area_code}%", "klass": class_key,
        "department": department,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(FIGURES_SQL, params)
        row = dict(zip(ORDER, cursor.fetchone(), strict=True))
    median = row["median_days"]
    return row | {"median_days": None if median is None else round(float(median) / 86400, 1)}


_DAY = timedelta(days=1)


def community_of(user: User, demand: Demand, code: str) -> Area:
    """The community for which the user answers a demand; `forbidden` if it is not hers or not asked."""
    found = [area for area in own_communities(user, "gate.answer", demand.area_code) if area.code == code]
    if not found:
        raise ProblemError("forbidden")
    return found[0]


def period_in(demand: Demand, label: str) -> Period:
    """The period of this label, or the latest one without; `no_such_period` if the form has none such."""
    begun = periods_of(demand)
    found = [period for period in begun if period.label == label] if label else begun[:1]
    if not found:
        raise ProblemError("no_such_period", fields={"period": "no_such_period"})
    return found[0]


def latest(demand: Demand, area_code: str, period: Period) -> DemandAnswer | None:
    """What the community answered last to this form for this period."""
    return demand.answers.filter(area_code=area_code, period=period.label).order_by("-version").first()


def earlier(demand: Demand, area_code: str, period: Period, fields: Sequence[Field]) -> dict[str, dict[str, Any]]:
    """What the community answered to the same questions in other forms for the same period: the latest, with its form."""
    wanted = {field.key: field for field in fields if not field.recorded}
    rows = DemandAnswer.objects.filter(area_code=area_code, period=period.label, values__has_any_keys=list(wanted))
    found: dict[str, dict[str, Any]] = {}
    for row in rows.exclude(demand=demand).select_related("demand").order_by("-given_at", "-version"):
        for key, field in wanted.items():
            kept = row.values.get(key)
            if key not in found and kept and demands.fits(field, kept["value"]):
                found[key] = {"value": kept["value"], "at": kept["at"], "form": row.demand.title}
    return found


def form(demand: Demand, area: Area, period: Period) -> dict[str, Any]:
    """A form as a community opens it: recorded fields filled with their time, questions with what is known already."""
    fields = fields_of(demand)
    now = timezone.now()
    recorded = figures(area.code, period, [field for field in fields if field.recorded])
    before = earlier(demand, area.code, period, fields)
    last = latest(demand, area.code, period)
    own = last.values if last else {}
    rows = []
    for one in named(fields):
        key = one[0].key
        if one[0].recorded:
            filled = {"value": recorded[key], "source": "record", "at": now, "from_form": ""}
        elif key in own:
            filled = {"value": own[key]["value"], "source": "own", "at": own[key]["at"], "from_form": ""}
        elif key in before:
            known = before[key]
            filled = {"value": known["value"], "source": "earlier", "at": known["at"], "from_form": known["form"]}
        else:
            filled = {"value": None, "source": "asked", "at": None, "from_form": ""}
        rows.append(field_out(one) | filled)
    return {
        "demand": str(demand.pk), "area": area.code, "area_name": area.name, "period": period.label,
        "version": last.version if last else 0, "given_at": last.given_at if last else None, "rows": rows,
    }  # fmt: skip


def newest_answers(demand: Demand) -> QuerySet[DemandAnswer]:
    """The answers that count: of each community and period the last one."""
    rows = demand.answers.order_by("area_code", "period", "-version")
    return rows.distinct("area_code", "period")


class _Line:
    """A file for the csv module that hands each line on instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def answers_csv(demand: Demand, language: str) -> Iterator[str]:
    """The answers that count as CSV, line by line; recorded figures are as they were when the community answered."""
    fields = named(fields_of(demand))
    names = area_names(newest_answers(demand).values_list("area_code", flat=True))
    writer = csv.writer(_Line(), lineterminator="\r\n")
    head = (
        ["社区代码", "社区", "填报期", "填报时间"] if language == "zh" else ["code", "community", "period", "given at"]
    )
    yield "\ufeff" + writer.writerow([*head, *(_safe(zh if language == "zh" else en) for _, zh, en in fields)])
    for row in newest_answers(demand).iterator():
        at = timezone.localtime(row.given_at).strftime("%Y-%m-%d %H:%M")
        given = [_safe(row.values.get(field.key, {}).get("value")) for field, _, _ in fields]
        yield writer.writerow([row.area_code, names.get(row.area_code, ""), row.period, at, *given])


def _safe(value: object) -> object:
    """A value that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
