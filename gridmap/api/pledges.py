"""HTTP of needs and offers (双向认领)."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import AwareDatetime, Field, StringConstraints

from gridmap.actions import pledges as actions
from gridmap.http import Mutation, Number, Problem, Words, answer, caller
from gridmap.queries import pledges as queries

router = Router(tags=["register"])
REFUSALS = {403: Problem, 404: Problem, 409: Problem, 422: Problem}
Text = Annotated[Words, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class PledgeOut(Schema):
    id: UUID
    kind: Literal["need", "offer"]
    text: str
    area: str
    area_name: str
    by: str | None = Field(description="the organisation that offers; null: the community needs it")
    taken_by: str | None
    taken_at: AwareDatetime | None
    done_at: AwareDatetime | None
    version: int


class PledgesIn(Schema):
    area: Annotated[str, Field(pattern=r"^\d{0,15}$")] = ""


class PledgeIn(Mutation):
    """A need or an offer. `id` is made by the client."""

    id: UUID
    kind: Literal["need", "offer"]
    text: Text
    area: Annotated[str, Field(pattern=r"^\d{12,15}$")]
    by: UUID | None = Field(None, description="the organisation that offers")


class PledgeTake(Mutation):
    version: Number
    by: UUID | None = Field(None, description="the organisation that takes a need on; none for an offer")


class PledgeFinish(Mutation):
    version: Number


class PledgeDone(Schema):
    id: UUID
    version: int
    replayed: bool = False


@router.get("/pledges", response={200: list[PledgeOut], 422: Problem})
def listed(request: HttpRequest, wish: Query[PledgesIn]) -> list[dict[str, Any]]:
    """Needs and offers of an area and its community, what is not done first."""
    return queries.listed(caller(request), wish.area)


@router.post("/pledges", response={200: PledgeDone, 201: PledgeDone, **REFUSALS})
def offer(request: HttpRequest, body: PledgeIn) -> Status[dict[str, Any]]:
    """Write down a need of a community, or an offer of an organisation."""
    given = body.dict(exclude={"id"})
    return answer(actions.offer(caller(request), body.id, **given), 201)


@router.post("/pledges/{pledge_id}/take", response={200: PledgeDone, **REFUSALS})
def take(request: HttpRequest, pledge_id: UUID, body: PledgeTake) -> Any:
    """Take on: an organisation a need, the community an offer."""
    return answer(actions.take(caller(request), pledge_id, **body.dict()))


@router.post("/pledges/{pledge_id}/finish", response={200: PledgeDone, **REFUSALS})
def finish(request: HttpRequest, pledge_id: UUID, body: PledgeFinish) -> Any:
    """It is done, or no longer wanted."""
    return answer(actions.finish(caller(request), pledge_id, **body.dict()))
