"""A made-up district of uneven communities, cut into cells, for tests and benchmarks: shapes in degrees, no roads."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.partition.communities import Counts, Land

ZONE_MIDDLE, LAT = 120.0, 30.6
METRE = 1 / 111_320.0, 1 / 110_860.0  # degrees of longitude (on the equator) and latitude


@dataclass(frozen=True)
class District:
    communities: list[Land]
    cells: list[Land]


def district(communities: int, streets: int = 1, seed: int = 0, cells_each: float = 4.4) -> District:
    """About so many communities of a few cells with 250 to 500 households each, in so many streets of the district 990199."""
    chance = np.random.default_rng(seed)
    side = 900.0 * communities**0.5
    points = chance.uniform(0, side, (round(communities * cells_each), 2))
    box = shapely.box(0, 0, side, side)
    regions = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=box, ordered=True))
    shapes = shapely.intersection(regions, box)
    middles = chance.uniform(0, side, (communities, 2))
    weight = chance.uniform(0, side / communities**0.5 / 3, communities)
    owner = np.array([int(np.argmin(np.hypot(*(middles - point).T) - weight)) for point in points])
    centres = chance.uniform(0, side, (streets, 2))
    street = [int(np.argmin(np.hypot(*(centres - middle).T))) for middle in middles]
    return _coded(_in_degrees(shapes), owner, street, chance.integers(250, 500, len(points)).tolist())


def _in_degrees(shapes: np.ndarray) -> list[BaseGeometry]:
    narrow = METRE[0] / np.cos(np.radians(LAT))
    found: list[BaseGeometry] = list(
        shapely.transform(
            shapes, lambda xy: np.round(np.array([ZONE_MIDDLE, LAT]) + xy * np.array([narrow, METRE[1]]), 7)
        )
    )
    return found


def _coded(shapes: list[BaseGeometry], owner: np.ndarray, street: list[int], households: list[int]) -> District:
    number = defaultdict[int, int](int)
    communities, cells = [], []
    for one in sorted(set(owner.tolist())):
        units = np.flatnonzero(owner == one)
        for whole in shapely.get_parts(shapely.coverage_union_all([shapes[unit] for unit in units])):
            number[street[one]] += 1
            code = f"990199{street[one] + 1:03}{number[street[one]]:03}"
            own = [unit for unit in units.tolist() if whole.covers(shapes[unit].representative_point())]
            cells += [Land(f"{code}{at:03}", shapes[unit], Counts(households[unit])) for at, unit in enumerate(own, 1)]
            communities.append(Land(code, whole, Counts()))
    return District(communities, cells)
