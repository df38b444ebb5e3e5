"""In the worker: webhooks, of which the clock looks every few seconds for what was not told yet, and proposals of cells."""

import logging
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django_tasks import task
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from gridmap import events, registry, sending
from gridmap.actions import hooks as actions
from gridmap.actions import plans
from gridmap.cellplan import Ground
from gridmap.errors import ProblemError
from gridmap.models import Area, CellPlan, Hook, HookAttempt
from gridmap.projection import zone_of
from gridmap.queries import hooks as queries
from gridmap.queries import plans as plan_queries

if TYPE_CHECKING:
    from gridmap.partition import planning

log = logging.getLogger(__name__)
LAST_YEAR = timedelta(days=365)

LONGEST_S = 30.0  # then the other jobs have their turn


@task()
def deliver(hook_id: str, number: int) -> int:
    """Tell one webhook what it was not told yet, in order per stream, until one message fails; how many were taken."""
    hook, taken, ends = actions.begin(UUID(hook_id), number), 0, time.monotonic() + LONGEST_S
    if hook is None:
        return 0
    for part in queries.behind(hook):
        taken_here, going_on = _stretch(hook, number, part, ends)
        taken += taken_here
        if not going_on:
            break
    actions.release(hook.pk, number)
    return taken


def _stretch(hook: Hook, number: int, part: queries.Stretch, ends: float) -> tuple[int, bool]:
    found = queries.entries(hook, part)
    for taken, entry in enumerate(found):
        told = _send(hook, entry.message, entry.text)
        if not actions.note(hook.pk, number, entry, told) or time.monotonic() > ends:
            return taken + told.ok, False
    if len(found) < queries.AT_ONCE:
        actions.pass_over(hook.pk, number, part)
    return len(found), True


def _send(hook: Hook, message: str, text: str) -> sending.Told:
    signed_with, inside = queries.secrets(hook), settings.HOOK_NETWORKS
    return sending.send(hook.url, secrets=signed_with, message=message, body=text.encode(), inside=inside)


@task()
def deliver_asked(stream: str, seq: int, hook_id: str) -> int:
    """Send what was asked for: a test, or a message once more. It changes nothing of what is told by itself.

    What is left when the time is over is sent by the jobs that come after: there is one for each that was asked for.
    """
    sent, ends = 0, time.monotonic() + LONGEST_S
    asked = HookAttempt.objects.filter(hook_id=UUID(hook_id), asked=True, at__isnull=True).order_by("pk")
    for attempt in asked.select_related("hook"):
        text, hook = queries.text_of(attempt), attempt.hook
        told = _send(hook, attempt.message, text) if text is not None else sending.Told(None, "no_longer_kept", 0)
        actions.answered(attempt, told)
        sent += told.ok
        if time.monotonic() > ends:
            break
    return sent


def start_deliveries() -> int:
    """Queue a delivery for each webhook that has something to be told; a lost one is queued again when its lease ends."""
    queued = 0
    for hook in queries.waiting():
        number = actions.lease(hook.pk)
        if number is not None:
            deliver.enqueue(str(hook.pk), number)
            queued += 1
    return queued


@task()
def cut_plan(stream: str, seq: int, plan_id: str) -> bool:
    """Propose the cells that a plan was asked for; false where it cannot be done, and the plan then says why."""
    from gridmap.partition import planning  # noqa: PLC0415  # large, and needed by this job alone

    plan = plan_queries.waiting(UUID(plan_id))
    if plan is None:
        return False
    wish = planning.Wanted(**{name: plan.wish[name] for name in ("method", "target", "tolerance", "seed", "estimate")})
    try:
        area = plan_queries.community(plan.area_code)
        in_force = {} if plan.base or plan.wish["start"] == "anew" else plan_queries.in_force(area.code)
        made = _ground(plan, area, wish, in_force)
        begun = _begun(plan, made, in_force)
        start = planning.Start(begun.cells, begun.fixed, plan.wish["start"]) if begun.cells else None
        cells, place = made.cut(wish, start)
    except ProblemError as problem:
        plans.put_failed(plan.pk, problem.code)
        return False
    except (planning.CannotError, ValueError, GEOSException) as why:
        log.warning("plan %s could not be made: %s", plan.pk, why)
        plans.put_failed(plan.pk, "no_households" if isinstance(why, planning.CannotError) else "cannot_be_cut")
        return False
    return plans.put_made(plan.pk, begun.made(made, cells, place))


def _ground(
    plan: CellPlan, area: Area, wish: "planning.Wanted", in_force: dict[str, BaseGeometry]
) -> "planning.MadeGround":
    from gridmap.partition import planning  # noqa: PLC0415

    if plan.base is not None and plan.base.ground is not None:
        before = plan.base.ground
        return planning.MadeGround(plan_queries.units_of(before), Ground.read(before.stored), plan.base.guessed)
    outline = plan_queries.outline(area)
    zone = zone_of(outline.centroid.x)
    incidents = registry.incidents(area.code, timezone.now() - LAST_YEAR)
    return planning.ground_of(outline, list(registry.ground(area.geom, zone)), incidents, wish, list(in_force.values()))


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
    own = plan_queries.dedicated(codes)
    return Begun(
        cells, [], [codes.index(code) for code in own], {codes.index(code): name for code, name in own.items()}
    )


def subscribe() -> None:
    events.on("hook.asked", deliver_asked)
    events.on("cells.asked", cut_plan)
