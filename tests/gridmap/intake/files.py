"""Files as offices have them, made for the tests."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyogrio
import shapely
import xlsxwriter
from numpy import array

from gridmap.intake.files import open_file
from gridmap.intake.sheet import Sheet

HOUSES = "名称,户数\n锦绣花园,312\n滨江苑,88\n"


def opened(path: Path) -> Sheet:
    """The file, opened with a new folder beside it for what is unpacked."""
    scratch = path.parent / f"{path.name}.scratch"
    scratch.mkdir()
    return open_file(path, scratch)


def cells(sheet: Sheet) -> list[tuple[str, ...]]:
    return [row.cells for row in sheet.rows()]


def put(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def book(
    path: Path, lines: Sequence[Sequence[Any]], *, hidden: bool = False, merged: str = "", further: str = ""
) -> Path:
    """A workbook with these lines; `hidden` puts a sheet before it that is not shown; `merged` cells say what the first does."""
    made = xlsxwriter.Workbook(str(path))
    if hidden:
        made.add_worksheet("旧").hide()
    sheet = made.add_worksheet("登记表")
    sheet.activate()
    sheet.set_first_sheet()
    for number, line in enumerate(lines):
        for column, value in enumerate(line):
            if isinstance(value, tuple):
                sheet.write_formula(number, column, value[0], None, value[1])
            else:
                sheet.write(number, column, value)
    if further:
        made.add_worksheet(further)
    if merged:
        sheet.merge_range(merged, lines[1][0])
    made.close()
    return path


def layer(
    path: Path,
    columns: Mapping[str, Sequence[Any]],
    points: Sequence[tuple[float, float]],
    crs: str = "EPSG:4326",
    **asked: Any,
) -> Path:
    """Map data with points, in the format that the name says."""
    values = [array(list(one), dtype=object if isinstance(one[0], str) else float) for one in columns.values()]
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapely.points(list(points))),
        values,
        array(list(columns)),
        geometry_type="Point",
        crs=crs,
        driver="LIBKML" if path.suffix == ".kml" else None,
        **asked,
    )
    return path


def zipped(path: Path, parts: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in parts.items():
            out.writestr(name, data)
    return path


def shapefile(folder: Path, encoding: str, *, cpg: bool, name: str = "锦绣花园") -> Path:
    """A zipped shapefile whose table is in an encoding, with or without the file that says so."""
    inner = folder / "inner"
    inner.mkdir()
    layer(inner / "房屋.shp", {"名称": [name], "户数": [312]}, [(105.0, 28.0)], encoding=encoding)
    parts = {one.name: one.read_bytes() for one in inner.iterdir() if cpg or one.suffix != ".cpg"}
    return zipped(folder / "房屋.zip", parts)
