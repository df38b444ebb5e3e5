"""HTTP of incidents."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from pydantic import Field

from gridmap import access, geo
from gridmap.access import require
from gridmap.errors import ProblemError
from gridmap.http import Problem, Words, answer, caller, language_of
from gridmap.queries import heads, on_duty
from incidents import actions, counting, queries, sheets, store
from incidents.events import Exported
from incidents.schemas import (
    ActionIn,
    ActionName,
    BeginIn,
    CardOut,
    CatalogueOut,
    CheckIn,
    Cursor,
    Detail,
    DraftIn,
    DryRunOut,
    FlawsOut,
    ForceIn,
    ListOut,
    MatterIn,
    MatterKindOut,
    PhotoAdded,
    ProcedureOut,
    ReportIn,
    StateName,
    SummaryOut,
    VersionDone,
)
from incidents.schemas.figures import BriefOut, ExportIn, StatisticsOut
from incidents.workflow import Action, Outcome

router = Router(tags=["incidents"])
REFUSALS = {403: Problem, 404: Problem, 409: Problem, 413: Problem, 422: Problem}
TILE = "application/vnd.mapbox-vector-tile"


class FilterIn(Schema):
    """What a list or a map shows; `state` takes several, separated by commas."""

    state: str = ""
    open: bool = False
    mine: Literal["", "reported", "todo"] = ""
    class_key: Words = ""
    domain: Literal["", "event", "object", "matter"] = ""
    department: int | None = None
    area: Annotated[str, Field(pattern=r"^\d{0,15}$")] = ""
    q: Annotated[Words, Field(max_length=60)] = ""
    overdue: bool = False
    urgent: bool = False
    due_within: Annotated[int | None, Field(ge=1, le=100_000)] = None

    def filters(self) -> queries.Filters:
        states = [s for s in self.state.split(",") if s]
        unknown = [s for s in states if s not in StateName.__args__]  # type: ignore[attr-defined]  # a Literal
        if unknown:
            raise ProblemError("invalid", fields={"state": ", ".join(unknown)})
        return queries.Filters(**{**self.dict(), "state": states, "q": self.q.strip()})


@router.get("/catalogue", response=CatalogueOut)
def get_catalogue(request: HttpRequest) -> dict[str, Any]:
    """The classes that can be reported, with conditions and limits; the ten most used of the area first in `quick`."""
    return queries.catalogue(caller(request))


@router.get("/matters/kinds", response=list[MatterKindOut])
def matter_kinds(request: HttpRequest) -> list[dict[str, Any]]:
    """The kinds of matter that can be registered in the caller's areas today, each with its guide and its stages."""
    return [
        {"class_key": klass.key, "name": klass.name, "name_en": klass.name_en, "major": klass.major, "guide": version.guide,
         "area": version.procedure.area_code, "stages": version.stages}
        for klass, version in queries.matter_kinds(caller(request))
    ]  # fmt: skip


@router.post("/matters", response={200: CardOut, 201: CardOut, **REFUSALS})
def register(request: HttpRequest, body: MatterIn) -> Status[dict[str, Any]]:
    """Register a matter: it begins in the first stage of the procedure in force."""
    matter = actions.Registration(**body.dict(exclude={"area"}), area_code=body.area)
    return answer(actions.register(caller(request), matter), 201)


@router.get("/procedures", response=list[ProcedureOut])
def procedures(request: HttpRequest) -> list[dict[str, Any]]:
    """The procedures of the caller's areas and of those above, with all versions."""
    return queries.procedures_out(caller(request))


@router.post("/procedures", response={200: VersionDone, 201: VersionDone, **REFUSALS})
def begin_procedure(request: HttpRequest, body: BeginIn) -> Status[dict[str, Any]]:
    """Give a class a procedure of its own in an area."""
    done = actions.begin_procedure(
        caller(request), mutation_id=body.mutation_id, class_key=body.class_key, area_code=body.area
    )
    return answer(done, 201)


@router.post("/procedures/check", response={200: FlawsOut, **REFUSALS})
def check_procedure(request: HttpRequest, body: CheckIn) -> dict[str, Any]:
    """What would keep these stages from being put in force; stores nothing."""
    access.require(caller(request), "procedure.manage")
    return {"flaws": queries.flaws([row.dict() for row in body.stages], body.area)}


@router.put("/procedures/{procedure_id}/draft", response={200: VersionDone, **REFUSALS})
def put_draft(request: HttpRequest, procedure_id: int, body: DraftIn) -> Status[dict[str, Any]]:
    """Store the draft of a procedure, flaws and all."""
    stages = [row.dict() for row in body.stages]
    done = actions.put_draft(
        caller(request), procedure_id, mutation_id=body.mutation_id, stages=stages, guide=body.guide.dict()
    )
    return answer(done, 200)


@router.post("/procedures/{procedure_id}/force", response={200: VersionDone, **REFUSALS})
def put_in_force(request: HttpRequest, procedure_id: int, body: ForceIn) -> Status[dict[str, Any]]:
    """Let new cases follow the draft from a day on; refused while it has flaws."""
    done = actions.put_in_force(caller(request), procedure_id, mutation_id=body.mutation_id, valid_from=body.valid_from)
    return answer(done, 200)


@router.get("/procedures/{procedure_id}/trial", response={200: DryRunOut, **REFUSALS})
def try_procedure(request: HttpRequest, procedure_id: int, version: int) -> Any:
    """What a version would have meant for the cases of the past year."""
    found = queries.procedure_of(caller(request), procedure_id, manage=True)
    chosen = found.versions.filter(number=version).first()
    if chosen is None or queries.flaws(chosen.stages, found.area_code):
        raise ProblemError("not_found" if chosen is None else "procedure_flawed")
    return queries.dry_run(found, chosen)


