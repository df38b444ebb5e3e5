"""HTTP of residents' reports: from the page of a cell, and by number and password of a receipt."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema, Status, UploadedFile
from pydantic import AwareDatetime, Field, StringConstraints

from gridmap.errors import ProblemError
from gridmap.http import Problem, Words, address_of, answer, caller
from incidents import actions, apart, queries, receipts
from incidents.schemas.base import Text
from incidents.schemas.matters import VerdictOut

router = Router(tags=["residents"])
ARCHIVE_MOST = 24 * 1024 * 1024
Typed = Annotated[Words, StringConstraints(max_length=60)]
Line = Annotated[Words, StringConstraints(strip_whitespace=True, max_length=500)]
REFUSALS = {404: Problem, 409: Problem, 422: Problem, 429: Problem}


class PublicClass(Schema):
    key: str
    domain: Literal["event", "object"]
    code: str
    name: str
    name_en: str
    pinyin: str
    initials: str


class CellServing(Schema):
    name: str
    role: Literal["worker", "community"]
    phone: str = Field(description="of the office")
    area: str
    area_name: str


class CellPage(Schema):
    code: str
    name: str
    community: str
    street: str
    center: tuple[float, float]
    classes: list[PublicClass]
    quick: list[str] = Field(description="keys of the ten classes most reported in the street")
    serving: list[CellServing] = Field(description="who serves the cell and its community")


class CellMap(Schema):
    """A map in `width` × `height` units from the upper left; `bounds` are west, south, east, north in degrees."""

    width: int
    height: int
    bounds: tuple[float, float, float, float]
    paths: dict[str, str] = Field(description="paths of SVG by layer: green, water, building, road, cell")
    attributions: list[str] = Field(description="who made the map data, to be named beside it")


class ResidentReport(Schema):
    """A report. `id` and `key` are random and made by the phone: sent again, the same report gets the same receipt."""

    id: UUID
    key: UUID
    class_key: Words
    text: Line = ""
    lon: Annotated[float | None, Field(ge=-180, le=180)] = None
    lat: Annotated[float | None, Field(ge=-90, le=90)] = None


class ReceiptOut(Schema):
    number: str
    password: str = Field(description="shown this once; only its hash is kept")
    qr: str = Field(description="a picture of the address where number and password are asked for")
    replayed: bool = False


class Holder(Schema):
    """Number and password as somebody typed them from a receipt."""

    number: Typed
    password: Typed

    def held(self, request: HttpRequest) -> actions.Held:
        return actions.Held(self.number, self.password, address_of(request))


class AnswerIn(Holder):
    id: UUID
    text: Annotated[Text, StringConstraints(min_length=1)]


class RatingIn(Holder):
    id: UUID
    outcome: Literal["solved", "partly", "not_solved"]
    text: Line = ""


class AskedOut(Schema):
    text: str
    until: AwareDatetime


class RatedOut(Schema):
    outcome: Literal["solved", "partly", "not_solved"]
    wish: Literal["", "open", "granted", "refused"]
    reply: str


class StepOut(Schema):
    at: AwareDatetime
    step: str


class MatterSoFar(Schema):
    kind: str = Field(description="of its guide; empty for a case that is no matter")
    stage: str
    stage_en: str
    next: str
    next_en: str
    end_by: date | None = Field(description="if every stage takes all its time, and nothing is missing")
    why: str = Field(description="why it waits for papers or was refused")


class BookingSoFar(Schema):
    kind: str = Field(description="of its guide")
    mode: Literal["counter", "home"]
    starts_at: AwareDatetime
    minutes: int
    may_cancel: bool


class ReceiptPage(Schema):
    number: str
    title: str
    title_en: str
    area_name: str
    reported_at: AwareDatetime
    state: str
    next: str
    until: date | None
    late: bool
    question: AskedOut | None
    rating: RatedOut | None
    matter: MatterSoFar | None
    booking: BookingSoFar | None = Field(description="while nobody has registered its matter")
    photos: int = Field(description="how many the resident has sent")
    may_add: bool = Field(description="whether she may send more: of her own case, while it is dealt with")
    steps: list[StepOut]


class Taken(Schema):
    replayed: bool = False


@router.get("/public/cells/{code}", auth=None, response={200: CellPage, 404: Problem, 410: Problem})
def cell_page(request: HttpRequest, code: Typed) -> dict[str, Any]:
    """A cell as its QR code opens it: names and what can be reported."""
    return queries.cell_page(code)


@router.get("/public/cells/{code}/map", auth=None, response={200: CellMap, 404: Problem, 410: Problem})
def cell_map(request: HttpRequest, code: Typed) -> dict[str, Any]:
    """A small map of a cell, to show the place on."""
    return queries.cell_map(code)


@router.post(
    "/public/cells/{code}/reports",
    auth=None,
    response={200: ReceiptOut, 201: ReceiptOut, 410: Problem, **REFUSALS},
)
def report(request: HttpRequest, code: Typed, body: ResidentReport) -> Status[dict[str, Any]]:
    """Report something in a cell, without name and phone; answers number and password of the receipt."""
    return answer(actions.report_by_resident(code, actions.Seen(**body.dict()), address_of(request)), 201)


@router.post("/public/receipts", auth=None, response={200: ReceiptPage, **REFUSALS})
def receipt(request: HttpRequest, body: Holder) -> dict[str, Any]:
    """How the case of a receipt stands. A wrong password and an unknown number get the same answer."""
    return queries.receipt_page(actions.open_receipt(body.held(request)))


@router.post("/public/receipts/photos", auth=None, response={200: Taken, 201: Taken, 413: Problem, **REFUSALS})
def photo(
    request: HttpRequest, number: Form[Typed], password: Form[Typed], id: Form[UUID], file: File[UploadedFile]
) -> Status[dict[str, Any]]:
    """Add a photo (JPEG, PNG or WebP, at most 20 MB) to the case of a receipt while it is open; metadata is removed."""
    if (file.size or 0) > settings.PHOTO_MAX_BYTES:
        raise ProblemError("photo_too_large", fields={"file": "photo_too_large"})
    held = actions.Held(number, password, address_of(request))
    return answer(actions.attach_by_resident(held, photo_id=id, data=file.read()), 201)


@router.post("/public/receipts/answer", auth=None, response={200: Taken, 201: Taken, **REFUSALS})
def answer_question(request: HttpRequest, body: AnswerIn) -> Status[dict[str, Any]]:
    """Answer what was asked back."""
    return answer(actions.answer_question(body.held(request), answer_id=body.id, text=body.text), 201)


@router.post("/public/receipts/rating", auth=None, response={200: Taken, 201: Taken, **REFUSALS})
def rating(request: HttpRequest, body: RatingIn) -> Status[dict[str, Any]]:
    """Say once whether a closed case is solved; "not_solved" asks for it to be taken up again."""
    found = actions.rate(body.held(request), rating_id=body.id, outcome=body.outcome, text=body.text)
    return answer(found, 201)


@router.post("/archives/check", auth=None, response={200: VerdictOut, 413: Problem, **REFUSALS})
def check_archive(request: HttpRequest, file: File[UploadedFile]) -> dict[str, Any]:
    """Whether a PDF is an archive as an office trusted here signed it; stores nothing."""
    if (file.size or 0) > ARCHIVE_MOST:
        raise ProblemError("too_large")
    actions.take("check.address", address_of(request))
    return apart.check(file.read(), settings.SEAL_ROOT)


@router.get(
    "/areas/{code}/qr.svg",
    response={200: Any, 404: Problem},
    openapi_extra={"responses": {200: {"content": {"image/svg+xml": {}}}}},
)
def qr(request: HttpRequest, code: Typed) -> HttpResponse:
    """The QR code of a cell's page, for those who may view the cell."""
    cell = queries.viewable_cell(caller(request), code)
    svg = receipts.qr_svg(f"{settings.PUBLIC_URL}/r/{cell.code}")
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(svg, content_type="image/svg+xml", headers=headers)
