"""Events of another system: read whole, judged row by row, refused by name; nothing is made up."""

import csv
import gzip
import io
import os
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.denylist import forbidden
from incidents.imports import (
    DATA,
    Accepted,
    Refused,
    SheetError,
    class_rows,
    decode,
    read,
    read_mapping,
    report,
)

PINGSHAN = DATA / "pingshan.toml"
MAPPING = read_mapping(PINGSHAN)
# The columns of the published file, in its order; a made-up row that is accepted as it stands.
ROW = {
    "REPORT_NUM": "1",
    "EVENT_PROPERTY_NAME": "投诉",
    "EVENT_TYPE_NAME": "市容环卫",
    "EVENT_SRC_NAME": "12345",
    "INTIME_ARCHIVE_NUM": "1",
    "SUB_TYPE_ID": "581",
    "COMMUNITY_NAME": "南布社区",
    "REC_ID": "1001",
    "STREET_NAME": "龙田街道",
    "CREATE_TIME": "2018-07-04 17:24:41",
    "SUB_TYPE_NAME": "暴露垃圾",
    "OCCUR_PLACE": "-",
    "DISPOSE_UNIT_NAME": "龙田街道综合执法队",
    "MAIN_TYPE_NAME": "垃圾问题",
}


def sheet(*rows: dict[str, str], encoding: str = "gb18030") -> bytes:
    """A file as it is published: rows are ROW with other values and, unless given, numbers of their own."""
    out = io.StringIO()
    writer = csv.DictWriter(out, ROW, quoting=csv.QUOTE_MINIMAL)
    writer.writeheader()
    for number, row in enumerate(rows):
        writer.writerow({**ROW, "REC_ID": str(1001 + number), **row})
    return out.getvalue().encode(encoding)


def judged(*rows: dict[str, str]) -> list[Accepted | Refused]:
    return list(read(sheet(*rows), MAPPING))


def accepted(**values: str) -> Accepted:
    [row] = judged(values)
    assert isinstance(row, Accepted), row
    return row


def refused(**values: str) -> Refused:
    [row] = judged(values)
    assert isinstance(row, Refused), row
    return row


# --- accepted


