"""Cells that a planner gives before the rest is cut, and households as the register counts them."""

from typing import Any
from uuid import uuid4

import pytest
import shapely
from django.contrib.gis.db.models import Union
from shapely import Polygon
from shapely.geometry import shape

from gridmap.actions.plans import put_due_in_force
from gridmap.models import Area, CellGround, CellPlan, Household, Place
from layers.models import Feature
from tests.factories import Caller
from tests.layers.estate import COMMUNITY
from tests.layers.test_plans import TODAY, chief, community, plan, planner, proposed, publish

__all__ = ["chief", "community", "planner"]  # fixtures


def box(west: float, south: float, east: float, north: float) -> list[list[list[float]]]:
    """A ring by shares of the community's width and height."""
    border = Area.objects.get(pk=COMMUNITY).geom
    assert border is not None
    left, low, right, high = border.extent
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return [[[left + x * (right - left), low + y * (high - low)] for x, y in corners]]


def cell_shape(caller: Caller, of: dict[str, Any], cell: int) -> Any:
    shapes = caller.get(f"/cells/plans/{of['id']}/ground").json()["shapes"]["features"]
    return shapely.union_all(
        [shape(one["geometry"]) for one, own in zip(shapes, of["cells"], strict=True) if own == cell]
    )


def test_a_school_and_a_drawn_cell_stay_and_the_rest_is_cut_around_them(planner: Caller, chief: Caller) -> None:
    school, drawn_one = box(0.35, 0.35, 0.5, 0.6), box(-0.1, -0.1, 0.36, 0.4)
    given = [{"rings": drawn_one, "name": "河西"}, {"rings": school, "name": "第一小学", "dedicated": True}]
    made = proposed(planner, given=given)
    assert made["state"] == "draft", made["fault"]
    (cell,), (own,) = made["dedicated"], made["locked"]
    assert made["names"] == {str(cell): "第一小学", str(own): "河西"}
    wanted = Polygon(school[0])
    found = cell_shape(planner, made, cell)
    # Only a building on the line moves the border away from it.
    assert found.symmetric_difference(wanted).area < 0.25 * wanted.area
    assert publish(chief, made).status_code == 200
    assert put_due_in_force() == 1
    assert Area.objects.get(code__startswith=COMMUNITY, name="第一小学", valid_to=None).kind == "dedicated"


