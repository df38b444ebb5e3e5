"""Which column is which field: what offices call them, in Chinese and in English."""

import pytest

from gridmap.denylist import forbidden
from gridmap.intake.columns import (
    can_be_found,
    flaws,
    guess,
    guess_fixed,
    hint_of_datum,
    may_take,
    parts_of,
    shown,
    targets,
)
from gridmap.register.kinds import KINDS


@pytest.mark.parametrize(
    ("kind", "columns", "found"),
    [
        ("object", ["ObjID", "ObjName", "ObjState", "DeptName1", "X坐标", "Y坐标"],
         {"code": "ObjID", "name": "ObjName", "state": "ObjState", "authority": "DeptName1", "x": "X坐标", "y": "Y坐标"}),
        ("object", ["部件编码", "部件名称", "检查周期(天)", "经度", "纬度", "备注"],
         {"code": "部件编码", "name": "部件名称", "cycle": "检查周期(天)", "x": "经度", "y": "纬度"}),
        ("household", ["所属网格", "小区名称", "楼 栋", "单元号", "室号", "家庭人口(人)", "60岁以上", "户主姓名"],
         {"area": "所属网格", "compound": "小区名称", "building": "楼 栋", "unit": "单元号", "room": "室号", "size": "家庭人口(人)",
          "over_60": "60岁以上"}),
        ("household", ["address", "persons", "Under 14"], {"address": "address", "size": "persons", "under_14": "Under 14"}),
        ("place", ["小区", "楼栋", "单元", "总层数"], {"compound": "小区", "building": "楼栋", "name": "单元", "floors": "总层数"}),
        ("place", ["小区名称", "户数(户)", "lng", "lat"], {"name": "小区名称", "households": "户数(户)", "x": "lng", "y": "lat"}),
        ("organisation", ["单位名称", "负责人电话", "法人手机电话"], {"name": "单位名称"}),
        ("organisation", ["法人单位名称", "单位联系电话", "法人姓名"], {"name": "法人单位名称", "phone": "单位联系电话"}),
        ("organisation", ["企业名称", "统一社会信用代码", "单位地址", "longitude", "latitude"],
         {"name": "企业名称", "uscc": "统一社会信用代码", "address": "单位地址", "x": "longitude", "y": "latitude"}),
    ],
)  # fmt: skip
def test_columns_are_known_by_what_offices_call_them(kind: str, columns: list[str], found: dict[str, str]) -> None:
    assert guess(KINDS[kind], columns) == found


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        (
            "锦绣花园3幢2单元501室",
            [("compound", "锦绣花园"), ("building", "3幢"), ("unit", "2单元"), ("room", "501室")],
        ),
        (
            "锦绣花园 3号楼 2单元 501",
            [("compound", "锦绣花园"), ("building", "3号楼"), ("unit", "2单元"), ("room", "501")],
        ),
        ("滨江苑A栋1203", [("compound", "滨江苑"), ("building", "A栋"), ("room", "1203")]),
        ("锦绣花园", [("compound", "锦绣花园")]),
        ("3幢", [("building", "3幢")]),
        ("", []),
    ],
)
def test_an_address_is_cut_into_its_parts_from_the_outside_in(address: str, parts: list[tuple[str, str]]) -> None:
    assert list(parts_of(address)) == parts


@pytest.mark.parametrize(
    ("columns", "datum"),
    [
        (["经度(GCJ02)"], "gcj02"),
        (["高德经度"], "gcj02"),
        (["百度坐标X"], "bd09"),
        (["CGCS2000_X"], "cgcs2000"),
        (["经度"], ""),
    ],
)
def test_a_name_may_say_which_datum_it_is(columns: list[str], datum: str) -> None:
    assert hint_of_datum(columns) == datum


def test_nothing_that_a_column_can_become_is_of_what_is_not_recorded_here() -> None:
    names = [name for kind in KINDS.values() for one in targets(kind) for name in (one.name, one.zh, one.en, *one.also)]
    assert len(names) > 100
    assert [name for name in names if forbidden(name)] == []


@pytest.mark.parametrize(
    ("columns", "fixed", "wrong"),
    [
        ({"code": "编码"}, {}, {}),
        ({"code": "编码", "x": "经度"}, {}, {"y": "one_coordinate"}),
        ({"code": "没有"}, {}, {"code": "unknown_column"}),
        ({"risk": "编码"}, {}, {"risk": "unknown_target"}),
        ({"code": "编码", "state": "经度"}, {"state": "good"}, {"state": "mapped_twice"}),
    ],
)
def test_a_mapping_says_what_is_wrong_with_it(
    columns: dict[str, str], fixed: dict[str, str], wrong: dict[str, str]
) -> None:
    assert flaws("object", ["编码", "经度"], columns, fixed) == wrong


@pytest.mark.parametrize(
    ("kind", "target", "column"),
    [
        ("household", "label", "户主"),
        ("household", "label", "联系电话"),
        ("household", "room", "业主姓名"),
        ("organisation", "phone", "负责人电话"),
        ("organisation", "phone", "法人手机"),
        ("place", "name", "Full name"),
    ],
)
def test_no_field_takes_a_column_of_persons(kind: str, target: str, column: str) -> None:
    assert flaws(kind, [column], {target: column}, {}) == {target: "person_column"}


def test_what_fields_are_called_themselves_may_be_mapped_to_them() -> None:
    named = [
        (one.name, name) for kind in KINDS.values() for one in targets(kind) for name in (one.zh, one.en, *one.also)
    ]
    assert [pair for pair in named if not may_take(*pair)] == []
    assert may_take("room", "户主住址")


def test_a_record_needs_what_it_is_found_again_by() -> None:
    assert can_be_found("place", ["name"]) == "kind"
    assert can_be_found("object", ["name"]) == "code"
    assert can_be_found("household", ["size"]) == "address"
    assert {
        can_be_found("household", ["room"]),
        can_be_found("organisation", ["uscc"]),
        can_be_found("organisation", ["name"]),
    } == {""}


def test_a_look_at_a_file_covers_what_is_of_persons_unless_a_field_takes_it() -> None:
    rows = [["望江超市", "0830-1234567", "张伟", "13800138000 510502199001011234"], []]
    assert shown(["单位名称", "办公电话", "法人姓名", "备注"], rows, ["单位名称", "办公电话"]) == [
        ["望江超市", "0830-1234567", "•••", "••• •••"]
    ]


@pytest.mark.parametrize(
    ("column", "kind"),
    [("房号", "dwelling"), ("楼栋号", "building"), ("单元", "unit"), ("小区名称", "compound"), ("名称", "")],
)
def test_the_column_of_their_names_says_which_places_they_are(column: str, kind: str) -> None:
    assert guess_fixed(KINDS["place"], {"name": column}).get("kind", "") == kind
