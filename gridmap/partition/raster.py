"""Squares and hexagons clipped to a community: for statistics only, for they cut most buildings."""

import math
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

SQUARE = 100.0  # metres: a unit grid of the national standard is about 10,000 m²
HEXAGON = 10_000.0  # square metres


def squares(outline: Polygon | MultiPolygon, side: float = SQUARE) -> list[BaseGeometry]:
    """The squares of the plane's own raster within the outline, west to east and then north to south, clipped to it.

    The raster begins at the origin of the projected CRS: two communities beside each other share their lines.
    """
    west, south, east, north = outline.bounds
    columns = np.arange(math.floor(west / side), math.ceil(east / side))
    rows = np.arange(math.ceil(north / side) - 1, math.floor(south / side) - 1, -1)
    x, y = np.meshgrid(columns * side, rows * side)
    boxes: Any = shapely.box(x.ravel(), y.ravel(), x.ravel() + side, y.ravel() + side)
    return _clipped(boxes, outline)


def hexagons(outline: Polygon | MultiPolygon, area: float = HEXAGON) -> list[BaseGeometry]:
    """Hexagons of the same area in the plane, their points north and south, clipped to the outline; in the order of squares."""
    radius = math.sqrt(area * 2 / (3 * math.sqrt(3)))
    wide, high = math.sqrt(3) * radius, 1.5 * radius
    west, south, east, north = outline.bounds
    rows = np.arange(math.ceil(north / high) + 1, math.floor(south / high) - 2, -1)
    columns = np.arange(math.floor(west / wide) - 1, math.ceil(east / wide) + 1)
    column, row = np.meshgrid(columns, rows)
    x, y = (column + 0.5 * (row % 2)).ravel() * wide, row.ravel() * high
    turns = np.radians(np.arange(30, 390, 60))
    corners = np.stack([x[:, None] + radius * np.cos(turns), y[:, None] + radius * np.sin(turns)], axis=-1)
    cells: Any = shapely.polygons(np.round(corners, 6))
    return _clipped(cells, outline)


def _clipped(shapes: Any, outline: BaseGeometry) -> list[BaseGeometry]:
    shapely.prepare(outline)
    near = shapes[shapely.intersects(outline, shapes)]
    whole = shapely.contains_properly(outline, near)
    near[~whole] = shapely.intersection(near[~whole], outline)
    return [shape for shape in near if shape.area > 0]
