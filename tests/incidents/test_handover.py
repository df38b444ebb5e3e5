"""What lay with a department that ended goes to its successor: cases, matters, rules and people, in the same transaction."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from gridmap.events import Draft
from gridmap.models import Department, Grant, StreamEvent
from incidents.actions import hand_over, handover
from incidents.models import RuleSet, RuleSetState
from incidents.routing import Rule
from tests import factories
from tests.counter import register
from tests.departments import change, end, kinds, row, send
from tests.factories import CELL, DISTRICT, LID, STREET, Caller, Town
from tests.gridmap.register.records import add, history, look, point
from tests.incidents.test_deadlines_api import deadlines, lid

pytestmark = pytest.mark.django_db


def days_pass(code: str, days: int) -> None:
    """Let the last day of a department be as if it had been so much earlier."""
    one = Department.objects.get(code=code)
    assert one.valid_to
    Department.objects.filter(pk=one.pk).update(valid_to=one.valid_to - timedelta(days=days))


def test_the_successor_steps_into_the_turn_and_the_clock_runs_on(town: Town, boss: Caller) -> None:
    card = town.handler.act(lid(town), "take")
    end(boss, "sanitation", town.gardens)
    now = town.gardener.detail(card)
    assert (now["state"], now["department_name"]) == ("assigned", "园林")
    assert now["due_at"] == card["due_at"]  # the resident waits all the same
    last = now["timeline"][-1]
    assert (last["kind"], last["text"]) == ("incident.assigned", "“环卫”已停用,由“园林”接办。")
    assert deadlines(town, card)["running"]["department_name"] == "园林"
    handled = town.gardener.act(now, "handle", text="已更换")
    assert town.worker.act(handled, "verify_repair", outcome="fail", reason="仍有松动")["department_name"] == "园林"


def test_a_case_that_waits_to_be_checked_comes_back_to_the_successor(town: Town, boss: Caller) -> None:
    card = town.handler.act(lid(town), "handle", text="已更换")
    end(boss, "sanitation", town.gardens)
    now = town.worker.act(town.worker.detail(card), "verify_repair", outcome="fail", reason="仍有松动")
    assert (now["state"], now["department_name"]) == ("assigned", "园林")
    assert deadlines(town, card)["running"]["department_name"] == "园林"


def test_what_a_department_has_done_stays_its_own(town: Town, boss: Caller) -> None:
    card = town.handler.act(lid(town), "handle", text="已更换")
    card = town.worker.act(card, "verify_repair", outcome="pass")
    end(boss, "sanitation")  # nothing is left to do for it
    assert town.director.detail(card)["department_name"] == "环卫"


def test_it_receives_nothing_new(town: Town, boss: Caller) -> None:
    filed = town.acceptor.act(town.worker.report(class_key=LID), "file")
    end(boss, "sanitation", town.gardens)
    refused = town.dispatcher.act(filed, "assign", department=town.sanitation.pk, expect=422)
    assert refused["code"] == "unknown_department"
    assert "环卫" not in [one["name"] for one in town.dispatcher.get("/departments").json()]


def test_all_of_it_stands_in_the_log_as_one_change_by_the_administrator(town: Town, boss: Caller) -> None:
    cards = [lid(town) for _ in range(3)]
    factories.put_rules(Rule(1, DISTRICT, town.sanitation.pk))
    before = StreamEvent.objects.count()
    end(boss, "sanitation", town.gardens)
    told = StreamEvent.objects.order_by("created_at")[before:]
    assert {event.actor for event in told} == {boss.user}
    assert sorted(event.kind for event in told) == [
        "department.ended", "grant.changed", *["incident.assigned"] * 3, "routing.put_in_force",
    ]  # fmt: skip
    assert {card["id"] for card in cards} < {event.object_id for event in told}


def test_where_one_part_fails_nothing_has_happened(town: Town, boss: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    card = lid(town)

    def fails(*args: Any) -> None:
        raise RuntimeError("the last part of it")

    monkeypatch.setattr("gridmap.actions.move_members", fails)
    change(boss, "sanitation", "end", expect=500, successor=town.gardens.pk)
    assert town.director.detail(card)["department_name"] == "环卫"
    assert (row(boss, "sanitation")["over"], kinds("sanitation")) == (False, [])


def test_until_its_last_day_is_over_it_keeps_its_cases_and_then_tick_hands_them_over(town: Town, boss: Caller) -> None:
    card = lid(town)
    end(boss, "sanitation", town.gardens, last_day=str(timezone.localdate()))
    assert hand_over() == 0
    assert town.handler.detail(card)["department_name"] == "环卫"
    days_pass("sanitation", 1)
    call_command("tick")
    assert town.gardener.detail(card)["department_name"] == "园林"
    assert kinds("sanitation") == ["department.ended", "department.handed_over"]
    assert hand_over() == 0  # once


def test_a_successor_that_has_ended_too_hands_on_to_its_own(town: Town, boss: Caller) -> None:
    lamps = send(boss, "/tree", expect=201, code="lamps", name="路灯", area=DISTRICT)
    card = lid(town)
    end(boss, "sanitation", town.gardens, last_day=str(timezone.localdate()))
    end(boss, "gardens", Department.objects.get(pk=lamps["id"]))
    days_pass("sanitation", 1)
    assert hand_over() == 1
    assert town.director.detail(card)["department_name"] == "路灯"


def test_a_matter_in_a_stage_of_a_department_that_ended_goes_to_the_successor_and_later_ones_too(
    counter: dict[str, Caller], boss: Caller
) -> None:
    before = at_the_bureau(counter)
    assert change(boss, "civil", "end", expect=409)["detail"]["stages"] > 0
    end(boss, "civil", Department.objects.get(code="sanitation"))
    moved = counter["other_bureau"].detail(before)
    assert (moved["department_name"], moved["due_at"]) == ("环卫", before["due_at"])
    assert moved["timeline"][-1]["kind"] == "incident.forwarded"
    after = at_the_bureau(counter)
    assert after["department_name"] == "环卫"
    assert counter["other_bureau"].act(after, "approve", text="核准", signed=True)["stage"] == "archive"


def at_the_bureau(counter: dict[str, Caller]) -> dict[str, Any]:
    card: dict[str, Any] = register(counter["clerk"])
    steps: dict[str, dict[str, Any]] = {
        "acceptor": {},
        "clerk": {"text": "属实"},
        "director": {"text": "同意", "signed": True},
    }
    for name, given in steps.items():
        card = counter[name].act(card, "approve", **given)
    return card


def test_its_people_belong_to_the_successor_and_still_see_what_they_did(town: Town, boss: Caller) -> None:
    card = town.handler.act(lid(town), "handle", text="已更换")
    card = town.worker.act(card, "verify_repair", outcome="pass")
    closed = town.acceptor.act(card, "close")
    end(boss, "sanitation", town.gardens)
    assert [one["name"] for one in row(boss, "gardens")["people"]] == ["Gao", "Han"]
    assert row(boss, "sanitation")["people"] == []
    assert Grant.objects.get(user=town.handler.user).department == town.gardens
    assert town.handler.detail(closed)["number"] == closed["number"]
    assert town.gardener.detail(closed)["number"] == closed["number"]  # what was theirs is the successor's to read


def test_routing_rules_name_the_successor_in_a_new_version_and_drafts_too(town: Town, boss: Caller) -> None:
    old = factories.put_rules(Rule(1, DISTRICT, town.gardens.pk), Rule(2, STREET, town.sanitation.pk))
    draft = boss.post("/routing/sets", {"mutation_id": str(uuid4()), "area": DISTRICT}).json()
    end(boss, "sanitation", town.gardens)
    now = RuleSet.objects.get(area_code=DISTRICT, state=RuleSetState.IN_FORCE)
    assert (now.number, now.reason) == (3, "“环卫”已停用,由“园林”接办。")
    for found in (now, RuleSet.objects.get(pk=draft["id"])):
        assert list(found.rules.values_list("department", flat=True)) == [town.gardens.pk] * 2
    assert list(old.rules.values_list("department", flat=True)) == [town.gardens.pk, town.sanitation.pk]  # as it was
    old.refresh_from_db()
    assert (old.state, old.effective_to) == (RuleSetState.RETIRED, now.effective_from)


def test_rules_that_still_point_to_a_department_without_a_successor_are_loud_until_it_has_one(
    town: Town, boss: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    found = factories.put_rules(Rule(1, DISTRICT, town.gardens.pk), Rule(2, STREET, town.sanitation.pk))
    end(boss, "sanitation")
    assert row(boss, "sanitation")["rules"] == 1
    shown = boss.get(f"/routing/sets/{found.pk}").json()["check"]
    assert shown["troubles"] == [{"number": 2, "trouble": "department_ended"}]
    with pytest.raises(SystemExit):
        call_command("check_routing")
    assert "department_ended" in capsys.readouterr().out
    change(boss, "sanitation", "end", successor=town.gardens.pk)
    assert row(boss, "sanitation")["rules"] == 0
    call_command("check_routing")


def test_the_last_of_several_successors_needs_one_while_somebody_is_to_hand_over_to_it(
    town: Town, boss: Caller
) -> None:
    lamps = send(boss, "/tree", expect=201, code="lamps", name="路灯", area=DISTRICT)
    end(boss, "sanitation", town.gardens, last_day=str(timezone.localdate()))
    end(boss, "gardens", Department.objects.get(pk=lamps["id"]))
    assert end(boss, "lamps", expect=409)["code"] == "successor_needed_later"
    days_pass("sanitation", 1)
    assert hand_over() == 1
    assert end(boss, "lamps")["ended"]


def both_over(boss: Caller, town: Town) -> Department:
    """Two departments whose last day has passed: the first to be handed over to lamps, which it answers, the second to parks."""
    lamps, parks = (
        send(boss, "/tree", expect=201, code=code, name=code, area=DISTRICT)["id"] for code in ("lamps", "parks")
    )
    first, second = sorted((town.sanitation, town.gardens), key=lambda one: one.pk)
    for one, heir in ((first, lamps), (second, parks)):
        end(boss, one.code, Department.objects.get(pk=heir), last_day=str(timezone.localdate()))
        days_pass(one.code, 1)
    return Department.objects.get(pk=lamps)


def test_a_department_without_anybody_to_hand_over_to_keeps_no_other_waiting(
    town: Town, boss: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    lamps = both_over(boss, town)
    Department.objects.filter(pk=lamps.pk).update(valid_to=timezone.localdate() - timedelta(days=1))
    assert hand_over() == 1
    assert [one.levelname for one in caplog.records if "is not handed over" in one.getMessage()] == ["ERROR"]
    change(boss, "lamps", "end", successor=Department.objects.get(code="parks").pk)
    assert hand_over() == 1


def test_a_department_whose_handing_over_fails_keeps_no_other_waiting(
    town: Town, boss: Caller, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    lamps, really = both_over(boss, town), handover.take_over

    def fails(one: Department, heir: Department) -> list[Draft]:
        if heir == lamps:
            raise RuntimeError("this one")
        return really(one, heir)

    monkeypatch.setattr(handover, "take_over", fails)
    assert hand_over() == 1
    assert [one.levelname for one in caplog.records if "was not handed over" in one.getMessage()] == ["ERROR"]
    monkeypatch.undo()
    assert hand_over() == 1


def test_public_objects_are_looked_after_by_the_successor_and_say_so_in_their_history(town: Town, boss: Caller) -> None:
    values = {"code": "9901010137000001", "name": "路灯", "maintainer": town.sanitation.pk, "owner": town.gardens.pk}
    lamp = add(town.worker, "object", values, **point(CELL))
    end(boss, "sanitation", town.gardens)
    found = look(town.worker, "object", lamp["id"])
    assert (found["values"]["maintainer"], found["version"]) == (town.gardens.pk, 2)
    told = history(town.worker, "object", lamp)[0]
    assert (told["before"], told["after"]) == ({"maintainer": town.sanitation.pk}, {"maintainer": town.gardens.pk})
    assert told["names"][str(town.sanitation.pk)] == "环卫"
