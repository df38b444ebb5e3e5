"""Plans of cells made: the ground of a community as units to plan with, and cells of them, anew or from others. Pure and heavy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from gridmap.cellplan import Border, Ground, Unit, as_polygon, homes_in, shapes
from gridmap.partition.cut import Ask, cut, mended
from gridmap.partition.graph import OPEN, Graph, components
from gridmap.partition.ground import Count, GroundRow, buildings_of, estimated, lines_of, with_counts
from gridmap.partition.numbering import reading_order
from gridmap.partition.plots import Building, Line, plots
from gridmap.partition.propose import Method, propose
from gridmap.projection import Corners, to_degrees, to_metres, zone_of

LITTLE = 20.0  # metres of open ground that it costs to give a household another cell, when little is to change
INSIDE = 0.2  # metres from the border of the community: what is nearer is the border itself
Rows = Sequence[tuple[str, str, int | None, int | None, bytes]]
Places = Sequence[tuple[float, float]]


class CannotError(Exception):
    """Why a community cannot be cut: no_households are known and none were to be guessed; a cell that was given is given_empty."""


@dataclass(frozen=True)
class Known:
    """What is known of a community: the base map with WKB in metres of its zone; in degrees households as they were counted
    (lon, lat, households), which go before those of the base map, and where incidents were.
    """

    rows: Rows
    counts: Sequence[tuple[float, float, int]] = ()
    incidents: Places = ()


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


def ground_of(outline: MultiPolygon, known: Known, wanted: Wanted, drawn: Sequence[BaseGeometry] = ()) -> MadeGround:
    """The units of a community: `outline` and cells that were `drawn` before (in force, or given) in degrees. No unit lies in
    two of these, unless their border cuts a building.

    CannotError without households, ValueError for an outline that cannot be cut.
    """
    rows = [
        GroundRow(layer, kind, homes, shapely.from_wkb(wkb), floors) for layer, kind, homes, floors, wkb in known.rows
    ]
    guessed = wanted.estimate and any(row.layer == "building" and row.households is None for row in rows)
    rows = estimated(rows) if guessed else rows
    buildings = _counted(outline, buildings_of(rows), known.counts)
    if not any(building.households for building in buildings):
        raise CannotError("no_households")
    shapes, found = (
        _of_blocks(outline, lines_of(rows), buildings, drawn)
        if wanted.method == "blocks"
        else _of_raster(outline, buildings, wanted.method)
    )
    happened = _happened(shapes, known.incidents)
    units = [replace(unit, incidents=count) for unit, count in zip(found.units, happened, strict=True)]
    return MadeGround(shapes, Ground(units, found.borders), guessed)


def _counted(
    outline: MultiPolygon, buildings: list[Building], counts: Sequence[tuple[float, float, int]]
) -> list[Building]:
    if not counts:
        return buildings
    corners = Corners.of(outline)
    found = [Count(to_metres(Point(lon, lat), corners.zone), households) for lon, lat, households in counts]
    return with_counts(buildings, found, corners.metres, whole=False)


def _of_blocks(
    outline: MultiPolygon, lines: Sequence[Line], buildings: Sequence[Building], drawn: Sequence[BaseGeometry]
) -> tuple[list[BaseGeometry], Ground]:
    corners = Corners.of(outline)
    inner = corners.metres.buffer(-INSIDE)
    borders = [to_metres(cell, corners.zone).boundary.intersection(inner) for cell in drawn]
    before = [Line(part, OPEN) for line in borders for part in shapely.get_parts(line) if part.length > INSIDE]
    made = plots(corners.metres, [*lines, *before], buildings)
    graph = made.graph
    # As they were made: put on the outline, two corners of a small unit can change places. Cells are fitted to it at the end.
    metres = [shapely.coverage_union_all(made.pieces[made.unit == unit]) for unit in range(len(graph))]
    middles = _middles(metres, buildings, made.building_unit.tolist())
    units = [
        Unit(int(graph.households[at]), 0, float(graph.area[at]), float(graph.outline[at]), *middles[at])
        for at in range(len(graph))
    ]
    shared = [
        Border(int(one), int(two), float(length), int(kind))
        for (one, two), length, kind in zip(graph.pairs, graph.metres, graph.kinds, strict=True)
    ]
    return [as_polygon(to_degrees(shape, corners.zone)) for shape in metres], Ground(units, shared)


def _of_raster(
    outline: MultiPolygon, buildings: Sequence[Building], method: Method
) -> tuple[list[BaseGeometry], Ground]:
    """Squares or hexagons, each a unit by itself: to look at, never to be put in force."""
    made = propose(outline, [], buildings, method=method)
    zone, units = zone_of(outline.centroid.x), []
    for cell in made.cells:
        metres = to_metres(cell.shape, zone)
        middle = metres.centroid
        units.append(Unit(cell.figures.households, 0, metres.area, metres.length, middle.x, middle.y))
    return [cell.shape for cell in made.cells], Ground(units, [])


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


def _happened(units: Sequence[BaseGeometry], places: Places) -> list[int]:
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
    # A home on both sides of the water is two: nothing can join them.
    part = components(len(graph), graph.pairs[:, 0], graph.pairs[:, 1])
    _, own = np.unique(begun * (int(part.max()) + 1) + part, return_inverse=True)
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
