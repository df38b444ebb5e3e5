"""Plans of cells made: the ground of a community as units to plan with, and cells of them, anew or from others. Pure and heavy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

from gridmap.cellplan import Border, Ground, Unit, as_polygon, homes_in, shapes
from gridmap.partition.cut import Ask, cut, mended
from gridmap.partition.graph import OPEN, Graph
from gridmap.partition.ground import GroundRow, buildings_of, estimated, lines_of
from gridmap.partition.numbering import reading_order
from gridmap.partition.plots import Building, Line, plots
from gridmap.partition.propose import Method, propose
from gridmap.projection import Corners, to_degrees, to_metres, zone_of

LITTLE = 20.0  # metres of open ground that it costs to give a household another cell, when little is to change
INSIDE = 0.2  # metres from the border of the community: what is nearer is the border itself
Rows = Sequence[tuple[str, str, int | None, int | None, bytes]]
Places = Sequence[tuple[float, float]]


class CannotError(Exception):
    """No households are known of the community, and none were to be guessed."""


@dataclass(frozen=True)
class Wanted:
    """How a community is to be cut; `estimate` guesses households by floors where nobody counted."""

    method: Method = "blocks"
    target: int = 400
    tolerance: float = 0.1
    seed: int = 0
    estimate: bool = False


@dataclass(frozen=True)
class Start:
    """Where cutting starts: the cell of each unit, which of these cells stay as they are, and how much the others may change."""

    cells: Sequence[int]
    fixed: frozenset[int] = frozenset()
    how: str = "anew"  # the cells that are not fixed: anew, little, as_is


@dataclass(frozen=True)
class MadeGround:
    """Units in degrees, and what is known of them; `guessed` if households were."""

    shapes: list[BaseGeometry]
    ground: Ground
    guessed: bool = False

    def homes(self, in_force: Mapping[str, BaseGeometry]) -> tuple[list[int], list[str]] | None:
        """The cell in force of each unit, by number, and the codes of these numbers; None without any."""
        if not in_force:
            return None
        codes = homes_in(self.shapes, in_force)
        known = sorted(set(codes))
        return [known.index(code) for code in codes], known

    def cut(self, wanted: Wanted, start: Start | None) -> tuple[list[int], dict[int, int]]:
        """The cell of each unit, numbered as read from north to south and west to east, and the new number of each fixed cell.

        The same ground, wishes and start give the same cells.
        """
        if wanted.method != "blocks":
            return list(range(len(self.shapes))), {}
        return cells_of(self, Ask(wanted.target, wanted.tolerance, wanted.seed), start)


def ground_of(
    outline: MultiPolygon, rows: Rows, incidents: Places, wanted: Wanted, in_force: Sequence[BaseGeometry] = ()
) -> MadeGround:
    """The units of a community: `outline`, the places of incidents and the cells in force in degrees, rows with WKB in metres of
    its zone. No unit lies in two of the cells in force, unless their border cuts a building.

    CannotError without households, ValueError for an outline that cannot be cut.
    """
    ground = [GroundRow(layer, kind, homes, shapely.from_wkb(wkb), floors) for layer, kind, homes, floors, wkb in rows]
    guessed = wanted.estimate and not any(row.households for row in ground)
    ground = estimated(ground) if guessed else ground
    if not any(row.households for row in ground):
        raise CannotError
    shapes, found = (
        _of_blocks(outline, ground, in_force)
        if wanted.method == "blocks"
        else _of_raster(outline, ground, wanted.method)
    )
    return MadeGround(shapes, _with_incidents(found, shapes, incidents), guessed)


def _of_blocks(
    outline: MultiPolygon, rows: Sequence[GroundRow], in_force: Sequence[BaseGeometry]
) -> tuple[list[BaseGeometry], Ground]:
    corners, buildings = Corners.of(outline), buildings_of(rows)
    inner = corners.metres.buffer(-INSIDE)
    drawn = [to_metres(cell, corners.zone).boundary.intersection(inner) for cell in in_force]
    borders_now = [Line(part, OPEN) for line in drawn for part in shapely.get_parts(line) if part.length > INSIDE]
    made = plots(corners.metres, [*lines_of(rows), *borders_now], buildings)
    graph = made.graph
    # As they were made: put on the outline, two corners of a small unit can change places. Cells are fitted to it at the end.
    metres = [shapely.coverage_union_all(made.pieces[made.unit == unit]) for unit in range(len(graph))]
    middles = _middles(metres, buildings, made.building_unit.tolist())
    units = [
        Unit(int(graph.households[at]), 0, float(graph.area[at]), float(graph.outline[at]), *middles[at])
        for at in range(len(graph))
    ]
    borders = [
        Border(int(one), int(two), float(length), int(kind))
        for (one, two), length, kind in zip(graph.pairs, graph.metres, graph.kinds, strict=True)
    ]
    return [as_polygon(to_degrees(shape, corners.zone)) for shape in metres], Ground(units, borders)


def _of_raster(outline: MultiPolygon, rows: Sequence[GroundRow], method: Method) -> tuple[list[BaseGeometry], Ground]:
    """Squares or hexagons, each a unit by itself: to look at, never to be put in force."""
    made = propose(outline, [], buildings_of(rows), method=method)
    zone, units = zone_of(outline.centroid.x), []
    for cell in made.cells:
        metres = to_metres(cell.shape, zone)
        middle = metres.centroid
        units.append(Unit(cell.figures.households, 0, metres.area, metres.length, middle.x, middle.y))
    return [cell.shape for cell in made.cells], Ground(units, [])


def _with_incidents(ground: Ground, shapes: Sequence[BaseGeometry], places: Places) -> Ground:
    happened = _counted(shapes, places)
    units = [replace(unit, incidents=count) for unit, count in zip(ground.units, happened, strict=True)]
    return Ground(units, ground.borders)


def _middles(
    units: Sequence[BaseGeometry], buildings: Sequence[Building], of: Sequence[Any]
) -> list[tuple[float, float]]:
    """Where the homes of each unit are on average; where there are none, a point in it."""
    sums = np.zeros((len(units), 3))
    for building, unit in zip(buildings, of, strict=True):
        if unit >= 0 and building.households:
            middle = building.shape.centroid
            sums[unit] += np.array([middle.x, middle.y, 1.0]) * building.households
    inside = shapely.get_coordinates(shapely.point_on_surface(np.array(list(units), dtype=object)))
    of_homes = np.where(sums[:, 2:] > 0, sums[:, :2] / np.maximum(sums[:, 2:], 1), inside)
    return [(float(x), float(y)) for x, y in of_homes]


def _counted(units: Sequence[BaseGeometry], places: Places) -> list[int]:
    found = [0] * len(units)
    if places:
        points: Any = shapely.points(np.array(places))
        at, unit = shapely.STRtree(units).query(points, predicate="intersects")
        _, first = np.unique(at, return_index=True)
        for one in unit[first]:
            found[one] += 1
    return found


def cells_of(made: MadeGround, ask: Ask, start: Start | None = None) -> tuple[list[int], dict[int, int]]:
    """The cell of each unit, numbered as read from north to south and west to east, and the new number of each fixed cell.

    The same ground, wishes and start give the same cells.
    """
    graph = _graph(made.ground)
    begun = np.array(start.cells if start else np.zeros(len(graph)), dtype=np.int64)
    fixed = sorted(start.fixed) if start else []
    free = np.flatnonzero(~np.isin(begun, fixed))
    found = np.zeros(len(graph), dtype=np.int64)
    for at, cell in enumerate(fixed):
        found[begun == cell] = at
    if len(free):
        found[free] = len(fixed) + _freely(graph.part(free), begun[free], ask, start.how if start else "anew")
    order = reading_order(shapes(made.shapes, found.tolist()))
    place = {cell: at for at, cell in enumerate(order)}
    return [place[int(cell)] for cell in found], {cell: place[at] for at, cell in enumerate(fixed)}


def _freely(graph: Graph, begun: Any, ask: Ask, how: str) -> Any:
    if how == "anew":
        return cut(graph, ask)
    _, own = np.unique(begun, return_inverse=True)
    home = mended(graph, own.astype(np.int64), int(own.max()) + 1)
    if how == "as_is":
        return home
    return cut(graph, Ask(ask.target, ask.tolerance, ask.seed, LITTLE), home)


def _graph(ground: Ground) -> Graph:
    units, borders = ground.units, ground.borders
    return Graph(
        np.array([unit.households for unit in units], dtype=np.int64),
        np.array([(border.one, border.two) for border in borders], dtype=np.int64).reshape(-1, 2),
        np.array([border.metres for border in borders], dtype=np.float64),
        np.array([border.kind for border in borders], dtype=np.int64),
        np.array([unit.area for unit in units], dtype=np.float64),
        np.array([unit.outline for unit in units], dtype=np.float64),
    )
