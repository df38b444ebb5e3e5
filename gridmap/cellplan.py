"""A plan of cells as planners look at it: units that are never cut, the cell of each, and what that comes to. Pure, and light
enough for a request: making a proposal takes the libraries of `gridmap/partition`, judging one does not.

Lengths are metres, areas square metres. `frontend/src/model/cellplan.ts` counts the same, so that figures follow a drag at once;
`frontend/tests/cellplan.json` holds both to it.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.partition.numbering import number
from gridmap.partition.sizes import FEWEST, KINDS, MOST
from gridmap.projection import to_even_metres

TOUCHING = 1e-7  # degrees, a centimetre
FINEST = 1e-11  # degrees, a thousandth of a millimetre: what is nearer is the same
OPEN = KINDS.index("open")
MAIN = (KINDS.index("barrier"), KINDS.index("street"))  # what people should not have to cross inside their cell


@dataclass(frozen=True)
class Unit:
    """A block or plot: what lies in it, its ground, its whole perimeter, and the middle of its homes (x, y)."""

    households: int
    incidents: int
    area: float
    outline: float
    x: float
    y: float


@dataclass(frozen=True)
class Border:
    """What two units share, and what lies on it (`KINDS`)."""

    one: int
    two: int
    metres: float
    kind: int


@dataclass(frozen=True)
class Ground:
    units: list[Unit]
    borders: list[Border]

    def stored(self) -> dict[str, Any]:
        """As rows of numbers, to be kept as JSON."""
        return {
            "units": [
                [u.households, u.incidents, round(u.area, 1), round(u.outline, 2), round(u.x, 1), round(u.y, 1)]
                for u in self.units
            ],
            "borders": [[b.one, b.two, round(b.metres, 2), b.kind] for b in self.borders],
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Ground":
        return cls([Unit(*row) for row in stored["units"]], [Border(*row) for row in stored["borders"]])


@dataclass(frozen=True)
class Figures:
    """One cell. `deviation` from the mean of the cells that are not dedicated, a share; `compactness` after Polsby and Popper;
    `on_lines` the share of its border with other cells that lies on roads, water or walls; `crossed` metres of main road or
    water inside it; `walk` how far a home lies from the middle of all homes of the cell, as the crow flies, on average;
    `incidents` of the last year.
    """

    households: int
    deviation: float
    compactness: float
    area: float
    on_lines: float
    crossed: float
    walk: float
    incidents: int
    units: int
    in_one_piece: bool

    @property
    def in_range(self) -> bool:
        return FEWEST <= self.households <= MOST


def figures(ground: Ground, cells: Sequence[int], dedicated: Sequence[int] = ()) -> list[Figures]:
    """The figures of cells 0 … n - 1, given the cell of each unit."""
    count = max(cells) + 1
    own: list[list[int]] = [[] for _ in range(count)]
    for unit, cell in enumerate(cells):
        own[cell].append(unit)
    borders: list[list[Border]] = [[] for _ in range(count)]
    for border in ground.borders:
        for cell in {cells[border.one], cells[border.two]}:
            borders[cell].append(border)
    usual = [
        sum(ground.units[u].households for u in units) for cell, units in enumerate(own) if cell not in set(dedicated)
    ]
    mean = sum(usual) / len(usual) if usual else 0.0
    return [_figures(ground, cells, units, borders[cell], mean) for cell, units in enumerate(own)]


def _figures(
    ground: Ground, cells: Sequence[int], own: Sequence[int], borders: Sequence[Border], mean: float
) -> Figures:
    units = [ground.units[unit] for unit in own]
    inner = [border for border in borders if cells[border.one] == cells[border.two]]
    outer = [border for border in borders if cells[border.one] != cells[border.two]]
    area, households = sum(unit.area for unit in units), sum(unit.households for unit in units)
    around = sum(unit.outline for unit in units) - 2 * sum(border.metres for border in inner)
    apart = sum(border.metres for border in outer)
    return Figures(
        households, households / mean - 1 if mean else 0.0, 4 * math.pi * area / around**2 if around > 0 else 0.0, area,
        1 - sum(border.metres for border in outer if border.kind == OPEN) / apart if apart else 1.0,
        sum(border.metres for border in inner if border.kind in MAIN), _walk(units), sum(unit.incidents for unit in units),
        len(units), len(pieces(own, inner)) == 1,
    )  # fmt: skip


def _walk(units: Sequence[Unit]) -> float:
    whole = sum(unit.households for unit in units)
    if not whole:
        return 0.0
    x, y = (sum(unit.households * at for unit, at in zip(units, along, strict=True)) / whole
            for along in ([u.x for u in units], [u.y for u in units]))  # fmt: skip
    return sum(unit.households * math.hypot(unit.x - x, unit.y - y) for unit in units) / whole


def pieces(units: Sequence[int], borders: Sequence[Border]) -> list[set[int]]:
    """What hangs together of some units by the borders between them, the largest first."""
    near = defaultdict(list)
    for border in borders:
        near[border.one].append(border.two)
        near[border.two].append(border.one)
    left, found = set(units), []
    while left:
        start = [left.pop()]
        piece = set(start)
        while start:
            for other in near[start.pop()]:
                if other in left:
                    left.discard(other)
                    piece.add(other)
                    start.append(other)
        found.append(piece)
    return sorted(found, key=len, reverse=True)


def apart(ground: Ground, cells: Sequence[int]) -> list[int]:
    """The cells that are not in one piece."""
    return [cell for cell, one in enumerate(figures(ground, cells)) if not one.in_one_piece]


@dataclass(frozen=True)
class Summary:
    """A plan at a glance; the largest deviation and the means are those of cells that are not dedicated."""

    cells: int
    usual: int
    households: int
    least: int
    most: int
    in_range: int
    deviation: float
    compactness: float
    on_lines: float
    crossed: float
    walk: float
    most_incidents: int


def summary(every: Sequence[Figures], dedicated: Sequence[int] = ()) -> Summary:
    """What a plan comes to."""
    usual = [one for cell, one in enumerate(every) if cell not in set(dedicated)] or list(every)
    homes = sum(one.households for one in usual)
    return Summary(
        len(every), len(usual), sum(one.households for one in every), min(one.households for one in usual),
        max(one.households for one in usual), sum(one.in_range for one in usual), max(abs(one.deviation) for one in usual),
        sum(one.compactness for one in usual) / len(usual), sum(one.on_lines for one in usual) / len(usual),
        sum(one.crossed for one in every), sum(one.walk * one.households for one in usual) / homes if homes else 0.0,
        max(one.incidents for one in every),
    )  # fmt: skip


# --- shapes


def shapes(units: Sequence[BaseGeometry], cells: Sequence[int]) -> list[BaseGeometry]:
    """The shape of each cell: its units joined, which share every vertex."""
    every, of = np.array(list(units), dtype=object), np.array(list(cells))
    return [shapely.coverage_union_all(every[of == cell]) for cell in range(max(cells) + 1)]


def fitted(cells: Sequence[BaseGeometry], outline: BaseGeometry) -> list[BaseGeometry]:
    """Cells that end exactly where their community does: what reaches beyond is cut off, what is left open goes to its neighbour.

    Units are good to a millimetre, and an edge that is straight in metres is not quite so in degrees.
    """
    found = [_largest(cell.intersection(outline)) if _thin(cell.difference(outline)) else cell for cell in cells]
    left = [
        part for part in shapely.get_parts(outline.difference(shapely.union_all(found))) if part.area and _thin(part)
    ]
    tree, given = shapely.STRtree(found), defaultdict(list)
    for part in left:
        near = tree.query(part, predicate="dwithin", distance=TOUCHING)
        reach = part.buffer(TOUCHING)
        if len(near):
            given[max(near.tolist(), key=lambda at: (reach.intersection(found[at]).area, -at))].append(part)
    joined = [shapely.union_all([cell, *given[at]]) if at in given else cell for at, cell in enumerate(found)]
    return [_largest(shapely.set_precision(cell, FINEST)) for cell in joined]


def _thin(shape: BaseGeometry) -> bool:
    """Whether it is narrower than ten centimetres: what rounding leaves. Anything wider is a fault that somebody must see."""
    return bool(shape.buffer(-5 * TOUCHING).is_empty)


def _largest(shape: BaseGeometry) -> BaseGeometry:
    parts: list[BaseGeometry] = list(shapely.get_parts(shape))
    return max(parts, key=lambda part: part.area)


def homes_in(units: Sequence[BaseGeometry], in_force: Mapping[str, BaseGeometry]) -> list[str]:
    """The code of the cell in force that each unit lies in, or is nearest to; "" without any."""
    if not in_force:
        return [""] * len(units)
    codes = list(in_force)
    tree = shapely.STRtree([in_force[code] for code in codes])
    points = shapely.point_on_surface(np.array(list(units), dtype=object))
    at, nearest = tree.query_nearest(points, all_matches=False)
    found = [""] * len(units)
    for unit, cell in zip(at, nearest, strict=True):
        found[unit] = codes[cell]
    return found


@dataclass(frozen=True)
class Comparison:
    """A plan beside the cells in force: codes that the plan's cells would get, those that stay, who follows whom, and households
    that would be parted from most of those they share a cell with now (`parted`), or have another code (`renamed`).
    """

    codes: list[str]
    kept: list[str]
    successors: dict[str, list[str]]
    parted: int
    renamed: int


def compare(
    community: str,
    ground: Ground,
    units: Sequence[BaseGeometry],
    cells: Sequence[int],
    in_force: Mapping[str, BaseGeometry],
    used: Sequence[str],
) -> Comparison:
    """What would change if these cells were put in force; units and cells in degrees."""
    if not in_force:
        lat = 0.0
    else:
        lat = float(np.mean([one.centroid.y for one in in_force.values()]))
    polygons = [to_even_metres(shape, lat) for shape in shapes(units, cells)]
    before = {code: to_even_metres(shape, lat) for code, shape in in_force.items()}
    found = number(community, polygons, before, used)
    now = homes_in(units, in_force)
    shared = Counter[tuple[str, int]]()
    for unit, code, cell in zip(ground.units, now, cells, strict=True):
        shared[code, cell] += unit.households
    most = {code: max(n for (old, _), n in shared.items() if old == code) for code in set(now) - {""}}
    parted = sum(n for (code, _), n in shared.items() if code) - sum(most.values())
    renamed = sum(n for (code, cell), n in shared.items() if code and found.codes[cell] != code)
    return Comparison(found.codes, sorted(found.kept), found.successors, parted, renamed)


def as_polygon(shape: BaseGeometry) -> BaseGeometry:
    """A unit as one polygon where it is one."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
