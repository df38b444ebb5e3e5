"""Areas: their codes, their end, what follows them, and in which one a point lies."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.models import Model
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap import actions, areacode, geo
from gridmap.models import Area, AreaSuccessor, StreamEvent
from tests.factories import CELL, COMMUNITY, NEXT_CELL, OTHER_CELL, STREET, Town, box

NEW_CELL = COMMUNITY + "003"


def stored(code: str, **fields: Any) -> Area:
    """An area as a program beside this one would store it: past all actions, so that only the database can refuse it."""
    area = Area(code=code, name="x", level=6, **fields)
    Model.save(area, force_insert=True)
    return area


@pytest.mark.parametrize(
    "code", ["9", "990", "99010", "9901010", "9901010010", "99010100100100", "99a1", "99-1", "９９"]
)
def test_the_database_takes_no_code_of_another_form(db: None, code: str) -> None:
    with pytest.raises(IntegrityError, match="area_code_form"):
        stored(code)


@pytest.mark.parametrize("width", areacode.WIDTHS)
def test_every_level_has_its_width(db: None, width: int) -> None:
    code = "990101001001001"[:width]
    actions.put_areas([Area(code=code, name="x")])
    assert Area.objects.get(pk=code).level == areacode.level_of(code)


def test_an_area_cannot_end_before_it_begins(db: None) -> None:
    today = timezone.localdate()
    with pytest.raises(IntegrityError, match="area_dates"):
        stored("99", valid_from=today, valid_to=today - timedelta(days=1))


def test_storing_areas_again_renews_them_and_says_so_once_each(town: Town) -> None:
    before = StreamEvent.objects.filter(kind="area.changed", object_id=CELL).count()
    actions.put_areas([Area(code=CELL, name="新名", geom=box(105.0, 105.01), households=1)], town.administrator.user)
    area = Area.objects.get(pk=CELL)
    assert (area.name, area.households, area.level) == ("新名", 1, 6)
    events = StreamEvent.objects.filter(kind="area.changed", object_id=CELL)
    assert events.count() == before + 1
    assert events.latest("seq").actor_id == town.administrator.user.pk


# --- the end of a code ---


def recut(town: Town) -> Area:
    """Cut the first cell in two: it ends, two new ones begin."""
    old = Area.objects.get(pk=CELL)
    halves = [
        Area(code=NEW_CELL, name="甲", geom=box(105.0, 105.004)),
        Area(code=COMMUNITY + "004", name="乙", geom=box(105.004, 105.01)),
    ]
    actions.put_areas(halves)
    actions.end_area(old, successors=halves, actor=town.administrator.user)
    return old


def test_a_cell_that_ended_keeps_its_row_its_date_and_its_successors(town: Town) -> None:
    recut(town)
    ended = Area.objects.get(pk=CELL)
    assert ended.valid_to == timezone.localdate()
    assert {s.successor_id for s in ended.successors.all()} == {NEW_CELL, COMMUNITY + "004"}


def test_a_point_lies_in_the_successor_and_a_new_case_too(town: Town) -> None:
    recut(town)
    assert geo.locate(105.005, 28.01) == COMMUNITY + "004"
    assert town.director.get("/locate?lon=105.001&lat=28.01").json()["cell"]["code"] == NEW_CELL
    assert town.worker.report()["area"] == COMMUNITY + "004"


def test_an_ended_cell_is_in_no_list_and_on_no_map(town: Town) -> None:
    recut(town)
    codes = [area["code"] for area in town.director.get("/areas").json()]
    assert CELL not in codes
    assert NEW_CELL in codes
    drawn = town.director.get("/areas.geojson?level=6").json()["features"]
    assert {feature["id"] for feature in drawn} == {NEW_CELL, COMMUNITY + "004", NEXT_CELL}


def test_a_case_of_an_ended_cell_is_still_seen_by_who_worked_there(town: Town) -> None:
    card = town.second_worker.report(cell=CELL)
    recut(town)
    assert town.worker.detail(card)["id"] == card["id"]


def test_a_code_that_ended_is_never_given_again(town: Town) -> None:
    recut(town)
    before = StreamEvent.objects.count()
    with pytest.raises(ValueError, match=CELL):
        actions.put_areas([Area(code=CELL, name="又来", geom=box(105.0, 105.01))])
    assert Area.objects.get(pk=CELL).valid_to == timezone.localdate()
    assert StreamEvent.objects.count() == before
    assert geo.locate(105.005, 28.01) != CELL


def test_an_ended_area_may_still_be_named_right(town: Town) -> None:
    ended = recut(town)
    actions.put_areas([Area(code=CELL, name="老一格", geom=ended.geom, valid_to=ended.valid_to)])
    assert Area.objects.get(pk=CELL).name == "老一格"


def test_an_area_does_not_follow_itself_nor_another_one_twice(town: Town) -> None:
    with pytest.raises(IntegrityError, match="area_successor_other"):
        AreaSuccessor.objects.create(predecessor_id=CELL, successor_id=CELL)


def test_an_area_with_a_successor_cannot_be_deleted(town: Town) -> None:
    recut(town)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        with pytest.raises(IntegrityError):
            cursor.execute("delete from gridmap_area where code = %s", [CELL])


# --- where a point lies ---


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lon=st.floats(105.0, 105.03), lat=st.floats(28.0, 28.02))
def test_every_point_of_the_town_lies_in_the_one_cell_that_covers_it(town: Town, lon: float, lat: float) -> None:
    by_hand = CELL if lon <= 105.01 else NEXT_CELL if lon <= 105.02 else OTHER_CELL
    assert geo.locate(lon, lat) == by_hand


@pytest.mark.parametrize("lat", [28.0, 28.013, 28.02])
def test_a_point_on_a_border_has_one_answer_each_time(town: Town, lat: float) -> None:
    assert {geo.locate(105.01, lat) for _ in range(5)} == {CELL}
    assert {geo.locate(105.02, lat) for _ in range(5)} == {NEXT_CELL}


def test_outside_every_area_is_an_error_with_its_name(town: Town) -> None:
    assert geo.locate(0, 0) is None
    answer = town.worker.get("/locate?lon=105.5&lat=28.01")
    assert answer.status_code == 422
    assert answer.json()["code"] == "point_outside"


@pytest.mark.parametrize(
    "query", ["", "?lon=105", "?lon=x&lat=28", "?lon=nan&lat=28", "?lon=105&lat=inf", "?lon=181&lat=0"]
)
def test_what_is_no_point_is_an_error(town: Town, query: str) -> None:
    answer = town.worker.get(f"/locate{query}")
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"


def test_a_point_of_a_community_without_cells_lies_in_the_community(town: Town) -> None:
    actions.put_areas([
        Area(code=STREET + "002", name="无网格社区", geom=box(105.1, 105.11)),
        Area(code=STREET, name="望江街道", geom=box(105.0, 105.2)),
    ])  # fmt: skip
    assert geo.locate(105.105, 28.01) == STREET + "002"
    place = town.director.get("/locate?lon=105.105&lat=28.01").json()
    assert (place["cell"], place["community"]["code"], place["street"]["code"]) == (None, STREET + "002", STREET)
    assert geo.locate(105.15, 28.01) is None  # in the street alone: no community serves it


# --- what a user is shown ---


def test_a_worker_is_shown_her_cell_and_what_it_lies_in(town: Town) -> None:
    areas = {area["code"]: area for area in town.worker.get("/areas").json()}
    assert list(areas) == areacode.ancestors(CELL)
    assert areas[CELL]["parent"] == COMMUNITY
    west, south, east, north = areas[CELL]["bounds"]
    assert (west, south, east, north) == pytest.approx((105.0, 28.0, 105.01, 28.02))
    lon, lat = areas[CELL]["center"]
    assert west < lon < east
    assert south < lat < north
    assert areas["99"]["center"] is None


def test_borders_are_those_of_the_scope(town: Town) -> None:
    def drawn(caller: Any, level: int) -> list[str]:
        return [feature["id"] for feature in caller.get(f"/areas.geojson?level={level}").json()["features"]]

    assert drawn(town.worker, 6) == [CELL]
    assert sorted(drawn(town.director, 6)) == [CELL, NEXT_CELL]
    assert sorted(drawn(town.handler, 6)) == [CELL, NEXT_CELL, OTHER_CELL]
    assert drawn(town.worker, 4) == []
    assert drawn(town.stranger, 6) == []


@pytest.mark.parametrize("level", ["0", "7", "x", ""])
def test_a_level_is_one_of_six(town: Town, level: str) -> None:
    assert town.worker.get(f"/areas.geojson?level={level}").status_code == 422
