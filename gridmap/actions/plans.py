"""Writes of plans of cells: asked for, made by a job, changed by hand, published with a date, put in force on that day."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from shapely import GeometryCollection
from shapely.geometry.base import BaseGeometry

from gridmap import access, cellplan, events
from gridmap.actions import Answer, Done, once
from gridmap.actions.cells import NewCell, numbers, recut
from gridmap.cellplan import Ground
from gridmap.errors import ProblemError
from gridmap.models import AreaKind, CellGround, CellPlan, PlanState, User
from gridmap.partition import given
from gridmap.queries import plans as queries

log = logging.getLogger(__name__)
MOST = 40  # plans of a community that wait for somebody to decide
LONGEST = timedelta(minutes=10)  # of cutting; then something is wrong
EDITABLE = (PlanState.DRAFT,)


@dataclass(frozen=True)
class Wish:
    """How a community is to be cut. `start` is anew, little (change little) or as_is, from `base` or from the cells in force.

    `given` are cells that are set before: rings in degrees, a name, whether it is dedicated (`partition.given`).
    """

    area: str
    name: str = ""
    method: str = "blocks"
    target: int = 400
    tolerance: float = 0.1
    seed: int = 0
    start: str = "anew"
    base: UUID | None = None
    estimate: bool = False
    given: Sequence[dict[str, Any]] = ()


def ask(actor: User, plan_id: UUID, wish: Wish) -> Answer:
    """Have a job propose cells for a community; the plan is there at once, without cells."""
    access.require(actor, "cells.plan", wish.area)
    return once(actor, plan_id, {"plan": asdict(wish)}, lambda: _ask(actor, plan_id, wish))


def _ask(actor: User, plan_id: UUID, wish: Wish) -> Done:
    queries.community(wish.area)
    base = queries.get(actor, wish.base) if wish.base else None
    if base is not None and (base.area_code != wish.area or not base.cells or not _of_blocks(base)):
        raise ProblemError("plan_state")
    open_ones = (PlanState.CUTTING, PlanState.FAILED, PlanState.DRAFT)
    if CellPlan.objects.filter(area_code=wish.area, state__in=open_ones).count() >= MOST:
        raise ProblemError("too_many_plans", most=MOST)
    _check_given(wish)
    how = {
        name: getattr(wish, name) for name in ("method", "target", "tolerance", "seed", "start", "estimate", "given")
    }
    plan = CellPlan.objects.create(id=plan_id, area_code=wish.area, name=wish.name, wish=how, base=base, author=actor)
    return _done(plan, "cells.asked")


def _check_given(wish: Wish) -> None:
    if wish.method != "blocks" and (wish.base or wish.given or wish.start != "anew"):
        raise ProblemError("invalid", fields={"method": "squares and hexagons begin anew"})
    if wish.given and wish.base:
        raise ProblemError("invalid", fields={"given": "not with base"})
    try:
        cells = given.read(wish.given)
    except ValueError:
        raise ProblemError("bad_cell_shape", fields={"given": "bad_cell_shape"}) from None
    outline = queries.outline(queries.community(wish.area))
    if any(not cell.shape.intersects(outline) for cell in cells):
        raise ProblemError("cell_elsewhere", fields={"given": "cell_elsewhere"})


def _of_blocks(plan: CellPlan) -> bool:
    return bool(plan.wish.get("method") == "blocks")


def _done(plan: CellPlan, kind: str) -> Done:
    return Done({"id": str(plan.pk), "version": plan.version}, _draft(plan, kind))


def _draft(plan: CellPlan, kind: str) -> events.Draft:
    now = events.PlanNow(state=str(plan.state), valid_from=plan.valid_from)
    return events.Draft(
        kind=kind, area_code=plan.area_code, object_id=str(plan.pk), version=plan.version, payload=now
    )  # fmt: skip


@dataclass(frozen=True)
class Made:
    """What a job made of a wish: units and their shapes in degrees, the cell of each, and which cells were kept from the base."""

    shapes: Sequence[BaseGeometry]
    ground: Ground
    cells: list[int]
    locked: list[int] = field(default_factory=list)
    dedicated: list[int] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    guessed: bool = False


@transaction.atomic
def put_made(plan_id: UUID, made: Made) -> bool:
    """Store what a job proposes; false if the plan waits for nothing any more."""
    plan = CellPlan.objects.select_for_update().filter(pk=plan_id, state=PlanState.CUTTING).first()
    if plan is None:
        return False
    wkb, stored = GeometryCollection(list(made.shapes)).wkb, made.ground.stored()
    known = {"area_code": plan.area_code, "shapes": GEOSGeometry(memoryview(wkb), srid=4326), "stored": stored}
    plan.ground, _ = CellGround.objects.get_or_create(digest=queries.digest_of(wkb, stored), defaults=known)
    plan.cells, plan.locked, plan.dedicated, plan.names = made.cells, made.locked, made.dedicated, made.names
    plan.guessed, plan.state, plan.version = made.guessed, PlanState.DRAFT, plan.version + 1
    plan.save()
    events.record(_draft(plan, "cells.proposed"), None)
    return True


@transaction.atomic
def put_failed(plan_id: UUID, fault: str) -> None:
    """Note why a plan could not be made."""
    plan = CellPlan.objects.select_for_update().filter(pk=plan_id, state=PlanState.CUTTING).first()
    if plan is not None:
        plan.state, plan.fault, plan.version = PlanState.FAILED, fault, plan.version + 1
        plan.save(update_fields=["state", "fault", "version"])
        events.record(_draft(plan, "cells.failed"), None)


def give_up_late() -> None:
    """Say so of plans whose job did not come back."""
    late = CellPlan.objects.filter(state=PlanState.CUTTING, created_at__lt=timezone.now() - LONGEST)
    for plan_id in late.values_list("pk", flat=True):
        put_failed(plan_id, "too_long")


# --- by hand


@dataclass(frozen=True)
class Drawn:
    """A plan as a planner left it: the cell of each unit, and of cells which are locked, dedicated, named."""

    cells: list[int]
    locked: list[int]
    dedicated: list[int]
    names: dict[str, str]
    name: str


def change(actor: User, plan_id: UUID, drawn: Drawn, *, version: int, mutation_id: UUID) -> Answer:
    """Store blocks moved from cell to cell, locks, names; cells that nothing is left of are gone.

    Raises plan_changed if somebody was faster, not_in_one_piece with the cells, cell_locked if a locked cell would change.
    """
    request = {"plan": plan_id, "drawn": asdict(drawn), "version": version}
    return once(actor, mutation_id, request, lambda: _change(actor, plan_id, drawn, version))


def _change(actor: User, plan_id: UUID, drawn: Drawn, version: int) -> Done:
    plan = _seen(actor, plan_id, "cells.plan", version, EDITABLE)
    drawn = _tidy(drawn)
    _check_drawn(plan, drawn)
    plan.cells, plan.locked, plan.dedicated = drawn.cells, drawn.locked, drawn.dedicated
    plan.names, plan.name, plan.version, plan.fault = drawn.names, drawn.name, plan.version + 1, ""
    plan.save(update_fields=["cells", "locked", "dedicated", "names", "name", "version", "fault"])
    return _done(plan, "cells.changed")


def _tidy(drawn: Drawn) -> Drawn:
    """Numbers without gaps, in the order in which they stood."""
    place = {cell: at for at, cell in enumerate(sorted(set(drawn.cells)))}
    return Drawn(
        [place[cell] for cell in drawn.cells], sorted({place[c] for c in drawn.locked if c in place}),
        sorted({place[c] for c in drawn.dedicated if c in place}),
        {str(place[int(c)]): name for c, name in drawn.names.items() if int(c) in place and name}, drawn.name,
    )  # fmt: skip


def _check_drawn(plan: CellPlan, drawn: Drawn) -> None:
    if len(drawn.cells) != len(plan.cells):
        raise ProblemError("invalid", fields={"cells": "one for each unit"})
    same = drawn.cells == plan.cells
    if not same and not _of_blocks(plan):
        raise ProblemError("statistics_only")
    after = {frozenset(u for u, c in enumerate(drawn.cells) if c == cell) for cell in drawn.locked}
    held = [frozenset(u for u, c in enumerate(plan.cells) if c == cell) for cell in plan.locked]
    every = {frozenset(u for u, c in enumerate(drawn.cells) if c == cell) for cell in set(drawn.cells)}
    if not same and any(units not in every for units in held):
        raise ProblemError("cell_locked")
    assert after <= every
    assert plan.ground is not None
    wrong = cellplan.apart(Ground.read(plan.ground.stored), drawn.cells) if not same else []
    if wrong:
        raise ProblemError("not_in_one_piece", detail={"cells": wrong})


def _seen(actor: User, plan_id: UUID, action: str, version: int, states: Sequence[str]) -> CellPlan:
    plan = queries.get(actor, plan_id, lock=True)
    access.require(actor, action, plan.area_code)
    if plan.version != version:
        raise ProblemError("plan_changed", detail={"version": plan.version})
    if plan.state not in states:
        raise ProblemError("plan_state")
    return plan


def discard(actor: User, plan_id: UUID, *, version: int, mutation_id: UUID) -> Answer:
    """Throw a plan away that was never published; its row stays, its ground goes with the last plan of it."""
    states = (PlanState.DRAFT, PlanState.FAILED, PlanState.CUTTING)
    return _to(actor, plan_id, PlanState.WITHDRAWN, "cells.withdrawn", states, version, mutation_id, "cells.plan")


def recall(actor: User, plan_id: UUID, *, version: int, mutation_id: UUID) -> Answer:
    """Take a published plan back before its day: it is a draft again."""
    states = (PlanState.PUBLISHED,)
    return _to(actor, plan_id, PlanState.DRAFT, "cells.recalled", states, version, mutation_id, "cells.publish")


def _to(
    actor: User, plan_id: UUID, state: str, kind: str, states: Sequence[str], version: int, mutation_id: UUID, action: str
) -> Answer:  # fmt: skip
    def work() -> Done:
        plan = _seen(actor, plan_id, action, version, states)
        ground = plan.ground if state == PlanState.WITHDRAWN else None
        plan.state, plan.valid_from, plan.version = state, None, plan.version + 1
        plan.ground = None if ground else plan.ground
        plan.save(update_fields=["state", "valid_from", "version", "ground"])
        if ground and not CellPlan.objects.filter(ground=ground).exists():
            ground.delete()
        return _done(plan, kind)

    return once(actor, mutation_id, {kind: plan_id, "version": version}, work)


# --- in force


def publish(actor: User, plan_id: UUID, *, valid_from: date, version: int, mutation_id: UUID) -> Answer:
    """Let a plan come in force on a day, today at the earliest. Its cells are proven to be the community, or cells_faulty."""
    request = {"publish": plan_id, "version": version, "valid_from": valid_from}
    return once(actor, mutation_id, request, lambda: _publish(actor, plan_id, valid_from, version))


def _publish(actor: User, plan_id: UUID, valid_from: date, version: int) -> Done:
    plan = _seen(actor, plan_id, "cells.publish", version, EDITABLE)
    if not _of_blocks(plan):
        raise ProblemError("statistics_only")
    if valid_from < timezone.localdate():
        raise ProblemError("day_gone", fields={"valid_from": "day_gone"})
    numbers(queries.community(plan.area_code, lock=True), new_cells(plan))
    if CellPlan.objects.filter(area_code=plan.area_code, state=PlanState.PUBLISHED).exists():
        raise ProblemError("plan_pending")
    plan.state, plan.valid_from, plan.publisher, plan.version = (
        PlanState.PUBLISHED, valid_from, actor, plan.version + 1,
    )  # fmt: skip
    plan.fault = ""
    plan.save(update_fields=["state", "valid_from", "publisher", "version", "fault"])
    return _done(plan, "cells.published")


def new_cells(plan: CellPlan) -> list[NewCell]:
    """The cells of a plan as they are to be put in force."""
    assert plan.ground is not None
    cells = cellplan.shapes(queries.units_of(plan.ground), plan.cells)
    shapes = cellplan.fitted(cells, queries.outline(queries.community(plan.area_code)))
    figures = cellplan.figures(Ground.read(plan.ground.stored), plan.cells, plan.dedicated)
    return [
        NewCell(
            shape, plan.names.get(str(cell), ""),
            AreaKind.DEDICATED if cell in plan.dedicated else AreaKind.RESIDENTIAL,
            None if plan.guessed else figures[cell].households,  # a guess is no count
        )
        for cell, shape in enumerate(shapes)
    ]  # fmt: skip


def put_due_in_force() -> int:
    """Put in force every published plan whose day has come; how many. One that cannot be is a draft again, and says why."""
    return sum(_put_in_force(plan_id) for plan_id in queries.due())


def _put_in_force(plan_id: UUID) -> bool:
    try:
        with transaction.atomic():
            return _in_force(plan_id)
    except (OperationalError, InterfaceError):
        raise
    except Exception as problem:
        fault = problem.code if isinstance(problem, ProblemError) else "cannot_be_cut"
        log.warning("cells of plan %s were not put in force: %s", plan_id, fault, exc_info=fault == "cannot_be_cut")
        with transaction.atomic():
            plan = CellPlan.objects.select_for_update().get(pk=plan_id)
            if plan.state == PlanState.PUBLISHED:
                plan.state, plan.fault, plan.version, plan.valid_from = (
                    PlanState.DRAFT, fault, plan.version + 1, None,
                )  # fmt: skip
                plan.save(update_fields=["state", "fault", "version", "valid_from"])
                events.record(_draft(plan, "cells.not_in_force"), None)
        return False


def _in_force(plan_id: UUID) -> bool:
    plan = CellPlan.objects.select_for_update(of=("self",)).filter(pk=plan_id, state=PlanState.PUBLISHED).first()
    if plan is None:  # another clock was faster, or it was recalled
        return False
    assert plan.publisher is not None
    before = CellPlan.objects.select_for_update().filter(area_code=plan.area_code, state=PlanState.IN_FORCE)
    before.update(state=PlanState.OVER)
    done = recut(plan.publisher, plan.area_code, new_cells(plan))
    plan.outcome = {
        "codes": done.codes, "kept": sorted(done.kept), "successors": done.successors, "moved": done.moved,
    }  # fmt: skip
    plan.state, plan.version = PlanState.IN_FORCE, plan.version + 1
    plan.save(update_fields=["outcome", "state", "version"])
    events.record(_draft(plan, "cells.in_force"), plan.publisher)
    return True
