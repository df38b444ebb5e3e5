"""Which column of a file is which field of a record: what people call them, in Chinese and in English. Pure.

Besides the fields of the kind there are targets that say where a record lies: coordinates, the parts of an address, an area.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gridmap.register.kinds import KINDS, Kind

# The parts of an address from the outside in, as kinds of places. A record belongs to the innermost that its row names.
PARTS = ("compound", "building", "unit", "room")


@dataclass(frozen=True, slots=True)
class Target:
    """What a column can be, with its names; `also` are further ones."""

    name: str
    zh: str
    en: str
    required: bool = False
    also: tuple[str, ...] = ()


_WHERE = (
    Target("x", "经度或东坐标", "Longitude or easting",
           also=("经度", "东坐标", "横坐标", "x坐标", "x", "lon", "lng", "longitude", "easting")),
    Target("y", "纬度或北坐标", "Latitude or northing",
           also=("纬度", "北坐标", "纵坐标", "y坐标", "y", "lat", "latitude", "northing")),
    Target("area", "网格或社区", "Cell or community",
           also=("网格", "所属网格", "网格名称", "网格编码", "网格编号", "社区", "所属社区", "社区名称", "社区编码",
                 "区划代码", "cell", "community", "area_code", "grid_code")),
)  # fmt: skip
_ADDRESS = (
    Target("compound", "小区", "Compound", also=("小区名称", "所属小区", "院落", "小区名", "estate")),
    Target("building", "楼栋", "Building", also=("楼号", "楼栋号", "幢号", "栋号", "幢", "栋", "楼", "所属楼栋", "门牌号", "building_no")),
    Target("unit", "单元", "Stairwell", also=("单元号", "梯", "stairs")),
    Target("room", "房号", "Room", also=("室号", "房间号", "户室号", "室", "门牌", "flat", "apartment", "room_no")),
    Target("address", "完整地址", "Whole address", also=("地址", "住址", "详细地址", "房屋地址", "单位地址", "所在地址", "address")),
)  # fmt: skip
_OF_PERSONS = re.compile(
    r"姓名|户主|名单|联系人|负责人|法人|业主|租客|电话|手机|联系方式|出生|生日|年龄|性别|银行|微信|邮箱"
    r"|phone|mobile|birth|contact|householder|full.?name|e.?mail",
    re.IGNORECASE,
)
# Words that are said of bodies and of addresses too; and of the numbers of people, which their offices have as well.
_OF_BODIES = re.compile(r"法人(?=单位|机构|名称|代码|类型|证书)|业主(?=单位|委员会)|(?:户主|业主|联系人)(?=地址|住址)")
_OF_OFFICES = re.compile(
    r"(?:办公|值班|服务|联系|投诉|物业|客服|固定)?(?:电话(?:号码)?|联系方式|officephone|telephone|phone)$"
)
_LONG_NUMBER = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")


_ADDRESS_TEXT = re.compile(
    r"^(?P<compound>.*?)\s*(?P<building>[0-9A-Za-z]+\s*(?:号楼|幢|栋|座))?\s*(?P<unit>[0-9A-Za-z]+\s*单元)?\s*(?P<room>[0-9A-Za-z-]+\s*(?:室|房)?)?$"
)


def parts_of(address: str) -> tuple[tuple[str, str], ...]:
    """The parts of an address as it is written (锦绣花园3幢2单元501室), from the outside in; nothing if it names no place."""
    found = _ADDRESS_TEXT.match(address.strip())
    parts = found.groupdict() if found else {}
    return tuple((part, text.strip()) for part in PARTS if (text := parts.get(part)) and text.strip())


def may_take(target: str, column: str) -> bool:
    """Whether a target may be a column by its name: none is what is a person's, but for the phone of an office."""
    plain = _OF_BODIES.sub("", _plain(column))
    return not _OF_PERSONS.search(_OF_OFFICES.sub("", plain) if target == "phone" else plain)


def masked(column: str, value: str) -> str:
    """A value as it may be kept and shown: what is a person's is covered, and what looks like a number of one."""
    return "•••" if value and _OF_PERSONS.search(column) else _LONG_NUMBER.sub("•••", value)


def targets(kind: Kind) -> list[Target]:
    """What the columns of a sheet of this kind can be, required fields first. References are named by parts of the address."""
    own = [Target(one.name, one.zh, one.en, one.required, one.also) for one in kind.fields if one.type != "record"]
    above = [] if kind.name == "object" else [one for one in _ADDRESS if kind.name != "place" or one.name != "room"]
    where = [one for one in _WHERE if kind.point != "none" or one.name == "area"]
    return sorted(own, key=lambda one: not one.required) + above + where


