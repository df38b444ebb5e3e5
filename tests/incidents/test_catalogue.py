"""The shipped catalogue: whole, readable in two languages, findable by sound, with limits that can be counted."""

import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from incidents.catalogue import (
    CASE_MIX,
    LOCAL,
    NATIONAL,
    OLDER,
    QUICK,
    ClassKey,
    ClassRow,
    Domain,
    conditions,
    is_urgent,
    read_classes,
)
from incidents.clock import Limit, LimitError
from incidents.pinyin import spell

ROWS = {row.key: row for row in read_classes()}
HEAD = "scheme,domain,code,major,major_en,name,name_en,limits,handlers,valid_from,valid_to\n"


def one(domain: Domain, code: str, scheme: str = NATIONAL) -> ClassRow:
    return ROWS[ClassKey(scheme, domain, code)]


def test_the_catalogue_is_whole_and_keys_are_unique() -> None:
    assert len(ROWS) == len(read_classes())
    counted = Counter((row.key.scheme, row.key.domain) for row in ROWS.values())
    assert counted[NATIONAL, Domain.OBJECT] + counted[LOCAL, Domain.OBJECT] == 92
    assert counted[NATIONAL, Domain.EVENT] + counted[LOCAL, Domain.EVENT] == 98
    assert counted[OLDER, Domain.OBJECT] == 81


def test_local_numbers_belong_to_the_local_scheme() -> None:
    for key in ROWS:
        if key.scheme != OLDER:
            assert (key.scheme == LOCAL) == (int(key.code[2:]) >= 78), key


def test_a_key_survives_being_written() -> None:
    for key in ROWS:
        assert ClassKey.parse(str(key)) == key
    assert str(QUICK[0]) == "GB30428.2-2013/event/0410"


@pytest.mark.parametrize("text", ["", "0112", "GB30428.2-2013/0112", "a/person/0101", "a/event/0101/2"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ClassKey.parse(text)


def test_event_and_object_codes_overlap_so_the_domain_is_part_of_the_key() -> None:
    assert one(Domain.EVENT, "0102").name != one(Domain.OBJECT, "0102").name


def test_every_class_has_two_names_and_both_ways_to_search() -> None:
    for row in ROWS.values():
        assert row.name.strip() == row.name != ""
        assert all(ord(letter) < 0x2000 for letter in row.name_en + row.major_en), row.name_en
        assert row.name_en[0].isupper()
        assert row.pinyin.isascii()
        assert row.pinyin.isalpha()
        assert 2 <= len(row.initials) <= len(row.pinyin)


def test_english_names_tell_classes_apart_within_a_scheme() -> None:
    offered = [(row.key.domain, row.name_en) for row in ROWS.values() if row.valid_to is None]
    assert [name for name, count in Counter(offered).items() if count > 1] == []


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("上水井盖", "shangshuijinggai", "ssjg"),
        ("行道树", "xingdaoshu", "xds"),
        ("非机动车乱停放", "feijidongcheluantingfang", "fjdcltf"),
        ("燃气调压站（箱）", "ranqitiaoyazhanxiang", "rqtyzx"),
        ("门前四包（五包）", "menqiansibaowubao", "mqsbwb"),
        ("X光 7 号", "xguang7hao", "xg7h"),
    ],
)
def test_names_are_spelled(name: str, pinyin: str, initials: str) -> None:
    assert spell(name) == (pinyin, initials)


def test_conditions_are_numbered_from_the_shortest_limit() -> None:
    cover = one(Domain.OBJECT, "0101")
    assert [(c.number, c.label, c.label_en, str(c.limit)) for c in cover.conditions] == [
        (1, "情形 1", "Condition 1", "2h!"),
        (2, "情形 2", "Condition 2", "4h"),
        (3, "情形 3", "Condition 3", "2d"),
        (4, "情形 4", "Condition 4", "5d"),
    ]
    for row in ROWS.values():
        spans = [condition.limit.span for condition in row.conditions]
        assert spans == sorted(spans) or str(row.conditions[0].limit) == "2d!", row.name


def test_every_class_offered_has_a_limit_and_someone_to_handle_it() -> None:
    for row in ROWS.values():
        if row.valid_to is None:
            assert row.conditions, row.name
            assert row.handlers, row.name


def test_a_class_is_urgent_when_its_shortest_limit_is_hours_round_the_clock() -> None:
    assert one(Domain.OBJECT, "0101").urgent
    assert one(Domain.EVENT, "0505").urgent
    assert not one(Domain.EVENT, "0112").urgent  # 2 working hours
    assert not one(Domain.EVENT, "0101").urgent  # 2 days round the clock
    assert not is_urgent([])
    assert not is_urgent([Limit.parse("4h"), Limit.parse("2h!")])


def test_the_older_scheme_is_ended_and_the_others_are_not() -> None:
    for row in ROWS.values():
        assert (row.valid_to is not None) == (row.key.scheme == OLDER)
        assert row.valid_from < date(2015, 1, 1)


def test_what_is_not_built_is_not_in_the_catalogue() -> None:
    names = {row.name for row in ROWS.values()}
    assert not names & {"群发性事件", "流浪乞讨"}


def test_the_quick_choices_are_ten_classes_in_force() -> None:
    assert len(set(QUICK)) == 10
    assert all(ROWS[key].valid_to is None for key in QUICK)
    assert [ROWS[key].name for key in QUICK[:3]] == ["非机动车乱停放", "违规标语宣传品", "乱堆物堆料"]


def test_the_case_mix_is_the_one_observed() -> None:
    assert all(key in ROWS for key, _ in CASE_MIX)
    assert sum(filed for _, filed in CASE_MIX) + 71 == 2594
    assert [filed for _, filed in CASE_MIX] == sorted((filed for _, filed in CASE_MIX), reverse=True)


def test_a_wrong_row_is_an_error_and_not_a_guess(tmp_path: Path) -> None:
    wrong = {
        "limit": ("s,event,0101,m,M,名,Name,soon,a,2014-01-01,\n", LimitError),
        "domain": ("s,person,0101,m,M,名,Name,4h,a,2014-01-01,\n", ValueError),
        "date": ("s,event,0101,m,M,名,Name,4h,a,2014,\n", ValueError),
    }
    for name, (line, error) in wrong.items():
        file = tmp_path / f"{name}.csv"
        file.write_text(HEAD + line, encoding="utf-8")
        with pytest.raises(error):
            read_classes(file)
    assert conditions([]) == ()


def test_serving_the_catalogue_does_not_load_the_dictionary_of_pinyin() -> None:
    code = "import sys, incidents.catalogue; sys.exit('pypinyin' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