def test_cells_drawn_for_the_whole_community_are_the_plan(planner: Caller) -> None:
    quarters = [box(x - 0.05, y - 0.05, x + 0.5, y + 0.5) for x in (0, 0.5) for y in (0, 0.5)]
    made = proposed(planner, given=[{"rings": one} for one in quarters])
    assert made["state"] == "draft", made["fault"]
    assert made["summary"]["cells"] == 4
    assert sorted(made["locked"]) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("rings", "code"),
    [
        (lambda: [[[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]], "bad_cell_shape"),
        (lambda: [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]], "cell_elsewhere"),
    ],
)
def test_a_given_cell_that_cannot_be_is_refused_at_once(planner: Caller, rings: Any, code: str) -> None:
    body = {"id": str(uuid4()), "area": COMMUNITY, "given": [{"rings": rings()}]}
    answer = planner.post("/cells/plans", body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not CellPlan.objects.exists()


def test_a_given_cell_in_which_nothing_lies_is_told(planner: Caller) -> None:
    made = proposed(planner, given=[{"rings": box(0.5, 0.5, 0.5001, 0.5001)}])
    assert (made["state"], made["fault"]) == ("failed", "given_empty")


def test_households_of_the_register_go_before_those_of_the_base_map(planner: Caller) -> None:
    before = proposed(planner)
    building = Feature.objects.filter(layer="building").order_by("pk")[10]
    counted, unknown = put_counts(building.geom.centroid)
    made = proposed(planner)
    # The recorded homes instead of the map's count, and a building that the map does not know.
    assert made["summary"]["households"] == before["summary"]["households"] - building.households + counted + unknown


def put_counts(at: Any) -> tuple[int, int]:
    """A building with three homes recorded and two said, and another far from every building; what each counts."""
    building = place("1 号楼", "building", point=at, households=2)
    for number in ("101", "102", "103"):
        home = place(number, "dwelling", parent=building)
        Household.objects.create(
            pk=uuid4(),
            place=home,
            area_code=home.area_code,
            title=number,
            natural_key=f"home {number}",
            size=2,
            due_on=TODAY(),
        )
    place("亭子", "building", point=lonely(), households=7)
    return 3, 7


def lonely() -> Any:
    """A point of the community that is far from every building."""
    buildings = Feature.objects.filter(layer="building").aggregate(all=Union("geom"))["all"].buffer(0.0005)
    border = Area.objects.get(pk=COMMUNITY).geom
    assert border is not None
    return border.difference(buildings).point_on_surface


def place(name: str, kind: str, **more: Any) -> Place:
    return Place.objects.create(
        pk=uuid4(),
        kind=kind,
        name=name,
        title=name,
        natural_key=f"place {name}",
        area_code=COMMUNITY,
        due_on=TODAY(),
        **more,
    )


# --- what is in force already


def test_a_school_that_is_in_force_stays_one_however_the_rest_is_cut(planner: Caller, chief: Caller) -> None:
    school = {"rings": box(0.35, 0.35, 0.5, 0.6), "name": "第一小学", "dedicated": True}
    publish(chief, proposed(planner, given=[school]))
    put_due_in_force()
    before = Area.objects.get(code__startswith=COMMUNITY, kind="dedicated")
    made = proposed(planner, target=350, seed=4)
    found = planner.get(f"/cells/plans/{made['id']}/comparison").json()
    assert [made["names"][str(cell)] for cell in made["dedicated"]] == ["第一小学"]
    assert found["kept"] == [before.code]


def test_a_guess_does_not_become_the_count_of_a_cell(planner: Caller, chief: Caller) -> None:
    Feature.objects.filter(layer="building").update(households=None)
    made = proposed(planner, estimate=True)
    assert made["guessed"]
    publish(chief, made)
    assert put_due_in_force() == 1
    cells = Area.objects.filter(code__startswith=COMMUNITY, level=6)
    assert set(cells.values_list("households", flat=True)) == {None}


def test_a_plan_that_cannot_be_put_in_force_stops_no_other(planner: Caller, chief: Caller) -> None:
    """No codes are left when its day comes: it is a draft again and says so, and the clock goes on."""
    made = proposed(planner)
    assert publish(chief, made).status_code == 200
    Area.objects.create(code=f"{COMMUNITY}999", name="最后一格", valid_to=TODAY())
    assert put_due_in_force() == 0
    after = plan(planner, made)
    assert (after["state"], after["fault"]) == ("draft", "no_codes_left")
    assert publish(chief, after).json()["code"] == "no_codes_left"
    assert planner.get(f"/cells/plans/{made['id']}/comparison").json()["code"] == "no_codes_left"


def test_squares_begin_anew_and_are_not_compared(planner: Caller) -> None:
    body = {"id": str(uuid4()), "area": COMMUNITY, "method": "squares", "start": "as_is"}
    assert planner.post("/cells/plans", body).json()["code"] == "invalid"
    made = proposed(planner, method="squares")
    assert planner.get(f"/cells/plans/{made['id']}/comparison").json()["code"] == "statistics_only"


def test_the_ground_of_a_plan_goes_with_the_last_plan_of_it(planner: Caller) -> None:
    for made in (proposed(planner), proposed(planner, target=350)):
        assert CellGround.objects.count() == 1
        once = {"mutation_id": str(uuid4()), "version": made["version"]}
        assert planner.post(f"/cells/plans/{made['id']}/discard", once).status_code == 200
    assert not CellGround.objects.exists()
