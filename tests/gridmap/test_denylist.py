"""What is not built: refused by name, without striking harmless names."""

import pytest

from gridmap.denylist import NOT_BUILT_FILE, forbidden, not_built, refused_class
from incidents.catalogue import read_classes
from incidents.labels import ACTION_LABELS, LEVEL_LABELS, STATE_LABELS


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("宗教信仰", "belief"),
        ("是否信教", "belief"),
        ("防范邪教宣传", "belief"),
        ("法轮功人员", "belief"),
        ("上访次数", "petition"),
        ("信访人", "petition"),
        ("政治面貌", "politics"),
        ("党员", "politics"),
        ("民族", "ethnicity"),
        ("治安维稳", "stability"),
        ("稳控责任人", "stability"),
        ("群发性事件", "stability"),
        ("重点人员类别", "profiling"),
        ("刑释解教人员", "profiling"),
        ("社区矫正对象", "profiling"),
        ("吸毒人员", "profiling"),
        ("网络舆情", "opinion"),
        ("违反计生政策", "births"),
        ("流动人口管理", "control"),
        ("人脸照片", "faces"),
        ("今日打卡", "staff"),
        ("身份证号", "identity"),
        ("religion", "belief"),
        ("ReligiousBelief", "belief"),
        ("is_petitioner", "petition"),
        ("PETITION_COUNT", "petition"),
        ("politicalStatus", "politics"),
        ("party_member", "politics"),
        ("ethnicity", "ethnicity"),
        ("stability_level", "stability"),
        ("key_person", "profiling"),
        ("faceRecognition", "faces"),
        ("worker_ranking", "staff"),
        ("id_card_no", "identity"),
        ("idcard", "identity"),
        ("IDCARD", "identity"),
        ("ID No.", "identity"),
        ("SFZH", "identity"),
        ("证件号码", "identity"),
        ("身 份 证", "identity"),
        ("身份證號", "identity"),
        ("信訪", "petition"),
        ("黨員", "politics"),
        ("ZZMM", "politics"),
        ("MZ", "ethnicity"),
        ("民 族", "ethnicity"),
        ("民-族", "ethnicity"),
        ("民\u200b族", "ethnicity"),
        ("計劃生育", "births"),
    ],
)
def test_names_that_have_no_place_here_are_found(name: str, code: str) -> None:
    reason = forbidden(name)
    assert reason is not None
    assert reason.code == code
    assert reason.zh
    assert reason.en


@pytest.mark.parametrize(
    "name",
    [
        "岗亭（治安亭）",
        "门前四包（五包）",
        "公益性宣传品",
        "精神文明宣传栏",
        "重点部位",
        "重点区域",
        "人行道",
        "党校路灯",
        "competition",
        "repetition",
        "trace_id",
        "surface",
        "interface_kind",
        "track",
        "faithfulness",
        "area_code",
        "verify_repair",
        "EVENT_PROPERTY_NAME",
        "",
        "REC_ID",
        "合计(生活用水)",
        "统计 生产总值",
        "mzone",
    ],
)
def test_harmless_names_are_left_alone(name: str) -> None:
    assert forbidden(name) is None


def test_the_list_of_what_is_not_built_is_well_formed() -> None:
    rows = not_built()
    assert len(rows) == len(NOT_BUILT_FILE.read_text(encoding="utf-8").splitlines()) - 1
    for (column, name), row in rows.items():
        assert column in {"type", "major", "minor"}
        assert name.strip() == name
        assert row.reason.zh.endswith("。")
        assert row.reason.en.endswith(".")


def test_a_case_is_refused_by_the_first_name_that_is() -> None:
    found = refused_class({"type": "治安维稳", "major": "经济纠纷", "minor": "合同纠纷"})
    assert found is not None
    assert found[0] == "type"
    assert "110" in found[1].zh
    assert refused_class({"type": "文体旅游", "major": "宣传舆论", "minor": "精神文明建设"}) is not None
    assert refused_class({"type": "市容环卫", "major": "垃圾问题", "minor": "暴露垃圾"}) is None


def test_a_name_that_stands_on_no_list_is_still_refused_by_its_words() -> None:
    found = refused_class({"type": "其他", "major": "其他", "minor": "重点人员走访"})
    assert found is not None
    assert (found[0], found[1].code) == ("minor", "profiling")


def test_nothing_that_the_project_ships_carries_such_a_name() -> None:
    for row in read_classes():
        for name in (row.name, row.name_en, row.major, row.major_en, *row.handlers):
            assert forbidden(name) is None, name
    for labels in (STATE_LABELS, ACTION_LABELS, LEVEL_LABELS):
        for key, words in labels.items():
            assert [name for name in (str(key), *words.values()) if forbidden(name)] == []
