"""One record for each real thing: made, found, looked at again, corrected and ended through the API, with its history."""

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from gridmap.models import Household, Organisation, Place, StreamEvent, StreamHead
from tests.factories import CELL, COMMUNITY, NEXT_CELL, OTHER_CELL, STREET, Caller, Town
from tests.gridmap.register.records import (
    add,
    building,
    change,
    dwelling,
    end,
    household,
    look,
    point,
    verify,
)


def test_a_record_carries_the_cell_of_its_place_and_what_belongs_to_it_inherits_it(town: Town) -> None:
    house = building(town.worker)
    home = dwelling(town.worker, house["id"])
    lived = household(town.worker, home["id"])
    assert look(town.worker, "place", house["id"])["area"] == CELL
    found = look(town.worker, "household", lived["id"])
    assert (found["area"], found["title"]) == (CELL, "3幢 501")
    assert found["values"] == {"place": home["id"], "label": "", "size": 3, "over_60": 1, "over_80": 0, "under_14": 1}
    assert found["due_on"] > str(timezone.localdate())
    assert look(town.worker, "place", home["id"])["parts"] == {"household": 1}


def test_the_same_thing_is_never_asked_twice(town: Town) -> None:
    house = building(town.worker)
    again = add(town.community, "place", {"kind": "building", "name": "03号楼"}, **point(CELL), expect=409)
    assert (again["code"], again["detail"]["id"]) == ("record_known", house["id"])
    assert "3幢" in again["message"]
    home = dwelling(town.worker, house["id"])
    household(town.worker, home["id"])
    assert household(town.worker, home["id"], expect=409)["code"] == "record_known"
    assert household(town.worker, home["id"], label="乙")["version"] == 1


def test_a_repeat_of_the_same_write_has_no_second_effect(town: Town) -> None:
    body = {"id": str(uuid4()), "values": {"kind": "building", "name": "9幢"}, **point(CELL)}
    assert [town.worker.post("/register/place", body).status_code for _ in range(2)] == [201, 200]
    assert Place.objects.count() == 1
    assert StreamEvent.objects.filter(kind="register.recorded").count() == 1


@pytest.mark.parametrize(
    ("record", "values", "field"),
    [
        ("place", {"kind": "dwelling", "name": "501"}, "parent"),
        ("place", {"kind": "building", "name": ""}, "name"),
        ("household", {"size": 2}, "place"),
        ("household", {"place": "nowhere", "size": 2}, "place"),
        ("organisation", {"name": "粮油店", "kind": "shop", "uscc": "123"}, "uscc"),
        ("object", {"code": "9901010137000001", "name": "路灯", "maintainer": 999}, "maintainer"),
    ],
)
def test_what_is_wrong_is_said_by_field_and_nothing_is_stored(
    town: Town, record: str, values: dict[str, Any], field: str
) -> None:
    answer = add(town.worker, record, values, **point(CELL), expect=422)
    assert list(answer["fields"]) == [field]
    assert answer["fields"][field].endswith("。")
    assert Place.objects.count() + Household.objects.count() + Organisation.objects.count() == 0


def test_without_a_place_a_record_is_not_taken(town: Town) -> None:
    answer = add(town.worker, "organisation", {"name": "粮油店", "kind": "shop"}, expect=422)
    assert list(answer["fields"]) == ["point"]
    assert (
        add(town.worker, "place", {"kind": "building", "name": "1幢"}, lon=10.0, lat=10.0, expect=422)["code"]
        == "point_outside"
    )


def test_a_worker_records_in_her_own_cells_only(town: Town) -> None:
    values = {"kind": "building", "name": "1幢"}
    assert add(town.worker, "place", values, **point(NEXT_CELL), expect=403)["code"] == "forbidden"
    assert add(town.director, "place", values, **point(CELL), expect=403)["code"] == "forbidden"
    assert add(town.community, "place", values, **point(NEXT_CELL))["version"] == 1


def test_looking_again_is_one_tap_and_puts_it_off(town: Town) -> None:
    lived = household(town.worker, dwelling(town.worker, building(town.worker)["id"])["id"])
    today = timezone.localdate()
    Household.objects.update(due_on=today)
    assert [row["id"] for row in find(town.worker, "household", due=True)] == [lived["id"]]
    path = f"/register/household/{lived['id']}/verify"
    body = {"mutation_id": str(uuid4()), "version": 1}
    assert town.worker.post(path, body).json()["version"] == 2
    assert town.worker.post(path, body).json() == {"id": lived["id"], "version": 2, "replayed": True}
    assert find(town.worker, "household", due=True) == []
    assert look(town.worker, "household", lived["id"])["verified_by"] == "Alice"


def test_two_who_correct_different_values_are_both_heard_and_the_same_value_is_not_overwritten(town: Town) -> None:
    lived = household(town.worker, dwelling(town.worker, building(town.worker)["id"])["id"])
    assert change(town.worker, "household", lived, {"size": 4})["version"] == 2
    assert change(town.community, "household", lived, {"over_60": 2})["version"] == 3
    clash = change(town.community, "household", lived, {"size": 5}, expect=409)
    assert (clash["code"], clash["detail"]["fields"]) == ("record_changed", ["size"])
    assert (clash["detail"]["current"]["values"]["size"], clash["detail"]["yours"]) == (4, {"size": 5})
    assert look(town.worker, "household", lived["id"])["values"]["over_60"] == 2


