"""The street whistles: the first receiver leads, each department that joins has a task with a clock of its own."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from gridmap import actions as base
from gridmap.models import Role, StreamEvent
from incidents import actions, queries
from incidents.models import Incident
from tests import factories
from tests.departments import end
from tests.factories import DISTRICT, Caller, Town, as_if_ago
from tests.incidents.test_deadlines_api import deadlines, lid, tick
from tests.threads import at_once, meeting


def whistled(town: Town, card: dict[str, Any], **given: Any) -> dict[str, Any]:
    joining = [{"department": town.gardens.pk, "task": "清运落枝"}]
    return town.director.act(card, "whistle", **{"parts": joining, **given})


def part(caller: Caller, card: dict[str, Any]) -> dict[str, Any]:
    [found] = caller.detail(card)["parts"]
    assert isinstance(found, dict)
    return found


def test_the_first_receiver_leads_and_each_that_joins_has_a_task_with_its_own_clock(town: Town) -> None:
    card = lid(town)
    assert town.gardener.get(f"/incidents/{card['id']}").status_code == 404
    called = whistled(town, card)
    assert (called["state"], called["department"], called["due_at"]) == ("assigned", town.sanitation.pk, card["due_at"])
    owed = part(town.gardener, called)  # what it owes is visible to it
    assert (owed["department_name"], owed["task"], owed["end"]) == ("园林", "清运落枝", "open")
    assert (owed["clock"]["limit"], owed["clock"]["running"]) == ("2h!", True)
    assert {one["name"] for one in town.gardener.detail(called)["actions"]} == {
        "finish_part", "decline_part", "note", "photo",
    }  # fmt: skip
    explained = deadlines(town, called, "gardener")
    assert explained["running"]["department"] == town.sanitation.pk
    assert [(one["stage"], one["department"]) for one in explained["others"] if one["running"]] == [
        ("joined", town.gardens.pk)
    ]


def test_a_joining_department_reports_its_part_done_and_disturbs_nobody(town: Town) -> None:
    card = whistled(town, lid(town))
    done = town.gardener.act(card, "finish_part", text="已清运")
    found = part(town.director, done)
    assert (found["end"], found["said"], found["ended_by"], found["clock"]["running"]) == (
        "done",
        "已清运",
        "Gao",
        False,
    )
    assert town.handler.act(card, "take")["state"] == "in_work"  # with the version from before
    assert town.gardener.act(done, "finish_part", text="又一次", expect=409)["code"] == "no_part"


def test_a_joining_department_declines_with_a_reason(town: Town) -> None:
    card = whistled(town, lid(town))
    assert town.gardener.act(card, "decline_part", expect=422)["code"] == "reason_needed"
    declined = town.gardener.act(card, "decline_part", reason="无绿化设施")
    assert (part(town.director, declined)["end"], part(town.director, declined)["said"]) == ("declined", "无绿化设施")
    assert whistled(town, declined)["version"] > declined["version"]  # and may be called again


def test_the_lead_does_not_feed_back_while_a_part_is_open_unless_it_says_why(town: Town) -> None:
    card = whistled(town, lid(town))
    refused = town.handler.act(card, "handle", text="已更换", expect=422)
    assert (refused["code"], set(refused["fields"])) == ("parts_open", {"reason"})
    needs = next(one["needs"] for one in town.handler.detail(card)["actions"] if one["name"] == "handle")
    assert needs == ["text", "reason"]
    fed = town.handler.act(card, "handle", text="已更换", reason="落枝不影响通行")
    assert (fed["state"], part(town.director, fed)["end"]) == ("to_verify", "released")
    assert "落枝不影响通行" in town.director.detail(fed)["timeline"][-1]["text"]


def test_when_every_part_has_ended_the_lead_feeds_back_as_ever(town: Town) -> None:
    card = town.gardener.act(whistled(town, lid(town)), "finish_part", text="已清运")
    assert town.handler.act(card, "handle", text="已更换")["state"] == "to_verify"


def test_from_the_dispatchers_table_the_first_receiver_leads_again_or_whoever_is_named(town: Town) -> None:
    fresh = town.acceptor.act(town.worker.report(), "file")
    assert (
        town.director.act(fresh, "whistle", expect=422, parts=[{"department": town.gardens.pk, "task": "清运"}])["code"]
        == "department_needed"
    )
    returned = town.handler.act(lid(town), "return", reason="须几家一起")
    assert whistled(town, returned)["department"] == town.sanitation.pk  # the first receiver
    assert whistled(town, fresh, department=town.sanitation.pk)["state"] == "assigned"


def test_who_leads_is_not_changed_by_a_whistle_and_nobody_joins_twice(town: Town) -> None:
    card = lid(town)
    assert whistled_badly(town, card, department=town.gardens.pk) == "other_lead"
    lead, gardens = ({"department": d.pk, "task": "一起"} for d in (town.sanitation, town.gardens))
    for joining in ([lead], [gardens, gardens]):
        assert whistled_badly(town, card, parts=joining) == "joined_twice"
    assert whistled_badly(town, whistled(town, card), parts=[gardens]) == "joined_twice"
    assert (
        whistled_badly(town, town.director.detail(card), parts=[{"department": 1 << 40, "task": "?"}])
        == "unknown_department"
    )


def whistled_badly(town: Town, card: dict[str, Any], **given: Any) -> Any:
    body = {"parts": [], "version": card["version"], "mutation_id": str(uuid4()), **given}
    if not body["parts"]:
        body["parts"] = [{"department": town.gardens.pk, "task": "一起"}]
    return town.director.post(f"/incidents/{card['id']}/whistle", body).json()["code"]


def test_a_part_that_is_overdue_is_told_once_and_at_each_further_limit(town: Town) -> None:
    card = whistled(town, lid(town))
    assert actions.mark_parts_overdue() == 0
    as_if_ago(card, timedelta(hours=2, minutes=1))
    assert (actions.mark_parts_overdue(), actions.mark_parts_overdue()) == (1, 0)
    assert tick() == (1, 0, 0)  # the lead's own clock, apart from it
    assert part(town.gardener, card)["overdue"]
    as_if_ago(card, timedelta(hours=2))
    assert (actions.mark_parts_overdue(), actions.mark_parts_overdue()) == (1, 0)
    event = StreamEvent.objects.filter(kind="incident.part_overdue").latest("seq")
    assert set(event.departments) == {town.sanitation.pk, town.gardens.pk}


def test_parts_stand_still_with_the_case_and_run_on_while_it_is_returned(town: Town) -> None:
    card = whistled(town, lid(town))
    until = str(timezone.localdate() + timedelta(days=9))
    stopped = town.director.act(card, "suspend", reason="等汛期过去", cause="wrong_season", until=until)
    assert not part(town.gardener, stopped)["clock"]["running"]
    going = town.director.act(stopped, "resume", reason="汛期已过")
    assert part(town.gardener, going)["clock"]["running"]
    back = town.handler.act(going, "return", reason="须换牵头")
    assert part(town.gardener, back)["clock"]["running"]
    assert town.gardener.act(back, "finish_part", text="已清运")["state"] == "filed"


def test_what_a_department_owes_is_found_among_what_waits_for_it(town: Town) -> None:
    card = whistled(town, lid(town))
    assert [one["id"] for one in town.gardener.get("/incidents?mine=todo").json()["items"]] == [card["id"]]
    town.gardener.act(card, "finish_part", text="已清运")
    assert town.gardener.get("/incidents?mine=todo").json()["items"] == []


def test_the_successor_of_a_department_that_ends_owes_its_part_on_the_same_clock(town: Town, boss: Caller) -> None:
    card = whistled(town, lid(town))
    before = part(town.director, card)["clock"]
    parks = base.put_department("parks", name="公园", name_en="Parks", area_code=DISTRICT)
    assert end(boss, "gardens", expect=409)["code"] == "successor_needed"
    end(boss, "gardens", parks)
    found = part(town.director, card)
    assert (found["department_name"], found["end"], found["clock"]["due_at"]) == ("公园", "open", before["due_at"])
    assert town.gardener.act(town.gardener.detail(card), "finish_part", text="已清运")["state"] == "assigned"


def test_the_lead_is_not_disturbed_by_a_part_that_is_handed_over(town: Town, boss: Caller) -> None:
    card = whistled(town, lid(town))
    end(boss, "gardens", base.put_department("parks", name="公园", name_en="Parks", area_code=DISTRICT))
    told = [moment["kind"] for moment in town.director.detail(card)["timeline"]]
    assert (told.count("incident.whistled"), told[-1]) == (1, "incident.noted")
    assert town.handler.act(card, "take")["state"] == "in_work"  # with the version from before


@pytest.mark.parametrize("step", ["assign", "whistle"])
def test_a_department_that_joined_and_then_leads_owes_no_part_any_more(town: Town, step: str) -> None:
    back = town.director.act(whistled(town, lid(town)), "withdraw", reason="改由园林牵头")
    joining: dict[str, Any] = (
        {"parts": [{"department": town.sanitation.pk, "task": "清扫"}]} if step == "whistle" else {}
    )
    now = town.director.act(back, step, department=town.gardens.pk, **joining)
    owed = [(one["department_name"], one["end"]) for one in town.director.detail(now)["parts"]]
    assert owed == [("园林", "released"), ("环卫", "open")][: 1 + len(joining)]
    again: dict[str, Any] = {"reason": "不等"} if joining else {}
    assert town.gardener.act(now, "handle", text="已更换", **again)["state"] == "to_verify"


def test_a_successor_that_leads_or_owes_a_part_already_owes_no_second_one(town: Town, boss: Caller) -> None:
    card = whistled(town, lid(town))
    end(boss, "gardens", town.sanitation)
    assert (part(town.director, card)["department_name"], part(town.director, card)["end"]) == ("园林", "released")


def test_a_department_that_joined_and_takes_over_from_the_lead_owes_no_part_any_more(town: Town, boss: Caller) -> None:
    card = whistled(town, lid(town))
    end(boss, "sanitation", town.gardens)
    now = town.handler.detail(card)
    assert (now["department_name"], part(town.director, card)["end"]) == ("园林", "released")
    assert town.handler.act(now, "handle", text="已更换")["state"] == "to_verify"


def test_a_suspended_case_goes_on_with_the_successor(town: Town, boss: Caller) -> None:
    until = str(timezone.localdate() + timedelta(days=9))
    card = town.director.act(lid(town), "suspend", reason="等汛期过去", cause="wrong_season", until=until)
    end(boss, "sanitation", town.gardens)
    going = town.director.act(town.director.detail(card), "resume", reason="汛期已过")
    assert (going["state"], going["department_name"], going["due_at"] is not None) == ("assigned", "园林", True)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_report_one_part_at_once_one_wins_and_the_other_sees_why() -> None:
    town = factories.town()
    card = whistled(town, lid(town))
    other = Caller(factories.user("guo", Role.HANDLER, "990101", town.gardens))
    body = {"version": card["version"], "text": "已清运"}
    path = f"/incidents/{card['id']}/finish_part"
    works = [partial(who.post, path, body | {"mutation_id": str(uuid4())}) for who in (town.gardener, other)]
    answers = at_once(works)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert next(answer.json()["code"] for answer in answers if answer.status_code == 409) == "no_part"


def test_rule_8_a_part_that_is_finished_while_its_department_ends_stays_with_whoever_finished_it(
    transactional_town: Town, transactional_boss: Caller
) -> None:
    town, card = transactional_town, whistled(transactional_town, lid(transactional_town))
    parks = base.put_department("parks", name="公园", name_en="Parks", area_code=DISTRICT)
    meeting(
        partial(queries.lock_together, [card["id"]]),
        partial(end, transactional_boss, "gardens", parks),
        partial(town.gardener.act, card, "finish_part", text="已清运"),
    )
    found = part(town.director, card)
    assert (found["department_name"], found["end"], found["said"]) == ("园林", "done", "已清运")


def test_cases_that_a_department_leads_and_those_that_it_joined_are_taken_over_in_one_order(
    transactional_town: Town, transactional_boss: Caller
) -> None:
    town = transactional_town
    first, last = sorted((lid(town), lid(town)), key=lambda card: str(card["id"]))
    back = town.director.act(first, "withdraw", reason="改由园林牵头")
    joining = [{"department": town.sanitation.pk, "task": "清扫"}]
    town.director.act(back, "whistle", department=town.gardens.pk, parts=joining)
    meeting(
        partial(queries.lock_together, [first["id"]]),
        partial(end, transactional_boss, "sanitation", town.gardens),
        lambda: Incident.objects.select_for_update(nowait=True).get(pk=last["id"]),  # whoever waits holds no later one
    )
    assert {town.director.detail(card)["department_name"] for card in (first, last)} == {"园林"}
