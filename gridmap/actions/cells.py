"""Cells put in force: new ones in the place of others, and everything that lies in them goes along, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import shapely
from django.contrib.gis.db.models.functions import Area as Areal
from django.contrib.gis.db.models.functions import Intersection
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import transaction
from django.utils import timezone
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from gridmap import actions, areacode, registry
from gridmap.errors import ProblemError
from gridmap.models import Area, AreaKind, AreaSuccessor, Grant, Role, User
from gridmap.partition.numbering import NoCodesError, Numbered, number
from gridmap.partition.topology import faults
from gridmap.projection import to_even_metres


@dataclass(frozen=True)
class NewCell:
    """A cell as it is to be: its shape in degrees, and what is known of it; without a name it is called by its number."""

    shape: BaseGeometry
    name: str = ""
    kind: str = AreaKind.RESIDENTIAL
    households: int | None = None


@dataclass(frozen=True)
class Recut:
    """What a cut changed: the codes of the cells in their order, those that stayed, who follows whom, and what was moved."""

    codes: list[str]
    kept: frozenset[str]
    successors: dict[str, list[str]]
    moved: dict[str, int]


def check(area: Area, cells: Sequence[NewCell]) -> tuple[float, list[BaseGeometry]]:
    """Raise cells_faulty unless cells are an area exactly; its latitude, and the cells in even metres of it."""
    assert area.geom is not None
    outline = shapely.from_wkb(bytes(area.geom.wkb))
    lat = outline.centroid.y
    shapes = [to_even_metres(cell.shape, lat) for cell in cells]
    wrong = faults(to_even_metres(outline, lat), shapes)
    if wrong or not cells:
        detail = [{"code": one.code, "cells": list(one.cells), "area": round(one.area, 1)} for one in wrong[:20]]
        raise ProblemError("cells_faulty", detail={"faults": detail})
    return lat, shapes


def numbers(area: Area, cells: Sequence[NewCell]) -> tuple[Numbered, dict[str, Area]]:
    """The codes that cells of a community get, and every cell that it ever had; raises cells_faulty, border_faulty, no_codes_left."""
    lat, shapes = check(area, cells)
    known = {one.code: one for one in Area.objects.filter(code__startswith=area.code, level=areacode.CELL)}
    in_force = {
        code: to_even_metres(shapely.from_wkb(bytes(one.geom.wkb)), lat)
        for code, one in known.items()
        if one.valid_to is None and one.geom is not None
    }
    try:
        return number(area.code, shapes, in_force, list(known)), known
    except NoCodesError:
        raise ProblemError("no_codes_left") from None
    except GEOSException:
        raise ProblemError("border_faulty") from None


@transaction.atomic
def recut(actor: User, community: str, cells: Sequence[NewCell]) -> Recut:
    """Put cells in force from now on in the place of those of a community; one that did not change keeps its code.

    Raises unknown_area, or cells_faulty if they are not the community exactly: without gap, overlap or rest, each in one piece.
    Grants on a code that ends are handed on to all that follow it; open cases go to the cell that they lie in now.
    """
    area = Area.objects.select_for_update().filter(pk=community, level=areacode.COMMUNITY, valid_to=None).first()
    if area is None or area.geom is None:
        raise ProblemError("unknown_area", fields={"area": "unknown_area"})
    numbered, known = numbers(area, cells)
    served = _held(numbered)
    _store(actor, cells, numbered, known)
    _end(actor, numbered, known, served)
    moved = registry.cells_ended(numbered.successors, actor.pk)
    return Recut(numbered.codes, numbered.kept, numbered.successors, moved)


def _held(numbered: Numbered) -> list[Grant]:
    """Whoever changes a row holds it before the log: so everything that will move is locked before the first event."""
    rows = Grant.objects.select_for_update(of=("self",)).filter(area_code__in=numbered.successors)
    served = list(rows.select_related("user", "department").order_by("pk"))
    registry.hold_cells(numbered.successors)
    return served


def _store(actor: User, cells: Sequence[NewCell], numbered: Numbered, known: dict[str, Area]) -> None:
    """New cells are stored with the borders that were proven; one that stays may have another name or kind, and keeps its count."""
    rows = []
    for code, cell in zip(numbered.codes, cells, strict=True):
        area = known.get(code) or Area(code=code, households=cell.households, valid_from=timezone.localdate())
        border = _border(cell.shape)
        if area.geom is None or not area.geom.equals(border):
            area.geom = border
        area.name = cell.name or area.name or f"第{int(code[12:])}网格"
        area.kind = cell.kind
        rows.append(area)
    actions.put_areas(rows, actor)


def _border(shape: BaseGeometry) -> MultiPolygon:
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon)]
    border = GEOSGeometry(shapely.MultiPolygon(parts).wkb_hex, srid=4326)
    assert isinstance(border, MultiPolygon)
    return border


def _end(actor: User, numbered: Numbered, known: dict[str, Area], served: Sequence[Grant]) -> None:
    """Cells that nothing keeps end, and whoever served one of them serves those that follow it."""
    after = Area.objects.in_bulk({code for codes in numbered.successors.values() for code in codes})
    for code, codes in numbered.successors.items():
        actions.end_area(known[code], successors=[after[one] for one in codes], actor=actor)
    for given in served:
        heirs = numbered.heirs[given.area_code]
        for code in heirs:
            actions.grant(given.user, Role(given.role), code, department=given.department, actor=actor)
        actions.revoke(given, actor, to=heirs[0])


LATE = timedelta(days=1)


@transaction.atomic
def move_late() -> int:
    """Move what was written into a cell while it ended: its place was looked up before, it was stored after. How much it was."""
    ended = Area.objects.filter(level=areacode.CELL, valid_to__gte=timezone.localdate() - LATE)
    successors = dict[str, list[str]]()
    shared = Areal(Intersection("predecessor__geom", "successor__geom"))
    links = AreaSuccessor.objects.filter(predecessor__in=ended).order_by("predecessor", shared.desc(), "successor")
    for code, heir in links.values_list("predecessor_id", "successor_id"):
        successors.setdefault(code, []).append(heir)
    registry.hold_cells(successors)
    return sum(registry.cells_ended(successors, None).values()) if successors else 0
