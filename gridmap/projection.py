"""Degrees and metres: the local 3-degree Gauss–Krüger zone of CGCS2000, in which lengths and areas are measured.

EPSG = 4534 + (central meridian − 75) / 3, for 75° to 135° east. Pure: no Django, no database.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

Shape = TypeVar("Shape", bound=BaseGeometry)
Land = Polygon | MultiPolygon
DEGREES = 4326
WEST, EAST = 73.5, 136.5
ON_EDGE = 1e-5  # metres


def on_earth(shape: BaseGeometry) -> bool:
    """Whether all coordinates are numbers that can be degrees."""
    points = shapely.get_coordinates(shape)
    return bool(np.isfinite(points).all() and (np.abs(points) <= (180.0, 90.0)).all())


def zone_of(lon: float) -> int:
    """The EPSG code of the zone whose central meridian is nearest to a longitude in degrees; ValueError outside 73.5–136.5."""
    if not WEST <= lon <= EAST:
        raise ValueError(f"longitude {lon} lies outside of the zones from {WEST} to {EAST} degrees east")
    return 4534 + (round(lon / 3) * 3 - 75) // 3


@cache
def _between(source: int, target: int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def turned(points: NDArray[np.float64], source: int, target: int) -> NDArray[np.float64]:
    """Points (n, 2) as x, y or lon, lat of one EPSG code as those of another."""
    return np.column_stack(_between(source, target).transform(points[:, 0], points[:, 1]))


def to_metres(shape: Shape, zone: int) -> Shape:
    """A shape in degrees (lon, lat) as x, y in metres of a zone."""
    found: Shape = shapely.transform(shape, lambda points: turned(points, DEGREES, zone))
    return found


def to_degrees(shape: Shape, zone: int) -> Shape:
    """A shape in metres of a zone as degrees (lon, lat)."""
    found: Shape = shapely.transform(shape, lambda points: turned(points, zone, DEGREES))
    return found


METRES_PER_DEGREE = 111_320.0


def to_even_metres(shape: Shape, lat: float) -> Shape:
    """A shape in degrees as metres by one factor each way, good to half a per cent in a community at this latitude.

    For comparing borders: what is straight in degrees stays straight, so neighbours that share an edge still do.
    """
    factors = np.array([METRES_PER_DEGREE * np.cos(np.radians(lat)), METRES_PER_DEGREE])
    found: Shape = shapely.transform(shape, lambda points: points * factors)
    return found


@dataclass(frozen=True)
class Corners:
    """The corners of a shape in degrees, found again by where they lie in metres: to and fro does not move them by a bit."""

    degrees: Land
    metres: Land
    zone: int

    @classmethod
    def of(cls, degrees: Land) -> "Corners":
        zone = zone_of(degrees.centroid.x)
        return cls(degrees, to_metres(degrees, zone), zone)

    def to_degrees(self, shapes: list[BaseGeometry]) -> list[BaseGeometry]:
        """Shapes in metres as degrees; what shared a vertex with the shape or with another still does.

        An edge that is straight in degrees is not quite straight in metres (by a centimetre for a kilometre): what was put on
        an edge of the shape lies on it in degrees too.
        """
        known = dict(zip(_points(self.metres), _points(self.degrees), strict=True))
        starts, ends = _edges(self.metres)
        from_degrees, to_degrees = _edges(self.degrees)
        lines: Any = shapely.linestrings(np.stack([starts, ends], axis=1))
        tree = shapely.STRtree(lines)

        def back(points: NDArray[np.float64]) -> NDArray[np.float64]:
            found = turned(points, self.zone, DEGREES)
            at, edge = tree.query(shapely.points(points), predicate="dwithin", distance=ON_EDGE)
            along = ends[edge] - starts[edge]
            share = ((points[at] - starts[edge]) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-12)
            found[at] = from_degrees[edge] + np.clip(share, 0, 1)[:, None] * (to_degrees[edge] - from_degrees[edge])
            for place, point in enumerate(map(tuple, points)):
                if point in known:
                    found[place] = known[point]
            return found

        return [shapely.transform(shape, back) for shape in shapes]


def _points(shape: BaseGeometry) -> list[tuple[float, ...]]:
    return [tuple(point) for point in shapely.get_coordinates(shape)]


def _edges(shape: BaseGeometry) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each edge of the rings begins and ends."""
    rings = [shapely.get_coordinates(ring) for part in shapely.get_parts(shape) for ring in shapely.get_rings(part)]
    return np.concatenate([ring[:-1] for ring in rings]), np.concatenate([ring[1:] for ring in rings])
