"""How good cells are: households, deviation, compactness, and on what their borders lie."""

import math
from dataclasses import dataclass

import numpy as np
from shapely.geometry.base import BaseGeometry

from gridmap.partition.graph import OPEN, Graph, Ints
from gridmap.partition.sizes import FEWEST, MOST


@dataclass(frozen=True)
class CellFigures:
    """`deviation` from the mean of the proposal as a share; `compactness` after Polsby and Popper, 1 for a circle; metres of border
    by kind (`graph.BARRIER` … `graph.OPEN`), without the outline of the community."""

    households: int
    deviation: float
    compactness: float
    area: float
    border: tuple[float, ...]
    units: int
    in_one_piece: bool

    @property
    def in_range(self) -> bool:
        return FEWEST <= self.households <= MOST

    @property
    def on_lines(self) -> float:
        """Which share of the border lies on roads, water or walls; 1 where there is none inside the community."""
        whole = sum(self.border)
        return 1.0 - self.border[OPEN] / whole if whole else 1.0


def figures(graph: Graph, cell: Ints, shapes: list[BaseGeometry]) -> list[CellFigures]:
    """Figures of each cell; `cell` is that of each unit, and `shapes` the cells' polygons in metres."""
    k = len(shapes)
    sums = np.bincount(cell, graph.households, k)
    mean = sums.sum() / k
    border = np.zeros((k, OPEN + 1))
    one, two = cell[graph.pairs[:, 0]], cell[graph.pairs[:, 1]]
    apart = one != two
    for side in (one, two):
        np.add.at(border, (side[apart], graph.kinds[apart]), graph.metres[apart])
    return [
        CellFigures(
            households=int(sums[at]), deviation=float(sums[at] / mean - 1) if mean else 0.0, compactness=compactness(shape),
            area=shape.area, border=tuple(float(metres) for metres in border[at]), units=int((cell == at).sum()),
            in_one_piece=shape.geom_type == "Polygon",
        )
        for at, shape in enumerate(shapes)
    ]  # fmt: skip


def compactness(shape: BaseGeometry) -> float:
    """Polsby–Popper: 4π times the area through the perimeter squared."""
    return 4 * math.pi * shape.area / shape.length**2
