"""Blocks bounded by roads and water, and building plots inside them: the units that cells are made of.

No border crosses a building: a footprint belongs to one unit as a whole, and the ground between two goes to the nearer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Polygon, STRtree
from shapely.geometry.base import BaseGeometry

from gridmap.partition.graph import OPEN, Floats, Graph, Ints, components

GRID = 0.001  # metres: every vertex lies on this grid while borders are worked out
STEP = 8.0  # metres between points along footprints; nearer points make borders a little straighter and take longer
SLIVER = 1.0  # square metres
POLYGON, MULTIPOLYGON = 3, 6  # as shapely numbers types
SHAKEN = 0.02  # metres
TOUCHED = 0.001  # square metres of a building that make it stand in a block
TOUCHING = 0.3  # metres: buildings nearer than this are one
Geometries = NDArray[np.object_]


@dataclass(frozen=True)
class Line:
    """A road, a bank or a wall, and what it is as a border (`graph.BARRIER` … `graph.LANE`)."""

    shape: LineString
    kind: int


@dataclass(frozen=True)
class Building:
    shape: Polygon | MultiPolygon
    households: int = 0


@dataclass(frozen=True)
class Plots:
    """The units of a community: `pieces` are faces that share every vertex of their borders, `unit` the unit of each."""

    outline: Polygon | MultiPolygon
    pieces: Geometries
    unit: Ints
    graph: Graph
    building_unit: Ints  # the unit of each building that was given; -1 outside the outline

    def cells(self, cell: Ints) -> list[BaseGeometry]:
        """The shape of each cell, given the cell of each unit; borders meet the outline exactly."""
        own = cell[self.unit]
        shapes = [shapely.coverage_union_all(self.pieces[own == one]) for one in range(int(own.max()) + 1)]
        return list(_on_outline(np.array(shapes, dtype=object), self.outline))


def plots(outline: Polygon | MultiPolygon, lines: Sequence[Line], buildings: Sequence[Building]) -> Plots:
    """Units of a community from its outline, lines and buildings, all in one projected CRS (metres).

    ValueError for an outline that is empty or not valid.
    """
    if outline.is_empty or not outline.is_valid:
        raise ValueError(f"the outline cannot be cut: {shapely.is_valid_reason(outline)}")
    lines = [Line(part, line.kind) for line in lines for part in _inside(line.shape, outline)]
    blocks = _faces([*(line.shape for line in lines), outline.boundary], outline)
    footprints = _footprints(buildings)
    ground = [_divide(block, footprints, near) for block, near in _near(blocks, footprints)]
    owners = np.concatenate([owner for owner, _ in ground])
    areas = np.concatenate([shapes for _, shapes in ground])
    # Only the edges of what was divided: the outline beside them would leave hairlines where a border ends a grid's width off it.
    pieces = _faces(list(shapely.boundary(areas)), outline)
    unit = _owners(pieces, areas, owners, footprints)
    unit, graph_of = _joined(pieces, unit, lines)
    households = np.zeros(int(unit.max()) + 1, dtype=np.int64)
    inside = _building_units(buildings, pieces, unit, outline)
    for building, own in zip(buildings, inside, strict=True):
        if own >= 0:
            households[own] += building.households
    return Plots(outline, pieces, unit, graph_of(households), inside)


def _inside(line: LineString, outline: BaseGeometry) -> list[LineString]:
    return [part for part in shapely.get_parts(line.intersection(outline)) if isinstance(part, LineString)]


def _faces(lines: Sequence[BaseGeometry], outline: BaseGeometry) -> Geometries:
    """The faces into which lines cut the land within the outline."""
    noded = shapely.union_all(lines, grid_size=GRID)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    shapely.prepare(outline)
    found: Geometries = faces[shapely.contains(outline, shapely.point_on_surface(faces))]
    return found


def _footprints(buildings: Sequence[Building]) -> Geometries:
    """The ground of buildings; those that touch are joined to one footprint."""
    shapes = np.array([building.shape for building in buildings], dtype=object)
    if not len(shapes):
        return shapes
    one, two = STRtree(shapes).query(shapes, predicate="dwithin", distance=TOUCHING)
    label = components(len(shapes), one, two)
    alone = np.bincount(label) == 1
    joined = np.empty(len(alone), dtype=object)
    joined[label] = shapes
    for group in np.flatnonzero(~alone):
        closed = shapely.buffer(shapely.buffer(shapes[label == group], TOUCHING, join_style="mitre"), 0)
        joined[group] = shapely.union_all([*shapes[label == group], shapely.union_all(closed).buffer(-TOUCHING)])
    return shapely.set_precision(joined, GRID)


def _near(blocks: Geometries, footprints: Geometries) -> list[tuple[Polygon, Ints]]:
    """Each block with the footprints that stand in it."""
    if not len(footprints):
        return [(block, np.zeros(0, dtype=np.int64)) for block in blocks]
    block, footprint = STRtree(footprints).query(blocks, predicate="intersects")
    real = shapely.area(shapely.intersection(blocks[block], footprints[footprint])) > TOUCHED
    block, footprint = block[real], footprint[real]
    return [(blocks[at], np.sort(footprint[block == at])) for at in range(len(blocks))]


def _divide(block: Polygon, footprints: Geometries, near: Ints) -> tuple[Ints, Geometries]:
    """The ground of a block by footprints: each with what lies nearer to it than to others; (-1, block) without any."""
    if len(near) < 2:
        return (near if len(near) else np.array([-1])), np.array([block], dtype=object)
    own = footprints[near]
    beyond = ~shapely.covers(block, own)
    own[beyond] = _land(shapely.intersection(own[beyond], block, grid_size=GRID))
    points, of = shapely.get_coordinates(shapely.segmentize(own, STEP), return_index=True)
    _, first = np.unique(np.round(points, 1), axis=0, return_index=True)
    points, of = points[np.sort(first)], of[np.sort(first)]
    # Of points on one circle, as those of a rectangle are, GEOS makes regions that are not valid: so none is exactly in its place.
    points = points + np.random.default_rng(len(points)).uniform(-SHAKEN, SHAKEN, points.shape)
    regions = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=block, ordered=True))
    shapes = np.array([_together(regions[of == at]) for at in range(len(near))], dtype=object)
    ground = _land(shapely.intersection(shapes, block, grid_size=GRID))
    if shapely.covers(ground, own).all():
        return near, ground
    # Between points along a long wall, what is nearer to a neighbour's points can reach into a building.
    free = _land(shapely.difference(ground, shapely.union_all(own, grid_size=GRID), grid_size=GRID))
    return near, shapely.union(free, own, grid_size=GRID)


def _land(shapes: Geometries) -> Geometries:
    """What there is of area: where shapes touch, an overlay leaves points and lines too."""
    kinds = shapely.get_type_id(shapes)
    for at in np.flatnonzero((kinds != POLYGON) & (kinds != MULTIPOLYGON)):
        shapes[at] = MultiPolygon([part for part in shapely.get_parts(shapes[at]) if isinstance(part, Polygon)])
    return shapes


def _together(regions: Geometries) -> BaseGeometry:
    """Regions beside each other as one. Of points on one circle GEOS may make regions that do not quite meet: then overlaid."""
    try:
        return shapely.coverage_union_all(regions)
    except shapely.errors.GEOSException:
        return shapely.union_all(regions, grid_size=GRID)


def _owners(pieces: Geometries, areas: Geometries, owners: Ints, footprints: Geometries) -> Ints:
    """The unit of each piece before units are looked at as shapes: a footprint's number, or one of its own."""
    points = shapely.point_on_surface(pieces)
    piece, area = STRtree(areas).query(points, predicate="intersects")
    found = np.full(len(pieces), -1, dtype=np.int64)
    found[piece[::-1]] = owners[area[::-1]]
    alone = found < 0
    found[alone] = len(footprints) + np.arange(alone.sum())
    return found


