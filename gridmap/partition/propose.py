"""A proposal: the cells that a method makes of a community, with their figures. Nothing is put in force here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from gridmap.partition import raster
from gridmap.partition.cut import Ask, cut
from gridmap.partition.measure import CellFigures, compactness, figures
from gridmap.partition.numbering import reading_order
from gridmap.partition.plots import Building, Line, plots
from gridmap.projection import Corners

METHODS = ("blocks", "squares", "hexagons")
Method = Literal["blocks", "squares", "hexagons"]


@dataclass(frozen=True)
class ProposedCell:
    """A cell of a proposal, in degrees; `units` are the numbers of its blocks and plots, none for squares and hexagons."""

    shape: BaseGeometry
    figures: CellFigures
    units: tuple[int, ...]


@dataclass(frozen=True)
class Proposal:
    method: Method
    cells: list[ProposedCell]  # north to south and west to east

    @property
    def for_statistics_only(self) -> bool:
        """Squares and hexagons cut buildings: they are never put in force."""
        return self.method != "blocks"

    def feature_collection(self) -> dict[str, Any]:
        """GeoJSON: a feature per cell with number, households, deviation (share), compactness, area (m²) and its units."""
        return {
            "type": "FeatureCollection",
            "method": self.method,
            "statistics_only": self.for_statistics_only,
            "features": [
                {
                    "type": "Feature",
                    "geometry": mapping(cell.shape),
                    "properties": {
                        "number": number, "households": cell.figures.households, "deviation": round(cell.figures.deviation, 4),
                        "compactness": round(cell.figures.compactness, 4), "area": round(cell.figures.area, 1),
                        "on_lines": round(cell.figures.on_lines, 4), "blocks": list(cell.units),
                    },
                }
                for number, cell in enumerate(self.cells, 1)
            ],
        }  # fmt: skip


def propose(
    outline: Polygon | MultiPolygon, lines: Sequence[Line], buildings: Sequence[Building], *, method: Method = "blocks",
    ask: Ask = Ask(),  # noqa: B008  # frozen
) -> Proposal:  # fmt: skip
    """Cells for a community: `outline` in degrees, lines and buildings in metres of its zone (`projection.zone_of`).

    The same input and seed give the same cells. ValueError for an outline that cannot be cut.
    """
    corners = Corners.of(outline)
    if method == "blocks":
        shapes, found, units = _of_blocks(corners.metres, lines, buildings, ask)
    else:
        shapes, found, units = _of_raster(corners.metres, buildings, method)
    order = reading_order(shapes)
    degrees = corners.to_degrees([shapes[at] for at in order])
    return Proposal(
        method, [ProposedCell(shape, found[at], units[at]) for at, shape in zip(order, degrees, strict=True)]
    )


_Cells = tuple[list[BaseGeometry], list[CellFigures], list[tuple[int, ...]]]


def _of_blocks(
    outline: Polygon | MultiPolygon, lines: Sequence[Line], buildings: Sequence[Building], ask: Ask
) -> _Cells:
    ground = plots(outline, lines, buildings)
    cell = cut(ground.graph, ask)
    shapes = ground.cells(cell)
    units = [tuple(int(unit) for unit in np.flatnonzero(cell == at)) for at in range(len(shapes))]
    return shapes, figures(ground.graph, cell, shapes), units


def _of_raster(outline: Polygon | MultiPolygon, buildings: Sequence[Building], method: Method) -> _Cells:
    """A building counts where its middle is, never by shares of its ground."""
    shapes = raster.squares(outline) if method == "squares" else raster.hexagons(outline)
    sums = np.zeros(len(shapes), dtype=np.int64)
    points = shapely.point_on_surface(np.array([building.shape for building in buildings], dtype=object))
    if len(buildings):
        at, cell = shapely.STRtree(shapes).query(points, predicate="intersects")
        _, first = np.unique(at, return_index=True)
        np.add.at(sums, cell[first], np.array([building.households for building in buildings])[at[first]])
    mean = sums.sum() / max(1, len(shapes))
    found = [
        CellFigures(
            int(own), float(own / mean - 1) if mean else 0.0, compactness(shape), shape.area, (0.0,) * 5, 0, True
        )
        for own, shape in zip(sums, shapes, strict=True)
    ]
    return shapes, found, [()] * len(shapes)
