"""The table of a procedure: what is wrong with one is said, and one that works leads everybody to its end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.clock import Calendar
from incidents.matters import read_matters
from incidents.procedure import MOST_STAGES, Result, Stay, Table, flaws_of_rows, try_on

ROLES = ("acceptor", "community", "director", "handler")
DEPARTMENTS = ("civil",)


def row(key: str, results: dict[str, str], **changes: Any) -> dict[str, Any]:
    return {
        "key": key,
        "name": key,
        "level": "street",
        "role": "acceptor",
        "limit": "1d",
        "results": results,
        **changes,
    }


def codes(*rows: dict[str, Any]) -> list[tuple[str, str]]:
    found = flaws_of_rows(rows, roles=ROLES, departments=DEPARTMENTS)
    return [(flaw.stage, flaw.code) for flaw in found]


GOOD = (row("a", {"approve": "b", "refuse": ""}), row("b", {"finish": "", "send_back": ""}))


def test_a_table_that_works_has_no_flaws() -> None:
    assert codes(*GOOD) == []


@pytest.mark.parametrize("kind", read_matters(), ids=lambda kind: kind.name_en)
def test_the_procedures_that_are_shipped_have_no_flaws(kind: Any) -> None:
    assert flaws_of_rows(kind.stages, roles=ROLES, departments=DEPARTMENTS) == []
    assert Table.read(kind.stages).rows() == kind.stages


@pytest.mark.parametrize(
    ("rows", "flaw"),
    [
        ((), ("", "no_stages")),
        (tuple(row(str(n), {"finish": ""}) for n in range(MOST_STAGES + 1)), ("", "too_many_stages")),
        ((row("a", {"finish": ""}, limit="soon"),), ("a", "bad_limit")),
        ((row("a", {"finish": ""}, level="moon"),), ("a", "unreadable")),
        ((row("a", {"vanish": ""}),), ("a", "unreadable")),
        ((row("a", {"finish": ""}, requires=["blood"]),), ("a", "unreadable")),
        ((row("a", {"approve": "a", "finish": ""}),), ("a", "leads_nowhere")),
        ((row("a", {"approve": "z", "finish": ""}),), ("a", "leads_nowhere")),
        ((row("a", {"finish": "b"}), row("b", {"finish": ""})), ("a", "leads_by_itself")),
        ((row("a", {}),), ("a", "no_results")),
        ((row("a", {"finish": ""}, name=""),), ("a", "no_name")),
        ((row("a", {"finish": ""}, role="king"),), ("a", "unknown_role")),
        ((row("a", {"finish": ""}, role="handler"),), ("a", "handler_without_department")),
        ((row("a", {"finish": ""}, department="civil"),), ("a", "department_without_handler")),
        ((row("a", {"finish": ""}, role="handler", department="navy"),), ("a", "unknown_department")),
        ((row("a", {"finish": "", "send_back": ""}),), ("a", "first_sent_back")),
        ((row("a", {"finish": "", "extend": ""}, limit=""),), ("a", "extended_without_limit")),
        ((row("a", {"approve": "b"}), row("a", {"finish": ""})), ("a", "key_twice")),
        ((row("a", {"finish": ""}), row("b", {"finish": ""})), ("b", "unreached")),
        ((row("a", {"approve": "b"}), row("b", {"approve": "a"})), ("a", "dead_end")),
        ((row("a", {"approve": "b", "finish": ""}), row("b", {"refuse": ""})), ("b", "dead_end")),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) and value and isinstance(value[0], str) else "",
)
def test_every_flaw_is_named(rows: tuple[dict[str, Any], ...], flaw: tuple[str, str]) -> None:
    assert flaw in codes(*rows)


@st.composite
def tables(draw: Any) -> list[dict[str, Any]]:
    keys = [f"s{n}" for n in range(draw(st.integers(1, 7)))]
    target = st.sampled_from([*keys, "nowhere"])
    results = st.dictionaries(st.sampled_from(["approve", "forward"]), target).flatmap(
        lambda ways: st.sampled_from([ways, {**ways, "finish": ""}, {**ways, "refuse": ""}])
    )
    return [row(key, draw(results)) for key in keys]


@given(tables())
def test_from_every_stage_of_a_table_without_flaws_somebody_can_walk_to_the_end(rows: list[dict[str, Any]]) -> None:
    if flaws_of_rows(rows, roles=ROLES, departments=DEPARTMENTS):
        return
    table = Table.read(rows)
    for stage in table.stages:
        here, seen = {stage.key}, set[str]()
        while here - seen:
            seen |= here
            here = {key for place in here for key in table[place].next}
        assert any(Result.FINISH in table[key].results for key in seen)


def test_a_dry_run_says_which_limits_were_not_kept_and_which_stages_are_missing() -> None:
    begun = datetime(2026, 11, 16, 1, tzinfo=UTC)  # a Monday, 09:00 in Shanghai
    stays = [
        Stay("a", begun, begun + timedelta(hours=2)),
        Stay("b", begun, begun + timedelta(days=3)),
        Stay("gone", begun, begun),
    ]
    trial = try_on(Table.read(GOOD), stays, Calendar.shipped())
    assert (trial.late, trial.unknown) == (("b",), ("gone",))
