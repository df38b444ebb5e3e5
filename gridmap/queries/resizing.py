"""Proposals for the sizes of communities, worked out when they are asked for: nothing is stored, and nothing is changed."""

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from django.db import connection
from django.db.models import QuerySet
from shapely.geometry.base import BaseGeometry

from gridmap import access, areacode, registry
from gridmap.communitysizes import Measure
from gridmap.errors import ProblemError
from gridmap.models import Area, User
from gridmap.partition.sizes import Size

if TYPE_CHECKING:
    from gridmap.partition.communities import Counts, Frame, Place, Study

LEVELS = (areacode.DISTRICT, areacode.STREET)
MOST = 1500  # communities: a large district
COMMUNITY, CELL = (areacode.WIDTHS[level - 1] for level in (areacode.COMMUNITY, areacode.CELL))


@dataclass(frozen=True)
class Wanted:
    """How large communities should be, in households or persons; whether neighbours of two streets may become one."""

    least: int
    most: int
    measure: Measure = "households"
    across: bool = False


def area_for(user: User, code: str) -> Area:
    """A street or district in force in which the user plans; `not_found` otherwise."""
    area = Area.objects.filter(pk=code, level__in=LEVELS, valid_to=None).first()
    if area is None or not access.scope_of(user, "cells.view").covers(code):
        raise ProblemError("not_found")
    return area


def proposal(user: User, code: str, wanted: Wanted) -> dict[str, Any]:
    """What could become of the communities of an area, with figures, reasons and drawings of before and after."""
    from gridmap.partition.communities import Frame  # noqa: PLC0415  # loads a solver that nothing else here needs

    area = area_for(user, code)
    if wanted.least > wanted.most:
        raise ProblemError("invalid", fields={"least": "invalid", "most": "invalid"})
    main, found = study(area.code, wanted)
    frame = Frame.of([one.shape for one in found.before])
    return {
        "area": area.code, "proven": found.proven, "width": frame.width, "height": frame.height,
        "main": "".join(frame.paths(main)), "before": _told(frame, found.before), "after": _told(frame, found.after),
        "changes": [
            {name: value for name, value in asdict(change).items() if name != "parts"} | {"numbers": numbers}
            for change, numbers in found.changes if change.kind != "stay"
        ],
    }  # fmt: skip


def study(code: str, wanted: Wanted) -> tuple[list[BaseGeometry], "Study"]:
    """The main roads and waters around, in metres, and the proposal; `no_communities` where there is none with a border."""
    from gridmap.partition import communities as pure  # noqa: PLC0415

    here = _areas(code)
    counts = _registered(code)
    lands = [pure.Land(one.code, _shape(one), _counts(one, counts)) for one in here.filter(level=areacode.COMMUNITY)]
    if not lands or len(lands) > MOST:
        raise ProblemError("no_communities" if not lands else "too_many_communities", detail={"most": MOST})
    cells = [pure.Land(one.code, _shape(one), _counts(one, counts)) for one in here.filter(level=areacode.CELL)]
    west, south, east, north = shapely.total_bounds(np.array([one.shape for one in lands], dtype=object)).tolist()
    main = [shapely.from_wkb(wkb) for wkb in registry.main_lines((west, south, east, north), pure.zone_for(lands))]
    size = Size(wanted.least, wanted.most)
    return main, pure.study(lands, cells, main, size, wanted.measure, across=wanted.across)


def _areas(code: str) -> QuerySet[Area]:
    found = Area.objects.filter(code__startswith=code, valid_to=None, geom__isnull=False)
    return found.defer("geom_3857").order_by("code")


def _shape(area: Area) -> BaseGeometry:
    assert area.geom is not None
    return shapely.from_wkb(bytes(area.geom.wkb))


def _registered(code: str) -> dict[str, tuple[int, int, int]]:
    """Households, persons and those over 60 in the register, by the codes of cells and of communities."""
    sql = """select left(area_code, %s), count(*), coalesce(sum(size), 0), coalesce(sum(over_60), 0)
        from gridmap_household where ended_at is null and area_code like %s group by 1"""
    found = defaultdict[str, tuple[int, int, int]](lambda: (0, 0, 0))
    with connection.cursor() as cursor:
        cursor.execute(sql, [CELL, f"{code}%"])
        for own, households, persons, over_60 in cursor.fetchall():
            for key in {own, own[:COMMUNITY]}:
                before = found[key]
                found[key] = (before[0] + households, before[1] + int(persons), before[2] + int(over_60))
    return dict(found)


def _counts(area: Area, registered: dict[str, tuple[int, int, int]]) -> "Counts":
    from gridmap.partition.communities import Counts  # noqa: PLC0415

    households, persons, over_60 = registered.get(area.code, (None, None, None))
    return Counts(households if area.households is None else area.households, persons, over_60)


def _told(frame: "Frame", places: list["Place"]) -> dict[str, Any]:
    names = {one.code: (one.name, one.name_en) for one in Area.objects.filter(pk__in=[one.heir for one in places])}
    shapes = [one.shape for one in places]
    rows = [
        {
            "number": place.number, "code": place.code, "name": names.get(place.code, ("", ""))[0],
            "name_en": names.get(place.code, ("", ""))[1], "of": list(place.of), "cells": list(place.cells),
            "heir": place.heir, "kind": place.kind, "fits": place.fits, "why": place.why, **asdict(place.counts),
            "path": path, "x": x, "y": y,
        }
        for place, path, (x, y) in zip(places, frame.paths(shapes), frame.middles(shapes), strict=True)
    ]  # fmt: skip
    sums = {name: sum(place.fits == name for place in places) for name in ("yes", "small", "large", "unknown")}
    return {"communities": rows, **sums}
