"""Degrees and metres: the local 3-degree Gauss–Krüger zone of CGCS2000, in which lengths and areas are measured.

EPSG = 4534 + (central meridian − 75) / 3, for 75° to 135° east. Pure: no Django, no database.
"""

from dataclasses import dataclass
from functools import cache
from typing import TypeVar

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


def zone_of(lon: float) -> int:
    """The EPSG code of the zone whose central meridian is nearest to a longitude in degrees; ValueError outside 73.5–136.5."""
    if not WEST <= lon <= EAST:
        raise ValueError(f"longitude {lon} lies outside of the zones from {WEST} to {EAST} degrees east")
    return 4534 + (round(lon / 3) * 3 - 75) // 3


@cache
def _between(source: int, target: int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def _turned(points: NDArray[np.float64], source: int, target: int) -> NDArray[np.float64]:
    return np.column_stack(_between(source, target).transform(points[:, 0], points[:, 1]))


def to_metres(shape: Shape, zone: int) -> Shape:
    """A shape in degrees (lon, lat) as x, y in metres of a zone."""
    found: Shape = shapely.transform(shape, lambda points: _turned(points, DEGREES, zone))
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
        """Shapes in metres as degrees; what shared a vertex with the shape or with another still does."""
        known = dict(
            zip(
                map(tuple, shapely.get_coordinates(self.metres)),
                map(tuple, shapely.get_coordinates(self.degrees)),
                strict=True,
            )
        )

        def back(points: NDArray[np.float64]) -> NDArray[np.float64]:
            turned = _turned(points, self.zone, DEGREES)
            for at, point in enumerate(map(tuple, points)):
                if point in known:
                    turned[at] = known[point]
            return turned

        return [shapely.transform(shape, back) for shape in shapes]
