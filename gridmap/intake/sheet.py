"""What every file becomes: columns and rows of texts, some with a shape. Pure."""

import math
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any, NamedTuple

MOST_COLUMNS = 200
MOST_ROWS = 2_000_000
LONGEST_CELL = 2_000  # characters; what is longer is cut, and no field takes it
EXACT = 10**15  # a spreadsheet keeps 15 digits of a number; from here on the last ones are not the author's


class FileError(Exception):
    """A file that cannot be taken as a whole. `code` is one of `gridmap/errors_intake.py`, `words` fill its sentence in."""

    def __init__(self, code: str, **words: str) -> None:
        super().__init__(code)
        self.code, self.words = code, words


class Row(NamedTuple):
    """A row of a file: its number from 1 (the header is none), its cells in the order of the columns, its shape as WKB."""

    number: int
    cells: tuple[str, ...]
    shape: bytes | None = None


@dataclass(frozen=True)
class Sheet:
    """A file that was opened. `read` gives the rows from the beginning, each time anew."""

    form: str
    columns: tuple[str, ...]
    read: Callable[[], Iterator[Row]]
    encoding: str = ""
    crs: str = ""  # of the shapes, as WKT; empty if there are none or the file does not say
    above: tuple[str, ...] = ()  # names in the lines above the header, where it has several
    left: tuple[str, ...] = ()  # further sheets, layers or files in it, which are not read

    def rows(self, after: int = 0) -> Iterator[Row]:
        """The rows after the one with this number; `too_many_rows` when there is no end of them."""
        for row in islice(self.read(), after, None):
            if row.number > MOST_ROWS:
                raise FileError("too_many_rows", most=f"{MOST_ROWS:,}")
            yield row


def heading(cells: list[Any]) -> tuple[str, ...]:
    """Column names as they are shown: each once, none empty, blanks made plain; `no_columns` or `too_many_columns`."""
    names = [" ".join(unicodedata.normalize("NFKC", text(cell)).split())[:100] for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not any(names):
        raise FileError("no_columns")
    if len(names) > MOST_COLUMNS:
        raise FileError("too_many_columns", most=str(MOST_COLUMNS))
    found: list[str] = []
    for at, name in enumerate(names, 1):
        plain = name or f"#{at}"
        found.append(plain if plain not in found else f"{plain} #{at}")
    return tuple(found)


def text(value: Any) -> str:
    """A cell as text: whole numbers without a point, days as 2026-01-31; a number that lost digits shows that (1.5E+17)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return str(value).replace("\x00", "").strip()[:LONGEST_CELL]


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ""
    if abs(value) >= EXACT:
        return f"{value:.14E}"
    return str(int(value)) if value.is_integer() else repr(value)
