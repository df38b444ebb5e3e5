"""The pure rules of routing: precedence, explanation, gaps and overlaps, against the plainest reading of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.routing import By, Case, Decision, Facts, Office, Rule, Trouble, Verdict, When, check, decide
from incidents.routing.check import uncovered
from incidents.routing.usual import Known, usual_rules
from incidents.routing.words import Names, Words, line, rule_words, step_words

DISTRICT = "990101"
STREETS = ("990101001", "990101002")
CELLS = tuple(f"{street}00{community}00{cell}" for street in STREETS for community in (1, 2) for cell in (1, 2))
AREAS = tuple(sorted({DISTRICT, *STREETS, *(cell[:12] for cell in CELLS), *CELLS}))
CLASSES = {"S/event/1": "event/M", "S/event/2": "event/M", "S/event/3": "event/N"}
OFFICES = {1: Office("990101"), 2: Office("9901"), 3: Office(STREETS[0])}
FACTS = Facts(DISTRICT, frozenset(AREAS), CLASSES, OFFICES)
NOON = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)  # 12:00 in Asia/Shanghai
CASE = Case(CELLS[0], "S/event/1", "event/M", NOON)

whens = st.builds(
    When,
    st.sets(st.integers(1, 12), max_size=3).map(sorted).map(tuple),
    st.none() | st.tuples(st.integers(0, 23), st.integers(0, 24)).filter(lambda pair: pair[0] != pair[1]),
)
selectors = st.sampled_from([("", ""), ("", "event/M"), ("", "event/N"), *((key, "") for key in CLASSES)])
answers = st.sampled_from([(), (("fire", "true"),), (("fire", "false"),), (("size", "big"),)])


@st.composite
def rule_sets(draw: st.DrawFn, *, most: int = 8) -> list[Rule]:
    rows = draw(st.lists(st.tuples(st.sampled_from(AREAS), selectors, whens, answers, st.booleans()), max_size=most))
    return [
        Rule(number, area, 1 + number % 2, *((key, major) if not territory else ("", "")),
             *((when, given) if not territory else (When(), ())), territory)
        for number, (area, (key, major), when, given, territory) in enumerate(rows, 1)
    ]  # fmt: skip


cases = st.builds(
    lambda cell, key, hours, given: Case(cell, key, CLASSES[key], NOON + timedelta(hours=hours), dict(given)),
    st.sampled_from(CELLS),
    st.sampled_from(sorted(CLASSES)),
    st.integers(0, 24 * 365),
    answers,
)


def outcome(decision: Decision) -> tuple[int | None, int | None]:
    return decision.department, decision.rule.number if decision.rule else None


@settings(deadline=None)
@given(rule_sets(), cases, st.randoms())
def test_the_order_of_rows_changes_nothing(rules: list[Rule], case: Case, random: object) -> None:
    shuffled = list(rules)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decide(case, rules) == decide(case, shuffled) == decide(case, iter(rules))


@settings(deadline=None)
@given(rule_sets(), cases)
def test_the_winner_matches_and_no_other_match_is_more_specific(rules: list[Rule], case: Case) -> None:
    decision = decide(case, rules)
    matching = [
        rule
        for rule in rules
        if case.area.startswith(rule.area)
        and rule.class_key in ("", case.class_key)
        and (rule.class_key or rule.major in ("", case.major))
        and rule.when.holds(case.at)
        and all(case.answers.get(key) == value for key, value in rule.answers)
    ]
    assert (decision.rule is None) == (not matching)
    for rule in matching:
        assert decision.rule is not None
        assert rule.rank <= decision.rule.rank
        assert rule.rank < decision.rule.rank or rule.number >= decision.rule.number


@settings(deadline=None)
@given(rule_sets(), cases)
def test_every_rule_is_accounted_for_once_and_the_chosen_one_is_the_one_that_decides(
    rules: list[Rule], case: Case
) -> None:
    decision = decide(case, rules)
    assert sorted(step.rule.number for step in decision.considered) == [rule.number for rule in rules]
    assert [s.rule for s in decision.considered if s.verdict is Verdict.CHOSEN] == list(filter(None, [decision.rule]))


@settings(deadline=None)
@given(rule_sets(), cases)
def test_a_rule_for_the_very_cell_and_class_always_wins(rules: list[Rule], case: Case) -> None:
    narrow = Rule(99, case.area, 77, case.class_key, "", When((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), (0, 24)),
                  (("fire", "true"), ("size", "big")))  # fmt: skip
    asked = Case(case.area, case.class_key, case.major, case.at, {"fire": True, "size": "big"})
    assert decide(asked, [*rules, narrow]).department == 77


@settings(deadline=None)
@given(rule_sets(), cases, st.integers(100, 200))
def test_the_objects_own_maintainer_comes_before_every_rule(rules: list[Rule], case: Case, maintainer: int) -> None:
    decision = decide(case, rules, maintainer=maintainer)
    assert (decision.department, decision.by, decision.rule) == (maintainer, By.MAINTAINER, None)


@settings(deadline=None)
@given(rule_sets(), cases)
def test_a_broken_rule_that_would_win_hands_over_to_the_territory_alone(rules: list[Rule], case: Case) -> None:
    whole = decide(case, rules)
    if whole.rule is None:
        return
    decision = decide(case, rules, broken=[whole.rule.number])
    assert decision.failed == whole.rule
    assert decision.by in (By.TERRITORY, By.NOBODY)
    assert decision.rule is None or (decision.rule.territory and decision.rule != whole.rule)
    assert Verdict.BROKEN in [step.verdict for step in decision.considered if step.rule == whole.rule]


# --- the check against trying everything ---


def moments() -> list[datetime]:
    """Noon-hours of all months: one moment for each hour of each month, in Asia/Shanghai."""
    return [datetime(2026, month, 15, hour, tzinfo=UTC) - timedelta(hours=8) for month in range(1, 13) for hour in range(24)]  # fmt: skip


def holes_by_trying(rules: Sequence[Rule]) -> set[tuple[str, str]]:
    """Cells × classes where at some hour no rule without answers takes the case."""
    sure = [rule for rule in rules if not rule.answers]
    return {
        (cell, key)
        for cell, key in product(CELLS, CLASSES)
        if any(decide(Case(cell, key, CLASSES[key], at), sure).rule is None for at in moments())
    }


@settings(deadline=None, max_examples=40)  # each tries every hour of every month in every cell
@given(rule_sets(most=4))
def test_gaps_are_exactly_the_cells_and_classes_that_nobody_takes_at_some_hour(rules: list[Rule]) -> None:
    told = {
        (cell, key)
        for gap in uncovered(rules, FACTS)
        for cell in CELLS
        if cell.startswith(gap.area)
        for key in gap.classes
    }
    assert told == holes_by_trying(rules)


@settings(deadline=None)
@given(rule_sets(), cases)
def test_where_no_overlap_is_reported_no_two_rules_of_equal_rank_match_one_case(rules: list[Rule], case: Case) -> None:
    pairs = {(pair.first.number, pair.second.number) for pair in check(rules, FACTS).overlaps}
    steps = decide(case, rules).considered
    missed = {Verdict.OTHER_AREA, Verdict.OTHER_CLASS, Verdict.OTHER_TIME, Verdict.OTHER_ANSWERS}
    matching = sorted((step.rule for step in steps if step.verdict not in missed), key=lambda rule: rule.number)
    both = {(a.number, b.number) for a, b in combinations(matching, 2) if a.rank == b.rank}
    assert both <= pairs


def test_overlapping_hours_are_reported_and_hours_side_by_side_are_not() -> None:
    day, evening = When(hours=(8, 18)), When(hours=(18, 8))
    rules = [
        Rule(1, DISTRICT, 1, when=day),
        Rule(2, DISTRICT, 2, when=evening),
        Rule(3, DISTRICT, 1, when=When(hours=(17, 20))),
    ]
    pairs = [(pair.first.number, pair.second.number) for pair in check(rules, FACTS).overlaps]
    assert pairs == [(1, 3), (2, 3)]
    assert check(rules[:2], FACTS).clean


def test_rules_for_different_answers_do_not_overlap_and_leave_a_gap_without_a_plain_one() -> None:
    rules = [Rule(1, DISTRICT, 1, answers=(("fire", "true"),)), Rule(2, DISTRICT, 2, answers=(("fire", "false"),))]
    found = check(rules, FACTS)
    assert found.overlaps == ()
    assert [(gap.area, gap.cells, gap.always) for gap in found.gaps] == [(DISTRICT, 8, True)]


def test_what_only_the_territory_takes_is_said_and_is_no_gap() -> None:
    rules = [Rule(1, STREETS[0], 1), Rule(2, DISTRICT, 2, territory=True)]
    found = check(rules, FACTS)
    assert found.clean
    assert [(gap.area, gap.classes, gap.cells) for gap in found.left] == [(STREETS[1], tuple(CLASSES), 4)]


@pytest.mark.parametrize(
    ("rule", "trouble"),
    [
        (Rule(1, "880101", 1), Trouble.AREA_OUTSIDE),
        (Rule(1, "990101009", 1), Trouble.AREA_UNKNOWN),
        (Rule(1, "990101001009", 1), Trouble.AREA_ENDED),
        (Rule(1, DISTRICT, 1, "S/event/9"), Trouble.CLASS_UNKNOWN),
        (Rule(1, DISTRICT, 1, "S/event/8"), Trouble.CLASS_ENDED),
        (Rule(1, DISTRICT, 1, "", "event/O"), Trouble.CLASS_UNKNOWN),
        (Rule(1, DISTRICT, 9), Trouble.DEPARTMENT_UNKNOWN),
        (Rule(1, DISTRICT, 8), Trouble.DEPARTMENT_ENDED),
        (Rule(1, DISTRICT, 3), Trouble.DEPARTMENT_ELSEWHERE),
    ],
)
def test_what_a_rule_names_must_be_in_force(rule: Rule, trouble: Trouble) -> None:
    facts = Facts(
        DISTRICT, frozenset(AREAS), CLASSES, OFFICES | {8: Office(DISTRICT, ended=True)},
        frozenset({"990101001009"}), frozenset({"S/event/8"}),
    )  # fmt: skip
    found = check([rule], facts)
    assert dict(found.troubles) == {1: trouble}
    assert not found.clean
    assert found.gaps  # what it covered is covered no more


# --- precedence, row by row, as the domain has it ---


def test_precedence_is_maintainer_then_area_then_class_then_territory() -> None:
    territory = Rule(1, STREETS[0], 10, territory=True)
    everything = Rule(2, DISTRICT, 20)
    major = Rule(3, DISTRICT, 30, "", "event/M")
    one = Rule(4, DISTRICT, 40, "S/event/1")
    area = Rule(5, CELLS[0][:12], 50)
    rules = [territory]
    assert (decide(CASE, rules).department, decide(CASE, rules).by) == (10, By.TERRITORY)
    for rule in (everything, major, one, area):
        rules.append(rule)
        assert outcome(decide(CASE, rules)) == (rule.department, rule.number)
    assert decide(CASE, rules, maintainer=60).department == 60
    fates = {step.rule.number: step.verdict for step in decide(CASE, rules).considered}
    assert fates == {
        5: Verdict.CHOSEN, 4: Verdict.WIDER_AREA, 3: Verdict.WIDER_AREA, 2: Verdict.WIDER_AREA, 1: Verdict.TERRITORY_LAST,
    }  # fmt: skip


def test_rule_5_nobodys_duty_is_the_territorys_first() -> None:
    rules = [Rule(1, STREETS[0], 10, territory=True), Rule(2, STREETS[1], 20)]
    assert decide(CASE, rules).by is By.TERRITORY
    assert decide(CASE, rules[1:]).by is By.NOBODY


def test_times_are_those_of_shanghai_and_hours_pass_midnight() -> None:
    night = When(hours=(22, 6))
    assert night.holds(datetime(2026, 7, 1, 14, 0, tzinfo=UTC))  # 22:00 there
    assert night.holds(datetime(2026, 7, 1, 21, 59, tzinfo=UTC))  # 05:59
    assert not night.holds(datetime(2026, 7, 1, 22, 0, tzinfo=UTC))
    assert When(months=(8,)).holds(datetime(2026, 7, 31, 16, 0, tzinfo=UTC))  # 1 August, 00:00


@pytest.mark.parametrize("wrong", [{"months": (13,)}, {"hours": (24, 1)}, {"hours": (3, 3)}, {"hours": (0, 25)}])
def test_a_time_that_cannot_be_is_refused(wrong: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match=r"month|hours"):
        When(**wrong)  # type: ignore[arg-type]


def test_the_words_name_the_rule_the_department_and_why_the_others_lost() -> None:
    names = Names({DISTRICT: Words("示范区", "Demo District")}, {"S/event/1": Words("积水", "Flooding")},
                  {1: Words("排水", "Drainage"), 2: Words("街道", "Street office")})  # fmt: skip
    summer = Rule(1, DISTRICT, 1, "S/event/1", when=When((6, 7), (8, 20)))
    rules = [summer, Rule(2, DISTRICT, 2, territory=True)]
    decision = decide(CASE, rules)
    assert line(decision, names).zh == "排水：按第 1 条规则（示范区 · 积水 · 6、7 月 08:00–20:00）。"
    assert line(decision, names).en == "Drainage: by rule 1 (Demo District · Flooding · Jun, Jul 08:00–20:00)."
    assert "属地兜底" in step_words(decision.considered[1], names).zh
    failed = decide(CASE, rules, broken=[1])
    assert line(failed, names).zh.startswith("街道：第 1 条规则")
    assert "broken" in line(failed, names).en
    assert "territory" in line(failed, names).en
    assert rule_words(Rule(3, "1", 1, "", "object/井盖"), names).en == "1 · objects of the major class “井盖”"


def test_a_first_set_from_usual_handlers_is_clean_and_names_them() -> None:
    known = [
        Known("S/event/1", "event/M", ("环卫",)),
        Known("S/event/2", "event/M", ("没有", "园林")),
        Known("S/event/3", "event/N", ()),
    ]
    rules = usual_rules(DISTRICT, known, {"环卫": (1, DISTRICT), "园林": (2, "9901")}, dict.fromkeys(STREETS, 2))
    assert check(rules, FACTS).clean
    found = {key: decide(Case(CELLS[0], key, CLASSES[key], NOON), rules) for key in CLASSES}
    assert {key: decision.department for key, decision in found.items()} == {
        "S/event/1": 1,
        "S/event/2": 2,
        "S/event/3": 2,
    }
    assert found["S/event/3"].by is By.TERRITORY
