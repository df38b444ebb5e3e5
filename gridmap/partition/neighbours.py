"""Which areas lie beside each other, how long their common border is, and how much of it runs along main roads or rivers.

Borders that were drawn by different hands do not quite meet: what is within a metre is the same. All lengths and shapes in metres.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.partition.resize import Border

SAME = 1.0  # metres
SHORTEST = 20.0  # metres: who touches for less does not lie beside each other, but corner to corner
BESIDE = 20.0  # metres from a border to the middle of the road that it runs along


def borders(shapes: Mapping[str, BaseGeometry], main: Sequence[BaseGeometry] = ()) -> list[Border]:
    """The common borders of areas by code; `main` are main roads and the banks of rivers."""
    codes = sorted(shapes)
    if not codes:
        return []
    areas = np.array([shapes[code] for code in codes], dtype=object)
    one, two = shapely.STRtree(areas).query(areas, predicate="dwithin", distance=SAME)
    one, two = one[one < two], two[one < two]
    grown = shapely.buffer(areas, SAME, quad_segs=2)
    lines = shapely.intersection(shapely.boundary(areas)[one], grown[two])
    metres = shapely.length(lines)
    along = _along(lines, main)
    return [
        Border(codes[a], codes[b], float(length), float(beside))
        for a, b, length, beside in zip(one, two, metres, along, strict=True)
        if length >= SHORTEST
    ]


def _along(lines: Any, main: Sequence[BaseGeometry]) -> Any:
    """How much of each line runs along a main road or river; one that only crosses counts for nothing much."""
    found = np.zeros(len(lines))
    if not main:
        return found
    beside = shapely.buffer(np.array(list(main), dtype=object), BESIDE, quad_segs=2)
    line, road = shapely.STRtree(beside).query(lines, predicate="intersects")
    for at in np.unique(line):
        found[at] = lines[at].intersection(shapely.union_all(beside[road[line == at]])).length
    return found


def together(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    """Areas as one, without the slivers between borders that do not quite meet."""
    found = shapely.union_all(list(shapes))
    if isinstance(found, Polygon):
        return found
    return shapely.union_all([one.buffer(SAME, join_style="mitre") for one in shapes]).buffer(-SAME, join_style="mitre")
