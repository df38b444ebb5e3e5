"""What is known of the ground, as lines and buildings to cut by: from rows of the base map, and from counts of households."""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import LineString, Polygon, STRtree
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gridmap.partition.graph import BARRIER, BRANCH, LANE, STREET
from gridmap.partition.plots import Building, Line
from gridmap.projection import on_earth

ROADS = {
    "motorway": BARRIER, "primary": BARRIER, "secondary": STREET, "tertiary": STREET, "residential": BRANCH, "service": LANE,
}  # fmt: skip
NEAR = 30.0  # metres from a point with households to the building that it is taken for
HALL = 1200.0  # square metres of ground: what is larger is no house
STAND_IN = 2.0  # metres from the middle of a building that only a count tells of to its walls
SMALLEST = 10.0  # square metres of a building
MOST_AT_ONCE = 100_000  # households of one row: more is a mistake


class CountsError(ValueError):
    """A file of households cannot be used; the text says where and what to do."""


@dataclass(frozen=True)
class GroundRow:
    """A feature of the base map in metres: its layer (road, water, compound, building), kind, and households if known."""

    layer: str
    kind: str
    households: int | None
    shape: BaseGeometry
    floors: int | None = None


@dataclass(frozen=True)
class Count:
    """Households at a point, or of a shape, in metres."""

    shape: BaseGeometry
    households: int


def estimated(rows: Sequence[GroundRow]) -> list[GroundRow]:
    """Rows with households guessed from the floors of buildings that nobody counted: 110 m² of all floors a household, five
    floors where none are given, none in halls and sheds. Whoever shows it says that it is a guess.
    """
    return [
        replace(row, households=int(row.shape.area * (row.floors or 5) / 110) if 40 < row.shape.area < HALL else 0)
        if row.layer == "building" and row.households is None else row
        for row in rows
    ]  # fmt: skip


def lines_of(rows: Iterable[GroundRow]) -> list[Line]:
    """Roads by class, the banks of waters, and the walls of compounds. Footways are no borders."""
    found = []
    for row in rows:
        if row.layer == "road" and row.kind in ROADS:
            found += [Line(part, ROADS[row.kind]) for part in _lines(row.shape)]
        elif row.layer in ("water", "compound"):
            edge = row.shape.boundary if row.shape.area else row.shape
            found += [Line(part, BARRIER if row.layer == "water" else LANE) for part in _lines(edge)]
    return found


def _lines(shape: BaseGeometry) -> list[LineString]:
    return [part for part in shapely.get_parts(shape) if isinstance(part, LineString)]


def buildings_of(rows: Iterable[GroundRow]) -> list[Building]:
    """Each part of a building as one; the households of all stand with the largest. Sheds under ten square metres are none."""
    found = []
    for row in rows:
        if row.layer == "building":
            shape = row.shape if row.shape.is_valid else shapely.make_valid(row.shape)
            parts = sorted(
                (part for part in shapely.get_parts(shape) if isinstance(part, Polygon)), key=lambda part: -part.area
            )
            kept = [part for part in parts if part.area >= SMALLEST or (part is parts[0] and row.households)]
            found += [Building(part, (row.households or 0) if part is kept[0] else 0) for part in kept]
    return found


def with_counts(
    buildings: Sequence[Building], counts: Sequence[Count], outline: BaseGeometry, *, whole: bool
) -> list[Building]:
    """The buildings with counts instead of what they had; unless the counts are the `whole`, one without a count keeps its own.

    A count goes to the building around its middle, or to the nearest within 30 metres; where there is none, the map does not
    know the building, and a small one stands for it. What lies beyond the outline is another's.
    """
    shapely.prepare(outline)
    sums = np.zeros(len(buildings), dtype=np.int64)
    unknown: dict[tuple[int, int], tuple[Any, int]] = {}
    tree = STRtree([building.shape for building in buildings])
    for count in counts:
        middle = shapely.point_on_surface(count.shape)
        if not outline.covers(middle):
            continue
        at = tree.query_nearest(middle, max_distance=NEAR, all_matches=False)
        if len(at):
            sums[at[0]] += count.households
        else:
            place = (int(middle.x // NEAR), int(middle.y // NEAR))
            first, homes = unknown.get(place, (middle, 0))
            unknown[place] = (first, homes + count.households)
    found = [
        replace(one, households=int(own)) if own or whole else one for one, own in zip(buildings, sums, strict=True)
    ]
    return found + [_stand_in(middle, homes, outline) for middle, homes in unknown.values() if homes]


def _stand_in(middle: Any, households: int, outline: BaseGeometry) -> Building:
    parts = shapely.get_parts(middle.buffer(STAND_IN, cap_style="square").intersection(outline))
    return Building(max(parts, key=lambda part: part.area), households)


def read_counts(path: Path) -> list[Count]:
    """Households in degrees from a CSV with lon, lat and households, or a GeoJSON whose features have households.

    CountsError names the row that cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CountsError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    rows = _from_geojson(text) if text.lstrip().startswith("{") else _from_csv(text)
    found = []
    for number, (place, households) in enumerate(rows, 1):
        if (
            place is None
            or households is None
            or not 0 <= households <= MOST_AT_ONCE
            or place.is_empty
            or not on_earth(place)
        ):
            raise CountsError(f"{path}, row {number}: needs a place (lon, lat) and households, a whole number from 0")
        found.append(Count(place, households))
    return found


def _from_csv(text: str) -> Iterable[tuple[BaseGeometry | None, int | None]]:
    for row in csv.DictReader(text.splitlines()):
        try:
            yield shapely.Point(float(row["lon"]), float(row["lat"])), int(row["households"])
        except (KeyError, TypeError, ValueError, OverflowError, csv.Error):
            yield None, None


def _from_geojson(text: str) -> Iterable[tuple[BaseGeometry | None, int | None]]:
    try:
        features = list(json.loads(text)["features"])
    except (ValueError, KeyError, TypeError) as error:
        raise CountsError(f"this is no GeoJSON FeatureCollection ({error})") from error
    for feature in features:
        try:
            yield shape(feature["geometry"]), int(feature["properties"]["households"])
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, shapely.errors.ShapelyError):
            yield None, None
