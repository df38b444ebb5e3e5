"""Events of another system, read from its CSV: each row becomes an accepted case or a refusal that says why.

A mapping file (TOML, see `data/pingshan.toml`) names the columns, what is empty, and where the areas lie. What such a
file does not say is not made up: no point, no closing time, no person; what it says without a field here is kept as it
was said. Names on the list of what is not built are refused.

Pure: no Django, no database.
"""

import csv
import gzip
import io
import tomllib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from gridmap.denylist import Reason, forbidden, refused_class
from incidents.catalogue import ClassKey, ClassRow, Domain

DATA = Path(__file__).parent / "data"
MOST_BYTES = 500 * 1024 * 1024  # unpacked; a zip bomb ends here
FIRST_PROVISIONAL = 901
CASES = UUID("b5a24d06-6d0c-5d0f-9c2b-6f3c1f0a7d11")  # the namespace of the ids of imported cases
FIELDS = frozenset(
    {"record", "at", "type", "major", "minor", "code", "street", "community", "channel", "nature", "unit", "on_time"}
)
LONGEST = {"record": 40, "code": 12, "major": 40, "minor": 60}


class SheetError(Exception):
    """A file or mapping that cannot be taken at all; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Street:
    """A street with its official code; its communities get provisional codes by their order."""

    code: str
    name: str
    name_en: str
    communities: Mapping[str, str]  # name: English name

    def code_of(self, community: str) -> str | None:
        names = list(self.communities)
        return f"{self.code}{FIRST_PROVISIONAL + names.index(community)}" if community in names else None


@dataclass(frozen=True, slots=True)
class PlannedArea:
    """An area that the cases need; communities are provisional."""

    code: str
    name: str
    name_en: str
    provisional: bool


@dataclass(frozen=True)
class MappingFile:
    """What a mapping file says."""

    name: str
    scheme: str
    valid_from: date
    valid_to: date
    empty: frozenset[str]
    time_format: str
    zone: ZoneInfo
    columns: Mapping[str, str]
    on_time: Mapping[str, bool]
    codes: Mapping[str, str]
    origins: Mapping[str, str]
    above: Mapping[str, Mapping[str, str]]
    streets: Mapping[str, Street]

    def areas(self) -> list[PlannedArea]:
        """All areas of the mapping, from the top down."""
        found = [PlannedArea(code, names["name"], names["name_en"], False) for code, names in self.above.items()]
        for street in self.streets.values():
            found.append(PlannedArea(street.code, street.name, f"{street.name_en} Street", False))
            for name, name_en in street.communities.items():
                found.append(PlannedArea(street.code_of(name) or "", name, f"{name_en} Community", True))
        return found


@dataclass(frozen=True, slots=True)
class Accepted:
    """One case of the file; `line` is the line of the file it ends on."""

    id: UUID
    line: int
    record: str
    area_code: str
    class_code: str
    type: str
    major: str
    minor: str
    at: datetime
    origin: str
    on_time: bool | None
    channel: str
    nature: str
    unit: str

    def as_said(self, source: str) -> dict[str, Any]:
        """What the file says that has no field of its own here, to be kept with the case."""
        return {
            "from": source,
            "record": self.record,
            "type": self.type,
            "on_time": self.on_time,
            "channel": self.channel,
            "nature": self.nature,
            "unit": self.unit,
        }


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not taken: which value of which column, and why."""

    line: int
    record: str
    column: str
    value: str
    reason: Reason
    street: str = ""  # its code, where the row has one


# --- reading


