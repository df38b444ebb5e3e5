"""Tables to take away: any figure of the statistics, or the list of cases. No person stands in them, and no free text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, FloatField, Func, QuerySet

from gridmap import access, areacode
from gridmap.errors import ProblemError
from gridmap.models import Area, User
from incidents.labels import STATE_LABELS
from incidents.models import Incident, Origin
from incidents.queries.figures import ANSWERED, SOURCES_EN, answer, matters
from incidents.queries.lists import Filters, matching
from incidents.queries.statistics import Period
from incidents.workflow import State

CHUNK = 2000  # rows that the database sends at a time

CASE_HEAD = {
    "number": ("编号", "number"), "class": ("类别", "class"), "major": ("大类", "major class"), "state": ("状态", "state"),
    "source": ("来源", "source"), "area": ("区划代码", "area code"), "community": ("社区", "community"), "cell": ("网格", "cell"),
    "department": ("部门", "department"), "urgent": ("紧急", "urgent"), "overdue": ("超时", "overdue"),
    "reported_at": ("上报时间", "reported at"), "due_at": ("时限", "due at"), "closed_at": ("结案时间", "closed at"),
    "lon": ("经度", "longitude"), "lat": ("纬度", "latitude"),
}  # fmt: skip
FIGURE_HEAD = {
    "reported": ("上报", "reported"), "filed": ("立案", "filed"), "declined": ("不予立案", "declined"), "closed": ("结案", "closed"),
    "open": ("现未结案", "open now"), "overdue": ("现超时", "overdue now"), "due": ("时限到期", "limits ended"),
    "on_time": ("按时", "on time"), "to_close": ("上报应结", "to close"), "closed_of_them": ("其中已结", "of them closed"),
    "refused": ("退办", "refused"), "refused_of_them": ("其中退办", "of them refused"),
    "unsolved": ("结案未解决", "closed but not solved"), "failed_repair": ("核查不通过", "failed repair"),
    "came_again": ("再次出现", "came again"), "dissatisfied": ("居民说未解决", "residents say not solved"),
    "median_h": ("上报到结案中位数（小时）", "median hours report to close"),
}  # fmt: skip
MATTER_HEAD = {
    "registered": ("受理", "registered"), "approved": ("准予办结", "approved"), "refused": ("退办", "refused"),
    "running": ("在办", "running"), "supplemented": ("补办过", "supplemented"),
    "extended": ("延办过", "extended"),
}  # fmt: skip
YES = (("否", "是"), ("no", "yes"))


@dataclass(frozen=True)
class Table:
    """A table by name of what it holds; `count` rows come out of `rows` one by one."""

    title: str
    head: list[str]
    count: int
    rows: Iterable[list[Any]]


def export_area(user: User, area: str) -> str:
    """Where an export belongs in the log: the area asked for, or the smallest that holds all the user may export there.

    `not_found` when the area is not hers.
    """
    prefixes = [clause.prefix for clause in access.scope_of(user, "incident.export").clauses]
    if area and any(area.startswith(prefix) for prefix in prefixes):
        return area
    inside = [prefix for prefix in prefixes if prefix.startswith(area)]
    if not inside:
        raise ProblemError("not_found")
    return areacode.shared(inside) or inside[0]  # in provinces that nothing holds, in the log of the first


def table(user: User, what: str, period: Period, *, filters: Filters, unit: str, language: str) -> Table:
    """The table of cases ("cases"), of the line ("line"), or of one dimension of the statistics."""
    return _cases(user, period, filters, language) if what == "cases" else _figures(user, what, period, unit, language)


def _figures(user: User, what: str, period: Period, unit: str, language: str) -> Table:
    """Figures of the areas from which the user may take cases away: more roles may look at figures than take them."""
    place, period = int(language == "en"), replace(period, action="incident.export")
    if what == "matter":
        columns, rows = MATTER_HEAD, matters(user, period)
    else:
        found = answer(user, period, unit)
        columns, rows = FIGURE_HEAD, found["line"] if what == "line" else found[ANSWERED[what]]
    names = (
        {"day": ("日期", "day")}
        if what == "line"
        else {"key": ("代码", "key"), ("name", "name_en")[place]: ("名称", "name")}
    )
    head = [pair[place] for pair in (*names.values(), *columns.values())]
    made = [[row[column] for column in (*names, *columns)] for row in rows]
    return Table(what, head, len(made), made)


def cases_of(user: User, period: Period, filters: Filters) -> QuerySet[Incident]:
    """The cases reported in the period that match the filters and that the user may take away."""
    may = access.scope_of(user, "incident.export").q()
    found = matching(user, filters).filter(may, area_code__startswith=period.area)
    return found.filter(reported_at__date__gte=period.first, reported_at__date__lte=period.last)


def _cases(user: User, period: Period, filters: Filters, language: str) -> Table:
    found = cases_of(user, period, filters)
    head = [pair[int(language == "en")] for pair in CASE_HEAD.values()]
    return Table("cases", head, found.count(), _case_rows(found, int(language == "en")))


def _case_rows(found: QuerySet[Incident], place: int) -> Iterator[list[Any]]:
    names = {code: (name, en or name)[place] for code, name, en in Area.objects.values_list("code", "name", "name_en")}
    rows = found.select_related("klass", "department").defer(
        "imported", "description", "address", "point", "point_3857"
    )
    lon, lat = (Func(F("point"), function=f"ST_{axis}", output_field=FloatField()) for axis in "XY")
    for case in rows.annotate(lon=lon, lat=lat).order_by("reported_at", "id").iterator(CHUNK):
        klass, department = case.klass, case.department
        yield [
            case.label, (klass.name, klass.name_en or klass.name)[place], klass.major,
            STATE_LABELS[State(case.state)][("zh", "en")[place]],
            (Origin(case.source).label, SOURCES_EN[Origin(case.source)])[place],
            case.area_code, names.get(case.area_code[:12], ""), names.get(case.area_code, "") if len(case.area_code) == 15 else "",
            (department.name, department.name_en or department.name)[place] if department else "",
            YES[place][case.urgent], YES[place][case.overdue], case.reported_at, case.due_at, case.closed_at, case.lon, case.lat,
        ]  # fmt: skip
