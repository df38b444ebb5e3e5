"""Polygons of divisions, communities or cells from a file of any format that GDAL reads, as rows to be stored.

Pure: no Django, no database. Codes are widened and cut to the fixed width of their level: the national tables write
a street as 12 digits and a province as 6, with zeros behind.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from gridmap import areacode
from gridmap.datum import to_wgs84
from gridmap.projection import on_earth

CODES = ("code", "adcode", "area_code", "区划代码", "代码", "编码")
NAMES = ("name", "名称", "区划名称")
COUNTS = ("households", "户数")
LONGEST_NAME, MOST_HOUSEHOLDS = 100, 500_000_000


class DivisionsError(ValueError):
    """The file cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class Division:
    """An area to be stored, its shape in degrees (WGS 84) and valid; `mended` if it was not valid in the file."""

    code: str
    name: str
    shape: MultiPolygon
    households: int | None
    mended: bool


@dataclass(frozen=True)
class Refused:
    row: int  # from 1
    reason: str


@dataclass(frozen=True)
class Fields:
    """How the columns are called; '' takes the usual names."""

    code: str = ""
    name: str = ""


def read(
    path: Path, *, datum: str = "wgs84", fields: Fields | None = None, level: int | None = None
) -> tuple[list[Division], list[Refused]]:
    """The areas of a file, and the rows that cannot be one with the reason of each.

    `datum` is that of coordinates in degrees; other coordinates follow the CRS of the file. `level` (1–6) says what the codes
    are where zeros behind leave that open. DivisionsError for a file that cannot be read or lacks a column.
    """
    source = f"/vsigzip/{path}" if path.suffix == ".gz" else str(path)
    try:
        meta, _, wkb, columns = pyogrio.raw.read(source)
    except UnicodeDecodeError as error:
        raise DivisionsError(f"{path} is not UTF-8 text: save it as UTF-8 and load it again") from error
    except (DataSourceError, DataLayerError) as error:
        raise DivisionsError(f"{path} cannot be read as map data: {error}") from error
    if wkb is None:
        raise DivisionsError(f"{path} holds no borders, only a table: give a file of map data")
    column = {name: columns[at] for at, name in enumerate(meta["fields"])}
    fields = fields or Fields()
    codes, names = _column(column, fields.code, CODES, "code"), _column(column, fields.name, NAMES, "name")
    counts = next((values for name, values in column.items() if name.lower() in COUNTS), None)
    shapes = _in_degrees(np.asarray(shapely.from_wkb(wkb), dtype=object), meta["crs"], datum)
    found, refused, seen = list[Division](), list[Refused](), set[str]()
    for at, (raw, name, shape) in enumerate(zip(codes, names, shapes, strict=True)):
        code = code_of(str(raw), level)
        count, uncounted = _count(counts, at)
        why = _wrong(code, str(raw), seen, name, shape) or uncounted
        if why:
            refused.append(Refused(at + 1, why))
            continue
        land, mended = _land(shape)
        if land is None:
            refused.append(Refused(at + 1, "no area is left of its border; draw it again"))
            continue
        seen.add(code)
        found.append(Division(code, str(name).strip(), land, count, mended))
    return found, refused


def code_of(raw: str, level: int | None = None) -> str:
    """The area code that a number of the national tables means: zeros behind are no level, unless `level` says so."""
    text = raw.strip().removesuffix(".0")
    if not (text.isascii() and text.isdigit()):
        return ""
    if level is not None:
        width = areacode.WIDTHS[level - 1]
        return text[:width] if len(text) >= width and not text[width:].strip("0") else ""
    for width in (12, 9):
        if len(text) == width and text.endswith("000"):
            text = text[: width - 3]
    while len(text) in (4, 6) and text.endswith("00"):
        text = text[:-2]
    return text if areacode.is_valid(text) else ""


def _column(columns: dict[str, np.ndarray], wished: str, usual: tuple[str, ...], what: str) -> np.ndarray:
    for name in (wished,) if wished else usual:
        for own, values in columns.items():
            if own.lower() == name.lower():
                return values
    have = ", ".join(columns) or "none"
    raise DivisionsError(f"no column holds the {what}: name it with --{what}-field (columns of the file: {have})")


def _in_degrees(shapes: np.ndarray, crs: str | None, datum: str) -> np.ndarray:
    try:
        own = CRS.from_user_input(crs or 4326)
    except CRSError as error:
        raise DivisionsError(f"the CRS of the file is not known: {error}") from error
    if own.is_geographic:
        return np.asarray(shapely.transform(shapes, lambda points: to_wgs84(points, datum)), dtype=object)
    turn = Transformer.from_crs(own, 4326, always_xy=True)
    turned = shapely.transform(shapes, lambda points: np.column_stack(turn.transform(points[:, 0], points[:, 1])))
    return np.asarray(turned, dtype=object)


def _wrong(code: str, raw: str, seen: set[str], name: object, shape: BaseGeometry | None) -> str:
    checks = (
        (not code, f"{raw!r} is no area code (2, 4, 6, 9, 12 or 15 digits)"),
        (code in seen, f"{code} stands in the file twice"),
        (not str(name or "").strip(), f"{code} has no name"),
        (len(str(name or "")) > LONGEST_NAME, f"{code} has a name of more than {LONGEST_NAME} characters"),
        (shape is None or shape.is_empty, f"{code} has no border"),
        (shape is not None and not isinstance(shape, Polygon | MultiPolygon), f"{code} is no polygon"),
        (shape is not None and not on_earth(shape), f"{code} does not lie in degrees: say which CRS the file has"),
    )
    return next((why for wrong, why in checks if wrong), "")


def _land(shape: BaseGeometry) -> tuple[MultiPolygon | None, bool]:
    """The shape as valid polygons, and whether it had to be mended."""
    valid = bool(shape.is_valid)
    parts = shapely.get_parts(shape if valid else shapely.make_valid(shape))
    polygons = [one for part in parts for one in shapely.get_parts(part) if isinstance(one, Polygon) and one.area > 0]
    if not polygons:
        return None, not valid
    land = MultiPolygon(polygons)
    return (land, not valid) if land.is_valid else (_union(polygons), True)


def _union(polygons: list[Polygon]) -> MultiPolygon:
    parts = shapely.get_parts(shapely.union_all(polygons))
    return MultiPolygon([part for part in parts if isinstance(part, Polygon)])


def _count(counts: np.ndarray | None, at: int) -> tuple[int | None, str]:
    """Households, None where the file says nothing; and what is wrong with what it says."""
    raw = "" if counts is None or counts[at] is None else str(counts[at]).strip()
    if raw.lower() in ("", "nan", "none"):
        return None, ""
    try:
        number = float(raw)
    except ValueError:
        number = -1.0
    whole = 0 <= number <= MOST_HOUSEHOLDS and number == int(number)
    return (int(number), "") if whole else (None, f"{raw!r} is no number of households")
