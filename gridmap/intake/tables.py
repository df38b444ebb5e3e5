"""Tables: CSV and its kin (comma, semicolon, tab, bar), workbooks of spreadsheets (XLSX, XLS, ODS). Pure."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from gridmap.intake import packed, trial
from gridmap.intake.encodings import encoding_of
from gridmap.intake.sheet import FileError, Row, Sheet, heading, text

DELIMITERS = ",;\t|\uff0c"  # the last is the comma of Chinese keyboards
LOOKED_AT = 40  # lines, for the delimiter and the header
csv.field_size_limit(1 << 20)


def read_text(path: Path) -> Sheet:
    """A CSV file; FileError when it is no text, or has no header."""
    encoding = encoding_of(path)
    if encoding is None:
        raise FileError("unknown_encoding")
    delimiter = _delimiter(path, encoding)

    def lines() -> Iterator[list[str]]:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=delimiter)
            while True:
                try:
                    yield next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    raise FileError("damaged_file") from error

    return _table("csv", lines, encoding)


def _delimiter(path: Path, encoding: str) -> str:
    """The sign that cuts most of the first lines into the same number of cells."""
    with path.open(encoding=encoding, newline="") as file:
        lines = [line for _, line in zip(range(LOOKED_AT), file, strict=False) if line.strip()]

    def worth(sign: str) -> tuple[int, int]:
        try:
            widths = [len(cells) for cells in csv.reader(lines, delimiter=sign)]
        except csv.Error:
            return 0, 0
        usual = max(set(widths), key=widths.count, default=0)
        return (widths.count(usual) if usual > 1 else 0), usual

    return max(DELIMITERS, key=worth)


def read_book(path: Path, form: str) -> Sheet:
    """The first sheet with cells of a workbook that is shown; formulas count as the result that was stored with them.

    FileError for one that is damaged, locked, too large unpacked, or so wide that it was not opened within its bounds.
    """
    if form != "xls":
        packed.check_book(path)
    trial.open_apart(path)
    sheet, left = first_sheet(path)
    return replace(_table(form, lambda: _filled(sheet)), left=left)


def first_sheet(path: Path) -> tuple[CalamineSheet, tuple[str, ...]]:
    """The first sheet with cells that is shown, and the names of those after it.

    A few bytes may ask for any amount of memory: see `trial.py`.
    """
    try:
        book = CalamineWorkbook.from_path(str(path))
    except CalamineError as error:
        raise FileError("locked_file" if "password" in str(error).lower() else "damaged_file") from error
    shown = [one.name for one in book.sheets_metadata if one.visible is SheetVisibleEnum.Visible]
    for number, name in enumerate(shown, 1):
        try:
            sheet = book.get_sheet_by_name(name)
        except CalamineError as error:
            raise FileError("damaged_file") from error
        if sheet.height and sheet.width:
            return sheet, tuple(shown[number:])
    raise FileError("no_columns")


def _filled(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """Lines in which cells merged downwards say in each line what only the first one holds."""
    left = (sheet.start or (0, 0))[1]
    merged = defaultdict(list)
    for (top, first), (bottom, _) in sheet.merged_cell_ranges or ():
        if bottom > top and first >= left:
            merged[top].append((first - left, bottom))
    said: dict[int, tuple[int, Any]] = {}  # by column: down to which line, what
    for number, line in enumerate(sheet.iter_rows()):
        for column, (bottom, value) in said.items():
            if number <= bottom and line[column] == "":
                line[column] = value
        said |= {column: (bottom, line[column]) for column, bottom in merged[number] if column < len(line)}
        yield line


def _table(form: str, lines: Any, encoding: str = "") -> Sheet:
    """A sheet of lines of cells. Its header is the first line with as many names as most lines have cells: titles stand above."""
    skipped, names, above = _header(lines())
    columns = heading(names)
    width = len(columns)

    def read() -> Iterator[Row]:
        number = 0
        for at, cells in enumerate(lines()):
            if at <= skipped:
                continue
            number += 1
            row = tuple(_cell(cell) for cell in cells[:width])
            if any(row):
                yield Row(number, row + ("",) * (width - len(row)))
            else:
                yield Row(number, ())

    return Sheet(form, columns, read, encoding, above=above)


def _cell(cell: Any) -> str:
    return str(cell) if isinstance(cell, timedelta) else text(cell)


def _header(lines: Iterable[list[Any]]) -> tuple[int, list[Any], tuple[str, ...]]:
    """(lines above it, the header, names in them). A line with one cell is a title, and what follows a colon a value: free text."""
    first = [line for _, line in zip(range(LOOKED_AT), lines, strict=False)]
    filled = [sum(1 for cell in line if text(cell)) for line in first]
    most = max(filled, default=0)
    if not most:
        raise FileError("no_columns")
    at = next(number for number, count in enumerate(filled) if count * 2 > most)
    names = [
        re.split("[:：]", text(cell))[0]
        for line, count in zip(first[:at], filled, strict=False)
        if count > 1
        for cell in line
    ]
    return at, first[at], tuple(name for name in names if name)