def test_a_row_becomes_a_case_in_its_community() -> None:
    case = accepted()
    assert case.area_code == "440310006901"  # the street's official code, a provisional one for the community
    assert case.at == datetime(2018, 7, 4, 17, 24, 41, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert case.at.utcoffset() == timedelta(hours=8)
    assert (case.class_code, case.minor, case.major, case.origin) == ("581", "暴露垃圾", "垃圾问题", "hotline")
    assert case.as_said("x") == {
        "from": "x",
        "record": "1001",
        "type": "市容环卫",
        "on_time": True,
        "channel": "12345",
        "nature": "投诉",
        "unit": "龙田街道综合执法队",
    }


def test_the_same_record_has_the_same_id_every_time_and_another_has_not() -> None:
    assert accepted().id == accepted().id
    assert accepted().id != accepted(REC_ID="1002").id
    assert accepted().id.version == 5


@pytest.mark.parametrize(("flag", "on_time"), [("1", True), ("0", False), ("-", None), ("", None)])
def test_the_on_time_flag_is_kept_as_it_was_said(flag: str, on_time: bool | None) -> None:
    assert accepted(INTIME_ARCHIVE_NUM=flag).on_time is on_time


def test_a_dash_is_empty_and_nothing_is_made_up() -> None:
    case = accepted(EVENT_PROPERTY_NAME="-", DISPOSE_UNIT_NAME="-", EVENT_SRC_NAME="-")
    assert (case.nature, case.unit, case.channel, case.origin) == ("", "", "", "import")


def test_a_unit_with_a_forbidden_name_is_left_out() -> None:
    assert accepted(DISPOSE_UNIT_NAME="综治维稳办公室").unit == ""


def test_two_names_under_one_number_are_told_apart_by_the_mapping() -> None:
    one = accepted(SUB_TYPE_ID="602", SUB_TYPE_NAME="无照经营游商")
    other = accepted(SUB_TYPE_ID="602", SUB_TYPE_NAME="其它无证经营")
    assert (one.class_code, other.class_code) == ("602", "602-2")


def test_a_name_loses_its_trailing_comma() -> None:
    assert accepted(SUB_TYPE_NAME="悬挂横幅标语、").minor == "悬挂横幅标语"


# --- refused


@pytest.mark.parametrize(
    ("values", "code", "column"),
    [
        ({"EVENT_TYPE_NAME": "治安维稳"}, "not_built", "EVENT_TYPE_NAME"),
        ({"EVENT_TYPE_NAME": "党建群团"}, "not_built", "EVENT_TYPE_NAME"),
        ({"EVENT_TYPE_NAME": "统一战线"}, "not_built", "EVENT_TYPE_NAME"),
        ({"MAIN_TYPE_NAME": "宣传舆论"}, "not_built", "MAIN_TYPE_NAME"),
        ({"MAIN_TYPE_NAME": "违反计生政策"}, "not_built", "MAIN_TYPE_NAME"),
        ({"SUB_TYPE_NAME": "重点人员走访"}, "profiling", "SUB_TYPE_NAME"),
        ({"STREET_NAME": "-", "COMMUNITY_NAME": "-"}, "no_place", "STREET_NAME"),
        ({"COMMUNITY_NAME": "-"}, "no_place", "COMMUNITY_NAME"),
        ({"STREET_NAME": "沙井街道"}, "unknown_place", "STREET_NAME"),
        ({"COMMUNITY_NAME": "坪山社区"}, "unknown_place", "COMMUNITY_NAME"),  # of another street
        ({"CREATE_TIME": "2018-02-30 10:00:00"}, "bad_time", "CREATE_TIME"),
        ({"CREATE_TIME": "-"}, "bad_time", "CREATE_TIME"),
        ({"INTIME_ARCHIVE_NUM": "2"}, "bad_flag", "INTIME_ARCHIVE_NUM"),
        ({"REC_ID": "-"}, "no_record", "REC_ID"),
        ({"SUB_TYPE_NAME": "-"}, "no_class", "SUB_TYPE_NAME"),
        ({"SUB_TYPE_ID": "-"}, "no_class", "SUB_TYPE_NAME"),
        ({"SUB_TYPE_NAME": "长" * 61}, "too_long", "SUB_TYPE_NAME"),
    ],
)
def test_a_refusal_names_the_value_and_the_reason(values: dict[str, str], code: str, column: str) -> None:
    row = refused(**values)
    assert (row.reason.code, row.column, row.line) == (code, column, 2)
    assert row.value == values.get(column, ROW[column])
    assert row.reason.zh
    assert row.reason.en


def test_a_repeated_record_and_a_second_name_for_a_number_are_refused() -> None:
    first, again, other = judged({}, {"REC_ID": "1001"}, {"SUB_TYPE_NAME": "门店外扫垃圾"})
    assert isinstance(first, Accepted)
    assert isinstance(again, Refused)
    assert isinstance(other, Refused)
    assert (again.reason.code, other.reason.code) == ("repeated_record", "code_taken")
    assert (again.line, other.line) == (3, 4)


def test_a_row_of_another_width_is_refused_alone() -> None:
    data = sheet({}, {}).decode("gb18030").replace("1001,", "1001,extra,", 1)
    rows = list(read(data.encode(), MAPPING))
    assert [type(row) for row in rows] == [Refused, Accepted]


def test_the_line_is_that_of_the_file_even_after_a_cell_with_line_breaks() -> None:
    first, second = judged({"OCCUR_PLACE": "一\n二\n三"}, {"EVENT_TYPE_NAME": "治安维稳"})
    assert (first.line, second.line) == (4, 5)


def test_refusals_say_the_street_where_the_row_has_one() -> None:
    assert refused(EVENT_TYPE_NAME="党建群团").street == "440310006"
    assert refused(STREET_NAME="-").street == ""


# --- the file as a whole


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_the_encoding_is_found_out(encoding: str) -> None:
    plain = sheet({"COMMUNITY_NAME": "老坑社区"}, encoding=encoding)
    for data in (plain, gzip.compress(plain)):
        [row] = read(data, MAPPING)
        assert isinstance(row, Accepted)
        assert row.area_code == "440310006903"


@pytest.mark.parametrize("heading", ["宗教信仰", "信访次数", "政治面貌", "is_petitioner", "重点人员类别", "身份证号"])
def test_a_sheet_with_a_forbidden_column_is_refused_whole(heading: str) -> None:
    data = sheet({}).decode("gb18030").replace("REPORT_NUM", heading, 1)
    with pytest.raises(SheetError) as caught:
        list(read(data.encode(), MAPPING))
    reason = forbidden(heading)
    assert reason is not None
    assert heading in str(caught.value)
    assert reason.zh in str(caught.value)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(SheetError, match="lacks the column REC_ID"):
        list(read(sheet({}).replace(b"REC_ID", b"NUMBER"), MAPPING))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x1f\x8bnot gzip",
        gzip.compress(b"x" * 5000)[:60],
        bytes(range(128, 256)),
        b"\xff\xfe\x00",
        os.urandom(3000),
    ],
    ids=["empty", "no gzip", "cut gzip", "no text", "half a letter", "noise"],
)
def test_what_is_no_sheet_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(SheetError, match=r"\w+ \w+"):
        list(read(data, MAPPING))


def test_a_gzip_bomb_ends_at_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incidents.imports.MOST_BYTES", 1_000_000)
    with pytest.raises(SheetError, match="split it"):
        decode(gzip.compress(bytes(2_000_000)))