def _joined(pieces: Geometries, owner: Ints, lines: Sequence[Line]) -> tuple[Ints, Callable[[Ints], Graph]]:
    """Units in one piece each, from 0 in the order of their first piece, and what makes their graph."""
    one, two, metres, middle = shared(pieces)
    same = owner[one] == owner[two]
    label = components(len(pieces), one[same], two[same])
    _without_slivers(label, pieces, one, two, metres)
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    unit = rank[inverse]
    apart = unit[one] != unit[two]
    low, high = np.minimum(unit[one], unit[two])[apart], np.maximum(unit[one], unit[two])[apart]
    kind = kinds_at(middle[apart], lines)
    keys, where = np.unique(np.stack([low, high, kind], axis=1), axis=0, return_inverse=True)
    length = _sums(where.ravel(), metres[apart], len(keys))
    area = _sums(unit, shapely.area(pieces))
    inner = _sums(np.concatenate([one, two]), np.concatenate([metres, metres]) * np.tile(~apart, 2), len(pieces))
    outline = _sums(unit, shapely.length(pieces) - inner)

    def graph(households: Ints) -> Graph:
        return Graph(households, keys[:, :2], length, keys[:, 2], area, outline)

    return unit, graph


def _without_slivers(label: Ints, pieces: Geometries, one: Ints, two: Ints, metres: Floats) -> None:
    """What is smaller than a square metre, such as the corner of a plot behind a neighbour's wall, goes to whom it touches most."""
    areas = np.bincount(label, shapely.area(pieces))
    for small in np.flatnonzero((areas > 0) & (areas < SLIVER)):
        inside = label == small
        beyond = np.concatenate([two[inside[one] & ~inside[two]], one[inside[two] & ~inside[one]]])
        lengths = np.concatenate([metres[inside[one] & ~inside[two]], metres[inside[two] & ~inside[one]]])
        if len(beyond):
            label[inside] = np.argmax(np.bincount(label[beyond], lengths))


