"""HTTP of cases: report, list, map, detail, steps, photos."""

from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from pydantic import Field

from gridmap import geo
from gridmap.errors import ProblemError
from gridmap.http import Problem, Words, answer, caller
from gridmap.queries import heads, on_duty
from incidents import actions, queries, store
from incidents.schemas.base import REFUSALS, ActionName, StateName
from incidents.schemas.cases import (
    ActionIn,
    CardOut,
    CatalogueOut,
    Cursor,
    DeadlinesOut,
    Detail,
    ListOut,
    NearOut,
    PhotoAdded,
    ReportIn,
    SummaryOut,
)
from incidents.workflow import UNSEEN, Action, Outcome

router = Router(tags=["incidents"])
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
    return {"items": found.items, "next": found.next, "total": found.total, "capped": found.capped, "cursors": cursors}


@router.get("/incidents/summary", response=SummaryOut)
def summary(request: HttpRequest) -> dict[str, int]:
    """How many open incidents of the caller's scope wait for what, and how many workers are on duty."""
    user = caller(request)
    return queries.summary(user) | {"on_duty": on_duty(user).count()}


@router.get("/incidents/nearby", response={200: list[NearOut], 422: Problem})
def nearby(
    request: HttpRequest,
    class_key: Words,
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(gt=-85, lt=85)],
) -> list[dict[str, Any]]:
    """Open cases of a class close to a place, nearest first, in the caller's scope: is it reported already?"""
    found = queries.nearby(caller(request), lon, lat, class_key)
    return [near.card.dict() | {"distance_m": near.distance_m, "yours": near.yours} for near in found]


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


# --- the desk ---


@router.get("/incidents/{incident_id}", response={200: Detail, 404: Problem})
def detail(request: HttpRequest, incident_id: UUID) -> dict[str, Any]:
    """One case with its timeline, photos, clock, and what the caller may do with it."""
    return queries.detail(caller(request), queries.get(caller(request), incident_id))


@router.get("/incidents/{incident_id}/deadline", response={200: DeadlinesOut, 404: Problem})
def deadline(request: HttpRequest, incident_id: UUID) -> dict[str, Any]:
    """Why a case is due when it is: each of its deadlines with the time that counts and the time that does not."""
    return queries.explained(queries.get(caller(request), incident_id))


@router.post("/incidents/{incident_id}/photos", response={200: PhotoAdded, 201: PhotoAdded, **REFUSALS})
def add_photo(
    request: HttpRequest,
    incident_id: UUID,
    id: Form[UUID],
    file: File[UploadedFile],
    kind: Form[Literal["before", "after", "document"]] = "before",
    report: Form[UUID | None] = None,
) -> Status[dict[str, Any]]:
    """Add a photo (JPEG, PNG or WebP, at most 20 MB); metadata is removed. `report`: the caller's joined report."""
    if (file.size or 0) > settings.PHOTO_MAX_BYTES:
        raise ProblemError("photo_too_large", fields={"file": "photo_too_large"})
    result = actions.attach(caller(request), incident_id, photo_id=id, kind=kind, data=file.read(), report=report)
    return answer(result, 201)


@router.post("/incidents/{incident_id}/{action}", response={200: CardOut, **REFUSALS})
def act(request: HttpRequest, incident_id: UUID, action: ActionName, body: ActionIn) -> Status[dict[str, Any]]:
    """Take a step of the workflow."""
    if body.version is None and Action(action) not in UNSEEN:
        raise ProblemError("invalid", fields={"version": "version_needed"})
    given = actions.Given(
        **body.dict(exclude={"mutation_id", "outcome", "seen", "correction"}),
        outcome=Outcome(body.outcome) if body.outcome else None,
        seen=actions.SeenAgain(**body.seen.dict()) if body.seen else None,
        correction=actions.Correction(**body.correction.dict()) if body.correction else None,
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
