"""Rule 4, the first half: each extension adds one original limit, at most two, approved at two levels; the clock runs on."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from gridmap import actions
from gridmap.models import Role
from tests import factories
from tests.factories import Caller, Town, as_if_ago
from tests.incidents.test_deadlines_api import counted, deadlines, lid, tick
from tests.threads import at_once

TWO_HOURS = timedelta(hours=2)


def due(card: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(card["due_at"])


def asked(town: Town, card: dict[str, Any]) -> dict[str, Any]:
    return town.handler.act(card, "ask_extension", reason="配件明天到")


def extended(town: Town, card: dict[str, Any]) -> dict[str, Any]:
    """Asked for, endorsed and granted."""
    card = town.dispatcher.act(asked(town, card), "endorse_extension", outcome="pass", text="情况属实")
    return town.director.act(card, "grant_extension", outcome="pass")


def test_rule_4_an_extension_adds_one_original_limit_after_two_levels_agreed(town: Town) -> None:
    card = lid(town)
    waiting = asked(town, card)
    assert waiting["due_at"] == card["due_at"]  # while it is undecided the clock runs on
    endorsed = town.dispatcher.act(waiting, "endorse_extension", outcome="pass", text="情况属实")
    assert endorsed["due_at"] == card["due_at"]
    [seen] = town.director.detail(endorsed)["requests"]
    assert (seen["asked"]["name"], seen["asked"]["text"]) == ("Han", "配件明天到")
    assert (seen["first"]["name"], seen["first"]["text"], seen["decided"]) == ("Ding", "情况属实", None)
    granted = town.director.act(endorsed, "grant_extension", outcome="pass")
    assert due(granted) - due(card) == TWO_HOURS
    kinds = [moment["kind"] for moment in town.handler.detail(granted)["timeline"]]
    assert kinds[-3:] == ["incident.extension_asked", "incident.extension_endorsed", "incident.extension_granted"]


def test_rule_4_at_most_two_extensions(town: Town) -> None:
    card = lid(town)
    twice = extended(town, extended(town, card))
    assert due(twice) - due(card) == 2 * TWO_HOURS
    assert town.handler.act(twice, "ask_extension", reason="再等等", expect=409)["code"] == "no_more_extensions"
    assert "ask_extension" not in {action["name"] for action in town.handler.detail(twice)["actions"]}


def test_rule_4_another_department_begins_with_a_clock_that_was_never_extended(town: Town) -> None:
    card = extended(town, lid(town))
    card = town.handler.act(card, "return", reason="不属本部门")
    card = town.dispatcher.act(card, "assign", department=town.gardens.pk)
    assert town.gardener.act(card, "ask_extension", reason="等苗木")["due_at"] == card["due_at"]
    assert deadlines(town, card)["running"]["extensions"] == []


def test_a_deadline_names_its_extensions_and_its_pieces_add_up_to_all_of_it(town: Town) -> None:
    card = extended(town, lid(town))
    running = deadlines(town, card)["running"]
    assert counted(running) == 2 * TWO_HOURS
    assert (running["limit"], running["due_at"]) == ("2h!", card["due_at"])
    [one] = running["extensions"]
    assert (one["by"], one["first_by"], one["why"]) == ("Sun", "Ding", "配件明天到")
    assert town.handler.detail(card)["clock"]["left_minutes"] in (239, 240)


@pytest.mark.parametrize("level", ["dispatcher", "director"])
def test_either_level_refuses_with_a_reason_and_the_department_may_ask_again(town: Town, level: str) -> None:
    card = asked(town, lid(town))
    step, who = "endorse_extension", town.dispatcher
    if level == "director":
        card = who.act(card, step, outcome="pass")
        step, who = "grant_extension", town.director
    assert who.act(card, step, outcome="fail", expect=422)["code"] == "reason_needed"
    refused = who.act(card, step, outcome="fail", reason="本周内必须完成")
    assert refused["due_at"] == card["due_at"]
    [one] = town.handler.detail(refused)["requests"]
    assert (one["verdict"], one["decided"]["text"]) == ("refused", "本周内必须完成")
    asked(town, refused)


def test_the_upper_level_waits_for_the_lower_one(town: Town) -> None:
    card = lid(town)
    assert town.dispatcher.act(card, "endorse_extension", outcome="pass", expect=409)["code"] == "nothing_asked"
    card = asked(town, card)
    assert town.director.act(card, "grant_extension", outcome="pass", expect=409)["code"] == "nothing_asked"
    assert asked_twice(town, card) == "asked_already"


def asked_twice(town: Town, card: dict[str, Any]) -> Any:
    return town.handler.act(card, "ask_extension", reason="再说一次", expect=409)["code"]


def test_two_levels_are_two_people(town: Town) -> None:
    both = factories.user("both", Role.DISPATCHER)
    actions.grant(both, Role.DIRECTOR, factories.STREET)
    caller = Caller(both)
    card = caller.act(asked(town, lid(town)), "endorse_extension", outcome="pass")
    assert caller.act(card, "grant_extension", outcome="pass", expect=409)["code"] == "own_word"


@pytest.mark.parametrize(("who", "step"), [("dispatcher", "withdraw"), ("handler", "return"), ("handler", "handle")])
def test_what_was_asked_is_void_when_the_departments_turn_ends(town: Town, who: str, step: str) -> None:
    card = asked(town, lid(town))
    ended = town.callers[who].act(card, step, reason="改派", text="已更换")
    [one] = town.director.detail(ended)["requests"]
    assert (one["verdict"], one["decided"]["name"]) == ("void", None)


def test_a_late_clock_that_is_extended_is_in_time_again_and_warns_anew(town: Town) -> None:
    card = lid(town)
    as_if_ago(card, TWO_HOURS + timedelta(minutes=5))
    assert tick() == (1, 0, 0)
    card = extended(town, town.handler.detail(card))
    assert (card["overdue"], card["due_soon"]) == (False, False)
    as_if_ago(card, timedelta(minutes=90))
    assert tick() == (0, 0, 1)
    as_if_ago(card, timedelta(minutes=30))
    assert tick() == (1, 0, 0)
    as_if_ago(card, TWO_HOURS)
    assert tick() == (0, 1, 0)


def test_rule_6_counts_on_where_one_more_limit_does_not_bring_it_into_time(town: Town) -> None:
    card = lid(town)
    as_if_ago(card, 2 * TWO_HOURS + timedelta(minutes=5))
    assert tick() == (1, 1, 0)
    card = extended(town, town.handler.detail(card))
    assert (card["overdue"], card["overdue_by"]) == (True, 0)
    as_if_ago(card, TWO_HOURS)
    assert tick() == (0, 1, 0)


def test_whoever_works_on_is_not_disturbed_by_what_is_asked(town: Town) -> None:
    card = lid(town)
    asked(town, card)
    assert town.handler.act(card, "take")["state"] == "in_work"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins_and_the_other_sees_why() -> None:
    town = factories.town()
    card = town.dispatcher.act(asked(town, lid(town)), "endorse_extension", outcome="pass")
    other = Caller(factories.user("zhou", Role.DIRECTOR))
    path, body = f"/incidents/{card['id']}/grant_extension", {"version": card["version"], "outcome": "pass"}
    ids = ("018f0000-0000-7000-8000-00000000000a", "018f0000-0000-7000-8000-00000000000b")
    works = [partial(c.post, path, body | {"mutation_id": m}) for c, m in zip((town.director, other), ids, strict=True)]
    answers = at_once(works)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert next(a for a in answers if a.status_code == 409).json()["code"] == "nothing_asked"
    assert due(town.director.detail(card)) - due(card) == TWO_HOURS
