"""Rule 4 for matters: each extension adds one original limit, at most two, approved at two levels."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from gridmap import actions
from gridmap.models import Role
from tests.counter import register
from tests.factories import DISTRICT, MATTER, Caller, Town, as_if_ago, put_procedure, user
from tests.incidents.test_deadlines_api import counted, deadlines, said, tick
from tests.incidents.test_matter_clocks import AROUND

HOUR = timedelta(hours=1)


@pytest.fixture
def leader(town: Town) -> Caller:
    return Caller(user("leads", Role.DIRECTOR, DISTRICT))


@pytest.fixture
def card(town: Town) -> dict[str, Any]:
    """A matter with one stage of four hours round the clock, the acceptor's."""
    put_procedure(AROUND)
    made: dict[str, Any] = register(town.acceptor, class_key=MATTER)
    return made


def due(card: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(card["due_at"])


def extended(town: Town, leader: Caller, card: dict[str, Any]) -> dict[str, Any]:
    """Asked for, endorsed and granted."""
    card = town.acceptor.act(town.acceptor.detail(card), "extend", reason="等外地回函")
    card = town.director.act(card, "endorse_extension", outcome="pass", text="属实")
    return leader.act(card, "grant_extension", outcome="pass")


def names(who: Caller, card: dict[str, Any]) -> set[str]:
    return {action["name"] for action in who.detail(card)["actions"]}


def test_rule_4_the_director_and_then_a_leader_of_the_district_agree(
    town: Town, leader: Caller, card: dict[str, Any]
) -> None:
    asked = town.acceptor.act(card, "extend", reason="等外地回函")
    assert due(asked) == due(card)  # until it is decided the clock runs on
    assert "grant_extension" not in names(town.director, card)
    endorsed = town.director.act(asked, "endorse_extension", outcome="pass", text="属实")
    assert town.director.act(endorsed, "grant_extension", outcome="pass", expect=403)["code"] == "forbidden"
    granted = leader.act(endorsed, "grant_extension", outcome="pass")
    assert due(granted) - due(card) == 4 * HOUR
    kinds = [moment["kind"] for moment in town.acceptor.detail(granted)["timeline"]]
    assert kinds[-3:] == ["incident.extension_asked", "incident.extension_endorsed", "incident.extension_granted"]


def test_rule_4_at_most_two_extensions_each_one_original_limit(
    town: Town, leader: Caller, card: dict[str, Any]
) -> None:
    twice = extended(town, leader, extended(town, leader, card))
    assert due(twice) - due(card) == 8 * HOUR
    assert town.acceptor.act(twice, "extend", reason="还要", expect=409)["code"] == "no_more_extensions"
    assert "extend" not in names(town.acceptor, twice)
    assert town.director.detail(twice)["procedure"]["extensions"] == 2
    running = deadlines(town, twice)["running"]
    assert (counted(running), running["due_at"], running["limit"]) == (12 * HOUR, twice["due_at"], "4h!")
    one = running["extensions"][0]
    assert (one["by"], one["first_by"], one["why"]) == ("Leads", "Sun", "等外地回函")


def test_in_a_stage_of_the_director_asking_is_the_first_word(town: Town, leader: Caller) -> None:
    put_procedure([{**AROUND[0], "role": "director"}])
    card = register(town.acceptor, class_key=MATTER)
    asked = town.director.act(card, "extend", reason="等上级批复")
    assert town.director.act(asked, "grant_extension", outcome="pass", expect=403)["code"] == "forbidden"
    assert due(leader.act(asked, "grant_extension", outcome="pass")) - due(card) == 4 * HOUR


def test_nobody_agrees_to_what_she_asked_herself(town: Town, leader: Caller, card: dict[str, Any]) -> None:
    both = Caller(user("both", Role.ACCEPTOR))
    actions.grant(both.user, Role.DIRECTOR, DISTRICT)
    asked = both.act(card, "extend", reason="等外地回函")
    assert both.act(asked, "endorse_extension", outcome="pass", expect=409)["code"] == "own_word"
    endorsed = town.director.act(asked, "endorse_extension", outcome="pass")
    assert both.act(endorsed, "grant_extension", outcome="pass", expect=409)["code"] == "own_word"
    assert leader.act(endorsed, "grant_extension", outcome="fail", reason="抓紧")["due_at"] == card["due_at"]


def test_what_waits_for_a_word_is_in_the_list_of_who_has_it(town: Town, leader: Caller, card: dict[str, Any]) -> None:
    def waiting() -> tuple[bool, bool]:
        lists = (who.get("/incidents?mine=todo").json()["items"] for who in (town.director, leader))
        director, above = (card["id"] in {one["id"] for one in items} for items in lists)
        return director, above

    assert waiting() == (False, False)
    asked = town.acceptor.act(card, "extend", reason="等外地回函")
    assert waiting() == (True, False)
    endorsed = town.director.act(asked, "endorse_extension", outcome="pass")
    assert waiting() == (False, True)
    leader.act(endorsed, "grant_extension", outcome="pass")
    assert waiting() == (False, False)


def test_a_request_is_void_when_the_stage_ends_before_anybody_decides(town: Town, card: dict[str, Any]) -> None:
    asked = town.acceptor.act(card, "extend", reason="等外地回函")
    town.acceptor.act(asked, "finish")
    assert [one["verdict"] for one in town.director.detail(card)["requests"]] == ["void"]


def test_what_lies_ahead_again_is_told_again(town: Town, leader: Caller, card: dict[str, Any]) -> None:
    as_if_ago(card, 4 * HOUR)
    tick()
    later = extended(town, leader, card)
    assert (later["overdue"], later["due_soon"]) == (False, False)
    as_if_ago(card, 4 * HOUR)
    assert tick() == (1, 0, 0)
    assert [kind for kind in said(card) if kind.startswith("overdue")] == ["overdue", "overdue"]


def test_a_stage_without_a_limit_has_nothing_to_extend(town: Town) -> None:
    put_procedure([{**AROUND[0], "limit": ""}])
    card = register(town.acceptor, class_key=MATTER)
    assert town.acceptor.act(card, "extend", reason="等", expect=409)["code"] == "no_limit"
