"""A feature of the base map on its way into the database.

Pure: no Django, no database.
"""

import math
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from layers.zoom import min_zoom

METRES_PER_DEGREE = 111_320.0  # of latitude, and of longitude at the equator


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRow:
    """A feature to be stored; `geom` in degrees (EPSG:4326), valid."""

    layer: str
    kind: str
    geom: BaseGeometry
    name: str = ""
    floors: int | None = None
    households: int | None = None

    @property
    def minz(self) -> int:
        """The zoom level from which the feature is drawn."""
        return min_zoom(self.layer, self.kind, square_metres(self.geom))


def square_metres(geom: BaseGeometry) -> float:
    """The area of a small geometry in degrees, good to about one per cent."""
    if geom.area == 0:
        return 0.0
    shrink = math.cos(math.radians(geom.centroid.y))
    return float(geom.area) * METRES_PER_DEGREE**2 * shrink
