"""Blocks between main roads cut into cells, and cells into leaves of land between lanes."""

from dataclasses import dataclass, field
from random import Random

import shapely
from shapely import LineString, Point, Polygon, STRtree, ops
from shapely.geometry.base import BaseGeometry

from . import plan
from .geometry import GRID, axis, biggest, lines_of, longest, parallel_cut, split
from .model import Plot
from .names import Names
from .network import Network, Road

LEAF = {
    "old": 30000.0, "village": 34000.0, "tower": 40000.0, "centre": 30000.0, "market": 26000.0, "industry": 34000.0,
    "works": 34000.0, "middle_school": 52000.0,
}  # fmt: skip
WHOLE = {"hill", "college", "riverside", "wetland"}
DEDICATED = WHOLE | {"industry", "works", "middle_school", "market"}
SETBACK = {"primary": 8.0, "secondary": 6.0, "tertiary": 5.0, "residential": 4.0, "service": 2.5, "footway": 1.0}


@dataclass(slots=True)
class Cell:
    """A cell in the making; `geom` has the exact border, shared vertex by vertex with its neighbours."""

    community: int
    character: str
    geom: Polygon
    plots: list[Plot] = field(default_factory=list)

    @property
    def dedicated(self) -> bool:
        return self.character in DEDICATED


def cut_cells(network: Network, names: Names) -> tuple[list[Cell], list[Road]]:
    """All cells of the street and the lanes that divide them inside the blocks."""
    cells: list[Cell] = []
    lanes: list[Road] = []
    rings: list[LineString] = [face.exterior for face in network.faces]
    for block in plan.BLOCKS:
        face = next(face for face in network.faces if face.covers(Point(block.at)))
        pieces = [face]
        for i in range(1, len(block.cells)):
            line = parallel_cut(face, i / len(block.cells), 90.0 if block.across else 0.0)
            pieces = [part for piece in pieces for part in split(piece, longest(line.intersection(piece)))]
            rings.append(line)
            lanes.extend(_lane(network, names.take("street"), line))
        pieces.sort(key=lambda piece: -piece.centroid.y if block.across else piece.centroid.x)
        cells += [Cell(block.community, kind, piece) for kind, piece in zip(block.cells, pieces, strict=True)]
    _make_exact(cells, shapely.unary_union(rings, grid_size=GRID))
    return cells, lanes


def _lane(network: Network, name: str, line: LineString) -> list[Road]:
    dry = longest(line.difference(network.river_line.buffer(-plan.SOUTH_BANK)))
    return [Road(name, "residential", dry)] if dry.length > 20 else []


def _make_exact(cells: list[Cell], borders: BaseGeometry) -> None:
    """Replace each border by the faces of one common drawing, so that there is no gap or overlap."""
    faces = list(ops.polygonize(lines_of(borders)))
    tree = STRtree([face.representative_point() for face in faces])
    for cell in cells:
        inside = tree.query(cell.geom, predicate="contains")
        cell.geom = biggest(shapely.coverage_union_all([faces[i] for i in inside]))


def leaves(cell: Cell, network: Network, names: Names, rng: Random) -> tuple[list[Polygon], list[Road]]:
    """The land of a cell divided by lanes; the lanes of the first cuts have names."""
    if cell.character in WHOLE:
        return [cell.geom], []
    parts = [cell.geom]
    bank = network.road("南岸路").line
    if bank.intersection(cell.geom.buffer(-8)).length > 40:
        parts = split(cell.geom, longest(bank.intersection(cell.geom.buffer(1))))
    found: list[Polygon] = []
    lanes: list[Road] = []
    for part in parts:
        target = LEAF.get(cell.character, 33000.0) * rng.uniform(0.9, 1.25)
        _halve(part, target, names, rng, found, lanes)
    return found, lanes


def _halve(land: Polygon, target: float, names: Names, rng: Random, found: list[Polygon], lanes: list[Road]) -> None:
    narrow = land.area / max(land.length, 1) < 26
    if land.area < target or narrow:
        found.append(land)
        return
    cut = parallel_cut(land, rng.uniform(0.43, 0.57), axis(land))
    parts = split(land, cut)
    if len(parts) != 2:
        found.append(land)
        return
    main = land.area > 46000
    lanes.append(Road(names.take("street") if main else "", "residential" if main else "service", cut))
    for part in parts:
        _halve(part, target, names, rng, found, lanes)


class Clearance:
    """What must stay free of buildings: roads with their sides, river and brook."""

    def __init__(self, network: Network, lanes: list[Road]) -> None:
        roads = [*network.roads, *lanes]
        bands = [road.line.buffer(road.half + SETBACK[road.kind], quad_segs=4) for road in roads]
        self._bands = [*bands, network.river.buffer(7), network.brook.buffer(9)]
        self._tree = STRtree(self._bands)

    def ground(self, land: Polygon) -> Polygon:
        """The largest part of a piece of land on which one may build."""
        near = [self._bands[i] for i in self._tree.query(land, predicate="intersects")]
        return biggest(land.difference(shapely.union_all(near)))
