"""People serve in areas and departments, and an administrator moves them: what a role opens is elsewhere from then on."""

import uuid
from functools import partial
from typing import Any

import pytest

from gridmap.models import Department, Grant, Role, StreamEvent
from tests import factories
from tests.factories import CELL, DISTRICT, NEXT_CELL, OTHER_STREET, STREET, Caller, Town, user
from tests.threads import at_once, meeting

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(town: Town) -> Caller:
    return Caller(user("boss", Role.ADMINISTRATOR, DISTRICT))


def move(who: Caller, person: Caller, *, expect: int | None = 200, **body: Any) -> Any:
    """Move the one role of a person."""
    body = {"mutation_id": str(uuid.uuid4()), "grant": person.user.grants.values_list("pk", flat=True)[0], **body}
    answer = who.post(f"/people/{person.user.pk}/move", body)
    if expect is None:
        return answer
    assert answer.status_code == expect, answer.content.decode()
    return answer.json()


def names(who: Caller, query: str = "") -> list[str]:
    return [one["name"] for one in who.get(f"/people{query}").json()["people"]]


def test_a_worker_is_moved_to_another_cell_and_it_stands_in_the_log(town: Town, boss: Caller) -> None:
    moved = move(boss, town.worker, area=NEXT_CELL)
    assert [(one["role"], one["area_name"]) for one in moved["grants"]] == [("worker", "第二网格")]
    event = StreamEvent.objects.filter(kind="grant.changed", object_id=str(town.worker.user.pk)).latest("created_at")
    assert (event.actor, event.payload) == (boss.user, {})
    places = StreamEvent.objects.filter(actor=boss.user, kind="grant.changed").values_list("area_code", flat=True)
    assert sorted(places) == [CELL, NEXT_CELL]


def test_a_handler_is_moved_to_another_department_and_has_its_cases_from_then_on(town: Town, boss: Caller) -> None:
    move(boss, town.handler, area=DISTRICT, department=town.gardens.pk)
    assert town.handler.get("/me").json()["grants"][0]["department"]["name"] == "园林"


def test_moved_to_another_street_she_sees_that_one_and_no_more_the_first(town: Town, boss: Caller) -> None:
    card = town.worker.report()
    move(boss, town.director, area=OTHER_STREET)
    assert town.director.get(f"/incidents/{card['id']}").status_code == 404
    assert town.director.get("/me").json()["grants"][0]["area_code"] == OTHER_STREET


def test_of_two_who_move_her_one_wins_and_the_other_sees_where_she_is(town: Town, boss: Caller) -> None:
    given = town.worker.user.grants.get().pk
    move(boss, town.worker, area=NEXT_CELL)
    lost = move(boss, town.worker, area=STREET, grant=given, expect=409)
    assert lost["code"] == "stale_person"
    assert lost["detail"]["current"]["grants"][0]["area"] == NEXT_CELL


def test_what_cannot_be_is_refused(town: Town, boss: Caller) -> None:
    over = Department.objects.create(code="over", name="旧", area_code=DISTRICT, valid_to="2020-01-01")
    far = Department.objects.create(code="far", name="远", area_code=OTHER_STREET)
    refused = [
        move(boss, town.worker, area="990101009", expect=422)["code"],
        move(boss, town.worker, area=CELL, expect=409)["code"],
        move(boss, town.handler, area=STREET, department=over.pk, expect=422)["code"],
        move(boss, town.handler, area=STREET, department=far.pk, expect=422)["code"],
        move(boss, town.handler, area=STREET, expect=422)["code"],
    ]
    assert refused == ["unknown_area", "grant_known", *["unknown_department"] * 3]


def test_only_people_in_reach_are_listed_and_moved(town: Town, boss: Caller) -> None:
    assert {"Alice", "Charlie", "Han"} <= set(names(boss))
    own = names(town.administrator)
    assert "Alice" in own
    assert not {"Charlie", "Han"} & set(own)  # of the other street; of the whole district
    assert names(town.administrator, "?q=ALI") == ["Alice"]
    move(town.administrator, town.other_worker, area=CELL, expect=404)
    move(town.administrator, town.worker, area=OTHER_STREET, expect=403)
    assert town.director.get("/people").status_code == 403
    move(town.director, town.worker, area=NEXT_CELL, expect=404)


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_at_the_same_moment_exactly_one_moves_her() -> None:
    town = factories.town()
    boss = Caller(user("boss", Role.ADMINISTRATOR, DISTRICT))
    for _ in range(5):
        Grant.objects.filter(user=town.worker.user).update(area_code=CELL)
        given = town.worker.user.grants.get().pk
        works = [partial(move, boss, town.worker, area=area, grant=given, expect=None) for area in (NEXT_CELL, STREET)]
        answers = at_once(works)
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert town.worker.user.grants.count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_moves_her_into_a_department_that_may_be_ending_waits_for_it_and_does_not_hold_her_meanwhile() -> None:
    town = factories.town()
    boss = Caller(user("boss", Role.ADMINISTRATOR, DISTRICT))
    given = town.handler.user.grants.get().pk
    meeting(
        lambda: Department.objects.select_for_update(no_key=True).get(pk=town.gardens.pk),
        partial(move, boss, town.handler, area=DISTRICT, department=town.gardens.pk),
        lambda: Grant.objects.select_for_update(nowait=True).get(pk=given),  # as whoever ends it does
    )
    assert town.handler.user.grants.get().department == town.gardens
