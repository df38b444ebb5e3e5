"""What a value of a record may be, and by what a real thing is found again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.register import checks
from gridmap.register.codes import is_object_code, is_uscc, uscc_check
from gridmap.register.kinds import HOUSEHOLD, KINDS, OBJECT, ORGANISATION, PLACE

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def test_the_check_character_of_the_standards_example() -> None:
    assert uscc_check("91350100M000100Y4") == "3"
    assert is_uscc("91350100M000100Y43")
    assert not is_uscc("91350100M000100Y44")


@given(st.text(SIGNS, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(SIGNS))
def test_one_wrong_character_of_a_credit_code_is_always_found(body: str, at: int, sign: str) -> None:
    code = body + uscc_check(body)
    assert is_uscc(code)
    wrong = code[:at] + sign + code[at + 1 :]
    assert wrong == code or not is_uscc(wrong)


def test_an_object_has_sixteen_digits() -> None:
    assert is_object_code("9901010137000123")
    assert not is_object_code("990101013700012")
    assert not is_object_code("٩٩٠١٠١٠١٣٧٠٠٠١٢٣")


@pytest.mark.parametrize(
    ("kind", "given", "fault"),
    [
        (HOUSEHOLD, {"size": "drei"}, {"size": "not_a_number"}),
        (HOUSEHOLD, {"size": -1}, {"size": "out_of_range"}),
        (HOUSEHOLD, {"size": True}, {"size": "not_a_number"}),
        (HOUSEHOLD, {"size": 3.5}, {"size": "not_a_number"}),
        (HOUSEHOLD, {"size": None}, {"size": "missing"}),
        (HOUSEHOLD, {"religion": "x"}, {"religion": "unknown_field"}),
        (PLACE, {"kind": "castle"}, {"kind": "unknown_choice"}),
        (PLACE, {"name": "   "}, {"name": "not_text"}),
        (PLACE, {"name": "x" * 61}, {"name": "too_long"}),
        (OBJECT, {"code": "12"}, {"code": "bad_object_code"}),
        (ORGANISATION, {"uscc": "91350100M000100Y44"}, {"uscc": "bad_uscc"}),
    ],
)
def test_what_is_wrong_is_named_by_field(kind: Any, given: dict[str, Any], fault: dict[str, str]) -> None:
    assert checks.clean(kind, given, whole=False)[1] == fault


def test_numbers_and_choices_are_taken_as_tables_write_them() -> None:
    values, faults = checks.clean(HOUSEHOLD, {"place": "x", "size": "３", "over_60": "2.0"})
    assert (values["size"], values["over_60"], faults) == (3, 2, {})
    values, _ = checks.clean(PLACE, {"kind": "楼栋", "name": " ３ 幢 "}, whole=False)
    assert values == {"kind": "building", "name": "3 幢"}
    assert checks.clean(ORGANISATION, {"uscc": "91350100m000100y43"}, whole=False)[0]["uscc"] == "91350100M000100Y43"


def test_counts_of_a_household_fit_together() -> None:
    assert checks.together(HOUSEHOLD, {"size": 3, "over_60": 2, "over_80": 1, "under_14": 1}) == {}
    assert checks.together(HOUSEHOLD, {"size": 3, "over_60": 1, "over_80": 2}) == {"over_80": "more_than_over_60"}
    assert checks.together(HOUSEHOLD, {"size": 2, "over_60": 2, "under_14": 1}) == {"size": "fewer_than_parts"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("3幢", "3号楼", True),
        ("03", "3 栋", True),
        ("3-101", "3101", False),
        ("A 座", "a座", True),
        ("12幢", "2幢", False),
        ("1号楼", "1#", True),
        ("1#楼", "第1栋", True),
        ("12座", "12", True),
        ("101室", "101房", True),
        ("3单元", "3门", True),
        ("1-101", "1-0101室", True),
        ("1-101", "11-01", False),
        ("第3单元", "第13单元", False),
        ("100", "1-00", False),
        ("A01", "A1", False),
    ],
)
def test_a_place_is_the_same_however_its_number_is_written(one: str, other: str, same: bool) -> None:
    keys = {checks.natural_key(PLACE, {"kind": "building", "parent": "p", "name": name}, "c") for name in (one, other)}
    assert (len(keys) == 1) is same


def test_every_field_has_words_in_both_languages_and_every_choice_too() -> None:
    for kind in KINDS.values():
        assert all(field.zh and field.en for field in kind.fields)
        assert all(choice.zh and choice.en for field in kind.fields for choice in field.choices)
        assert all((field.type == "choice") == bool(field.choices) for field in kind.fields)
