"""Cells cut anew: what did not change keeps its code, and what lies in the others goes along."""

from uuid import uuid4

import pytest
import shapely
from django.utils import timezone
from shapely import Polygon, box
from shapely.geometry.base import BaseGeometry

from gridmap.actions import grant
from gridmap.actions.cells import NewCell, Recut, move_late, recut
from gridmap.errors import ProblemError
from gridmap.live.consumer import groups_of_user
from gridmap.models import Area, AreaSuccessor, Duty, Role, StreamEvent
from incidents.actions import refresh_facts
from incidents.models import Incident
from tests.factories import CELL, COMMUNITY, NEXT_CELL, PLACES, Caller, Town, user

WEST, EAST = box(105.0, 28.0, 105.01, 28.02), box(105.01, 28.0, 105.02, 28.02)
NORTH, SOUTH = box(105.01, 28.01, 105.02, 28.02), box(105.01, 28.0, 105.02, 28.01)
NEW = [f"{COMMUNITY}003", f"{COMMUNITY}004"]


def cells(*shapes: BaseGeometry) -> list[NewCell]:
    return [NewCell(shape) for shape in shapes]


def in_force() -> list[str]:
    return sorted(
        Area.objects.filter(code__startswith=COMMUNITY, level=6, valid_to=None).values_list("code", flat=True)
    )


def test_cells_that_stay_as_they_are_keep_code_name_and_count(town: Town) -> None:
    before = list(Area.objects.filter(level=6).values_list("code", "name", "households", "geom"))
    done = recut(town.administrator.user, COMMUNITY, cells(EAST, WEST))
    assert done == Recut(
        [NEXT_CELL, CELL], frozenset({CELL, NEXT_CELL}), {}, {"incidents": 0, "people": 0, "register": 0}
    )
    assert list(Area.objects.filter(level=6).values_list("code", "name", "households", "geom")) == before


def test_a_cell_that_is_divided_ends_and_two_follow_it_from_north_to_south(town: Town) -> None:
    done = recut(
        town.administrator.user, COMMUNITY, [*cells(WEST), NewCell(SOUTH, "江南网格", households=190), NewCell(NORTH)]
    )
    assert (done.codes, set(done.kept)) == ([CELL, NEW[1], NEW[0]], {CELL})
    assert in_force() == [CELL, *NEW]
    ended = Area.objects.get(pk=NEXT_CELL)
    assert ended.valid_to is not None
    assert sorted(AreaSuccessor.objects.filter(predecessor=ended).values_list("successor", flat=True)) == NEW
    named = dict(Area.objects.filter(pk__in=NEW).values_list("code", "name"))
    assert named == {NEW[0]: "第3网格", NEW[1]: "江南网格"}
    told = StreamEvent.objects.filter(kind="area.changed", object_id__in=[NEXT_CELL, *NEW])
    assert set(told.values_list("object_id", flat=True)) == {NEXT_CELL, *NEW}


def test_who_served_the_cell_serves_those_that_follow_it(town: Town) -> None:
    served = user("zhou", Role.WORKER, NEXT_CELL)
    recut(town.administrator.user, COMMUNITY, cells(WEST, SOUTH, NORTH))
    assert sorted(served.grants.values_list("area_code", flat=True)) == NEW
    assert list(town.worker.user.grants.values_list("area_code", flat=True)) == [CELL]


def test_who_served_a_cell_that_lost_a_strip_does_not_serve_its_neighbours_too(town: Town) -> None:
    served = user("zhou", Role.WORKER, NEXT_CELL)
    done = recut(
        town.administrator.user, COMMUNITY, cells(box(105.0, 28.0, 105.011, 28.02), box(105.011, 28.0, 105.02, 28.02))
    )
    wide, narrow = done.codes
    assert done.successors == {CELL: [wide], NEXT_CELL: [narrow, wide]}
    assert list(served.grants.values_list("area_code", flat=True)) == [narrow]
    assert list(town.worker.user.grants.values_list("area_code", flat=True)) == [wide]


def test_who_is_on_duty_when_the_cell_ends_is_on_duty_in_the_one_that_follows(town: Town) -> None:
    served = Caller(user("zhou", Role.WORKER, NEXT_CELL))
    assert served.post("/duty", {"mutation_id": str(uuid4()), "on": True}).status_code == 200
    recut(town.administrator.user, COMMUNITY, cells(WEST, SOUTH, NORTH))
    assert Duty.objects.get(user=served.user).area_code in NEW


def test_what_is_in_force_is_what_was_proven_however_little_moved(town: Town) -> None:
    """A house of a tenth of a per mille of a cell: the cell it leaves is another cell too, and nothing overlaps."""
    house = box(105.0195, 28.0, 105.02, 28.0001)
    done = recut(town.administrator.user, COMMUNITY, cells(WEST, EAST.difference(house), house))
    assert (len(done.kept), done.successors) == (1, {NEXT_CELL: [done.codes[1], done.codes[2]]})
    shapes = [shapely.from_wkb(bytes(one.geom.wkb)) for one in Area.objects.filter(pk__in=done.codes) if one.geom]
    together = shapely.union_all(shapes)
    assert together.area == pytest.approx(sum(one.area for one in shapes), rel=1e-12)


