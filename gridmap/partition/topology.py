"""Whether cells can be put in force: together they are the community, without gap, overlap or rest, each in one piece."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon, STRtree
from shapely.geometry.base import BaseGeometry

SLACK = 0.05  # square metres: rounding of borders that were drawn elsewhere and not snapped to the millimetre


@dataclass(frozen=True)
class Fault:
    """What is wrong with which cells (from 0), how much of it in square metres, and where it lies."""

    code: str  # gap, overlap, outside, pieces, empty, invalid
    cells: tuple[int, ...]
    area: float = 0.0
    at: tuple[float, float] | None = None


def faults(community: BaseGeometry, cells: Sequence[BaseGeometry]) -> list[Fault]:
    """Everything that keeps these cells from being put in force; all shapes in metres. An empty list for a good cut.

    A community of several parts that do not touch may have a cell of one part each; a cell over two parts is not in one piece.
    """
    found = [fault for at, cell in enumerate(cells) if (fault := _own(at, cell))]
    if found:
        return found
    shapes = np.array(list(cells), dtype=object)
    found = [*_overlaps(shapes), *_outside(community, shapes)]
    rest = community.difference(shapely.union_all(shapes))
    found += [
        Fault("gap", _around(part, shapes), part.area, _place(part))
        for part in shapely.get_parts(rest)
        if part.area > SLACK
    ]
    return found


def _own(at: int, cell: BaseGeometry) -> Fault | None:
    if not cell.is_empty and not cell.is_valid:
        return Fault("invalid", (at,), at=_place(cell))
    if cell.area == 0:
        return Fault("empty", (at,))
    parts = shapely.get_parts(cell)
    if len(parts) > 1 or not isinstance(parts[0], Polygon):
        return Fault(
            "pieces", (at,), float(min(part.area for part in parts)), _place(min(parts, key=lambda part: part.area))
        )
    return None


def _overlaps(shapes: np.ndarray) -> list[Fault]:
    one, two = STRtree(shapes).query(shapes, predicate="intersects")
    later = one < two
    common = shapely.intersection(shapes[one[later]], shapes[two[later]])
    return [
        Fault("overlap", (int(a), int(b)), shape.area, _place(shape))
        for a, b, shape in zip(one[later], two[later], common, strict=True)
        if shape.area > SLACK
    ]


def _outside(community: BaseGeometry, shapes: np.ndarray) -> list[Fault]:
    beyond = shapely.difference(shapes, community)
    return [Fault("outside", (at,), shape.area, _place(shape)) for at, shape in enumerate(beyond) if shape.area > SLACK]


def _around(gap: BaseGeometry, shapes: np.ndarray) -> tuple[int, ...]:
    return tuple(int(at) for at in np.sort(STRtree(shapes).query(gap, predicate="intersects")))


def _place(shape: BaseGeometry) -> tuple[float, float] | None:
    point = shape.representative_point()
    return None if point.is_empty else (point.x, point.y)
