"""What the generator of the demo town returns: areas and features, in plain shapely."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from shapely import Polygon
from shapely.geometry.base import BaseGeometry

STREET = "990101001"  # province 99 is not used by any real division code


@dataclass(frozen=True, slots=True)
class TownArea:
    """One area of the town; the code says where it stands in the tree."""

    code: str
    name: str
    name_en: str
    kind: str  # '' above the cell, then 'residential' or 'dedicated'
    geom: BaseGeometry | None
    households: int | None


@dataclass(frozen=True, slots=True)
class TownFeature:
    """One thing on the map: layer and kind as the tiles name them."""

    layer: str
    kind: str
    geom: BaseGeometry
    name: str = ""
    floors: int | None = None
    households: int | None = None


@dataclass(slots=True)
class Town:
    """The whole town in lon/lat: every area above and inside the street, and its map."""

    areas: list[TownArea]
    features: list[TownFeature]

    @property
    def cells(self) -> Iterator[TownArea]:
        return (area for area in self.areas if len(area.code) == 15)

    @property
    def communities(self) -> Iterator[TownArea]:
        return (area for area in self.areas if len(area.code) == 12)


@dataclass(slots=True)
class Plot:
    """A piece of land between roads that gets one use; `ground` is what may be built on."""

    ground: Polygon
    use: str
    name: str = ""
    features: list[TownFeature] = field(default_factory=list)

    @property
    def households(self) -> int:
        return sum(feature.households or 0 for feature in self.features)