def guess(kind: Kind, columns: Sequence[str]) -> dict[str, str]:
    """Target: column, for each column whose name says what it is; the same name wins over one that only holds it."""
    found: dict[str, str] = {}
    wanted = targets(kind)
    if kind.name == "place":  # the innermost part of a place's address is its own name
        wanted = [one for one in wanted if one.name != "address"]
    for fits in (_same, _holds):
        for target in wanted:
            if target.name not in found:
                left = [one for one in columns if one not in found.values() and may_take(target.name, one)]
                match = next((column for name in _names(target) for column in left if fits(name, column)), None)
                if match:
                    found[target.name] = match
    return _own_name(found) if kind.name == "place" else found


_KIND_BY_NAME = {
    "dwelling": ("房号", "室号", "房间", "户室", "门牌", "room"), "unit": ("单元",), "building": ("楼", "幢", "栋", "building"),
    "compound": ("小区", "院落", "compound"),
}  # fmt: skip


def guess_fixed(kind: Kind, found: Mapping[str, str]) -> dict[str, str]:
    """What all rows seem to be: the kind of places whose names stand in a column of rooms, stairwells, buildings or compounds."""
    if kind.name != "place" or "kind" in found or "name" not in found:
        return {}
    plain = _plain(found["name"])
    hit = next((name for name, words in _KIND_BY_NAME.items() if any(word in plain for word in words)), "")
    return {"kind": hit} if hit else {}


def _own_name(found: dict[str, str]) -> dict[str, str]:
    if "name" in found:
        return found
    inner = next((part for part in ("unit", "building", "compound") if part in found), None)
    if inner:
        found["name"] = found.pop(inner)
    return found


def _names(target: Target) -> tuple[str, ...]:
    return (target.name, target.zh, target.en, *target.also)


def _plain(name: str) -> str:
    """A name without brackets, blanks, marks and case: 户数(户) and 户 数 are 户数."""
    bare = re.sub(r"\([^)]*\)", "", unicodedata.normalize("NFKC", name).lower())
    return re.sub(r"[\W_]+", "", bare)


def _same(name: str, column: str) -> bool:
    return _plain(name) == _plain(column)


def _holds(name: str, column: str) -> bool:
    plain = _plain(name)
    return len(plain) >= 2 and not plain.isascii() and plain in _plain(column)


def hint_of_datum(columns: Iterable[str]) -> str:
    """The datum that names of columns speak of ("gcj02", "bd09", "cgcs2000"), empty if none does."""
    said = " ".join(columns).lower()
    for datum, words in {
        "bd09": "bd09 bd-09 百度",
        "gcj02": "gcj 高德 腾讯 火星 amap",
        "cgcs2000": "2000 cgcs",
    }.items():
        if any(word in said for word in words.split()):
            return datum
    return ""


def shown(columns: Sequence[str], rows: Iterable[Sequence[str]], mapped: Iterable[str]) -> list[list[str]]:
    """Rows for a look at a file: columns of persons that no field takes are covered, and what looks like a number of one."""
    wanted = set(mapped)
    said = ["" if column in wanted else column for column in columns]
    return [[masked(name, cell)[:80] for name, cell in zip(said, row, strict=True)] for row in rows if row]


def flaws(kind: str, columns: Iterable[str], mapped: Mapping[str, str], fixed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a mapping, by target: a code of `gridmap/errors_intake.py`; empty if nothing is."""
    known = {one.name for one in targets(KINDS[kind])}
    there = set(columns)
    found = {name: "unknown_target" for name in (*mapped, *fixed) if name not in known}
    found |= {name: "unknown_column" for name, column in mapped.items() if column not in there}
    found |= {name: "person_column" for name, column in mapped.items() if not may_take(name, column)}
    found |= {name: "mapped_twice" for name in mapped if name in fixed}
    if ("x" in mapped) != ("y" in mapped):
        found["y" if "x" in mapped else "x"] = "one_coordinate"
    return found


def can_be_found(kind: str, given: Iterable[str]) -> str:
    """The target without which no row can be a record of this kind, empty if all are there."""
    has = set(given)
    if kind == "household":
        return "" if has & {*PARTS, "address"} else "address"
    need = {"place": ("kind", "name"), "object": ("code",), "organisation": ("name",)}[kind]
    if kind == "organisation" and "uscc" in has:
        return ""
    return next((name for name in need if name not in has), "")
