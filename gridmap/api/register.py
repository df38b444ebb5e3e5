"""HTTP of the register: find a record, look at it, verify, correct, propose; its history."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema, Status
from pydantic import AwareDatetime, Field

from gridmap.actions import proposals as proposing
from gridmap.actions import register as actions
from gridmap.actions.register import Wish
from gridmap.api import Lat, Lon
from gridmap.http import Moment, Mutation, Number, Problem, Words, answer, caller
from gridmap.queries import register as queries
from gridmap.queries.cell_page import cell_page
from gridmap.register.kinds import KINDS

router = Router(tags=["register"])
REFUSALS = {403: Problem, 404: Problem, 409: Problem, 422: Problem}
Record = Literal["place", "household", "object", "organisation"]
Value = Annotated[Words, Field(max_length=300)] | Annotated[int, Field(ge=-(2**53), lt=2**53)] | None
Values = Annotated[dict[Annotated[Words, Field(max_length=20)], Value], Field(max_length=20)]
AreaCode = Annotated[str, Field(pattern=r"^\d{0,15}$")]


class RecordChoice(Schema):
    code: str
    zh: str
    en: str


class RecordField(Schema):
    name: str
    type: Literal["text", "number", "choice", "record", "department"]
    zh: str
    en: str
    required: bool
    least: int
    most: int
    choices: list[RecordChoice]
    record: str = Field(description="the kind that a reference leads to")


class RecordKind(Schema):
    name: Record
    zh: str
    en: str
    point: Literal["own", "may", "none"]
    fields: list[RecordField]


class RecordOut(Schema):
    id: UUID
    record: Record
    title: str
    area: str
    version: int
    verified_at: AwareDatetime | None
    due_on: date | None
    ended_at: AwareDatetime | None
    point: tuple[float, float] | None
    values: dict[str, Any]


class RecordProposed(Schema):
    id: UUID
    values: dict[str, Any]
    at: AwareDatetime


class RecordDetail(RecordOut):
    verified_by: str | None = Field(description="who looked last")
    references: dict[str, str] = Field(description="names of what the record refers to, by field")
    parts: dict[str, int] = Field(description="how many records of each kind belong to it")
    proposals: list[RecordProposed]
    can_edit: bool


class RecordsIn(Schema):
    area: AreaCode = Field("", description="a prefix of area codes")
    q: Annotated[Words, Field(max_length=60)] = Field("", description="words of the address or name, all of them")
    parent: UUID | None = Field(None, description="the place that they belong to")
    due: bool = Field(False, description="only what is due for verification")
    after: Annotated[Words, Field(max_length=60)] = Field("", description="`next` of the page before")


class RecordsOut(Schema):
    records: list[RecordOut]
    next: str | None = Field(description="to be sent as `after` for the next page")


class RecordIn(Schema):
    """A new record. `id` is made by the client: sent again it has no second effect."""

    id: UUID
    values: Values
    lon: Lon | None = None
    lat: Lat | None = None


class RecordChange(Mutation):
    version: Number
    values: Values
    lon: Lon | None = None
    lat: Lat | None = None


class RecordSeen(Mutation):
    version: Number = Field(description="what she saw: values that another changed since answer 409")
    seen_at: Moment | None = Field(None, description="when she looked, if that was before she had a connection")


class RecordEnd(Mutation):
    version: Number


class RecordPropose(Schema):
    id: UUID
    values: Values


class RecordDecision(Mutation):
    version: Number = Field(description="of the record, as it stood beside the proposal")
    accept: bool
    reason: Annotated[Words, Field(max_length=200)] = ""


class RecordDone(Schema):
    id: UUID
    version: int
    replayed: bool = False


class RecordEntry(Schema):
    what: Literal["recorded", "changed", "verified", "ended", "moved", "proposed", "decided"]
    at: AwareDatetime
    by: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    imported: UUID | None
    names: dict[str, str] = Field(
        description="names of the records, departments and areas among the values, by id or code"
    )


class RecordProposal(RecordProposed):
    record: Record
    record_id: UUID
    title: str
    by: str
    now: dict[str, Any]
    version: int = Field(description="of the record")


class OwnProposal(RecordProposed):
    record: Record
    record_id: UUID
    title: str
    state: Literal["open", "accepted", "refused"]
    reason: str
    decided_at: AwareDatetime | None
    ended: bool = Field(description="whether the record is out of force")


class Serving(Schema):
    name: str
    role: Literal["worker", "community"]
    phone: str
    area: str
    area_name: str


class OpenCase(Schema):
    id: UUID
    number: str
    title: str
    title_en: str
    state: str
    due_at: AwareDatetime | None
    overdue: bool


class OpenCases(Schema):
    open: int
    overdue: int
    first: list[OpenCase]


class CellSections(Schema):
    incidents: OpenCases | None = None


class CellPageOut(Schema):
    code: str
    name: str
    name_en: str
    kind: str
    households: int | None = Field(description="as the area has it")
    community: str
    street: str
    counts: dict[str, int] = Field(description="sums of the register")
    serving: list[Serving]
    due: dict[str, int] = Field(description="records of each kind that are due for verification")
    sections: CellSections


@router.get("/areas/{code}/page", response={200: CellPageOut, 404: Problem})
def cell(request: HttpRequest, code: Annotated[Words, Path(max_length=15)]) -> dict[str, Any]:
    """The page of a cell or community: what is in it, who serves it, what is open and what is due."""
    return cell_page(caller(request), code)


@router.get("/register/kinds", response=list[RecordKind])
def kinds(request: HttpRequest) -> list[Any]:
    """The kinds of records with their fields, for forms."""
    return [
        {"name": kind.name, "zh": kind.zh, "en": kind.en, "point": kind.point, "fields": list(kind.fields)}
        for kind in KINDS.values()
    ]  # fmt: skip


@router.get("/register/proposals", response=list[RecordProposal])
def waiting(request: HttpRequest) -> list[dict[str, Any]]:
    """Proposals that wait for the caller to decide, the oldest first, fifty at most."""
    return queries.proposals_shown(caller(request))


@router.get("/register/proposals/own", response=list[OwnProposal])
def own(request: HttpRequest) -> list[dict[str, Any]]:
    """What became of the proposals that the caller made, the latest first, fifty at most."""
    return queries.own_proposals(caller(request))


@router.post("/register/proposals/{proposal_id}", response={200: RecordDone, **REFUSALS})
def decide(request: HttpRequest, proposal_id: UUID, body: RecordDecision) -> Any:
    """Accept a proposal, which changes the record, or refuse it."""
    user, said = caller(request), body.model_dump()
    return answer(proposing.decide(user, proposal_id, **said))


@router.get("/register/{record}", response={200: RecordsOut, 422: Problem})
def find(request: HttpRequest, record: Record, wish: Query[RecordsIn]) -> dict[str, Any]:
    """Records by words of their address or name, or all of an area, what is due for verification first."""
    return queries.page(caller(request), record, queries.Wanted(wish.area, wish.q, wish.parent, wish.due), wish.after)


@router.post("/register/{record}", response={200: RecordDone, 201: RecordDone, **REFUSALS})
def record_new(request: HttpRequest, record: Record, body: RecordIn) -> Status[dict[str, Any]]:
    """Store a new record; its area follows from its place."""
    return answer(actions.record(caller(request), record, body.id, _wish(body)), 201)


@router.get("/register/{record}/{record_id}", response={200: RecordDetail, 404: Problem})
def look(request: HttpRequest, record: Record, record_id: UUID) -> dict[str, Any]:
    """One record with what belongs to it."""
    user = caller(request)
    return queries.detail(user, record, queries.one(user, record, record_id))


@router.get("/register/{record}/{record_id}/history", response={200: list[RecordEntry], 404: Problem})
def history(request: HttpRequest, record: Record, record_id: UUID) -> list[dict[str, Any]]:
    """What happened to a record, the latest first, with each value before and after."""
    user = caller(request)
    queries.one(user, record, record_id)
    return queries.history(record_id, record)


@router.patch("/register/{record}/{record_id}", response={200: RecordDone, **REFUSALS})
def change(request: HttpRequest, record: Record, record_id: UUID, body: RecordChange) -> Any:
    """Correct a record; values that nobody else changed meanwhile are merged."""
    user = caller(request)
    return answer(
        actions.change(user, record, record_id, version=body.version, wish=_wish(body), mutation_id=body.mutation_id)
    )


@router.post("/register/{record}/{record_id}/verify", response={200: RecordDone, **REFUSALS})
def verify(request: HttpRequest, record: Record, record_id: UUID, body: RecordSeen) -> Any:
    """Note that the caller looked and all is as it stands."""
    return answer(actions.verify(caller(request), record, record_id, **body.model_dump()))


@router.post("/register/{record}/{record_id}/end", response={200: RecordDone, **REFUSALS})
def end(request: HttpRequest, record: Record, record_id: UUID, body: RecordEnd) -> Any:
    """Take a record out of force: the thing is gone."""
    user = caller(request)
    return answer(actions.end(user, record, record_id, version=body.version, mutation_id=body.mutation_id))


@router.post("/register/{record}/{record_id}/propose", response={200: RecordDone, **REFUSALS})
def propose(request: HttpRequest, record: Record, record_id: UUID, body: RecordPropose) -> Any:
    """Say what should stand in a record instead; who may edit decides."""
    user = caller(request)
    return answer(proposing.propose(user, record, record_id, values=body.values, proposal_id=body.id))


def _wish(body: RecordIn | RecordChange) -> Wish:
    point = (body.lon, body.lat) if body.lon is not None and body.lat is not None else None
    return Wish(body.values, point)
