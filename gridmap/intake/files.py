"""Which format a file has, by what is in it, and its rows. Pure."""

import zipfile
from dataclasses import replace
from pathlib import Path

from gridmap.denylist import Reason, forbidden
from gridmap.intake import maps, packed, tables
from gridmap.intake.sheet import FileError, Sheet

# By what is asked for first where a zip holds several.
WANTED = {".shp": "shp", ".gpkg": "gpkg", ".geojson": "geojson", ".json": "geojson", ".kml": "kml", ".xlsx": "xlsx",
          ".xls": "xls", ".ods": "ods", ".csv": "csv", ".txt": "csv", ".tsv": "csv"}  # fmt: skip
MAPS = frozenset({"shp", "gpkg", "geojson", "kml"})


def open_file(path: Path, scratch: Path) -> Sheet:
    """The rows of a file in any format taken here, packed or not; what is unpacked goes into the empty folder `scratch`.

    The format follows from what is in the file, not from its name. FileError says why a file cannot be taken.
    """
    with path.open("rb") as file:
        head = file.read(512)
    if not head.strip():
        raise FileError("empty_file")
    if head.startswith(b"\x1f\x8b"):
        path = packed.gunzip(path, scratch)
        with path.open("rb") as file:
            head = file.read(512)
    left: tuple[str, ...] = ()
    if head.startswith(b"PK") and not _book(path):
        path, left = _wanted(packed.unzip(path, scratch))
        with path.open("rb") as file:
            head = file.read(512)
    form = _form(path, head)
    if form in MAPS:
        found = maps.read(_named(path, form, scratch), form)
    else:
        found = tables.read_text(path) if form == "csv" else tables.read_book(path, form)
    return replace(found, left=found.left + left)


def _named(path: Path, form: str, scratch: Path) -> Path:
    """The file under a name that ends as its format does: GDAL asks for that."""
    if path.suffix.lower() == f".{form}":
        return path
    if form == "shp":
        raise FileError("shapefile_parts")
    link = scratch / f"map.{form}"
    link.symlink_to(path.resolve())
    return link


def refusal(sheet: Sheet) -> tuple[str, Reason] | None:
    """The first column whose name has no place here, and why: such a sheet is refused as a whole (`gridmap/denylist.py`)."""
    return next(((name[:100], reason) for name in (*sheet.columns, *sheet.above) if (reason := forbidden(name))), None)


def _book(path: Path) -> str:
    """Whether a zip is a workbook, and which: "xlsx", "ods" or ""."""
    try:
        with zipfile.ZipFile(path) as packed_file:
            names = set(packed_file.namelist())
    except (zipfile.BadZipFile, OSError) as error:
        raise FileError("damaged_file") from error
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "xlsx"
    return "ods" if {"content.xml", "mimetype"} <= names else ""


def _wanted(paths: list[Path]) -> tuple[Path, tuple[str, ...]]:
    """The file of a zip that is meant, and the names of others: map data before tables, a shapefile with its parts before all."""
    order = list(WANTED)
    known = [path for path in paths if path.suffix.lower() in WANTED]
    if not known:
        raise FileError("unknown_format")
    first, *others = sorted(known, key=lambda path: (order.index(path.suffix.lower()), path.name))
    return first, tuple(path.name for path in others if path.stem != first.stem)


BEGINNINGS = (
    (b"SQLite format 3\x00", "gpkg"), (b"\xd0\xcf\x11\xe0", "xls"), (b"\x00\x00\x27\x0a", "shp"), (b"<?xml", "kml"), (b"<kml", "kml"),
    (b"{", "geojson"), (b"%PDF", ""), (b"\xff\xd8\xff", ""), (b"\x89PNG", ""), (b"<", ""),
)  # fmt: skip


def _form(path: Path, head: bytes) -> str:
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip() if not head.startswith(b"\x00") else head
    form = _book(path) if head.startswith(b"PK") else "csv"
    form = next((form for begin, form in BEGINNINGS if plain.startswith(begin)), form)
    if not form:
        raise FileError("unknown_format")
    return form