def _sums(of: Ints, values: Any, count: int = 0) -> Floats:
    found: Any = np.bincount(of, values, count)
    return np.asarray(found, dtype=np.float64)


def shared(pieces: Geometries) -> tuple[Ints, Ints, Floats, Floats]:
    """The segments that two pieces share: both pieces, metres, and the middle of each segment."""
    rings = shapely.get_parts(shapely.boundary(pieces))
    of_ring = np.repeat(np.arange(len(pieces)), shapely.get_num_geometries(shapely.boundary(pieces)))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    along = ring[1:] == ring[:-1]
    a, b, piece = points[:-1][along], points[1:][along], of_ring[ring[:-1][along]]
    grid = np.rint(np.hstack([a, b]) / GRID).astype(np.int64)
    turned = (grid[:, 0] > grid[:, 2]) | ((grid[:, 0] == grid[:, 2]) & (grid[:, 1] > grid[:, 3]))
    grid[turned] = grid[turned][:, [2, 3, 0, 1]]
    order = np.lexsort(grid.T[::-1])
    grid, piece = grid[order], piece[order]
    pair = np.flatnonzero((grid[1:] == grid[:-1]).all(axis=1))
    metres: Floats = np.hypot(*(grid[pair, 2:] - grid[pair, :2]).T) * GRID
    middle = np.asarray((grid[pair, :2] + grid[pair, 2:]) * (GRID / 2), dtype=np.float64)
    return np.asarray(piece[pair]), np.asarray(piece[pair + 1]), metres, middle


def kinds_at(middle: Floats, lines: Sequence[Line]) -> Ints:
    """What lies at the middle of each segment: the greatest of the lines there, or open ground."""
    found = np.full(len(middle), OPEN, dtype=np.int64)
    if not lines or not len(middle):
        return found
    tree = STRtree([line.shape for line in lines])
    at, line = tree.query(shapely.points(middle), predicate="dwithin", distance=3 * GRID)
    np.minimum.at(found, at, np.array([one.kind for one in lines])[line])
    return found


def _building_units(buildings: Sequence[Building], pieces: Geometries, unit: Ints, outline: BaseGeometry) -> Ints:
    """The unit of each building, by a point within its footprint; -1 if that lies outside the outline."""
    found = np.full(len(buildings), -1, dtype=np.int64)
    if not len(buildings):
        return found
    points = shapely.point_on_surface(np.array([building.shape for building in buildings], dtype=object))
    at, piece = STRtree(pieces).query(points, predicate="intersects")
    found[at] = unit[piece]
    found[~shapely.contains(outline, points)] = -1
    return found


def _on_outline(shapes: Geometries, outline: BaseGeometry) -> Geometries:
    """Put vertices that lie on the outline but for the grid exactly where it runs; its own corners are kept to the bit."""
    edge = outline.boundary
    corners = shapely.get_coordinates(edge)
    ends_of: Any = shapely.points(corners)
    tree = STRtree(ends_of)
    shapely.prepare(edge)

    def moved(points: Floats) -> Floats:
        places: Any = shapely.points(points)
        near = np.flatnonzero(shapely.dwithin(places, edge, 2 * GRID))
        ends = shapely.get_coordinates(shapely.shortest_line(edge, places[near]))[::2]
        put, corner = tree.query(places[near], predicate="dwithin", distance=2 * GRID)
        ends[put] = corners[corner]
        out = points.copy()
        out[near] = ends
        return out

    found: Geometries = shapely.transform(shapes, moved)
    return found
