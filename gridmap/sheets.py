"""Tables as files that a spreadsheet opens: CSV row by row, XLSX through a temporary file. Memory does not grow with the rows.

What comes from people is text: no cell can act as a formula.

Pure: no Django, no database.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter

from gridmap.localtime import ZONE

BOM = "\ufeff"
ACTIVE = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # what spreadsheets take for the beginning of a formula
SHEET_ROWS = 1_048_576
PIECE = 500  # rows of CSV sent together
Row = Sequence[Any]


class _Echo:
    """Gives back what is written, so that csv.writer makes texts."""

    def write(self, text: str) -> str:
        return text


def shown(value: Any) -> Any:
    """A value as people read it: local time to the minute, nothing for None."""
    if isinstance(value, datetime):
        return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else "" if value is None else value


def harmless(value: Any) -> Any:
    """The value for CSV; a text that a spreadsheet would take for a formula gets an apostrophe before it."""
    text = shown(value)
    return f"'{text}" if isinstance(text, str) and text.startswith(ACTIVE) else text


def csv_pieces(head: Row, rows: Iterable[Row]) -> Iterator[bytes]:
    """The table as CSV (UTF-8 with the mark that spreadsheets know), in pieces of some hundred rows."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    piece = [BOM + str(writer.writerow([harmless(value) for value in head]))]
    for row in rows:
        piece.append(str(writer.writerow([harmless(value) for value in row])))
        if len(piece) >= PIECE:
            yield "".join(piece).encode()
            piece = []
    yield "".join(piece).encode()


def xlsx_file(title: str, head: Row, rows: Iterable[Row], *, sheet_rows: int = SHEET_ROWS) -> IO[bytes]:
    """The table as an XLSX workbook in a temporary file, at its beginning; further sheets where one is full."""
    out = TemporaryFile()  # noqa: SIM115  # the caller sends and closes it
    book = xlsxwriter.Workbook(
        out,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    bold = book.add_format({"bold": True})
    sheet, line = None, sheet_rows
    for row in rows:
        if line >= sheet_rows:
            sheet, line = _sheet(book, title, head, bold), 1
        assert sheet is not None
        _write(sheet, line, row)
        line += 1
    if sheet is None:
        _sheet(book, title, head, bold)
    book.close()
    out.seek(0)
    return out


def _sheet(book: Any, title: str, head: Row, bold: Any) -> Any:
    number = len(book.worksheets()) + 1
    sheet = book.add_worksheet(title[:28] if number == 1 else f"{title[:25]} {number}")
    sheet.freeze_panes(1, 0)
    for column, text in enumerate(head):
        sheet.write_string(0, column, str(text), bold)
    return sheet


def _write(sheet: Any, line: int, row: Row) -> None:
    for column, value in enumerate(row):
        text = shown(value)
        if isinstance(text, int | float) and not isinstance(text, bool):
            sheet.write_number(line, column, text)
        elif text != "":
            sheet.write_string(line, column, str(text))
