"""HTTP of statistics: figures, the heat map, the brief, exports."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from gridmap import sheets
from gridmap.access import require
from gridmap.errors import ProblemError
from gridmap.http import Problem, caller, language_of
from incidents import actions, counting, queries
from incidents.events import Exported
from incidents.schemas.figures import BriefOut, ExportIn, RepeatOut, StatisticsOut

router = Router(tags=["incidents"])


class PeriodIn(Schema):
    """Local days, both included; the last thirty up to today if none are named."""

    first: date | None = None
    last: date | None = None
    area: Annotated[str, Field(pattern=r"^\d{0,15}$")] = ""

    def period(self) -> queries.Period:
        last = countable(self.last or timezone.localdate())
        return period_of(self.first or last - timedelta(days=29), last, self.area)


def countable(day: date) -> date:
    """The day itself; `bad_period` for one near the ends of the calendar, from which there is no counting on or back."""
    if not 2000 <= day.year < 2100:
        raise ProblemError("bad_period", fields={"first": "bad_period", "last": "bad_period"})
    return day


def period_of(first: date, last: date, area: str) -> queries.Period:
    """A period that can be counted; `bad_period` when it ends before it begins, or is too long."""
    if not timedelta() <= countable(last) - countable(first) <= timedelta(days=counting.MOST_DAYS):
        raise ProblemError("bad_period", fields={"first": "bad_period", "last": "bad_period"})
    return queries.Period(first, last, area)


@router.get("/statistics", response={200: StatisticsOut, 403: Problem, 422: Problem})
def get_statistics(
    request: HttpRequest, asked: Query[PeriodIn], unit: Literal["", "day", "week", "month"] = ""
) -> dict[str, Any]:
    """Figures of a period and area in the caller's scope, with their definitions; none of them is of a person."""
    require(caller(request), "statistics.view")
    return queries.answer(caller(request), asked.period(), unit)


@router.get("/statistics/heat.geojson", response={200: Any, 403: Problem, 422: Problem})
def statistics_heat(request: HttpRequest, asked: Query[PeriodIn]) -> HttpResponse:
    """Where the cases reported in the period lie: points of squares of about a hundred metres, with the number of cases."""
    require(caller(request), "statistics.view")
    made = queries.heat(caller(request), asked.period())
    return HttpResponse(made, content_type="application/geo+json", headers={"Cache-Control": "no-store"})


@router.get("/statistics/repeats", response={200: list[RepeatOut], 403: Problem, 422: Problem})
def statistics_repeats(request: HttpRequest, asked: Query[PeriodIn]) -> list[dict[str, Any]]:
    """The cells and classes in which cases of the period were the trouble of a closed case again; fifty at most."""
    require(caller(request), "statistics.view")
    return queries.repeats(caller(request), asked.period())


@router.get("/brief", response={200: BriefOut, 403: Problem, 422: Problem})
def get_brief(
    request: HttpRequest,
    day: date | None = None,
    span: Literal["day", "week"] = "day",
    area: Annotated[str, Query(pattern=r"^\d{0,15}$")] = "",
) -> dict[str, Any]:
    """The brief of a day (today if none is named), or of the week from Monday that holds it."""
    require(caller(request), "statistics.view")
    first = last = countable(day or timezone.localdate())
    if span == "week":
        first = counting.start_of(first, "week")
        last = first + timedelta(days=6)
    return queries.brief(caller(request), period_of(first, last, area))


@router.post("/exports", response={200: Any, 403: Problem, 404: Problem, 409: Problem, 422: Problem})
def export(request: HttpRequest, body: ExportIn) -> StreamingHttpResponse | FileResponse:
    """A table as CSV or XLSX, sent as it is read. That it was taken, and what for, is in the log before its first row leaves."""
    user, period = caller(request), period_of(body.first, body.last, body.area)
    require(user, "incident.export")
    area = queries.export_area(user, body.area)
    filters = queries.Filters(**body.dict(include={"state", "open", "overdue", "urgent", "class_key", "department"}))
    found = queries.table(user, body.what, period, filters=filters, unit=body.unit, language=language_of(request))
    made = Exported(**body.dict(include={"what", "format", "purpose", "first", "last"}), rows=found.count)
    actions.note_export(user, body.mutation_id, area, made)
    name = f"{found.title}-{period.first}-{period.last}.{body.format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if body.format == "csv":
        return StreamingHttpResponse(
            sheets.csv_pieces(found.head, found.rows), content_type="text/csv; charset=utf-8", headers=headers
        )
    file = sheets.xlsx_file(found.title, found.head, found.rows)
    return FileResponse(
        file, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", headers=headers
    )
