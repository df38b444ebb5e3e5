"""Duty and position: shared only while on duty, kept only as the last one, never counted."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from gridmap import actions as kernel
from gridmap.models import Duty, Role, StreamEvent
from patrols import actions
from tests import factories
from tests.factories import CELL, COMMUNITY, NEXT_CELL, OTHER_STREET, Caller, Town, ago
from tests.rows import counts


def turn(caller: Caller, *, on: bool, expect: int = 200) -> Any:
    answer = caller.post("/duty", {"mutation_id": str(uuid4()), "on": on})
    assert answer.status_code == expect, answer.content
    return answer.json()


def share(caller: Caller, *, expect: int = 204, **changes: Any) -> Any:
    body = {"lon": 105.005, "lat": 28.01, "accuracy_m": 8, "at": ago(seconds=1)} | changes
    answer = caller.post("/position", body)
    assert answer.status_code == expect, answer.content
    return answer.json() if expect != 204 else None


def seen(caller: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.get("/duty").json()
    return found


def test_on_duty_a_worker_is_seen_where_she_is_and_off_duty_nothing_is_left(town: Town) -> None:
    assert turn(town.worker, on=True) == {"on_duty": True}
    share(town.worker)
    (found,) = seen(town.director)
    assert (found["name"], found["area"], found["lon"], found["lat"], found["accuracy_m"]) == (
        "Alice",
        CELL,
        105.005,
        28.01,
        8,
    )
    assert town.worker.get("/me").json()["on_duty"] is True
    turn(town.worker, on=False)
    assert seen(town.director) == []
    assert Duty.objects.count() == 0
    assert town.worker.get("/me").json()["on_duty"] is False


def test_off_duty_no_position_is_taken(town: Town) -> None:
    before = counts()
    assert share(town.worker, expect=409)["code"] == "not_on_duty"
    assert counts() == before


def test_on_duty_without_a_fix_she_is_listed_without_a_place(town: Town) -> None:
    turn(town.worker, on=True)
    (found,) = seen(town.director)
    assert (found["lon"], found["lat"], found["fixed_at"]) == (None, None, None)


def test_a_worker_sees_herself_and_no_colleague(town: Town) -> None:
    for worker in (town.worker, town.second_worker):
        turn(worker, on=True)
    assert [found["name"] for found in seen(town.worker)] == ["Alice"]
    assert [found["name"] for found in seen(town.second_worker)] == ["Bob"]


@pytest.mark.parametrize(
    ("who", "sees"),
    [("acceptor", True), ("dispatcher", True), ("director", True), ("community", False), ("handler", False), ("planner", False),
     ("auditor", False), ("administrator", False), ("other_director", False), ("stranger", False)],
)  # fmt: skip
def test_only_those_who_send_workers_see_them(town: Town, who: str, sees: bool) -> None:
    turn(town.worker, on=True)
    share(town.worker)
    assert [found["name"] for found in seen(town.callers[who])] == (["Alice"] if sees else [])
    assert town.callers[who].get("/incidents/summary").json()["on_duty"] == int(sees)


@pytest.mark.parametrize("who", ["director", "handler", "planner", "stranger"])
def test_who_does_not_patrol_is_not_on_duty(town: Town, who: str) -> None:
    before = counts()
    assert turn(town.callers[who], on=True, expect=403)["code"] == "forbidden"
    assert share(town.callers[who], expect=403)["code"] == "forbidden"
    assert counts() == before


def test_a_repeat_of_the_switch_has_no_second_effect(town: Town) -> None:
    body = {"mutation_id": str(uuid4()), "on": True}
    town.worker.post("/duty", body)
    share(town.worker)
    again = town.worker.post("/duty", body)
    assert again.json() == {"on_duty": True}
    assert Duty.objects.get().point is not None
    turn(town.worker, on=True)  # switched on twice: she keeps her place
    assert Duty.objects.get().point is not None


def test_nothing_remembers_who_was_on_duty_for_how_long(town: Town) -> None:
    before = counts()
    turn(town.worker, on=True)
    turn(town.worker, on=False)
    assert counts() == before


def test_an_older_fix_never_replaces_a_newer_one(town: Town) -> None:
    turn(town.worker, on=True)
    share(town.worker, lon=105.006, at=ago(seconds=10))
    share(town.worker, lon=105.001, at=ago(seconds=60))
    assert seen(town.director)[0]["lon"] == 105.006
    share(town.worker, lon=105.007, at=ago(seconds=5))
    assert seen(town.director)[0]["lon"] == 105.007
    assert Duty.objects.count() == 1  # the last one, no track


IN_TEN_MINUTES = {"at": "in ten minutes"}
BAD = [
    {"lon": 181}, {"lat": -91}, {"lon": "east"}, {"lon": None}, {"accuracy_m": -1}, {"accuracy_m": 1e9}, {"at": "yesterday"},
    {"at": "2025-01-01T00:00:00"}, IN_TEN_MINUTES, {"lat": [28]},
]  # fmt: skip


@pytest.mark.parametrize("change", BAD, ids=range(len(BAD)))
def test_what_is_no_position_is_refused_and_changes_nothing(town: Town, change: dict[str, Any]) -> None:
    turn(town.worker, on=True)
    share(town.worker)
    before = Duty.objects.values().get()
    sent = {"at": ago(minutes=-10)} if change is IN_TEN_MINUTES else change
    error = share(town.worker, expect=422, **sent)
    assert set(error["fields"]) == set(change)
    assert Duty.objects.values().get() == before


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_a_position_is_finite(town: Town, number: str) -> None:
    turn(town.worker, on=True)
    raw = f'{{"lon": 105, "lat": 28, "accuracy_m": {number}, "at": "{ago(seconds=1)}"}}'
    assert town.worker.send("/position", raw).status_code == 422
    assert Duty.objects.get().point is None


def test_who_has_several_cells_is_on_duty_in_what_holds_them(town: Town) -> None:
    kernel.grant(town.worker.user, Role.WORKER, NEXT_CELL)
    turn(town.worker, on=True)
    assert Duty.objects.get().area_code == COMMUNITY
    assert [found["name"] for found in seen(town.director)] == ["Alice"]
    assert seen(town.other_director) == []


def test_who_lost_her_cells_is_told_to_ask(town: Town) -> None:
    worker = factories.user("scattered", Role.WORKER, "510502001")
    kernel.grant(worker, Role.WORKER, OTHER_STREET)
    assert turn(Caller(worker), on=True, expect=409)["code"] == "no_area"


def test_a_forgotten_duty_ends_and_one_in_use_does_not(town: Town) -> None:
    turn(town.worker, on=True)
    turn(town.second_worker, on=True)
    share(town.second_worker)
    long_ago = timezone.now() - actions.FORGOTTEN - timedelta(minutes=1)
    Duty.objects.filter(user=town.worker.user).update(changed_at=long_ago)
    assert actions.end_forgotten_duties() == 1
    assert [found["name"] for found in seen(town.director)] == ["Bob"]
    Duty.objects.update(changed_at=long_ago)
    share(town.second_worker)  # a sign of life
    assert actions.end_forgotten_duties() == 0


def test_the_log_says_nothing_of_who_was_on_duty_where(town: Town) -> None:
    before = StreamEvent.objects.count()
    turn(town.worker, on=True)
    share(town.worker)
    turn(town.worker, on=False)
    assert StreamEvent.objects.count() == before
