"""The catalogue of classes that the project ships, `data/classes.csv`, as typed rows.

Every code carries its scheme, and codes of two schemes are never compared: `GB30428.2-2013` is the national list (as
far as a city's table shows it; numbers that it lacks stay absent), `local:140800` are the numbers 78-99 that the
city 140800 adds, `CJT214-2007` is the older list, ended and only for the import of old data. The dates are those of
the schemes' years. The limits are one city's defaults: shortest first, one numbered condition each, to be edited.

Left out on purpose: 群发性事件 and 流浪乞讨 of the older event list (what concerns gatherings or the poor is no class
of incident here), and three codes of the older object list whose names are not certain (0202, 0503, 0605). Nothing in
the two newer lists had to be left out.

Pure: no Django, no database.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from incidents.clock import Kind, Limit

CLASSES_FILE = Path(__file__).parent / "data" / "classes.csv"
NATIONAL, OLDER, LOCAL = "GB30428.2-2013", "CJT214-2007", "local:140800"


class Domain(StrEnum):
    EVENT = "event"  # 事件: something that happens
    OBJECT = "object"  # 部件: something that stands there


class ClassKey(NamedTuple):
    """What a class is called everywhere: scheme, domain and code, since event and object codes overlap."""

    scheme: str
    domain: Domain
    code: str

    def __str__(self) -> str:
        return "/".join(self)

    @classmethod
    def parse(cls, text: str) -> "ClassKey":
        """Read "GB30428.2-2013/event/0112"; ValueError for anything else."""
        scheme, domain, code = text.split("/")
        return cls(scheme, Domain(domain), code)


@dataclass(frozen=True, slots=True)
class Condition:
    """One kind of damage or disorder of a class, with its limit."""

    number: int
    label: str
    label_en: str
    limit: Limit


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class of incident."""

    key: ClassKey
    major: str
    major_en: str
    name: str
    name_en: str
    pinyin: str
    initials: str
    conditions: tuple[Condition, ...]
    handlers: tuple[str, ...]
    valid_from: date
    valid_to: date | None

    @property
    def urgent(self) -> bool:
        return is_urgent([condition.limit for condition in self.conditions])


def is_urgent(limits: Sequence[Limit]) -> bool:
    """Whether the shortest limit of a class (the first) is counted in hours round the clock."""
    return bool(limits) and limits[0].kind is Kind.CONTINUOUS and limits[0].unit != "d"


def read_classes(path: Path = CLASSES_FILE) -> list[ClassRow]:
    """The rows of a class file, with pinyin; ValueError or LimitError where a row is wrong."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [_class_row(row) for row in csv.DictReader(lines)]


def conditions(limits: Sequence[str]) -> tuple[Condition, ...]:
    """Numbered conditions for limits given shortest first; the labels are placeholders to be edited."""
    return tuple(
        Condition(number, f"情形 {number}", f"Condition {number}", Limit.parse(limit))
        for number, limit in enumerate(limits, start=1)
    )


def _class_row(row: dict[str, str]) -> ClassRow:
    from incidents.pinyin import spell  # noqa: PLC0415  (60 MB that the web process can do without)

    pinyin, initials = spell(row["name"])
    return ClassRow(
        key=ClassKey(row["scheme"], Domain(row["domain"]), row["code"]),
        major=row["major"],
        major_en=row["major_en"],
        name=row["name"],
        name_en=row["name_en"],
        pinyin=pinyin,
        initials=initials,
        conditions=conditions(_listed(row["limits"])),
        handlers=tuple(_listed(row["handlers"])),
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
    )


def _listed(cell: str) -> list[str]:
    return [part for part in cell.split("|") if part]


def _event(code: str) -> ClassKey:
    return ClassKey(NATIONAL, Domain.EVENT, code)


# What thirteen streets of one city filed, 2,594 cases in all: a realistic mix for made-up data, and, before a place
# has figures of its own, the first ten are the quick choices of a worker. 71 more cases lay in 27 other classes.
CASE_MIX: tuple[tuple[ClassKey, int], ...] = (
    (_event("0410"), 613),  # 非机动车乱停放
    (_event("0207"), 367),  # 违规标语宣传品
    (_event("0136"), 307),  # 乱堆物堆料
    (_event("0110"), 275),  # 暴露生活垃圾
    (_event("0107"), 191),  # 沿街晾挂
    (_event("0401"), 184),  # 无照经营游商
    (_event("0201"), 107),  # 非法小广告
    (ClassKey(NATIONAL, Domain.OBJECT, "0305"), 102),  # 垃圾箱（果皮箱、桶）
    (_event("0112"), 90),  # 道路不洁
    (_event("0405"), 71),  # 店外经营
    (_event("0103"), 55),  # 违章接坡
    (_event("0406"), 45),  # 占道经营
    (_event("0111"), 44),  # 积存垃圾渣土
    (_event("0404"), 28),  # 占道废品收购
    (_event("0135"), 23),  # 废弃家具设备
    (_event("0118"), 21),  # 绿化弃料
)
QUICK: tuple[ClassKey, ...] = tuple(key for key, _ in CASE_MIX[:10])
