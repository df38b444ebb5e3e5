"""HTTP of plans of cells: proposals for a community, changed by hand, published with a date."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field, StringConstraints

from gridmap.actions import plans as actions
from gridmap.api import Lat, Lon
from gridmap.http import Mutation, Number, Problem, Words, answer, caller
from gridmap.queries import plans as queries

router = Router(tags=["cells"])
REFUSALS = {403: Problem, 404: Problem, 409: Problem, 422: Problem}
Name = Annotated[Words, StringConstraints(strip_whitespace=True, max_length=60)]
Community = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
Cell = Annotated[int, Field(ge=0, lt=1000)]
Cells = Annotated[list[Cell], Field(max_length=20_000)]
Some = Annotated[list[Cell], Field(max_length=1000)]
CellNames = Annotated[dict[Annotated[str, Field(pattern=r"^[0-9]{1,3}$")], Name], Field(max_length=1000)]


Ring = Annotated[list[tuple[Lon, Lat]], Field(min_length=4, max_length=2000)]


class GivenCellIn(Schema):
    """A cell that is set before the rest is cut."""

    rings: Annotated[list[Ring], Field(min_length=1, max_length=20)] = Field(
        description="degrees, the outer ring first, as the coordinates of a GeoJSON polygon"
    )
    name: Name = ""
    dedicated: bool = Field(False, description="one school, market or site")


class PlanIn(Schema):
    """A new proposal. `id` is made by the client: sent again it has no second effect."""

    id: UUID
    area: Community
    name: Name = ""
    method: Literal["blocks", "squares", "hexagons"] = Field(
        "blocks", description="squares and hexagons are for statistics only"
    )
    target: Annotated[int, Field(ge=50, le=5000, description="households of a cell")] = 400
    tolerance: Annotated[float, Field(ge=0.01, le=0.5, description="share by which a cell may be off")] = 0.1
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    start: Literal["anew", "little", "as_is"] = Field(
        "anew", description="from scratch, or from `base` (else the cells in force), changing little or nothing"
    )
    base: UUID | None = Field(None, description="a plan whose locked and dedicated cells stay")
    estimate: bool = Field(False, description="guess households by floors where nobody counted")
    given: Annotated[list[GivenCellIn], Field(max_length=200)] = Field(
        [], description="cells drawn by hand or read from a file: they stay, the rest is cut"
    )


class PlanChange(Mutation):
    """A plan as it was left by hand."""

    version: Number
    cells: Cells
    locked: Some = []
    dedicated: Some = []
    names: CellNames = {}
    name: Name = ""


class PlanStep(Mutation):
    version: Number


class PlanPublish(PlanStep):
    valid_from: date


class PlanDone(Schema):
    id: UUID
    version: int
    replayed: bool = False


class PlanSummary(Schema):
    cells: int
    households: int
    least: int
    most: int
    in_range: int = Field(description="cells of 300 to 500 households")
    deviation: float = Field(description="the largest from the mean, a share")
    compactness: float
    on_lines: float = Field(description="share of borders on roads, water and walls")
    crossed: float = Field(description="metres of main road or water inside cells")
    walk: float = Field(description="metres from a home to the middle of its cell, as the crow flies, on average")
    most_incidents: int = Field(description="of the last year, in the cell with most")


class PlanWish(Schema):
    method: Literal["blocks", "squares", "hexagons"]
    target: int
    tolerance: float
    seed: int
    start: Literal["anew", "little", "as_is"]
    estimate: bool


class PlanOutcome(Schema):
    codes: list[str]
    kept: list[str]
    successors: dict[str, list[str]]
    moved: dict[str, int] = Field(description="rows that went along, by part of the system")


class PlanOut(Schema):
    id: UUID
    area: str
    name: str
    state: Literal["cutting", "failed", "draft", "published", "in_force", "over", "withdrawn"]
    version: int
    wish: PlanWish
    ground: int | None
    cells: list[int] = Field(description="the cell of each unit of the ground")
    locked: list[int]
    dedicated: list[int]
    names: dict[str, str]
    guessed: bool
    fault: str
    valid_from: date | None
    author: str
    created_at: AwareDatetime
    publishable: bool
    summary: PlanSummary | None
    outcome: PlanOutcome | None


class PlanGround(Schema):
    id: int
    units: list[tuple[int, int, float, float, float, float]] = Field(
        description="households, incidents of the last year, area in m², perimeter in m, x and y of the homes in metres"
    )
    borders: list[tuple[int, int, float, int]] = Field(
        description="two units, metres, and what lies there: 0 water or main road, 1 street, 2 branch, 3 lane or wall, 4 open ground"
    )
    shapes: dict[str, Any] = Field(description="GeoJSON, a feature per unit, its number as id")


class PlanComparison(Schema):
    codes: list[str] = Field(description="the code that each cell would get")
    kept: list[str]
    successors: dict[str, list[str]]
    parted: int = Field(description="households parted from most of those they share a cell with now")
    renamed: int = Field(description="households in a cell with another code than now")
    in_force: int
    names: dict[str, str]


@router.get("/cells/plans", response=list[PlanOut])
def plans(
    request: HttpRequest,
    area: Annotated[str, Query(pattern=r"^[0-9]{0,15}$", description="a code it begins with")] = "",
) -> list[dict[str, Any]]:
    """The plans of an area, the newest first."""
    return [queries.shown(plan) for plan in queries.plans_of(caller(request), area)]


@router.post("/cells/plans", response={200: PlanDone, 201: PlanDone, **REFUSALS})
def propose(request: HttpRequest, body: PlanIn) -> Any:
    """Have cells proposed. A job makes them; the plan says when they are there."""
    wish = actions.Wish(**body.model_dump(exclude={"id"}))
    return answer(actions.ask(caller(request), body.id, wish), 201)


@router.get("/cells/plans/{plan_id}", response={200: PlanOut, 404: Problem})
def plan(request: HttpRequest, plan_id: UUID) -> dict[str, Any]:
    """One plan with the cell of each unit."""
    return queries.shown(queries.get(caller(request), plan_id))


@router.get("/cells/plans/{plan_id}/comparison", response={200: PlanComparison, 404: Problem, 409: Problem})
def comparison(request: HttpRequest, plan_id: UUID) -> dict[str, Any]:
    """What would change if it were put in force now: kept and new codes, successors, households moved."""
    return queries.comparison(queries.get(caller(request), plan_id))


@router.get("/cells/plans/{plan_id}/ground", response={200: PlanGround, 404: Problem, 409: Problem})
def ground(request: HttpRequest, plan_id: UUID) -> dict[str, Any]:
    """The units that a plan is made of. Plans of the same ground share it."""
    return queries.ground_shown(queries.get(caller(request), plan_id))


@router.put("/cells/plans/{plan_id}", response={200: PlanDone, **REFUSALS})
def change(request: HttpRequest, plan_id: UUID, body: PlanChange) -> Any:
    """Store units moved from cell to cell, locks and names."""
    drawn = actions.Drawn(body.cells, body.locked, body.dedicated, body.names, body.name)
    done = actions.change(caller(request), plan_id, drawn, version=body.version, mutation_id=body.mutation_id)
    return answer(done)


@router.post("/cells/plans/{plan_id}/publish", response={200: PlanDone, **REFUSALS})
def publish(request: HttpRequest, plan_id: UUID, body: PlanPublish) -> Any:
    """Let a plan come in force on a day."""
    done = actions.publish(
        caller(request), plan_id, valid_from=body.valid_from, version=body.version, mutation_id=body.mutation_id
    )
    return answer(done)


@router.post("/cells/plans/{plan_id}/recall", response={200: PlanDone, **REFUSALS})
def recall(request: HttpRequest, plan_id: UUID, body: PlanStep) -> Any:
    """Take a published plan back before its day."""
    return answer(actions.recall(caller(request), plan_id, version=body.version, mutation_id=body.mutation_id))


@router.post("/cells/plans/{plan_id}/discard", response={200: PlanDone, **REFUSALS})
def discard(request: HttpRequest, plan_id: UUID, body: PlanStep) -> Any:
    """Throw a plan away."""
    return answer(actions.discard(caller(request), plan_id, version=body.version, mutation_id=body.mutation_id))
