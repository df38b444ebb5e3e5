"""HTTP of imports: upload a file, say what its columns are, check, start, stop, undo; what was refused."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from ninja import File, Form, Router, Schema, Status, UploadedFile
from pydantic import AwareDatetime, Field

from gridmap import sheets
from gridmap.actions import imports as actions
from gridmap.api.register import Record, RecordChoice
from gridmap.errors import ProblemError
from gridmap.http import Mutation, Number, Problem, Words, answer, caller, language_of
from gridmap.intake import coordinates
from gridmap.queries import imports as queries

router = Router(tags=["imports"])
REFUSALS = {403: Problem, 404: Problem, 409: Problem, 422: Problem}
MOST_BYTES = 24_000_000
State = Literal["uploaded", "ready", "checking", "checked", "running", "stopped", "done", "undoing", "undone", "failed"]
Name = Annotated[Words, Field(max_length=100)]
Names = Annotated[dict[Annotated[Words, Field(max_length=20)], Name], Field(max_length=40)]


class RunOut(Schema):
    id: UUID
    area: str
    record: Record
    name: str
    size: int
    form: str
    encoding: str
    state: State
    reason: str = Field(description="why it failed")
    rows: int
    position: int = Field(description="the last row that is done with; of what is undone, the entries")
    made: int
    changed: int
    same: int
    refused: int
    places: int = Field(description="made because an address named them")
    undone: int
    kept: int = Field(description="not undone: changed by somebody since, or in use")
    version: int
    by: str
    created_at: AwareDatetime
    file_there: bool


class TargetOut(Schema):
    name: str
    zh: str
    en: str
    required: bool
    choices: list[RecordChoice]


class ReasonOut(Schema):
    code: str
    text: str
    count: int


class RefusalOut(Schema):
    row: int
    column: str
    value: str
    code: str
    reason: str


class RunDetail(RunOut):
    columns: list[str]
    shapes: bool = Field(description="map data, whose shapes say where each row lies")
    guess: dict[str, Any] = Field(
        description="columns by target, reference, swapped: as far as names and numbers say it"
    )
    mapping: dict[str, Any]
    look: list[list[str]] = Field(description="the first rows; what concerns persons is covered")
    targets: list[TargetOut]
    reasons: list[ReasonOut]
    refusals: list[RefusalOut] = Field(description="the first hundred")


class RunsOut(Schema):
    imports: list[RunOut]
    references: list[str] = Field(description="what coordinates can be in")


class RunDone(Schema):
    id: UUID
    version: int
    replayed: bool = False


class MappingIn(Schema):
    columns: Names = Field({}, description="target: column")
    fixed: Names = Field({}, description="target: one value for all rows")
    reference: Annotated[Words, Field(max_length=12)] = ""
    swapped: bool = Field(False, description="north stands in the first coordinate")
    make_places: bool = Field(False, description="places that an address names are made where they are not recorded")


class ImportStepIn(Mutation):
    version: Number
    mapping: MappingIn | None = Field(None, description="of check and start; without one that of before")


@router.get("/imports", response={200: RunsOut})
def imports(request: HttpRequest) -> dict[str, Any]:
    """The last imports of the caller's areas, the newest first."""
    return {"imports": queries.latest(caller(request), language_of(request)), "references": coordinates.references()}


@router.post("/imports", response={200: RunDone, 201: RunDone, **REFUSALS})
def upload(
    request: HttpRequest,
    id: Form[UUID],
    area: Form[Annotated[str, Field(pattern=r"^\d{2,15}$")]],
    record: Form[Record],
    file: File[UploadedFile],
) -> Status[dict[str, Any]]:
    """Upload a file of records (CSV, XLSX, XLS, GeoPackage, Shapefile, GeoJSON, KML; packed or not). A worker looks at it."""
    if (file.size or 0) > MOST_BYTES:
        raise ProblemError("too_large", fields={"file": "too_large"})
    name = "".join(letter for letter in file.name or "" if letter.isprintable())
    done = actions.upload(caller(request), id, area=area, kind=record, name=name, data=file.read())
    return answer(done, 201)


@router.get("/imports/{import_id}", response={200: RunDetail, 404: Problem})
def one(request: HttpRequest, import_id: UUID) -> dict[str, Any]:
    """One import: how far it is, its columns and what they can be, a look at its rows, what was refused."""
    return queries.detail(queries.get(caller(request), import_id), language_of(request))


@router.get("/imports/{import_id}/refusals", response={200: Any, 404: Problem})
def refusals(request: HttpRequest, import_id: UUID) -> StreamingHttpResponse:
    """All refused rows as CSV, with the reason of each."""
    run, language = queries.get(caller(request), import_id), language_of(request)
    pieces: Iterator[bytes] = sheets.csv_pieces(queries.HEAD[language], queries.refusal_rows(run, language))
    headers = {"Content-Disposition": f'attachment; filename="refusals-{run.pk}.csv"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=headers)


@router.post("/imports/{import_id}/{step}", response={200: RunDone, **REFUSALS})
def step(
    request: HttpRequest, import_id: UUID, step: Literal["check", "start", "stop", "undo"], body: ImportStepIn
) -> Status[dict[str, Any]]:
    """Check the rows without writing, start, stop, or undo the whole import."""
    wish = actions.Wish(**body.mapping.dict()) if body.mapping else None
    done = actions.step(caller(request), import_id, step, version=body.version, mutation_id=body.mutation_id, wish=wish)
    return answer(done)