def read_mapping(path: Path) -> MappingFile:
    """A mapping file; SheetError if it is not one."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        streets = {
            name: Street(row["code"], name, row["name_en"], row["communities"]) for name, row in raw["streets"].items()
        }
        mapping = MappingFile(
            name=raw["name"],
            scheme=raw["scheme"],
            valid_from=raw["valid_from"],
            valid_to=raw["valid_to"],
            empty=frozenset(raw["empty"]) | {""},
            time_format=raw["time_format"],
            zone=ZoneInfo(raw["time_zone"]),
            columns=raw["columns"],
            on_time=raw["on_time"],
            codes=raw["codes"],
            origins=raw["origins"],
            above=raw["above"],
            streets=streets,
        )
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise SheetError(f"{path} is no mapping file: {error!r}") from error
    if set(mapping.columns) != FIELDS:
        raise SheetError(f"{path}: [columns] must name {', '.join(sorted(FIELDS))}")
    return mapping


def decode(data: bytes) -> str:
    """The text of a CSV file, gzipped or not, in UTF-8, UTF-16 (with its mark) or GB18030."""
    if data[:2] == b"\x1f\x8b":
        data = _unzip(data)
    marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "gb18030"]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetError("the file is text neither in UTF-8 nor in GB18030: save it as CSV in one of them")


def _unzip(data: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as packed:
            unpacked = packed.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise SheetError("the gzip file is damaged: copy it again") from error
    if len(unpacked) > MOST_BYTES:
        raise SheetError("the file is over 500 MB unpacked: split it")
    return unpacked


def read(data: bytes, mapping: MappingFile) -> Iterator[Accepted | Refused]:
    """Judge every row of a CSV file, in order; SheetError when the sheet as a whole cannot be taken."""
    reader = csv.reader(io.StringIO(decode(data), newline=""))
    try:
        header = next(reader, [])
        _check_header(header, mapping)
        judge = _Judge(mapping)
        for cells in reader:
            if cells:
                yield judge.row(reader.line_num, header, cells)
    except csv.Error as error:
        raise SheetError(f"line {reader.line_num} cannot be read as CSV: {error}") from error


def _check_header(header: list[str], mapping: MappingFile) -> None:
    for name in header:
        if reason := forbidden(name):
            raise SheetError(f"the column {name} is not taken, and so is the sheet: {reason.en} {reason.zh}")
    if missing := sorted(set(mapping.columns.values()) - set(header)):
        raise SheetError(f"the file lacks the column {', '.join(missing)} that the mapping {mapping.name} names")


# --- judging


NO_RECORD = Reason("no_record", "没有记录编号。", "The row has no record number.")
REPEATED = Reason("repeated_record", "记录编号重复。", "The record number stands in an earlier row too.")
WRONG_WIDTH = Reason("wrong_width", "列数与表头不符。", "The row has another number of cells than the header.")
NO_CLASS = Reason("no_class", "没有事项类别。", "The row has no class.")
TOO_LONG = Reason("too_long", "内容过长。", "The value is too long.")
CODE_TAKEN = Reason(
    "code_taken",
    "同一类别编号有两个名称，请在映射中指定。",
    "One class number has two names: settle it in the mapping.",
)
NO_PLACE = Reason(
    "no_place", "没有街道和社区，无法确定位置。", "No street and community are given, so it has no place."
)
UNKNOWN_PLACE = Reason("unknown_place", "映射中没有这个街道或社区。", "The mapping knows no such street or community.")
BAD_TIME = Reason("bad_time", "时间无法读取。", "The time cannot be read.")
BAD_FLAG = Reason("bad_flag", "按时标志无法识别。", "The on-time flag is not one that the mapping knows.")


class _Refusal(Exception):  # noqa: N818  (the way out of a row, not an error)
    def __init__(self, field_name: str, reason: Reason) -> None:
        self.field_name, self.reason = field_name, reason


@dataclass
class _Judge:
    """Judges rows one by one, remembering record numbers and class names."""

    mapping: MappingFile
    records: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)

    def row(self, line: int, header: list[str], cells: list[str]) -> Accepted | Refused:
        if len(cells) != len(header):
            return Refused(line, "", "", str(len(cells)), WRONG_WIDTH)
        row = dict(zip(header, cells, strict=True))
        said = {name: self._value(row[column]) for name, column in self.mapping.columns.items()}
        try:
            return self._case(line, said)
        except _Refusal as refusal:
            column = self.mapping.columns[refusal.field_name]
            street = self.mapping.streets.get(said["street"])
            code = street.code if street else ""
            return Refused(line, said["record"], column, row[column], refusal.reason, code)

    def _value(self, cell: str) -> str:
        value = cell.strip()
        return "" if value in self.mapping.empty else value

    def _case(self, line: int, said: dict[str, str]) -> Accepted:
        self._check_record(said)
        class_code = self._class_code(said)
        return Accepted(
            id=uuid5(CASES, f"{self.mapping.scheme}/{said['record']}"),
            line=line,
            record=said["record"],
            area_code=self._area_code(said),
            class_code=class_code,
            type=said["type"],
            major=said["major"],
            minor=self.names[class_code],
            at=self._time(said["at"]),
            origin=self.mapping.origins.get(said["channel"], "import"),
            on_time=self._flag(said["on_time"]),
            channel=said["channel"],
            nature=said["nature"],
            unit="" if forbidden(said["unit"]) else said["unit"],
        )

    def _check_record(self, said: dict[str, str]) -> None:
        if not said["record"]:
            raise _Refusal("record", NO_RECORD)
        if said["record"] in self.records:
            raise _Refusal("record", REPEATED)
        self.records.add(said["record"])
        for name, most in LONGEST.items():
            if len(said[name]) > most:
                raise _Refusal(name, TOO_LONG)

    def _class_code(self, said: dict[str, str]) -> str:
        if refused := refused_class({name: said[name] for name in ("type", "major", "minor")}):
            raise _Refusal(*refused)
        name = said["minor"].strip("、，, ")
        if not name or not said["code"]:
            raise _Refusal("minor", NO_CLASS)
        code = self.mapping.codes.get(name, said["code"])
        if self.names.setdefault(code, name) != name:
            raise _Refusal("code", CODE_TAKEN)
        return code

    def _area_code(self, said: dict[str, str]) -> str:
        if not said["street"] or not said["community"]:
            raise _Refusal("community" if said["street"] else "street", NO_PLACE)
        street = self.mapping.streets.get(said["street"])
        if street is None:
            raise _Refusal("street", UNKNOWN_PLACE)
        code = street.code_of(said["community"])
        if code is None:
            raise _Refusal("community", UNKNOWN_PLACE)
        return code

    def _time(self, text: str) -> datetime:
        try:
            return datetime.strptime(text, self.mapping.time_format).replace(tzinfo=self.mapping.zone)
        except ValueError:
            raise _Refusal("at", BAD_TIME) from None

    def _flag(self, text: str) -> bool | None:
        if text and text not in self.mapping.on_time:
            raise _Refusal("on_time", BAD_FLAG)
        return self.mapping.on_time[text] if text else None


# --- what is made of it


def class_rows(cases: list[Accepted], mapping: MappingFile) -> list[ClassRow]:
    """The classes that the accepted cases need, in a scheme of their own that is ended: not offered for new reports."""
    from incidents.pinyin import spell  # noqa: PLC0415  (60 MB that only an import needs)

    found = {}
    for case in cases:
        if case.class_code not in found:
            pinyin, initials = spell(case.minor)
            found[case.class_code] = ClassRow(
                key=ClassKey(mapping.scheme, Domain.EVENT, case.class_code),
                major=case.major or case.type,
                major_en="",
                name=case.minor,
                name_en="",
                pinyin=pinyin,
                initials=initials,
                conditions=(),
                handlers=(),
                valid_from=mapping.valid_from,
                valid_to=mapping.valid_to,
            )
    return sorted(found.values(), key=lambda row: row.key)


REPORT_HEAD = ("line", "record", "code", "column", "value", "reason", "reason_en")


def report(refused: list[Refused]) -> str:
    """The refusals as CSV with a mark that spreadsheets know; values cannot act as formulas there."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(REPORT_HEAD)
    for row in refused:
        value = f"'{row.value}" if row.value[:1] in ("=", "+", "@", "\t") else row.value
        writer.writerow((row.line, row.record, row.reason.code, row.column, value, row.reason.zh, row.reason.en))
    return "\ufeff" + out.getvalue()
