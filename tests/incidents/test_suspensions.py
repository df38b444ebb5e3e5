"""Rule 4, the second half: a suspension stops the clocks, once in the life of a case and for a year at most."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from gridmap import actions as base
from gridmap.models import Role, StreamEvent
from incidents import actions
from incidents.models import Request
from tests import factories
from tests.factories import DISTRICT, STREET, Caller, Town, as_if_ago
from tests.incidents.test_deadlines_api import deadlines, lid, tick
from tests.threads import at_once


def day(days: int) -> str:
    found: date = timezone.localdate() + timedelta(days=days)
    return str(found)


def suspended(town: Town, card: dict[str, Any], **changes: Any) -> dict[str, Any]:
    given = {"reason": "年度经费已用完", "cause": "no_money", "until": day(90), **changes}
    return town.director.act(card, "suspend", **given)


def left(town: Town, card: dict[str, Any]) -> Any:
    found = deadlines(town, card)
    return (found["running"] or found["others"][0])["left_minutes"]


def test_rule_4_a_suspension_stops_the_clock_which_goes_on_with_what_was_left(town: Town) -> None:
    card = lid(town)
    as_if_ago(card, timedelta(minutes=30))
    stopped = suspended(town, town.handler.detail(card))
    assert (stopped["state"], stopped["due_at"], stopped["department"]) == ("suspended", None, town.sanitation.pk)
    as_if_ago(card, timedelta(days=3))
    assert tick() == (0, 0, 0)
    shown = town.handler.detail(card)["clock"]
    assert (shown["running"], shown["due_at"], shown["left_minutes"] in (89, 90)) == (False, None, True)
    assert left(town, card) in (89, 90)
    going = town.director.act(stopped, "resume", reason="经费已到")
    assert (going["state"], left(town, card)) in {("assigned", 89), ("assigned", 90)}
    [pause] = deadlines(town, card)["running"]["pauses"]
    assert (pause["action"], pause["ended_by"], pause["why"]) == ("suspend", "resume", "年度经费已用完")


def test_rule_4_a_case_is_suspended_once(town: Town) -> None:
    card = town.director.act(suspended(town, lid(town)), "resume", reason="经费已到")
    again = {"reason": "又用完了", "cause": "no_money", "until": day(30)}
    assert town.director.act(card, "suspend", expect=409, **again)["code"] == "suspended_once"
    assert town.handler.act(card, "ask_suspension", expect=409, **again)["code"] == "suspended_once"


@pytest.mark.parametrize("days", [0, -1, 366])
def test_rule_4_a_suspension_lasts_a_year_at_most(town: Town, days: int) -> None:
    card = lid(town)
    given = {"reason": "等汛期过去", "cause": "wrong_season", "until": day(days)}
    assert town.director.act(card, "suspend", expect=422, **given)["code"] == "bad_until"
    assert suspended(town, card, until=day(365))["state"] == "suspended"


@pytest.mark.parametrize(
    ("missing", "code"), [("reason", "reason_needed"), ("cause", "cause_needed"), ("until", "until_needed")]
)
def test_a_suspension_says_why_for_what_cause_and_until_when(town: Town, missing: str, code: str) -> None:
    given: dict[str, Any] = {"reason": "等汛期过去", "cause": "no_owner", "until": day(30)}
    del given[missing]
    assert town.director.act(lid(town), "suspend", expect=422, **given)["code"] == code


def test_a_suspension_ends_by_itself_at_its_date_with_an_event(town: Town) -> None:
    card = suspended(town, lid(town))
    assert actions.end_suspensions() == 0
    Request.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert (actions.end_suspensions(), actions.end_suspensions()) == (1, 0)
    after = town.handler.detail(card)
    assert (after["state"], after["timeline"][-1]["kind"]) == ("assigned", "incident.suspension_ended")
    event = StreamEvent.objects.get(kind="incident.suspension_ended")
    assert (event.actor, event.departments, event.payload["state"]) == (None, [town.sanitation.pk], "assigned")
    assert datetime.fromisoformat(after["due_at"]) > timezone.now()


def test_the_department_asks_and_the_director_decides(town: Town) -> None:
    asked = town.handler.act(lid(town), "ask_suspension", reason="等权属确认", cause="no_owner")
    assert asked["due_at"]  # the clock runs on
    refused = town.director.act(asked, "refuse_suspension", reason="先行处置")
    assert town.director.act(refused, "refuse_suspension", reason="先行处置", expect=409)["code"] == "nothing_asked"
    asked = town.handler.act(refused, "ask_suspension", reason="已查无业主", cause="no_owner")
    done = suspended(town, asked, cause="no_owner", reason="同意,先设围挡")
    first, second = town.handler.detail(done)["requests"]
    assert (first["verdict"], first["decided"]["text"]) == ("refused", "先行处置")
    assert (second["verdict"], second["cause"], second["asked"]["text"]) == ("granted", "no_owner", "已查无业主")
    assert second["decided"]["name"] == "Sun"


def test_nobody_decides_the_suspension_that_she_asked_for(town: Town) -> None:
    both = Caller(factories.user("both", Role.HANDLER, DISTRICT, town.sanitation))
    base.grant(both.user, Role.DIRECTOR, STREET)
    given: dict[str, Any] = {"reason": "等权属确认", "cause": "no_owner"}
    asked = both.act(lid(town), "ask_suspension", **given)
    assert both.act(asked, "suspend", until=day(30), **given, expect=409)["code"] == "own_word"
    assert both.act(asked, "refuse_suspension", reason="不必", expect=409)["code"] == "own_word"
    assert suspended(town, asked)["state"] == "suspended"


def test_what_is_suspended_stands_in_lists_by_its_state_and_only_the_director_moves_it(town: Town) -> None:
    card = suspended(town, lid(town))
    for who in (town.handler, town.director, town.dispatcher):
        found = who.get("/incidents?state=suspended").json()["items"]
        assert [one["id"] for one in found] == [card["id"]]
    assert {one["name"] for one in town.handler.detail(card)["actions"]} == {"note", "photo"}
    assert "resume" in {one["name"] for one in town.director.detail(card)["actions"]}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_suspend_at_once_one_wins_and_the_other_sees_why() -> None:
    town = factories.town()
    card = lid(town)
    other = Caller(factories.user("zhou", Role.DIRECTOR))
    body = {"version": card["version"], "reason": "等汛期过去", "cause": "wrong_season", "until": day(30)}
    path = f"/incidents/{card['id']}/suspend"
    works = [partial(who.post, path, body | {"mutation_id": str(uuid4())}) for who in (town.director, other)]
    answers = at_once(works)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    lost = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (lost["code"], lost["detail"]["yours"]["until"]) == ("stale", day(30))