@router.post("/incidents", response={200: CardOut, 201: CardOut, **REFUSALS})
def report(request: HttpRequest, body: ReportIn) -> Status[dict[str, Any]]:
    """Report an incident, or record one that was solved on the spot (`self_handled`)."""
    return answer(actions.report(caller(request), actions.Report(**body.dict())), 201)


@router.get("/incidents", response=ListOut)
def list_incidents(
    request: HttpRequest,
    filters: Query[FilterIn],
    order: Literal["new", "due"] = "new",
    cursor: Words = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A page of cards in the caller's scope."""
    user = caller(request)
    cursors = {s: Cursor(epoch=h.epoch, seq=h.seq) for s, h in heads(user).items()}  # before the rows: a lower bound
    found = queries.page(user, filters.filters(), order=order, cursor=cursor, limit=limit)
    return {"items": found.items, "next": found.next, "total": found.total, "cursors": cursors}


@router.get("/incidents/summary", response=SummaryOut)
def summary(request: HttpRequest) -> dict[str, int]:
    """How many open incidents of the caller's scope wait for what, and how many workers are on duty."""
    user = caller(request)
    return queries.summary(user) | {"on_duty": on_duty(user).count()}


@router.get("/tiles/incidents/{z}/{x}/{y}", response={200: Any, 404: Problem})
def incident_tile(request: HttpRequest, z: int, x: int, y: int, filters: Query[FilterIn]) -> HttpResponse:
    """A vector tile of matching incidents in the caller's scope."""
    if not geo.tile_exists(z, x, y):
        raise ProblemError("not_found")
    return HttpResponse(
        queries.tile(caller(request), filters.filters(), z, x, y),
        content_type=TILE,
        headers={"Cache-Control": "no-store"},
    )


@router.get("/incidents/{incident_id}", response={200: Detail, 404: Problem})
def detail(request: HttpRequest, incident_id: UUID) -> dict[str, Any]:
    """One case with its timeline, photos, clock, and what the caller may do with it."""
    return queries.detail(caller(request), queries.get(caller(request), incident_id))


@router.post("/incidents/{incident_id}/photos", response={200: PhotoAdded, 201: PhotoAdded, **REFUSALS})
def add_photo(
    request: HttpRequest,
    incident_id: UUID,
    id: Form[UUID],
    file: File[UploadedFile],
    kind: Form[Literal["before", "after", "document"]] = "before",
) -> Status[dict[str, Any]]:
    """Add a photo (JPEG, PNG or WebP, at most 20 MB); metadata is removed."""
    if (file.size or 0) > settings.PHOTO_MAX_BYTES:
        raise ProblemError("photo_too_large", fields={"file": "photo_too_large"})
    result = actions.attach(caller(request), incident_id, photo_id=id, kind=kind, data=file.read())
    return answer(result, 201)


@router.post("/incidents/{incident_id}/{action}", response={200: CardOut, **REFUSALS})
def act(request: HttpRequest, incident_id: UUID, action: ActionName, body: ActionIn) -> Status[dict[str, Any]]:
    """Take a step of the workflow."""
    if body.version is None and action != "note":
        raise ProblemError("invalid", fields={"version": "version_needed"})
    given = actions.Given(
        **body.dict(exclude={"mutation_id", "outcome"}), outcome=Outcome(body.outcome) if body.outcome else None
    )
    return answer(actions.act(caller(request), incident_id, Action(action), mutation_id=body.mutation_id, given=given))


def _photo(request: HttpRequest, photo_id: UUID, *, thumb: bool) -> FileResponse:
    found = queries.photo(caller(request), photo_id)
    path = store.path_of(Path(settings.MEDIA_ROOT), found.sha256, thumb=thumb)
    if thumb and not path.exists():  # the worker has not made it yet
        path = store.path_of(Path(settings.MEDIA_ROOT), found.sha256)
    if not path.exists():
        raise ProblemError("not_found")
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable" if not thumb else "private, max-age=60",
        "X-Content-Type-Options": "nosniff",
    }
    return FileResponse(path.open("rb"), content_type="image/jpeg", headers=headers)


@router.get("/photos/{photo_id}", response={200: Any, 404: Problem})
def photo(request: HttpRequest, photo_id: UUID) -> FileResponse:
    """A photo as JPEG, at most 2048 px a side."""
    return _photo(request, photo_id, thumb=False)


@router.get("/photos/{photo_id}/thumb", response={200: Any, 404: Problem})
def photo_thumb(request: HttpRequest, photo_id: UUID) -> FileResponse:
    """The small picture of a photo, at most 320 px a side."""
    return _photo(request, photo_id, thumb=True)


# --- statistics ---


class PeriodIn(Schema):
    """Local days, both included; the last thirty up to today if none are named."""

    first: date | None = None
    last: date | None = None
    area: Annotated[str, Field(pattern=r"^\d{0,15}$")] = ""

    def period(self) -> queries.Period:
        last = self.last or timezone.localdate()
        return period_of(self.first or last - timedelta(days=29), last, self.area)


def period_of(first: date, last: date, area: str) -> queries.Period:
    """A period that can be counted; `invalid` when it ends before it begins, or is too long."""
    if not first <= last <= first + timedelta(days=counting.MOST_DAYS) or not 2000 <= first.year < 2100:
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


@router.get("/brief", response={200: BriefOut, 403: Problem, 422: Problem})
def get_brief(
    request: HttpRequest,
    day: date | None = None,
    span: Literal["day", "week"] = "day",
    area: Annotated[str, Query(pattern=r"^\d{0,15}$")] = "",
) -> dict[str, Any]:
    """The brief of a day (today if none is named), or of the week from Monday that holds it."""
    require(caller(request), "statistics.view")
    first = last = day or timezone.localdate()
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
