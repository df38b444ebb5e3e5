"""The pure rules of the gate: periods, canonical questions, what names a person."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents import demands
from incidents.demands import FIGURES, LIVING, STEPS, Field, Rhythm, Standing

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@given(st.sampled_from(Rhythm), DAYS)
def test_a_day_lies_in_its_period_and_the_next_one_begins_the_day_after(rhythm: Rhythm, day: date) -> None:
    one = demands.period_of(rhythm, day)
    assert one.first <= day <= one.last
    assert demands.period_of(rhythm, one.first) == demands.period_of(rhythm, one.last) == one
    assert demands.period_of(rhythm, one.last + timedelta(days=1)).first == one.last + timedelta(days=1)


@given(st.sampled_from(Rhythm), DAYS, st.integers(0, 365), st.integers(-30, 400))
def test_a_form_has_the_periods_that_have_begun_and_no_other(
    rhythm: Rhythm, since: date, runs: int, later: int
) -> None:
    until, today = since + timedelta(days=runs), since + timedelta(days=later)
    found = demands.periods(rhythm, since, until, today)
    labels = [one.label for one in found]
    assert labels == sorted(set(labels), reverse=True)
    assert all(one.first <= min(until, today) and one.last >= since for one in found)
    assert (demands.period_of(rhythm, today) in found) == (
        since <= today <= until or (bool(found) and today <= found[0].last)
    )


def test_a_demand_runs_for_a_year_at_most_and_not_in_the_past() -> None:
    today = date(2026, 3, 2)
    assert demands.dates_flaw(today, today, today) is None
    assert demands.dates_flaw(today, today + timedelta(days=365), today) is None
    assert demands.dates_flaw(today, today + timedelta(days=366), today) == "demand_too_long"
    assert demands.dates_flaw(today, today - timedelta(days=1), today) == "demand_past"
    assert demands.dates_flaw(date(2026, 1, 1), date(2026, 3, 1), today) == "demand_past"


@pytest.mark.parametrize("other", ["分类亭 数量", "分类亭数量(个)", "分类亭数量（座）", "分类亭-数量", "分类亭数量："])
def test_a_question_that_differs_in_marks_spaces_or_its_unit_is_the_same_question(other: str) -> None:
    assert demands.key_of(other) == demands.key_of("分类亭数量")


def test_a_question_for_a_figure_by_its_name_is_on_record() -> None:
    for name, figure in FIGURES.items():
        assert demands.on_record(figure.zh) == demands.on_record(f" {figure.en} ") == name
    assert demands.on_record("分类亭数量") is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("居民姓名", "person"), ("独居老人名单", "person"), ("联系电话", "person"), ("户主", "person"), ("Names of residents", "person"),
        ("Home address", "person"), ("身份证号", "identity"), ("宗教信仰", "belief"), ("信访人数", "petition"), ("民族", "ethnicity"),
        ("网格员排名", "staff"), ("重点人员数", "profiling"),
    ],
)  # fmt: skip
def test_a_field_on_a_person_does_not_pass_the_gate(name: str, code: str) -> None:
    found = demands.refused_name(name)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "name", ["小区名称", "分类亭数量", "60岁以上人数", "Number of shelters", "Name of the estate", "整改完成日期"]
)
def test_counts_and_names_of_places_pass(name: str) -> None:
    assert demands.refused_name(name) is None


def test_numbers_of_persons_are_seen_in_answers() -> None:
    assert demands.names_a_person("联系13800138000")
    assert demands.names_a_person("51050219900101123X")
    assert not demands.names_a_person("编号 510502001003007,共 12 处")


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ("number", [0, 3, 2.5], ["3", True, float("nan"), 1e13]),
        ("date", ["2026-02-28"], ["2026-02-30", "20260228", 5]),
        ("choice", ["有"], ["也许", 1]),
        ("text", ["三处"], ["", "  ", 4, "字" * 501]),
    ],
)
def test_an_answer_is_of_the_kind_that_was_asked_for(type_: str, good: list[object], bad: list[object]) -> None:
    field = Field("asked:x", label="x", type=type_, choices=("有", "无"))
    assert [value for value in good if not demands.fits(field, value)] == []
    assert [value for value in bad if demands.fits(field, value)] == []


def test_what_has_ended_does_not_come_back() -> None:
    assert {before for _, before in STEPS} == LIVING
    assert set(STEPS.values()) == set(Standing) - {Standing.PROPOSED}