def test_figures_of_a_cell_go_on_where_it_was_cut_and_each_case_is_counted_once(town: Town) -> None:
    town.worker.report(cell=CELL)
    grant(town.worker.user, Role.WORKER, NEXT_CELL)
    town.acceptor.act(town.worker.report(cell=NEXT_CELL), "decline", reason="重复")
    done = recut(
        town.administrator.user,
        COMMUNITY,
        cells(WEST, box(105.01, 28.0, 105.02, 28.005), box(105.01, 28.005, 105.02, 28.02)),
    )
    day = timezone.localdate().isoformat()
    refresh_facts()
    counted = [
        town.director.get(f"/statistics?first={day}&last={day}&area={code}").json()["total"]["reported"]
        for code in done.codes
    ]
    assert counted == [1, 0, 1]  # the larger part of the ended cell continues it


def test_open_cases_go_to_the_cell_that_they_lie_in_now_and_closed_ones_stay(town: Town) -> None:
    grant(town.worker.user, Role.WORKER, NEXT_CELL)
    lon, lat = PLACES[NEXT_CELL]
    high, low = (town.worker.report(cell=NEXT_CELL, lon=lon, lat=y) for y in (lat + 0.004, lat - 0.004))
    declined = town.acceptor.act(town.worker.report(cell=NEXT_CELL), "decline", reason="重复")
    elsewhere = town.worker.report(cell=CELL)
    done = recut(town.administrator.user, COMMUNITY, cells(WEST, SOUTH, NORTH))
    assert done.moved == {"incidents": 2, "people": 0, "register": 0}
    where = dict(Incident.objects.values_list("pk", "area_code"))
    found = [where[Incident.objects.get(pk=card["id"]).pk] for card in (high, low, declined, elsewhere)]
    assert found == [NEW[0], NEW[1], NEXT_CELL, CELL]
    kinds = [moment["kind"] for moment in town.director.detail(high)["timeline"]]
    assert kinds == ["incident.reported", "incident.moved"]


def test_who_serves_a_cell_sees_what_was_closed_under_the_codes_before_it_however_often_it_was_cut(town: Town) -> None:
    served = Caller(user("zhou", Role.WORKER, NEXT_CELL))
    closed = town.acceptor.act(town.worker.report(cell=NEXT_CELL), "decline", reason="重复")
    recut(town.administrator.user, COMMUNITY, cells(WEST, SOUTH, NORTH))
    recut(town.administrator.user, COMMUNITY, cells(WEST, EAST))
    assert list(served.user.grants.values_list("area_code", flat=True)) == [f"{COMMUNITY}005"]
    assert served.detail(closed)["area"] == NEXT_CELL
    assert f"incident:{NEXT_CELL}" in groups_of_user(served.user.pk)
    elsewhere = Caller(user("qian", Role.WORKER, CELL))
    assert elsewhere.get(f"/incidents/{closed['id']}").status_code == 404
    assert f"incident:{NEXT_CELL}" not in groups_of_user(elsewhere.user.pk)


def test_a_role_in_a_cell_before_the_cut_lets_nobody_serve_there_again(town: Town) -> None:
    served = Caller(user("zhou", Role.WORKER, NEXT_CELL))
    recut(town.administrator.user, COMMUNITY, cells(WEST, SOUTH, NORTH))
    assert {given["area_code"] for given in served.get("/me").json()["grants"]} == set(NEW)
    assert NEXT_CELL not in {one["code"] for one in served.get("/areas").json()}


def test_a_report_that_was_on_its_way_while_its_cell_ended_follows_later_once(town: Town) -> None:
    card = town.worker.report(cell=NEXT_CELL)
    recut(town.administrator.user, COMMUNITY, cells(WEST, SOUTH, NORTH))
    Incident.objects.filter(pk=card["id"]).update(area_code=NEXT_CELL)
    assert (move_late(), move_late()) == (1, 0)
    assert town.director.detail(card)["area"] in NEW


def test_a_code_is_never_given_again(town: Town) -> None:
    recut(town.administrator.user, COMMUNITY, cells(WEST, SOUTH, NORTH))
    done = recut(town.administrator.user, COMMUNITY, cells(WEST, EAST))
    assert done.codes == [CELL, f"{COMMUNITY}005"]
    assert done.successors == {code: [f"{COMMUNITY}005"] for code in NEW}


@pytest.mark.parametrize(
    ("shapes", "code"),
    [
        ([WEST], "gap"), ([WEST, EAST, SOUTH], "overlap"), ([WEST, EAST, box(105.02, 28.0, 105.021, 28.01)], "outside"), ([], None),
    ],
)  # fmt: skip
def test_what_is_not_the_community_exactly_is_refused_and_nothing_changes(
    town: Town, shapes: list[Polygon], code: str | None
) -> None:
    with pytest.raises(ProblemError) as caught:
        recut(town.administrator.user, COMMUNITY, cells(*shapes))
    assert caught.value.code == "cells_faulty"
    assert [one["code"] for one in caught.value.detail["faults"]][:1] == ([code] if code else ["gap"])[:1]
    assert in_force() == [CELL, NEXT_CELL]


def test_there_must_be_such_a_community(town: Town) -> None:
    with pytest.raises(ProblemError) as caught:
        recut(town.administrator.user, "990101001999", cells(WEST))
    assert caught.value.code == "unknown_area"
