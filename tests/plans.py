"""A plan of cells for the tiny town, and requests about it that are right in every respect but, perhaps, who makes them."""

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.contrib.gis.geos import GeometryCollection, Polygon
from django.utils import timezone

from gridmap.cellplan import Border, Ground, Unit
from gridmap.models import CellGround, CellPlan, User
from tests.factories import COMMUNITY, STREET

if TYPE_CHECKING:
    from tests.world import Who

SIZES = "least=500&most=3000"
WISH = {"method": "blocks", "target": 400, "tolerance": 0.1, "seed": 0, "start": "anew", "estimate": False}
GROUND = Ground(
    [Unit(400, 3, 2.2e6, 6400, 0, 0), Unit(350, 1, 2.2e6, 6400, 980, 0)],
    [Border(0, 1, 2200, 1)],
)
# What opens the endpoints of plans, and by which door of the matrix of permissions.
RULES = {
    "GET /api/cells/plans": ("cells.view", "LIST"),
    "POST /api/cells/plans": ("cells.plan", "PLAN"),
    "GET /api/cells/plans/{plan_id}": ("cells.view", "PLAN"),
    "GET /api/cells/plans/{plan_id}/ground": ("cells.view", "PLAN"),
    "GET /api/cells/plans/{plan_id}/comparison": ("cells.view", "PLAN"),
    "PUT /api/cells/plans/{plan_id}": ("cells.plan", "PLAN"),
    "POST /api/cells/plans/{plan_id}/discard": ("cells.plan", "PLAN"),
    "POST /api/cells/plans/{plan_id}/publish": ("cells.publish", "PLAN"),
    "POST /api/cells/plans/{plan_id}/recall": ("cells.publish", "PLAN"),
    "GET /api/communities/sizes": ("cells.view", "ROLE"),
    "GET /api/communities/resizing": ("cells.view", "PLAN"),
}


def put_plan(author: User, plan_id: UUID | None = None) -> CellPlan:
    """A draft of two cells for the first community: its western and its eastern half."""
    halves = [Polygon.from_bbox((west, 28.0, west + 0.01, 28.02)) for west in (105.0, 105.01)]
    ground = CellGround.objects.create(
        area_code=COMMUNITY, digest=uuid4().hex, shapes=GeometryCollection(*halves, srid=4326), stored=GROUND.stored()
    )
    return CellPlan.objects.create(
        id=plan_id or uuid4(), area_code=COMMUNITY, state="draft", wish=WISH, ground=ground, cells=[0, 1], author=author
    )


def plan_bodies() -> dict[str, Any]:
    seen = {"mutation_id": str(uuid4()), "version": 1}
    path = "/api/cells/plans"
    return {
        f"POST {path}": {"id": str(uuid4()), "area": COMMUNITY},
        f"PUT {path}/{{plan_id}}": seen | {"cells": [0, 0]},
        f"POST {path}/{{plan_id}}/discard": seen,
        f"POST {path}/{{plan_id}}/publish": seen | {"valid_from": str(timezone.localdate())},
        f"POST {path}/{{plan_id}}/recall": seen,
    }


def plan_statuses(endpoint: str, action: str, who: "Who") -> set[int]:
    """Whom it concerns not finds nothing; of a draft nothing can be recalled."""
    if endpoint.endswith("/resizing"):
        return {200} if who.may(action, place=STREET) else {404}
    sees, may = (who.may(one, place=COMMUNITY) for one in ("cells.view", action))
    if endpoint == "POST /api/cells/plans":
        return {201} if may else {403}
    if not sees:
        return {404}
    return ({409} if endpoint.endswith("/recall") else {200}) if may else {403}
