"""Coordinates of other systems as degrees of WGS 84: which numbers they are, which zone they lie in. Pure.

CGCS2000 is taken as WGS 84 (they differ by centimetres). Beijing 1954, Xi'an 1980 and city grids are refused: what leads from
them to CGCS2000 is not public, and a guess is wrong by up to a hundred metres.
"""

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gridmap.datum import DATUMS, to_wgs84
from gridmap.intake.sheet import FileError
from gridmap.projection import turned

Floats = NDArray[np.float64]
ZONES_6 = range(13, 24)  # 6-degree zones by number: 13 is 75 degrees east
ZONES_3 = range(25, 46)  # 3-degree zones by number: 25 is 75 degrees east
CHINA = (73.0, 3.0, 136.0, 54.0)  # west, south, east, north in degrees
NORTHINGS = (330_000.0, 6_000_000.0)
OLD = re.compile(r"beijing|xian|xi'an|krasovsk|1980|1954", re.IGNORECASE)
SAME_AS_WGS84 = ("World Geodetic System 1984", "WGS 84", "WGS_1984", "China 2000", "China_2000", "CGCS2000", "D_China_2000",
                 "China Geodetic Coordinate System 2000")  # fmt: skip
_TURN = re.compile(r"^\s*(\d{1,3})[°度:\s]\s*(\d{1,2})['′分:\s]\s*(\d{1,2}(?:\.\d+)?)?(?:[\"″秒]|''|′′)?\s*$")


@dataclass(frozen=True, slots=True)
class Guess:
    """What numbers can be: `reference` is one of `references`, `swapped` if the first of two columns points north."""

    reference: str
    swapped: bool


def references() -> list[str]:
    """All that a file's coordinates may be in: a datum of degrees, or the EPSG code of a Gauss–Krüger zone of CGCS2000.

    EPSG 4491–4501 are the 6-degree zones 13–23 with their number before the easting, 4513–4533 the 3-degree zones 25–45, and
    4534–4554 these without a number (which those of 6 degrees with the same meridian are, too).
    """
    return [*DATUMS, *(f"epsg:{code}" for code in (*range(4491, 4502), *range(4513, 4555))), "epsg:3857"]


def number(text: str) -> float:
    """A coordinate as people write it (105.01, 105°00′36″, full-width digits); NaN for what is none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if turn := _TURN.match(plain):
        degrees, minutes, seconds = (float(part or 0) for part in turn.groups())
        return degrees + minutes / 60 + seconds / 3600
    try:
        return float(plain.rstrip("°"))
    except ValueError:
        return float("nan")


def to_degrees(points: Floats, reference: str, *, swapped: bool = False) -> Floats:
    """Points (n, 2) as lon, lat in degrees of WGS 84; NaN where the numbers are none or lie nowhere near China.

    `swapped`: north comes first, as surveyors write it. ValueError for an unknown reference.
    """
    if reference not in references():
        raise ValueError(f"{reference}: no reference; choose one of {', '.join(references())}")
    given = points[:, ::-1] if swapped else points
    found = np.full_like(given, np.nan)
    fine = np.isfinite(given).all(axis=1)
    if reference in DATUMS:
        fine &= (np.abs(given) <= (180.0, 90.0)).all(axis=1)
        found[fine] = to_wgs84(np.ascontiguousarray(given[fine]), reference)
    elif fine.any():
        found[fine] = turned(given[fine], int(reference.removeprefix("epsg:")), 4326)
    west, south, east, north = CHINA
    inside = (found[:, 0] >= west) & (found[:, 0] <= east) & (found[:, 1] >= south) & (found[:, 1] <= north)
    found[~inside] = np.nan
    return found


def guess(points: Floats, near: tuple[float, float] | None = None) -> Guess | None:
    """What the numbers of two columns most likely are; None if nothing fits.

    Degrees: which datum cannot be seen from numbers (GCJ-02 is off by some hundred metres), so `wgs84` stands for any. Metres: a
    number before the easting names the zone; without one it is the zone in which `near` (lon, lat of the area) lies best.
    """
    fine = points[np.isfinite(points).all(axis=1)]
    if not len(fine):
        return None
    x, y = (float(value) for value in np.median(fine, axis=0))
    for swapped, (east, north) in ((False, (x, y)), (True, (y, x))):
        if CHINA[0] <= east <= CHINA[2] and CHINA[1] <= north <= CHINA[3]:
            return Guess("wgs84", swapped)
        if NORTHINGS[0] <= north <= NORTHINGS[1] and (reference := _zone(east, near)):
            return Guess(reference, swapped)
    return None


def _zone(east: float, near: tuple[float, float] | None) -> str:
    number, rest = divmod(east, 1_000_000)
    if int(number) in ZONES_3 and 100_000 <= rest <= 900_000:
        return f"epsg:{4513 + int(number) - ZONES_3.start}"
    if int(number) in ZONES_6 and 100_000 <= rest <= 900_000:
        return f"epsg:{4491 + int(number) - ZONES_6.start}"
    if not 100_000 <= east <= 900_000 or near is None:
        return ""
    degree = 111_320 * np.cos(np.radians(near[1]))  # of longitude, in metres; near enough to tell zones apart
    zone = 4534 + round((near[0] - (east - 500_000) / degree - 75) / 3)
    return f"epsg:{zone}" if 4534 <= zone <= 4554 else ""


def points_of(shapes: list[bytes | None]) -> Floats:
    """A point on each shape (WKB), in its own coordinates; NaN where there is none."""
    found = np.full((len(shapes), 2), np.nan)
    read = np.asarray(shapely.from_wkb(np.array(shapes, dtype=object), on_invalid="ignore"), dtype=object)
    there = ~(shapely.is_missing(read) | shapely.is_empty(read))
    if there.any():
        on = np.asarray(shapely.point_on_surface(read[there]), dtype=object)
        found[there] = np.column_stack([shapely.get_x(on), shapely.get_y(on)])
    return found


def crs_to_degrees(points: Floats, crs: str, datum: str) -> Floats:
    """Points of map data as degrees of WGS 84: by the CRS of the file, and in degrees by the datum that was chosen.

    `old_datum` for a CRS that rests on another datum than WGS 84 or CGCS2000.
    """
    own = _known(crs) if crs else CRS.from_epsg(4326)
    if own.is_geographic:
        return to_degrees(points, datum)
    found = np.full_like(points, np.nan)
    fine = np.isfinite(points).all(axis=1)
    if fine.any():
        turn = Transformer.from_crs(own, 4326, always_xy=True)
        found[fine] = np.column_stack(turn.transform(points[fine, 0], points[fine, 1]))
    return to_degrees(found, "wgs84")


def check_crs(crs: str) -> None:
    """`old_datum` for a CRS (WKT) that cannot be taken; nothing for one that can, or for none."""
    if crs:
        _known(crs)


def _known(crs: str) -> CRS:
    try:
        own = CRS.from_user_input(crs)
    except CRSError as error:
        raise FileError("old_datum") from error
    base = own.geodetic_crs
    datum = base.datum.name if base is not None and base.datum is not None else ""
    if OLD.search(own.name) or not datum.startswith(SAME_AS_WGS84):
        raise FileError("old_datum")
    return own