cells = st.sampled_from(["-", "", "治安维稳", "龙田街道", "南布社区", "2018-07-04 17:24:41", "1", "581"]) | st.text(
    max_size=8
)


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(ROW, cells)), max_size=6))
def test_every_row_is_either_accepted_or_refused(rows: list[dict[str, str]]) -> None:
    data = sheet(*rows, encoding="utf-8")
    assert len(list(read(data, MAPPING))) == len(rows)


# --- the mapping and what is made of the cases


def test_communities_have_provisional_codes_in_a_fixed_order() -> None:
    areas = {area.name: area for area in MAPPING.areas()}
    assert [areas[name].code for name in ("六和社区", "六联社区", "和平社区", "坪山社区")] == [
        "440310001901",
        "440310001902",
        "440310001903",
        "440310001904",
    ]
    assert areas["龙田街道"].code == "440310006"
    assert all(area.provisional == (len(area.code) == 12) for area in areas.values())
    assert len(areas) == 3 + 6 + 23
    assert [area.code for area in MAPPING.areas() if not area.code.startswith("44")] == []


@pytest.mark.parametrize("damage", ["scheme", "[columns]", 'record = "REC_ID"\n', "time_zone"])
def test_a_damaged_mapping_is_refused(damage: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(PINGSHAN.read_text(encoding="utf-8").replace(damage, "", 1), encoding="utf-8")
    with pytest.raises(SheetError, match="broken"):
        read_mapping(broken)
    with pytest.raises(SheetError):
        read_mapping(tmp_path / "none.toml")


def test_the_classes_are_ended_and_in_a_scheme_of_their_own() -> None:
    cases = [
        row for row in judged({}, {}, {"SUB_TYPE_ID": "9", "SUB_TYPE_NAME": "行道树"}) if isinstance(row, Accepted)
    ]
    rows = class_rows(cases, MAPPING)
    assert [(str(row.key), row.name, row.initials) for row in rows] == [
        ("local:pingshan-2018/event/581", "暴露垃圾", "bllj"),
        ("local:pingshan-2018/event/9", "行道树", "xds"),
    ]
    assert all(row.valid_to is not None and row.conditions == () for row in rows)


def test_the_report_holds_every_refusal_and_no_formula() -> None:
    rows = [refused(EVENT_TYPE_NAME="治安维稳"), refused(CREATE_TIME="=cmd()"), refused(STREET_NAME="-")]
    text = report(rows)
    assert text.startswith("\ufeffline,record,code,column,value,reason,reason_en\r\n")
    read_back = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["code"] for row in read_back] == ["not_built", "bad_time", "no_place"]
    assert [row["value"] for row in read_back] == ["治安维稳", "'=cmd()", "-"]
    assert "110" in read_back[0]["reason"]


# --- the real file


@pytest.fixture(scope="module")
def real() -> list[Accepted | Refused]:
    folder = os.environ.get("GRIDMAP_REAL_DATA")
    if not folder:
        pytest.skip("GRIDMAP_REAL_DATA names no folder")
    file = Path(folder) / "incidents" / "pingshan_minsheng_2018_to_sep_gb18030.csv.gz"
    return list(read(file.read_bytes(), MAPPING))


@pytest.mark.real_data
def test_the_real_file_is_taken_or_refused_row_by_row(real: list[Accepted | Refused]) -> None:
    taken = [row for row in real if isinstance(row, Accepted)]
    left = [row for row in real if isinstance(row, Refused)]
    assert len(taken) + len(left) == 3981
    assert Counter((row.column, row.value, row.reason.code) for row in left) == {
        ("MAIN_TYPE_NAME", "宣传舆论", "not_built"): 100,
        ("EVENT_TYPE_NAME", "治安维稳", "not_built"): 34,
        ("EVENT_TYPE_NAME", "党纪政纪", "not_built"): 20,
        ("EVENT_TYPE_NAME", "组织人事", "not_built"): 16,
        ("STREET_NAME", "-", "no_place"): 5,
        ("EVENT_TYPE_NAME", "党建群团", "not_built"): 3,
        ("EVENT_TYPE_NAME", "统一战线", "not_built"): 1,
        ("MAIN_TYPE_NAME", "违反计生政策", "not_built"): 1,
    }
    assert {row.line for row in real} == set(range(2, 3983))


@pytest.mark.real_data
def test_the_figures_of_the_real_file_are_kept(real: list[Accepted | Refused]) -> None:
    taken = [row for row in real if isinstance(row, Accepted)]
    assert Counter(row.on_time for row in taken) == {True: 3324, False: 475, None: 2}
    assert len({row.id for row in taken}) == len(taken)
    assert {row.area_code for row in taken} == {area.code for area in MAPPING.areas() if area.provisional}
    assert len(class_rows(taken, MAPPING)) == len({(row.class_code, row.minor) for row in taken})
    assert [row for row in taken for name in (row.type, row.major, row.minor, row.unit) if forbidden(name)] == []
