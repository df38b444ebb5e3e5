"""Map data: GeoPackage, Shapefile, GeoJSON, KML. Pure; loads GDAL, so for jobs and commands alone.

A file is looked at before GDAL opens it: GDAL goes by what is inside, and some of its formats lead to other files and places.
What is overlooked here finds no way out: every request of GDAL is sent to a port where nobody listens.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError

from gridmap.intake.encodings import of_bytes
from gridmap.intake.sheet import MOST_ROWS, FileError, Row, Sheet, heading, text

DRIVERS = {"gpkg": {"GPKG"}, "shp": {"ESRI Shapefile"}, "geojson": {"GeoJSON", "GeoJSONSeq"}, "kml": {"KML", "LIBKML"}}
LETTERS = "ISO-8859-1"  # as GDAL calls it
LEADS_ELSEWHERE = (b"<OGRVRT", b"<VRTDataset", b"<!ENTITY", b"<!DOCTYPE")
NO_WAY_OUT = {"GDAL_HTTP_PROXY": "http://127.0.0.1:9", "GDAL_HTTP_TIMEOUT": "2", "GDAL_HTTP_CONNECTTIMEOUT": "2"}
pyogrio.set_gdal_config_options(NO_WAY_OUT)


def read(path: Path, form: str) -> Sheet:
    """The first layer with rows, of a KML all of them; FileError when it cannot be read, leads elsewhere, or is in no format taken here."""
    if form in ("kml", "geojson") and (_leads_elsewhere(path) or (form == "geojson" and _linked(path))):
        raise FileError("unknown_format")
    encoding = _encoding(path) if form == "shp" else ""
    try:
        layers = _layers(path, form, encoding)
        # The folders of a KML are layers of one map; the layers of other formats are apart from one another.
        read_here = layers if form == "kml" else layers[:1]
        parts = [_part(path, layer, encoding) for layer in read_here]
    except (DataSourceError, DataLayerError, FeatureError, FieldError, UnicodeDecodeError, ValueError) as error:
        raise FileError("damaged_file") from error
    names = list(dict.fromkeys(name for part in parts for name in part.names))
    crs = next((part.crs for part in parts if part.shapes is not None), "")
    left = tuple(_said(layer, encoding) for layer in layers[len(read_here) :])
    return Sheet(form, heading(names or ["#1"]), lambda: _rows(parts, names, encoding), encoding, crs, left=left)


class _Part(NamedTuple):
    """A layer as it was read: names of its columns, their values, shapes as WKB."""

    names: list[str]
    columns: list[Any]
    shapes: Any
    crs: str


def _part(path: Path, layer: str, encoding: str) -> _Part:
    # A shapefile is read as bytes that are letters: texts in it may end in the middle of a character.
    meta, _, shapes, columns = pyogrio.raw.read(
        path, layer=layer, max_features=MOST_ROWS + 1, force_2d=True, encoding=LETTERS if encoding else None
    )
    return _Part([_said(name, encoding) for name in meta["fields"]], columns, shapes, str(meta["crs"] or ""))


def _rows(parts: list[_Part], names: list[str], encoding: str) -> Iterator[Row]:
    number = 0
    for part in parts:
        at = [part.names.index(name) if name in part.names else -1 for name in names]
        for line in range(
            len(part.columns[0]) if part.columns else len(part.shapes if part.shapes is not None else ())
        ):
            number += 1
            cells = tuple("" if column < 0 else _cell(part.columns[column][line], encoding) for column in at)
            yield Row(number, cells, part.shapes[line] if part.shapes is not None else None)


def _leads_elsewhere(path: Path) -> bool:
    before = b""
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            if any(sign in before + piece for sign in LEADS_ELSEWHERE):
                return True
            before = piece[-20:]
    return False


def _linked(path: Path) -> bool:
    """Whether the coordinates of a GeoJSON are said to be what stands at some address (`crs` of 2008: type "link" or "url")."""
    left = list(_documents(path.read_bytes()))
    while left:
        one = left.pop()
        if isinstance(one, list):
            left += one
        elif isinstance(one, dict):
            left += (value for name, value in one.items() if name != "coordinates" and isinstance(value, dict | list))
            crs = next((value for name, value in one.items() if name.lower() == "crs"), None)
            if isinstance(crs, dict) and any(str(value).lower() in ("link", "url") for value in crs.values()):
                return True
    return False


def _documents(data: bytes) -> Iterator[Any]:
    """The values of a file that holds one, or one in each line (GeoJSONSeq). FileError for what is no strict JSON."""
    try:
        yield orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            lines = (line.strip(b"\x1e \t\r") for line in data.split(b"\n"))
            yield from [orjson.loads(line) for line in lines if line]
        except orjson.JSONDecodeError as error:
            raise FileError("damaged_file") from error


def _layers(path: Path, form: str, encoding: str) -> list[str]:
    """The layers that have rows, and that GDAL opens as what the file claims to be."""
    found = []
    for name, _ in pyogrio.list_layers(path):
        info = pyogrio.read_info(path, layer=name, force_feature_count=True, encoding=LETTERS if encoding else None)
        if info["driver"] not in DRIVERS[form]:
            raise FileError("unknown_format")
        if info["features"]:
            found.append(str(name))
    if not found:
        raise FileError("no_columns")
    return found


def _encoding(path: Path) -> str:
    """The encoding of the table beside a shapefile: what its .cpg says, where that fits what stands in it."""
    beside = {one.suffix.lower(): one for one in path.parent.iterdir() if one.stem.lower() == path.stem.lower()}
    table = beside.get(".dbf")
    if table is None:
        raise FileError("shapefile_parts")
    said = beside[".cpg"].read_text(encoding="ascii", errors="replace")[:40] if ".cpg" in beside else ""
    with table.open("rb") as file:
        return of_bytes(file.read(4 << 20)[32:], said)


def _said(value: str, encoding: str) -> str:
    return value.encode("latin-1", "replace").decode(encoding, "replace").rstrip("\ufffd") if encoding else value


def _cell(value: Any, encoding: str) -> str:
    if isinstance(value, str):
        return text(_said(value, encoding))
    if isinstance(value, np.datetime64):
        return "" if np.isnat(value) else text(value.astype("datetime64[s]").item())
    if isinstance(value, np.generic):
        return text(value.item())
    return "" if value is None or isinstance(value, np.ndarray | list | bytes) else text(value)