def test_the_history_of_every_value_comes_from_the_log(town: Town) -> None:
    lived = household(town.worker, dwelling(town.worker, building(town.worker)["id"])["id"])
    change(town.community, "household", lived, {"size": 4})
    verify(town.worker, "household", lived | {"version": 2})
    entries = town.worker.get(f"/register/household/{lived['id']}/history").json()
    assert [entry["what"] for entry in entries] == ["verified", "changed", "recorded"]
    assert (entries[1]["by"], entries[1]["before"], entries[1]["after"]) == ("Cai", {"size": 3}, {"size": 4})
    assert entries[2]["after"]["size"] == 3


def test_counts_that_do_not_fit_are_refused_in_a_change_too(town: Town) -> None:
    lived = household(town.worker, dwelling(town.worker, building(town.worker)["id"])["id"])
    assert list(change(town.worker, "household", lived, {"size": 1}, expect=422)["fields"]) == ["size"]


def test_what_belongs_to_a_place_follows_its_name_and_its_cell(town: Town) -> None:
    house = building(town.community)
    home = dwelling(town.community, house["id"])
    lived = household(town.community, home["id"])
    shop = add(town.community, "organisation", {"name": "粮油店", "kind": "shop", "place": home["id"]})
    change(town.community, "place", house, {"name": "8幢"}, **point(NEXT_CELL))
    titles = [
        look(town.community, kind, one["id"])["title"]
        for kind, one in (("place", home), ("household", lived), ("organisation", shop))
    ]
    assert titles == ["8幢 501", "8幢 501", "粮油店 8幢 501"]
    assert {
        look(town.community, "household", lived["id"])["area"],
        look(town.community, "organisation", shop["id"])["area"],
    } == {NEXT_CELL}
    assert town.worker.get(f"/register/household/{lived['id']}").status_code == 404


def test_a_thing_that_is_gone_ends_when_nothing_belongs_to_it_and_may_come_again(town: Town) -> None:
    house = building(town.worker)
    home = dwelling(town.worker, house["id"])
    assert end(town.worker, "place", house, expect=409)["code"] == "record_in_use"
    end(town.worker, "place", home)
    end(town.worker, "place", house)
    assert find(town.worker, "place") == []
    assert change(town.worker, "place", house, {"floors": 6}, expect=409)["code"] == "record_ended"
    assert building(town.worker)["version"] == 1


def test_a_place_cannot_become_what_its_parts_do_not_fit_in(town: Town) -> None:
    house = building(town.worker)
    dwelling(town.worker, house["id"])
    assert list(change(town.worker, "place", house, {"kind": "dwelling"}, expect=422)["fields"]) == ["kind"]


def test_records_are_found_by_the_words_of_their_address(town: Town) -> None:
    house = building(town.worker, name="翠湖3幢")
    home = dwelling(town.worker, house["id"])
    lived = household(town.worker, home["id"])
    assert [row["id"] for row in find(town.worker, "household", q="翠湖 501")] == [lived["id"]]
    assert find(town.worker, "household", q="翠湖 502") == []
    assert find(town.worker, "household", q="，。") == []


def test_pages_follow_each_other_without_gap_or_repeat(town: Town) -> None:
    house = building(town.worker)["id"]
    made = {house} | {dwelling(town.worker, house, name=str(number))["id"] for number in range(100, 160)}
    first = town.worker.get("/register/place?q=3幢").json()
    rest = town.worker.get(f"/register/place?q=3幢&after={first['next']}").json()
    assert (len(first["records"]), rest["next"]) == (50, None)
    assert {row["id"] for row in first["records"] + rest["records"]} == made
    assert len(first["records"] + rest["records"]) == 61
    assert len(town.worker.get(f"/register/place?parent={house}").json()["records"]) == 60


def test_households_are_seen_by_those_who_look_after_them_alone(town: Town) -> None:
    home = dwelling(town.worker, building(town.worker)["id"])
    lived = household(town.worker, home["id"])
    for caller in (town.director, town.acceptor, town.auditor, town.other_worker):
        assert caller.get(f"/register/household/{lived['id']}").status_code == 404
        assert find(caller, "household") == []
    assert town.director.get(f"/register/place/{home['id']}").json()["parts"] == {}
    assert not any(kind.startswith("household.") for kind in kinds_heard(town.director))
    assert "register.recorded" in kinds_heard(town.director)
    assert "household.recorded" in kinds_heard(town.community)


def test_a_record_of_another_street_does_not_exist_for_one(town: Town) -> None:
    theirs = add(town.other_worker, "place", {"kind": "building", "name": "1幢"}, **point(OTHER_CELL))
    assert town.community.get(f"/register/place/{theirs['id']}").status_code == 404
    inside = add(
        town.community, "place", {"kind": "dwelling", "name": "1", "parent": theirs["id"]}, **point(CELL), expect=422
    )
    assert list(inside["fields"]) == ["parent"]
    assert COMMUNITY not in look(town.other_worker, "place", theirs["id"])["area"]


def find(caller: Caller, record: str, **query: Any) -> list[dict[str, Any]]:
    text = "&".join(f"{name}={value}" for name, value in query.items())
    found: list[dict[str, Any]] = caller.get(f"/register/{record}?{text}").json()["records"]
    return found


def kinds_heard(caller: Caller) -> set[str]:
    """The kinds of all events of the street that reach somebody, from its first."""
    head = StreamHead.objects.get(stream=STREET)
    answer = caller.get(f"/events?since={STREET}:{head.epoch}:0")
    return {event["kind"] for event in answer.json()["events"]}
