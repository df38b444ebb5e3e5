"""Rows of a file as wishes for records, or refusals that say why. Pure; whether a record is known is for the database to say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from gridmap.intake import coordinates
from gridmap.intake.columns import PARTS, masked, parts_of
from gridmap.intake.sheet import Row
from gridmap.register import checks
from gridmap.register.kinds import KINDS, PLACE, Kind

LOST_DIGITS = "E+"
A_DAY = re.compile(r"\d{4}-\d\d-\d\d( .*)?|\d{1,2}月\d{1,2}日")  # what a spreadsheet makes of the room 3-1
LONGEST_PART = PLACE.field("name").most
SHOWN = 60  # characters of a refused value that are kept


@dataclass(frozen=True)
class Reading:
    """How a file is read: target: column, target: the same value for all rows, and what its coordinates are."""

    kind: str
    columns: Mapping[str, str]
    fixed: Mapping[str, str] = field(default_factory=dict)
    reference: str = "wgs84"
    swapped: bool = False
    crs: str = ""  # of the shapes of the file


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not taken: of which column, which value, and why (a code of the table of errors)."""

    row: int
    column: str
    value: str
    code: str


@dataclass(slots=True)
class Wanted:
    """A row that can be a record: values as they are stored, the parts of its address, its place in degrees."""

    row: int
    values: dict[str, Any]
    path: tuple[tuple[str, str], ...] = ()  # (part, name) from the outside in
    area: str = ""
    point: tuple[float, float] | None = None
    given: str = ""  # the coordinates as the file has them, where they are others


@dataclass
class Judge:
    """Judges rows by a mapping; departments are found by their names."""

    mapping: Reading
    columns: Sequence[str]
    departments: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def kind(self) -> Kind:
        return KINDS[self.mapping.kind]

    @cached_property
    def at(self) -> dict[str, int]:
        return {target: self.columns.index(column) for target, column in self.mapping.columns.items()}

    def rows(self, rows: Sequence[Row]) -> tuple[list[Wanted], list[Refusal]]:
        """What the rows wish for, and which of them cannot be taken."""
        found, refused = list[Wanted](), list[Refusal]()
        filled = [row for row in rows if any(row.cells) or row.shape]
        points = self._points(filled)
        for row, point in zip(filled, points, strict=True):
            said = self._said(row)
            wanted, fault = self._one(row.number, said)
            if fault is None and point is not None and not np.isfinite(point).all():
                fault = self._no_place(row, said)
            if fault:
                refused.append(fault)
                continue
            if point is not None and np.isfinite(point).all():
                wanted.point = (float(point[0]), float(point[1]))
                wanted.given = self._given(said)
            found.append(wanted)
        return found, refused

    def _said(self, row: Row) -> dict[str, str]:
        cells = row.cells
        return {target: cells[at] for target, at in self.at.items()} | dict(self.mapping.fixed)

    def _one(self, number: int, said: dict[str, str]) -> tuple[Wanted, Refusal | None]:
        given: dict[str, Any] = {name: said[name] for name in self.kind.by_name if said.get(name)}
        fault = _spoilt(given, said)
        for name in {one.name for one in self.kind.fields if one.type == "department"} & set(given):
            given[name] = self.departments.get(checks.written(given[name]))
            fault = fault or (None if given[name] else (name, "unknown_department"))
        values, faults = checks.clean(self.kind, given, whole=False)
        path, unreadable = _path(said)
        fault = fault or next(iter(faults.items()), None) or unreadable
        if fault:
            return Wanted(number, {}), self._refusal(number, fault[0], said, fault[1])
        return Wanted(number, values, path, checks.written(said.get("area", ""))), None

    def _refusal(self, number: int, name: str, said: Mapping[str, str], code: str) -> Refusal:
        column = self.mapping.columns.get(name, name)
        return Refusal(number, column, masked(column, said.get(name, ""))[:SHOWN], code)

    def _no_place(self, row: Row, said: Mapping[str, str]) -> Refusal | None:
        """Coordinates that are there and lead nowhere; rows without any may still say by words where they lie."""
        if not (said.get("x") or said.get("y") or row.shape):
            return None
        value = f"{said.get('x', '')} {said.get('y', '')}".strip()
        column = self.mapping.columns.get("x", "")
        return Refusal(row.number, column, masked(column, value)[:SHOWN], "bad_coordinates")

    def _given(self, said: Mapping[str, str]) -> str:
        """The numbers of the file with what they are, where they are not the stored ones."""
        if self.mapping.reference in ("wgs84", "cgcs2000") or "x" not in said:
            return ""
        return f"{said['x']} {said['y']} {self.mapping.reference}"[:80]

    def _points(self, rows: Sequence[Row]) -> Sequence[Any]:
        if "x" in self.at:
            x, y = self.at["x"], self.at["y"]
            numbers = [(coordinates.number(row.cells[x]), coordinates.number(row.cells[y])) for row in rows]
            found = np.array(numbers, dtype=float).reshape(-1, 2)
            return list(coordinates.to_degrees(found, self.mapping.reference, swapped=self.mapping.swapped))
        if self.kind.point != "none" and any(row.shape for row in rows):
            found = coordinates.points_of([row.shape for row in rows])
            return list(coordinates.crs_to_degrees(found, self.mapping.crs, self.mapping.reference))
        return [None] * len(rows)


def _lost(text: str) -> bool:
    """Whether a spreadsheet has written a long number as 5.1E+15, and so lost its last digits."""
    whole, sign, rest = text.upper().partition(LOST_DIGITS)
    return bool(sign) and rest.isdigit() and whole.replace(".", "", 1).isdigit()


def _spoilt(given: Mapping[str, str], said: Mapping[str, str]) -> tuple[str, str] | None:
    """The first value of which a spreadsheet has made something else, and what."""
    day = next((name for name in (*PARTS, "address", "name", "label") if A_DAY.fullmatch(said.get(name, ""))), None)
    if day:
        return day, "turned_into_date"
    lost = next((name for name in given if _lost(given[name])), None)
    return (lost, "digits_lost") if lost else None


def _path(said: Mapping[str, str]) -> tuple[tuple[tuple[str, str], ...], tuple[str, str] | None]:
    """The parts of the address that a row names, and what is wrong with it."""
    path = tuple((part, checks.written(said[part])) for part in PARTS if said.get(part))
    if not path and said.get("address"):
        path = parts_of(checks.written(said["address"]))
        if not path:
            return (), ("address", "unreadable_address")
    long = next((part for part, name in path if len(name) > LONGEST_PART), None)
    return path, (long if said.get(long) else "address", "too_long") if long else None
