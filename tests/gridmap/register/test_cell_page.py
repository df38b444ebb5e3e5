"""The page of a cell, and the register that goes along when cells are cut anew."""

from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone
from shapely import box

from gridmap.actions.cells import NewCell, recut
from gridmap.models import Household, Organisation, Place, PublicObject, StreamEvent, User
from tests.factories import CELL, COMMUNITY, NEXT_CELL, Caller, Town
from tests.gridmap.register.records import add, building, dwelling, household, look, point


def page(caller: Caller, code: str = CELL) -> dict[str, Any]:
    answer = caller.get(f"/areas/{code}/page")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_the_page_sums_what_is_in_the_cell_and_names_who_serves_it(town: Town) -> None:
    home = dwelling(town.worker, building(town.worker)["id"])
    household(town.worker, home["id"], size=4, over_60=2, over_80=1, under_14=1)
    household(town.worker, home["id"], label="乙", size=1, over_60=0, over_80=0, under_14=0)
    add(town.worker, "object", {"code": "9901010137000001", "name": "路灯"}, **point(CELL))
    User.objects.filter(username="alice").update(phone="0830-3456781")
    card = town.worker.report()
    found = page(town.planner)
    assert found["counts"] == {
        "compounds": 0, "buildings": 1, "dwellings": 1, "premises": 0, "households": 2, "persons": 5, "over_60": 2, "over_80": 1,
        "under_14": 1, "objects": 1, "organisations": 0,
    }  # fmt: skip
    assert (found["name"], found["community"], found["street"]) == ("第一网格", "江岸社区", "望江街道")
    assert found["serving"] == [
        {"name": "Alice", "role": "worker", "phone": "0830-3456781", "area": CELL, "area_name": "第一网格"},
        {"name": "Cai", "role": "community", "phone": "", "area": COMMUNITY, "area_name": "江岸社区"},
    ]
    of_all = page(town.community, COMMUNITY)["serving"]
    assert [(one["name"], one["area_name"]) for one in of_all] == [
        ("Alice", "第一网格"), ("Bob", "第二网格"), ("Cai", "江岸社区")
    ]  # fmt: skip
    assert found["sections"]["incidents"]["open"] == 0  # a planner has no part in cases
    seen = page(town.director)["sections"]["incidents"]
    assert (seen["open"], [one["id"] for one in seen["first"]]) == (1, [card["id"]])
    assert page(town.community, COMMUNITY)["counts"]["persons"] == 5


def test_what_is_due_is_counted_for_those_who_may_see_it(town: Town) -> None:
    home = dwelling(town.worker, building(town.worker)["id"])
    household(town.worker, home["id"])
    for model in (Place, Household):
        model.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    assert page(town.worker)["due"] == {"place": 2, "household": 1}
    assert page(town.director)["due"] == {"place": 2}
    assert town.other_worker.get(f"/areas/{CELL}/page").status_code == 404


def test_records_go_to_the_cell_that_they_lie_in_now_with_an_event_each_and_ended_ones_stay(town: Town) -> None:
    house = building(town.community, cell=NEXT_CELL)
    home = dwelling(town.community, house["id"])
    lived = household(town.community, home["id"])
    shop = add(town.community, "organisation", {"name": "粮油店", "kind": "shop", "place": home["id"]})
    lamp = add(town.community, "object", {"code": "9901010137000001", "name": "路灯"}, **point(NEXT_CELL))
    PublicObject.objects.update(point=Point(105.018, 28.001, srid=4326))
    gone = building(town.community, name="旧楼", cell=NEXT_CELL)
    Place.objects.filter(pk=gone["id"]).update(ended_at=timezone.now())
    Place.objects.filter(pk=house["id"]).update(point=Point(105.018, 28.019, srid=4326))

    cut = [box(105.0, 28.0, 105.01, 28.02), box(105.01, 28.01, 105.02, 28.02), box(105.01, 28.0, 105.02, 28.01)]
    done = recut(town.administrator.user, COMMUNITY, [NewCell(shape) for shape in cut])

    north, south = f"{COMMUNITY}003", f"{COMMUNITY}004"
    assert done.moved["register"] == 5
    made = (("place", house), ("place", home), ("household", lived), ("organisation", shop))
    assert {look(town.community, kind, one["id"])["area"] for kind, one in made} == {north}
    assert look(town.community, "object", lamp["id"])["area"] == south
    assert Place.objects.get(pk=gone["id"]).area_code == NEXT_CELL
    told = StreamEvent.objects.filter(kind__in=["register.moved", "household.moved"])
    assert {one.object_id for one in told} == {one["id"] for one in (house, home, lived, shop, lamp)}
    assert told.get(object_id=lived["id"]).payload["before"] == {"area": NEXT_CELL}
    assert Household.objects.get().version == Organisation.objects.get().version == 2
