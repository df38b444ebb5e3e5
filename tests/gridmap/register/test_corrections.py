"""A record is corrected where its whole lies elsewhere, what belongs to it follows, and its history tells of the place, too."""

from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.utils import timezone

from gridmap.models import Organisation, Place, Proposal, StreamEvent
from tests.factories import CELL, NEXT_CELL, OTHER_CELL, OTHER_STREET, PLACES, Town
from tests.gridmap.register.records import (
    add,
    building,
    change,
    dwelling,
    end,
    history,
    household,
    look,
    point,
    propose,
    verify,
)


def compound(town: Town) -> dict[str, Any]:
    """A compound of many cells lies where its point is: in the second one."""
    return add(town.community, "place", {"kind": "compound", "name": "翠湖小区"}, **point(NEXT_CELL))


# --- what it belongs to


def test_a_worker_records_and_corrects_in_a_compound_that_lies_in_another_cell_of_the_community(town: Town) -> None:
    whole = compound(town)
    values = {"kind": "building", "name": "3幢", "parent": whole["id"]}
    house = add(town.worker, "place", values, **point(CELL))
    found = look(town.worker, "place", change(town.worker, "place", house, {"floors": 6})["id"])
    assert (found["title"], found["area"], found["values"]["floors"]) == ("翠湖小区 3幢", CELL, 6)
    assert town.worker.get(f"/register/place/{whole['id']}").status_code == 404


def test_a_place_of_another_community_is_no_place_to_put_something_in(town: Town) -> None:
    theirs = add(town.other_worker, "place", {"kind": "compound", "name": "湖滨小区"}, **point(OTHER_CELL))
    values = {"kind": "building", "name": "3幢", "parent": theirs["id"]}
    assert list(add(town.worker, "place", values, **point(CELL), expect=422)["fields"]) == ["parent"]


def test_what_is_recorded_in_another_area_is_not_told_beyond_that_it_is(town: Town) -> None:
    values = {"code": "9901010137000001", "name": "路灯"}
    lamp = add(town.other_worker, "object", values, **point(OTHER_CELL))
    answer = add(town.worker, "object", values, **point(CELL), expect=409)
    assert (answer["code"], answer["detail"]) == ("record_elsewhere", {})
    assert lamp["id"] not in str(answer)
    again = add(town.other_worker, "object", values, **point(OTHER_CELL), expect=409)
    assert (again["code"], again["detail"]) == ("record_known", {"id": lamp["id"]})


def test_an_object_keeps_a_department_that_ended_but_none_is_given_to_it(town: Town) -> None:
    values = {"code": "9901010137000001", "name": "路灯", "owner": town.gardens.pk}
    lamp = add(town.worker, "object", values, **point(CELL))
    town.gardens.valid_to = timezone.localdate() - timedelta(days=1)
    town.gardens.save()
    assert change(town.worker, "object", lamp, {"state": "damaged"})["version"] == 2
    given = change(town.worker, "object", lamp | {"version": 2}, {"maintainer": town.gardens.pk}, expect=422)
    assert list(given["fields"]) == ["maintainer"]


# --- what follows


def test_what_belongs_to_a_place_that_is_moved_tells_so_each_by_itself(town: Town) -> None:
    house = building(town.community)
    home = dwelling(town.community, house["id"])
    lived = household(town.community, home["id"])
    shop = add(town.community, "organisation", {"name": "粮油店", "kind": "shop", "place": home["id"]})
    gone = dwelling(town.community, house["id"], name="502")
    end(town.community, "place", gone)
    proposal = propose(town.acceptor, "place", home, {"floors": 1})
    change(town.community, "place", house, {}, **point(NEXT_CELL))
    told = StreamEvent.objects.filter(kind__endswith=".moved")
    assert {(one.object_id, one.object_version) for one in told} == {(one["id"], 2) for one in (home, lived, shop)}
    assert all(one.payload["after"] == {"area": NEXT_CELL} for one in told)
    assert Place.objects.get(pk=gone["id"]).area_code == CELL
    assert Proposal.objects.get(pk=proposal).area_code == NEXT_CELL
    change(town.community, "place", house | {"version": 2}, {"name": "8幢"})
    assert look(town.community, "place", home["id"])["version"] == 2  # its own values are what they were


def test_an_organisation_is_known_by_its_name_in_the_community_that_it_came_to(town: Town) -> None:
    town.community.user.grants.create(role="community", area_code=OTHER_STREET)
    house = building(town.community)
    shop = add(town.community, "organisation", {"name": "粮油店", "kind": "shop", "place": house["id"]})
    change(town.community, "place", house, {}, **point(OTHER_CELL))
    assert Organisation.objects.get(pk=shop["id"]).natural_key == f"{OTHER_STREET}001|粮油店"
    assert add(town.community, "organisation", {"name": "粮油店", "kind": "shop"}, **point(CELL))["version"] == 1
    taken = change(town.community, "place", house | {"version": 2}, {}, **point(CELL), expect=409)
    assert taken["code"] == "part_known"


