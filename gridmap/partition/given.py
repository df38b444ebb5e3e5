"""Cells that a planner gives before the rest is cut: drawn on the map or read from a file, some of them a school, a market, a site.

What is given stays as it is, but no building is cut for it: a unit belongs to the cell that its middle lies in. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.cellplan import Border, Ground, pieces
from gridmap.partition.sizes import FEWEST

RAGGED = FEWEST // 2  # households: a rest between given cells with fewer is no cell, it joins its neighbour


@dataclass(frozen=True)
class GivenCell:
    """One cell in degrees; `dedicated` if it is one school, market or site, which no households are expected of."""

    shape: BaseGeometry
    name: str = ""
    dedicated: bool = False


def read(rows: Sequence[Mapping[str, Any]]) -> list[GivenCell]:
    """Cells from rings of degrees, the outer one first, as the API takes them; ValueError where a ring crosses itself."""
    found = []
    for row in rows:
        outer, *holes = row["rings"]
        shape = Polygon(outer, holes)
        if not shape.is_valid or not shape.area:
            raise ValueError(shapely.is_valid_reason(shape))
        found.append(GivenCell(shape, row.get("name", ""), row.get("dedicated", False)))
    return found


def of_units(units: Sequence[BaseGeometry], ground: Ground, given: Sequence[GivenCell]) -> list[int]:
    """The given cell of each unit, -1 for what is left to be cut.

    Where two overlap, the dedicated one goes first and then the earlier. Each is in one piece: of what a building parts only
    the largest stays. What is left over between them with too few households for a cell goes to the neighbour it touches most.
    """
    points: Any = shapely.point_on_surface(np.array(list(units), dtype=object))
    cells = np.full(len(units), -1)
    for at in sorted(range(len(given)), key=lambda at: (not given[at].dedicated, at)):
        cells[(cells < 0) & shapely.covers(given[at].shape, points)] = at
    for at in range(len(given)):
        for piece in _pieces(ground, cells, at)[1:]:
            cells[list(piece)] = -1
    for piece in _pieces(ground, cells, -1):
        if sum(ground.units[unit].households for unit in piece) < RAGGED:
            _join(ground, cells, piece, given)
    return [int(cell) for cell in cells]


def _pieces(ground: Ground, cells: Any, cell: int) -> list[set[int]]:
    inner = [border for border in ground.borders if cells[border.one] == cells[border.two] == cell]
    return pieces(np.flatnonzero(cells == cell).tolist(), inner)


def _join(ground: Ground, cells: Any, piece: set[int], given: Sequence[GivenCell]) -> None:
    metres = dict.fromkeys((at for at, cell in enumerate(given) if not cell.dedicated), 0.0)
    for border in ground.borders:
        other = _across(border, piece)
        if other is not None and cells[other] in metres:
            metres[int(cells[other])] += border.metres
    most = max(metres.values(), default=0.0)
    if most:
        cells[list(piece)] = next(at for at, length in metres.items() if length == most)


def _across(border: Border, piece: set[int]) -> int | None:
    """The unit on the other side of a border of a piece."""
    if (border.one in piece) == (border.two in piece):
        return None
    return border.two if border.one in piece else border.one
