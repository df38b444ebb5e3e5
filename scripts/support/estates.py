"""Made-up ground to cut, for tests and benchmarks: blocks of a street plan with rows of flats in them, in metres."""

import numpy as np
import shapely
from shapely import LineString, Polygon

from gridmap.partition.graph import BARRIER, BRANCH, STREET
from gridmap.partition.plots import Building, Line

ORIGIN = 500_000.0, 3_400_000.0


def town(wide: int, high: int, seed: int = 0, towers: float = 0.2) -> tuple[Polygon, list[Line], list[Building]]:
    """So many blocks of about 150 by 120 m beside and above each other, crooked, each with some slabs; its edge is ugly.

    In a share of them stand `towers` instead.
    """
    chance = np.random.default_rng(seed)
    x = ORIGIN[0] + 150.0 * np.arange(wide + 1)
    y = ORIGIN[1] + 120.0 * np.arange(high + 1)
    nodes = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1) + chance.uniform(-12, 12, (wide + 1, high + 1, 2))
    lines = [Line(LineString(nodes[at]), _kind(at)) for at in range(wide + 1)]
    lines += [Line(LineString(nodes[:, at]), _kind(at)) for at in range(high + 1)]
    buildings = [
        building
        for column in range(wide)
        for row in range(high)
        for building in _estate(_block(nodes, column, row), chance, towers)
    ]
    ring = [*nodes[:, 0], *nodes[-1, 1:], *nodes[::-1, -1][1:], *nodes[0, ::-1][1:-1]]
    return Polygon(ring).buffer(3.7, quad_segs=2), lines, buildings


def _kind(at: int) -> int:
    return BARRIER if at % 6 == 0 else STREET if at % 2 == 0 else BRANCH


def _block(nodes: np.ndarray, column: int, row: int) -> Polygon:
    corners = [nodes[column, row], nodes[column + 1, row], nodes[column + 1, row + 1], nodes[column, row + 1]]
    return Polygon(corners).buffer(-8)


def _estate(block: Polygon, chance: np.random.Generator, towers: float) -> list[Building]:
    """Slabs in rows, or towers."""
    return _towers(block, chance) if chance.random() < towers else _slabs(block, chance)


def _towers(block: Polygon, chance: np.random.Generator) -> list[Building]:
    west, south, east, north = block.bounds
    places = [
        (west + (east - west) * (at + 0.5) / 3 - 11, south + chance.uniform(15, north - south - 40)) for at in range(3)
    ]
    towers = [shapely.box(x, y, x + 22, y + 22) for x, y in places]
    return [Building(tower, int(chance.integers(60, 205))) for tower in towers if block.contains(tower)]


def _slabs(block: Polygon, chance: np.random.Generator) -> list[Building]:
    west, south, east, north = block.bounds
    rows = int(chance.integers(2, 5))
    found = []
    for at in range(rows):
        base = south + (at + 0.2) * (north - south) / rows
        slab = shapely.box(west + chance.uniform(2, 20), base, east - chance.uniform(2, 40), base + 11).intersection(
            block
        )
        if isinstance(slab, Polygon) and slab.area > 120:
            found += _halves(slab, int(chance.integers(2, 7)), chance)
    return found


def _halves(slab: Polygon, floors: int, chance: np.random.Generator) -> list[Building]:
    """A slab as one building, or with a gap as two."""
    west, south, east, north = slab.bounds
    middle = (west + east) / 2
    gap = shapely.box(middle - 4, south - 1, middle + 4, north + 1)
    parts = shapely.get_parts(slab.difference(gap)) if chance.random() < 0.6 else [slab]
    return [Building(part, int(part.area * floors / 100)) for part in parts if part.area > 40]