# --- what the history tells


def test_a_place_that_is_put_right_stands_in_the_history_and_is_not_put_right_twice(town: Town) -> None:
    house = building(town.worker)
    lon, lat = PLACES[CELL]
    change(town.worker, "place", house, {}, lon=lon + 0.001, lat=lat)
    moved, recorded = history(town.worker, "place", house)
    assert (recorded["after"]["point"], moved["before"], moved["after"]) == (
        [lon, lat], {"point": [lon, lat]}, {"point": [lon + 0.001, lat]}
    )  # fmt: skip
    clash = change(town.community, "place", house, {"floors": 3}, lon=lon, lat=lat, expect=409)
    assert (clash["detail"]["fields"], clash["detail"]["yours"]["point"]) == (["point"], [lon, lat])
    change(town.community, "place", house | {"version": 2}, {}, **point(NEXT_CELL))
    assert history(town.community, "place", house)[0]["after"]["area"] == NEXT_CELL


def test_the_history_names_what_it_refers_to(town: Town) -> None:
    house = building(town.worker)
    shop = add(town.worker, "organisation", {"name": "粮油店", "kind": "shop", "place": house["id"]})
    assert history(town.worker, "organisation", shop)[0]["names"] == {house["id"]: "3幢"}
    lamp = add(town.community, "object", {"code": "9901010137000001", "name": "路灯"}, **point(CELL))
    change(town.community, "object", lamp, {"owner": town.gardens.pk}, **point(NEXT_CELL))
    assert history(town.community, "object", lamp)[0]["names"] == {
        str(town.gardens.pk): "园林", CELL: "第一网格", NEXT_CELL: "第二网格"
    }  # fmt: skip


# --- a look


def test_nobody_verifies_what_another_changed_unseen(town: Town) -> None:
    house = building(town.worker)
    change(town.community, "place", house, {"floors": 6})
    clash = verify(town.worker, "place", house, expect=409)
    assert (clash["code"], clash["detail"]["fields"]) == ("record_changed", ["floors"])
    seen = verify(town.worker, "place", house | {"version": 2})
    assert verify(town.community, "place", house | {"version": 2})["version"] == seen["version"] + 1  # a look alone


def test_a_look_that_waited_for_a_connection_counts_from_when_it_was(town: Town) -> None:
    house = building(town.worker)
    Place.objects.update(verified_at=None)
    then = timezone.now() - timedelta(days=3)
    verify(town.worker, "place", house, seen_at=then.isoformat())
    found = look(town.worker, "place", house["id"])
    assert found["due_on"] == str(timezone.localdate() + timedelta(days=362))
    verify(town.community, "place", house, seen_at=(then - timedelta(days=1)).isoformat())
    assert look(town.worker, "place", house["id"])["verified_at"] == found["verified_at"]


@pytest.mark.parametrize(("days", "code"), [(1, "future_time"), (-400, "too_old")])
def test_a_look_is_of_the_last_year(town: Town, days: int, code: str) -> None:
    then = (timezone.now() + timedelta(days=days)).isoformat()
    assert verify(town.worker, "place", building(town.worker), seen_at=then, expect=422)["code"] == code


# --- ids and keys


def test_the_id_of_a_record_that_came_otherwise_is_not_taken_again(town: Town) -> None:
    house = building(town.worker)
    known = Place.objects.get(pk=house["id"])
    known.pk, known.natural_key = uuid4(), "x|building|5"
    known.save(force_insert=True)
    body = {"id": str(known.pk), "values": {"kind": "building", "name": "6幢"}, **point(CELL)}
    answer = town.worker.post("/register/place", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "id_reused")


def test_a_name_that_grows_in_small_letters_is_taken(town: Town) -> None:
    made = add(town.worker, "organisation", {"name": "İ" * 100, "kind": "shop"}, **point(CELL))
    assert look(town.worker, "organisation", made["id"])["values"]["name"] == "İ" * 100


def test_keys_from_before_are_made_anew_and_of_two_that_are_one_the_first_has_it(town: Town) -> None:
    first, second, other = (building(town.worker, name=name)["id"] for name in ("3#楼", "4#", "第5栋"))
    for pk, key in ((first, "3#楼"), (second, "第3栋"), (other, "第5栋")):
        name = "第3栋" if pk == second else key
        Place.objects.filter(pk=pk).update(name=name, natural_key=f"{CELL[:12]}|building|{key}")
    import_module("gridmap.migrations.0014_register_keys").make_anew(apps, None)
    keys = [Place.objects.get(pk=pk).natural_key.split("|")[-1] for pk in (first, second, other)]
    assert keys == ["3", "第3栋", "5"]
    again = add(town.worker, "place", {"kind": "building", "name": "3幢"}, **point(CELL), expect=409)
    assert again["detail"]["id"] == first
