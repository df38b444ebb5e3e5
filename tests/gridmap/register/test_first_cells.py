"""A community gets its first cells: what was recorded there before goes to the cell that it lies in."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from shapely import box

from gridmap import actions
from gridmap.actions.cells import NewCell, move_late, recut
from gridmap.models import Area, Grant, Place, Pledge, Role, ServedPerson, StreamEvent
from incidents.models import Incident
from tests import factories, persons
from tests.factories import OTHER_STREET, Caller, Town, user
from tests.gridmap.register.records import add, dwelling, household

NEW = f"{OTHER_STREET}002"
WEST, EAST = f"{NEW}001", f"{NEW}002"
CUT = [NewCell(box(105.03, 28.0, 105.035, 28.02)), NewCell(box(105.035, 28.0, 105.04, 28.02))]
IN_EAST: dict[str, Any] = {"lon": 105.037, "lat": 28.01}


@pytest.fixture
def served(town: Town) -> Caller:
    """Somebody who records in a community that has no cells."""
    actions.put_areas([Area(code=NEW, name="新开社区", geom=factories.box(105.03, 105.04))])
    caller = Caller(user("ying", Role.COMMUNITY, NEW))
    actions.grant(caller.user, Role.WORKER, NEW)
    return caller


def written(served: Caller, folder: Path) -> dict[str, dict[str, Any]]:
    """One of each kind, in the east of the community."""
    house = add(served, "place", {"kind": "building", "name": "3幢"}, **IN_EAST)
    home = dwelling(served, house["id"])
    with persons.person_data(folder):
        someone = persons.register(served, **IN_EAST)
    return {
        "place": house, "home": home, "household": household(served, home["id"]), "person": someone,
        "incident": served.report(**IN_EAST),
    }  # fmt: skip


def test_all_that_was_recorded_before_goes_to_the_cell_around_it_with_an_event_each(
    town: Town, served: Caller, tmp_path: Path
) -> None:
    made = written(served, tmp_path)
    assert set(Place.objects.values_list("area_code", flat=True)) == {NEW}
    with persons.person_data(tmp_path):
        done = recut(town.administrator.user, NEW, CUT)
    assert (done.codes, done.moved) == ([WEST, EAST], {"incidents": 1, "people": 1, "register": 3})
    rows = (Place.objects, ServedPerson.objects, Incident.objects)
    assert {code for one in rows for code in one.values_list("area_code", flat=True)} == {EAST}
    told = StreamEvent.objects.filter(kind__endswith=".moved", area_code=EAST)
    assert {one.object_id for one in told} == {one["id"] for one in made.values()}


def test_what_is_of_the_community_itself_stays_there(town: Town, served: Caller, tmp_path: Path) -> None:
    Pledge.objects.create(id=uuid4(), area_code=NEW, kind="need", text="借用操场")
    case = served.report(**IN_EAST)
    Incident.objects.filter(pk=case["id"]).update(point=None)
    person = written(served, tmp_path)["person"]
    recut(town.administrator.user, NEW, CUT)  # without the keys of the vault
    assert (Pledge.objects.get().area_code, Incident.objects.get(pk=case["id"]).area_code) == (NEW, NEW)
    kept = ServedPerson.objects.get()
    assert (kept.area_code, kept.version) == (NEW, person["version"])
    assert set(Grant.objects.filter(user=served.user).values_list("area_code", flat=True)) == {NEW}


def test_what_was_on_its_way_while_the_first_cells_came_follows_later_once(town: Town, served: Caller) -> None:
    house = add(served, "place", {"kind": "building", "name": "3幢"}, **IN_EAST)
    recut(town.administrator.user, NEW, CUT)
    Place.objects.filter(pk=house["id"]).update(area_code=NEW)
    assert (move_late(), move_late()) == (1, 0)
    assert Place.objects.get().area_code == EAST
