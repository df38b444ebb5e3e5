"""What became of matters: approved, refused, running; supplemented and extended ones among them. No person stands in it."""

from typing import Any

import pytest

from gridmap.models import Role
from incidents.actions import refresh_facts
from tests.counter import register
from tests.factories import CELL, COMMUNITY, DISTRICT, MATTER, OTHER_STREET, Caller, Town, put_procedure, user
from tests.incidents.test_exports import table
from tests.incidents.test_matter_clocks import AROUND
from tests.incidents.test_matter_extensions import extended


def matters(who: Caller, query: str = "") -> list[dict[str, Any]]:
    refresh_facts()
    answer = who.get(f"/statistics?{query}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["matters"]
    return [{name: value for name, value in row.items() if not name.startswith(("key", "name"))} for row in found]


@pytest.fixture
def four(town: Town) -> dict[str, Any]:
    """One that runs after an extension, one that was supplemented and approved, a refused one and one just begun; their counts."""
    put_procedure([{**AROUND[0], "results": {"finish": "", "refuse": "", "supplement": "", "extend": ""}}])
    acceptor = town.acceptor
    extended(town, Caller(user("leads", Role.DIRECTOR, DISTRICT)), register(acceptor, class_key=MATTER))
    given = acceptor.act(register(acceptor, class_key=MATTER), "supplement", reason="缺材料")
    for step in ("resubmit", "finish"):
        given = acceptor.act(given, step, text="材料齐全")
    acceptor.act(register(acceptor, class_key=MATTER), "refuse", reason="不符合条件")
    register(acceptor, class_key=MATTER)
    return {
        "registered": 4, "approved": 1, "refused": 1, "running": 2, "supplemented": 1, "extended": 1,
    }  # fmt: skip


def test_what_became_of_matters_adds_up_to_the_registered_ones(town: Town, four: dict[str, Any]) -> None:
    town.worker.report()  # a case is no matter
    [row] = matters(town.director)
    assert row == four
    assert row["approved"] + row["refused"] + row["running"] == row["registered"]


def test_matters_are_counted_in_scope_and_period(town: Town, four: dict[str, Any]) -> None:
    assert [row["registered"] for row in matters(town.director, f"area={COMMUNITY}")] == [4]
    assert matters(town.director, f"area={CELL}") == []
    assert matters(town.director, "first=2020-01-01&last=2020-01-31") == []
    assert matters(town.other_director) == matters(town.director, f"area={OTHER_STREET}") == []


def test_the_table_of_matters_can_be_taken_away(town: Town, four: dict[str, Any]) -> None:
    refresh_facts()
    day = town.director.get("/statistics").json()["last"]
    head, row = table(town.director, what="matter", first=day, last=day)
    assert head[2:] == ["受理", "准予办结", "退办", "在办", "补办过", "延办过"]
    assert row[2:] == ["4", "1", "1", "2", "1", "1"]
