"""The kinds of records with their fields: what forms show, imports map, reports count and the history names. Pure.

Persons are not among them: people by service stand in registers of their own (`gridmap/services.py`).
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "number", "choice", "record", "department"]


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a record. `most` is the longest text in characters, or the greatest number; `least` the smallest one.

    `record` names the kind that a reference leads to. `also` are other names of it as columns of tables that are imported.
    """

    name: str
    type: Type
    zh: str
    en: str
    required: bool = False
    least: int = 0
    most: int = 100
    choices: tuple[Choice, ...] = ()
    record: str = ""
    also: tuple[str, ...] = ()

    def choice(self, code: str) -> Choice | None:
        return next((one for one in self.choices if one.code == code), None)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record. `point`: whether it has a place of its own on the map, or may have, or never has one.

    `cycle` is after how many days without a look it is due for verification, unless a field of the record says so.
    """

    name: str
    zh: str
    en: str
    fields: tuple[Field, ...]
    point: Literal["own", "may", "none"]
    cycle: int = 365
    by_name: Mapping[str, Field] = dataclasses.field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {one.name: one for one in self.fields})

    def field(self, name: str) -> Field:
        """The field of this name; KeyError if there is none."""
        return self.by_name[name]


def _choices(*rows: tuple[str, str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(*row) for row in rows)


# A compound holds buildings, a building units (stairwells), a unit dwellings; premises are rooms that nobody lives in.
PLACE_KINDS = _choices(
    ("compound", "小区", "Compound"), ("building", "楼栋", "Building"), ("unit", "单元", "Stairwell"),
    ("dwelling", "住房", "Dwelling"), ("premises", "用房", "Premises"),
)  # fmt: skip
USES = _choices(
    ("residential", "居住", "Residential"), ("mixed", "商住", "Mixed"), ("commercial", "商业", "Commercial"), ("office", "办公", "Office"),
    ("public", "公共服务", "Public service"), ("industrial", "生产仓储", "Industry, storage"), ("vacant", "空置", "Vacant"),
)  # fmt: skip
STATES = _choices(
    ("good", "完好", "Good"), ("damaged", "破损", "Damaged"), ("missing", "丢失", "Missing"), ("retired", "废弃", "Disused"),
)  # fmt: skip
ORGANISATION_KINDS = _choices(
    ("shop", "商铺", "Shop"), ("company", "企业", "Company"), ("school", "学校", "School"), ("clinic", "医疗机构", "Clinic"),
    ("care", "养老托育", "Care"), ("property", "物业", "Property manager"), ("owners", "业主委员会", "Owners' committee"),
    ("social", "社会组织", "Social organisation"), ("volunteers", "志愿队伍", "Volunteers"), ("agency", "机关单位", "Public body"),
    ("market", "市场", "Market"), ("site", "工地", "Building site"), ("other", "其他", "Other"),
)  # fmt: skip

PLACE = Kind(
    "place", "房屋地点", "Place",
    (
        Field("kind", "choice", "类型", "Kind", required=True, choices=PLACE_KINDS, also=("地点类型", "房屋类型", "place_kind")),
        Field("parent", "record", "所属", "Part of", record="place", also=("上级", "所属小区", "所属楼栋")),
        Field("name", "text", "名称或门牌", "Name or number", required=True, most=60, also=("名称", "小区名称", "楼号", "房号", "门牌号")),
        Field("use", "choice", "用途", "Use", choices=USES, also=("房屋用途", "使用性质")),
        Field("floors", "number", "层数", "Floors", least=-9, most=200, also=("楼层数", "总层数", "levels")),
        Field("households", "number", "户数", "Households", most=100_000, also=("住户数", "总户数")),
    ),
    point="may",
)  # fmt: skip
HOUSEHOLD = Kind(
    "household", "住户", "Household",
    (
        Field("place", "record", "住址", "Address", required=True, record="place", also=("地址", "房屋地址", "所在房屋")),
        Field("label", "text", "户别", "Which one", most=20, also=("户号",)),
        Field("size", "number", "人数", "Persons", required=True, most=99, also=("家庭人口", "常住人口", "人口数")),
        Field("over_60", "number", "60 岁以上", "60 or older", most=99, also=("六十岁以上", "老年人数", "60岁以上", "60以上")),
        Field("over_80", "number", "80 岁以上", "80 or older", most=99, also=("八十岁以上", "80岁以上", "80以上")),
        Field("under_14", "number", "14 岁以下", "Under 14", most=99, also=("十四岁以下", "儿童数", "14岁以下", "14以下")),
    ),
    point="none", cycle=183,
)  # fmt: skip
OBJECT = Kind(
    "object", "部件", "Public object",
    (
        Field("code", "text", "部件编码", "Code", required=True, most=16, also=("ObjID", "标识码", "编码")),
        Field("scheme", "text", "分类标准", "Scheme", most=30, also=("标准",)),
        Field("klass", "text", "类别代码", "Class", most=12, also=("类别", "小类代码", "class")),
        Field("name", "text", "名称", "Name", required=True, most=60, also=("ObjName", "部件名称")),
        Field("state", "choice", "状态", "State", choices=STATES, also=("ObjState", "部件状态")),
        Field("authority", "department", "主管单位", "Authority", also=("主管部门", "DeptName1")),
        Field("owner", "department", "权属单位", "Owner", also=("权属部门", "DeptName2")),
        Field("maintainer", "department", "养护单位", "Maintainer", also=("养护部门", "DeptName3")),
        Field("cycle", "number", "检查周期(天)", "Inspected every (days)", least=1, most=3650, also=("检查周期", "巡检周期")),
    ),
    point="own",
)  # fmt: skip
ORGANISATION = Kind(
    "organisation", "单位组织", "Organisation",
    (
        Field("name", "text", "名称", "Name", required=True, also=("单位名称", "机构名称", "企业名称")),
        Field("kind", "choice", "类型", "Kind", required=True, choices=ORGANISATION_KINDS, also=("单位类型", "机构类型")),
        Field("uscc", "text", "统一社会信用代码", "Credit code", most=18, also=("信用代码", "社会信用代码")),
        Field("place", "record", "所在房屋", "At", record="place", also=("地址", "单位地址")),
        Field("phone", "text", "办公电话", "Office phone", most=40, also=("电话", "联系电话", "单位电话")),
        Field("hours", "text", "开放时间", "Open", most=60, also=("营业时间",)),
        Field("shares", "text", "可共享资源", "Shares", most=200, also=("共享资源", "资源")),
    ),
    point="may",
)  # fmt: skip

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (PLACE, HOUSEHOLD, OBJECT, ORGANISATION)}
