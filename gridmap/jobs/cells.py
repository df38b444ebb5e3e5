"""Proposals of cells, made in the worker: the cutter's libraries are large, and nobody's request waits for them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone
from django_tasks import task
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from gridmap import registry
from gridmap.actions import plans
from gridmap.cellplan import Ground
from gridmap.errors import ProblemError
from gridmap.models import Area, CellPlan
from gridmap.partition import given
from gridmap.projection import zone_of
from gridmap.queries import plans as queries

if TYPE_CHECKING:
    from gridmap.partition import planning

log = logging.getLogger(__name__)
LAST_YEAR = timedelta(days=365)


@task()
def cut_plan(stream: str, seq: int, plan_id: str) -> bool:
    """Propose the cells that a plan was asked for; false where it cannot be done, and the plan then says why."""
    from gridmap.partition import planning  # noqa: PLC0415  # large, and needed by this job alone

    plan = queries.waiting(UUID(plan_id))
    if plan is None:
        return False
    wish = planning.Wanted(**{name: plan.wish[name] for name in ("method", "target", "tolerance", "seed", "estimate")})
    try:
        area = queries.community(plan.area_code)
        in_force, set_before = _before(plan, area.code)
        made = _ground(plan, area, wish, [*in_force.values(), *(cell.shape for cell in set_before)])
        begun = _with_given(_begun(plan, made, in_force), made, set_before, len(plan.wish.get("given", [])))
        start = planning.Start(begun.cells, begun.fixed, plan.wish["start"]) if begun.cells else None
        cells, place = made.cut(wish, start)
    except ProblemError as problem:
        plans.put_failed(plan.pk, problem.code)
        return False
    except (planning.CannotError, ValueError, GEOSException) as why:
        log.warning("plan %s could not be made: %s", plan.pk, why)
        plans.put_failed(plan.pk, str(why) if isinstance(why, planning.CannotError) else "cannot_be_cut")
        return False
    return plans.put_made(plan.pk, begun.made(made, cells, place))


def _ground(
    plan: CellPlan, area: Area, wish: "planning.Wanted", drawn: Sequence[BaseGeometry]
) -> "planning.MadeGround":
    from gridmap.partition import planning  # noqa: PLC0415

    if plan.base is not None:
        before = plan.base.ground
        if before is None:  # thrown away in the meantime
            raise ProblemError("plan_state")
        return planning.MadeGround(queries.units_of(before), Ground.read(before.stored), plan.base.guessed)
    outline = queries.outline(area)
    zone = zone_of(outline.centroid.x)
    incidents = registry.incidents(area.code, timezone.now() - LAST_YEAR)
    known = planning.Known(list(registry.ground(area.geom, zone)), queries.counted(area.code), incidents)
    return planning.ground_of(outline, known, wish, drawn)


def _before(plan: CellPlan, code: str) -> tuple[dict[str, BaseGeometry], list[given.GivenCell]]:
    """The cells in force to start from, and those that are set before: as the planner gave them, and a school stays a school."""
    cells = given.read(plan.wish.get("given", []))
    if plan.base is not None:
        return {}, cells
    in_force = queries.in_force(code)
    if plan.wish["start"] != "anew":
        return in_force, cells
    kept = [
        given.GivenCell(in_force[one], name, dedicated=True) for one, name in queries.dedicated(list(in_force)).items()
    ]
    return {}, cells + kept


@dataclass(frozen=True)
class Begun:
    """Where a plan starts: the cell of each unit, and what is known of these cells."""

    cells: list[int] = field(default_factory=list)
    locked: list[int] = field(default_factory=list)
    dedicated: list[int] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)

    @property
    def fixed(self) -> frozenset[int]:
        return frozenset([*self.locked, *self.dedicated])

    def made(self, ground: "planning.MadeGround", cells: list[int], place: dict[int, int]) -> plans.Made:
        """What was made of it; cells that stayed are locked, dedicated and named as before, under their new numbers."""
        return plans.Made(
            ground.shapes, ground.ground, cells, sorted(place[cell] for cell in self.locked),
            sorted(place[cell] for cell in self.dedicated),
            {str(place[cell]): name for cell, name in self.names.items() if cell in place and name}, ground.guessed,
        )  # fmt: skip


def _begun(plan: CellPlan, made: "planning.MadeGround", in_force: dict[str, BaseGeometry]) -> Begun:
    """The base of a plan, or the cells in force, of which the dedicated ones stay."""
    if plan.base is not None:
        names = {int(cell): name for cell, name in plan.base.names.items()}
        return Begun(plan.base.cells, plan.base.locked, plan.base.dedicated, names)
    homes = made.homes(in_force)
    if homes is None:
        return Begun()
    cells, codes = homes
    own = queries.dedicated(codes)
    return Begun(
        cells, [], [codes.index(code) for code in own], {codes.index(code): name for code, name in own.items()}
    )


def _with_given(begun: Begun, made: "planning.MadeGround", cells: Sequence[given.GivenCell], wished: int) -> Begun:
    """The same, with cells that were set before, the first of them by the planner: they stay, and what began otherwise in them ends.

    CannotError if one that the planner wished holds nothing.
    """
    from gridmap.partition import planning  # noqa: PLC0415

    if not cells:
        return begun
    of = given.of_units(made.shapes, made.ground, cells)
    present = set(of)
    if set(range(wished)) - present:
        raise planning.CannotError("given_empty")
    rest = [len(cells) + cell for cell in begun.cells] or [len(cells)] * len(of)
    found = [cell if cell >= 0 else rest[unit] for unit, cell in enumerate(of)]
    own = [len(cells) + cell for cell in begun.dedicated if len(cells) + cell in found]
    names = {len(cells) + cell: name for cell, name in begun.names.items()}
    return Begun(
        found, [at for at, cell in enumerate(cells) if not cell.dedicated],
        [at for at, cell in enumerate(cells) if cell.dedicated and at in present] + own,
        names | {at: cell.name for at, cell in enumerate(cells)},
    )  # fmt: skip
