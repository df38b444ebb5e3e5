"""The tree of departments can be redefined by administrators of a district: every change is an action, and stands in the log."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from gridmap import actions
from gridmap.models import Department, Role, StreamEvent
from tests.departments import change, change_of, end, kinds, row, send
from tests.factories import DISTRICT, LID, STREET, Caller, Town
from tests.incidents.test_deadlines_api import lid
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def test_a_department_is_added_renamed_moved_and_ended_and_each_stands_in_the_log(town: Town, boss: Caller) -> None:
    made = send(boss, "/tree", expect=201, code="lamps", name="路灯", name_en="Lamps", area=DISTRICT)
    assert (made["parent"], made["version"], made["area_name"]) == (None, 1, "示范区")
    change(boss, "lamps", "rename", name="照明")
    change(boss, "lamps", "move", parent=town.gardens.pk)
    end(boss, "lamps", town.sanitation)
    one = row(boss, "lamps")
    assert (one["name"], one["parent"], one["successor_name"], one["version"]) == ("照明", town.gardens.pk, "环卫", 4)
    assert kinds("lamps") == ["department.added", "department.renamed", "department.moved", "department.ended"]
    event = StreamEvent.objects.filter(kind="department.renamed").latest("created_at")
    assert (event.actor, event.payload["name"], event.stream) == (boss.user, "照明", DISTRICT)


def test_what_cannot_be_is_refused_and_changes_nothing(town: Town, boss: Caller) -> None:
    send(boss, "/tree", expect=201, code="lamps", name="路灯", area=STREET, parent=town.gardens.pk)
    taken = send(boss, "/tree", expect=409, code="gardens", name="园林", area=DISTRICT)
    below = send(boss, "/tree", expect=422, code="up", name="上", area=DISTRICT, parent=row(boss, "lamps")["id"])
    loop = change(boss, "gardens", "move", expect=422, parent=town.gardens.pk)
    above = change(boss, "gardens", "end", expect=409, last_day=str(timezone.localdate()))
    past = change(boss, "lamps", "end", expect=422, last_day="2020-01-01")
    nowhere = send(boss, "/tree", expect=422, code="moon", name="月", area="990109")
    assert [one["code"] for one in (taken, below, loop, above, past, nowhere)] == [
        "department_known", "department_not_there", "department_not_there", "department_has_children", "past_date", "unknown_area",
    ]  # fmt: skip
    end(boss, "lamps")
    assert change(boss, "lamps", "rename", expect=409, name="x")["code"] == "department_over"
    assert kinds("gardens").count("department.renamed") == 0


def test_of_two_administrators_one_wins_and_the_other_sees_the_department_as_it_is_now(
    town: Town, boss: Caller
) -> None:
    seen = row(boss, "gardens")
    change(boss, "gardens", "rename", name="园林绿化")
    answer = change_of(boss, seen, "rename", expect=409, name="园林所")
    assert (answer["code"], answer["detail"]["current"]["name"], answer["detail"]["yours"]["name"]) == (
        "stale_department", "园林绿化", "园林所",
    )  # fmt: skip
    assert row(boss, "gardens")["name"] == "园林绿化"


def test_only_who_manages_the_district_changes_its_departments(town: Town, boss: Caller) -> None:
    one = row(boss, "gardens")
    body = {"version": one["version"], "name": "x"}
    assert send(town.director, f"/{one['id']}/rename", expect=404, **body)["code"] == "not_found"
    assert send(town.administrator, f"/{one['id']}/rename", expect=404, **body)["code"] == "not_found"  # of a street
    refused = send(town.administrator, "/tree", expect=403, code="lamps", name="路灯", area=DISTRICT)
    assert refused["code"] == "forbidden"
    assert town.director.get("/departments/tree").status_code == 403


def test_an_end_that_has_not_come_can_be_put_off_and_taken_back(town: Town, boss: Caller) -> None:
    today = timezone.localdate()
    end(boss, "sanitation", town.gardens, last_day=str(today + timedelta(days=30)))
    end(boss, "sanitation", town.gardens, last_day=str(today + timedelta(days=60)))
    assert row(boss, "sanitation")["ended"] == str(today + timedelta(days=60))
    change(boss, "sanitation", "keep")
    one = row(boss, "sanitation")
    assert (one["ended"], one["successor"], one["over"]) == (None, None, False)
    assert kinds("sanitation") == ["department.ended", "department.ended", "department.kept"]


def test_nothing_is_put_under_or_handed_to_a_department_that_is_about_to_end(town: Town, boss: Caller) -> None:
    lamps = send(boss, "/tree", expect=201, code="lamps", name="路灯", area=DISTRICT)
    end(boss, "sanitation", town.gardens, last_day=str(timezone.localdate() + timedelta(days=9)))
    assert change(boss, "lamps", "move", expect=422, parent=town.sanitation.pk)["code"] == "department_not_there"
    assert change(boss, "lamps", "end", expect=422, successor=town.sanitation.pk)["code"] == "department_not_there"
    assert change(boss, "lamps", "end", expect=422, successor=lamps["id"])["code"] == "department_not_there"
    # And it is waited for: a department that takes over tomorrow does not go without a successor today.
    assert change(boss, "gardens", "end", expect=409)["code"] == "successor_needed_later"


def test_what_lies_with_a_department_is_told_before_it_ends_and_names_its_people(town: Town, boss: Caller) -> None:
    lid(town)
    one = row(boss, "sanitation")
    assert (one["cases"], one["rules"], one["stages"]) == (1, 0, 0)
    assert [(person["name"], person["movable"]) for person in one["people"]] == [("Han", True)]


def test_with_open_cases_and_no_successor_it_does_not_end_and_the_sentence_says_what_to_do(
    town: Town, boss: Caller
) -> None:
    card = lid(town)
    refused = change(boss, "sanitation", "end", expect=409)
    assert refused["code"] == "successor_needed"
    assert "1 件在办案件" in refused["message"]
    assert "由谁接续" in refused["message"]
    assert refused["detail"] == {"cases": 1, "stages": 0}
    later = change(boss, "sanitation", "end", expect=409, last_day=str(timezone.localdate()))
    assert later["code"] == "successor_needed"
    assert town.director.detail(card)["department_name"] == "环卫"
    assert kinds("sanitation") == []


def test_the_admin_shows_departments_and_changes_none(town: Town) -> None:
    root = actions.put_user("root", name="Root", staff=True)
    actions.grant(root, Role.ADMINISTRATOR, DISTRICT)
    client = Client(headers={"host": "localhost"})
    client.force_login(root)
    assert client.get("/admin/gridmap/department/").status_code == 200
    assert client.get("/admin/gridmap/department/add/").status_code == 403
    page = f"/admin/gridmap/department/{town.gardens.pk}/change/"
    assert client.post(page, {"code": "gardens", "name": "x", "area_code": DISTRICT}).status_code == 403
    assert Department.objects.get(pk=town.gardens.pk).name == "园林"


def test_a_seed_that_runs_again_leaves_what_an_administrator_renamed(town: Town, boss: Caller) -> None:
    change(boss, "gardens", "rename", name="园林绿化")
    assert actions.put_department("gardens", name="园林", name_en="", area_code=DISTRICT).name == "园林绿化"


def test_the_database_takes_no_department_above_itself_and_no_successor_of_one_that_goes_on(town: Town) -> None:
    mine = Department.objects.filter(pk=town.gardens.pk)
    for wrong in ({"parent": town.gardens}, {"successor": town.sanitation}):
        with pytest.raises(IntegrityError), transaction.atomic():
            mine.update(**wrong)


# --- at the same moment, in transactions of their own ---


def test_two_moves_at_once_that_are_right_by_themselves_make_no_ring(transactional_boss: Caller) -> None:
    boss = transactional_boss
    for code in ("one", "two"):
        send(boss, "/tree", expect=201, code=code, name=code, area=DISTRICT)
    for _ in range(8):
        one, two = row(boss, "one"), row(boss, "two")
        pair = [partial(moved, boss, one, two["id"]), partial(moved, boss, two, one["id"])]
        assert sorted(at_once(pair)) == [(200, ""), (422, "department_not_there")]
        child = next(found for found in (row(boss, "one"), row(boss, "two")) if found["parent"])
        change(boss, child["code"], "move", parent=None)


def moved(who: Caller, one: dict[str, Any], parent: int) -> tuple[int, str]:
    answer = change_of(who, one, "move", expect=None, parent=parent)
    return answer.status_code, answer.json().get("code", "") if answer.status_code != 200 else ""


def test_of_two_who_end_one_department_at_once_one_wins_and_one_is_told(
    transactional_boss: Caller, transactional_town: Town
) -> None:
    boss, town = transactional_boss, transactional_town
    seen = row(boss, "sanitation")
    ends = [partial(change_of, boss, seen, "end", expect=None, successor=town.gardens.pk) for _ in range(2)]
    answers = at_once(ends)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    lost = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (lost["code"], lost["detail"]["current"]["over"]) == ("stale_department", True)
    assert kinds("sanitation") == ["department.ended"]


def test_no_case_is_left_with_a_department_that_ends_while_cases_are_assigned_to_it(
    transactional_boss: Caller, transactional_town: Town
) -> None:
    """Whoever comes first: the case goes over with the rest, or the dispatcher is told that the department is gone."""
    boss, town = transactional_boss, transactional_town
    filed = [town.acceptor.act(town.worker.report(class_key=LID), "file") for _ in range(5)]
    seen = row(boss, "sanitation")
    works = [partial(assigned, town, card) for card in filed]
    works.insert(2, partial(ended, boss, seen, town.gardens.pk))
    assert set(at_once(works)) <= {200, 422}
    left = row(boss, "sanitation")
    assert (left["over"], left["cases"]) == (True, 0)
    for card in filed:
        now = town.director.detail(card)
        assert (now["state"], now["department_name"]) in [("assigned", "园林"), ("filed", None)]


def assigned(town: Town, card: dict[str, Any]) -> int:
    body = {"mutation_id": str(uuid4()), "version": card["version"], "department": town.sanitation.pk}
    status: int = town.dispatcher.post(f"/incidents/{card['id']}/assign", body).status_code
    return status


def ended(who: Caller, one: dict[str, Any], successor: int) -> int:
    status: int = change_of(who, one, "end", expect=None, successor=successor).status_code
    return status
