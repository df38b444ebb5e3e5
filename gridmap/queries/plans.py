"""Reads of plans of cells: who sees them, their ground and figures, and how they differ from the cells in force."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import orjson
import shapely
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from shapely import MultiPolygon
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from gridmap import access, areacode, cellplan
from gridmap.cellplan import Comparison, Figures, Ground
from gridmap.errors import ProblemError
from gridmap.models import Area, AreaKind, CellGround, CellPlan, PlanState, User
from gridmap.partition.numbering import NoCodesError

MOST = 200  # plans of one answer
SHOWN = 0.0000001  # degrees: a centimetre, for what is drawn


def visible_to(user: User) -> QuerySet[CellPlan]:
    """The plans of the communities in which a user plans."""
    return CellPlan.objects.filter(access.scope_of(user, "cells.view").q()).select_related("author", "publisher")


def get(user: User, plan_id: UUID, *, lock: bool = False) -> CellPlan:
    """One plan that the user may see; `not_found` otherwise."""
    rows = visible_to(user).filter(pk=plan_id)
    found = (rows.select_for_update(of=("self",)) if lock else rows.select_related("ground")).first()
    if found is None:
        raise ProblemError("not_found")
    return found


def plans_of(user: User, area: str) -> list[CellPlan]:
    """The plans of an area, the newest first, without those that were thrown away."""
    found = visible_to(user).filter(area_code__startswith=area).exclude(state=PlanState.WITHDRAWN)
    return list(found.select_related("ground").defer("ground__shapes")[:MOST])


def community(code: str, *, lock: bool = False) -> Area:
    """A community in force with a border, `unknown_area` otherwise."""
    rows = Area.objects.filter(pk=code, level=areacode.COMMUNITY, valid_to=None, geom__isnull=False)
    area = (rows.select_for_update() if lock else rows).first()
    if area is None:
        raise ProblemError("unknown_area", fields={"area": "unknown_area"})
    return area


def outline(area: Area) -> MultiPolygon:
    """The border of an area, in degrees."""
    assert area.geom is not None
    found = shapely.from_wkb(bytes(area.geom.wkb))
    assert isinstance(found, MultiPolygon)
    return found


def units_of(ground: CellGround) -> list[BaseGeometry]:
    """The shapes of the units, in degrees, in their order."""
    return list(shapely.get_parts(shapely.from_wkb(bytes(ground.shapes.wkb))))


def in_force(code: str) -> dict[str, BaseGeometry]:
    """The cells of a community that are in force, in degrees."""
    found = Area.objects.filter(code__startswith=code, level=areacode.CELL, valid_to=None, geom__isnull=False)
    return {one.code: shapely.from_wkb(bytes(one.geom.wkb)) for one in found if one.geom is not None}


def counted(code: str) -> list[tuple[float, float, int]]:
    """Households of an area as its register knows them, by building: longitude, latitude, how many.

    Those recorded one by one, or the count of the building where that is more; a home in no building counts by itself.
    """
    sql = """
        with recursive part as (
            select id, id as building, point from gridmap_place
            where kind = 'building' and ended_at is null and area_code like %(area)s
            union all select p.id, part.building, part.point from gridmap_place p join part on p.parent_id = part.id
            where p.ended_at is null),
        recorded as (
            select coalesce(part.building, p.id) as at, coalesce(part.point, p.point, above.point) as point, count(*) as homes
            from gridmap_household h join gridmap_place p on p.id = h.place_id
            left join part on part.id = p.id left join gridmap_place above on above.id = p.parent_id
            where h.ended_at is null and h.area_code like %(area)s group by 1, 2),
        said as (
            select id as at, point, households as homes from gridmap_place
            where kind = 'building' and ended_at is null and households > 0 and area_code like %(area)s)
        select st_x(point), st_y(point), max(homes)::integer from (table recorded union all table said) one
        where point is not null group by at, point order by at"""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"area": f"{code}%"})
        return [(lon, lat, homes) for lon, lat, homes in cursor.fetchall()]


def dedicated(codes: Sequence[str]) -> dict[str, str]:
    """The names of those cells that are of one school, market or site."""
    return dict(Area.objects.filter(pk__in=codes, kind=AreaKind.DEDICATED).values_list("code", "name"))


def digest_of(shapes: bytes, stored: dict[str, Any]) -> str:
    """What the same ground has in common: its units, and what lies in them."""
    return hashlib.sha256(shapes + orjson.dumps(stored)).hexdigest()


@dataclass(frozen=True)
class Judged:
    """The figures of a plan that was made; none of one that was not."""

    figures: list[Figures]

    @classmethod
    def of(cls, plan: CellPlan) -> "Judged":
        if plan.ground is None or not plan.cells:
            return cls([])
        return cls(cellplan.figures(Ground.read(plan.ground.stored), plan.cells, plan.dedicated))

    def summary(self, dedicated: Sequence[int]) -> dict[str, Any] | None:
        return asdict(cellplan.summary(self.figures, dedicated)) if self.figures else None


def shown(plan: CellPlan) -> dict[str, Any]:
    """A plan as a list shows it."""
    judged = Judged.of(plan)
    return {
        "id": plan.pk, "area": plan.area_code, "name": plan.name, "state": plan.state, "version": plan.version,
        "wish": plan.wish, "ground": plan.ground_id, "cells": plan.cells, "locked": plan.locked, "dedicated": plan.dedicated,
        "names": plan.names, "guessed": plan.guessed, "fault": plan.fault, "valid_from": plan.valid_from,
        "author": str(plan.author), "created_at": plan.created_at, "summary": judged.summary(plan.dedicated),
        "publishable": plan.wish.get("method") == "blocks", "outcome": plan.outcome,
    }  # fmt: skip


def ground_shown(plan: CellPlan) -> dict[str, Any]:
    """Units as GeoJSON, good to a centimetre, with the numbers that figures are made of."""
    ground = plan.ground
    if ground is None:
        raise ProblemError("plan_state")
    drawn = shapely.set_precision(units_of(ground), SHOWN, mode="pointwise")
    features = [
        {"type": "Feature", "id": at, "geometry": orjson.loads(shapely.to_geojson(shape)), "properties": {}}
        for at, shape in enumerate(drawn)
    ]
    stored: dict[str, Any] = ground.stored
    return stored | {"id": ground.pk, "shapes": {"type": "FeatureCollection", "features": features}}


def comparison(plan: CellPlan) -> dict[str, Any]:
    """What would change if a plan were put in force now."""
    if plan.ground is None or not plan.cells:
        raise ProblemError("plan_state")
    if plan.wish.get("method") != "blocks":
        raise ProblemError("statistics_only")
    now = in_force(plan.area_code)
    used = Area.objects.filter(code__startswith=plan.area_code, level=areacode.CELL).values_list("code", flat=True)
    ground = Ground.read(plan.ground.stored)
    try:
        found = cellplan.compare(plan.area_code, ground, units_of(plan.ground), plan.cells, now, list(used))
    except NoCodesError:
        raise ProblemError("no_codes_left") from None
    except GEOSException:
        raise ProblemError("border_faulty") from None
    return asdict(found) | {"in_force": len(now), "names": _names(plan, found)}


def _names(plan: CellPlan, found: Comparison) -> dict[str, str]:
    before = dict(Area.objects.filter(pk__in=[*found.kept, *found.successors]).values_list("code", "name"))
    ahead = {code: plan.names.get(str(cell), "") for cell, code in enumerate(found.codes)}
    return {code: ahead.get(code) or before.get(code, "") for code in (*before, *ahead)}


def due() -> list[UUID]:
    """Published plans whose day has come."""
    found = CellPlan.objects.filter(state=PlanState.PUBLISHED, valid_from__lte=timezone.localdate())
    return list(found.order_by("valid_from", "pk").values_list("pk", flat=True))


def waiting(plan_id: UUID) -> CellPlan | None:
    """A plan that still is to be cut."""
    return CellPlan.objects.filter(pk=plan_id, state=PlanState.CUTTING).select_related("base__ground", "author").first()
