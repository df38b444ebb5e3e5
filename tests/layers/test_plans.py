"""Plans of cells: proposed by a job, changed by hand, published with a date, put in force on that day and never otherwise."""

import os
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import shapely
from django.contrib.gis.geos import MultiPolygon
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from gridmap.actions import grant
from gridmap.actions.plans import give_up_late, put_due_in_force
from gridmap.jobs.cells import cut_plan
from gridmap.models import Area, CellGround, CellPlan, Grant, Role, StreamEvent
from incidents.models import Incident
from layers.models import Feature
from tests.factories import Caller, put_shipped, report_body, user
from tests.layers.estate import COMMUNITY, STREET, put_community

TODAY = timezone.localdate


@pytest.fixture
def community(db: None) -> Area:
    return put_community()


@pytest.fixture
def planner(community: Area) -> Caller:
    return Caller(user("planner", Role.PLANNER, STREET))


@pytest.fixture
def chief(community: Area) -> Caller:
    return Caller(user("chief", Role.ADMINISTRATOR, STREET[:6]))


def work() -> None:
    """What a worker does with the proposals that were asked for."""
    for row in DBTaskResult.objects.filter(status="READY", task_path="gridmap.jobs.cells.cut_plan"):
        cut_plan.func(*row.args_kwargs["args"])
        DBTaskResult.objects.filter(pk=row.pk).update(status="SUCCESSFUL")


def proposed(caller: Caller, **wish: Any) -> dict[str, Any]:
    """A plan that a job has made, or could not make."""
    body = {"id": str(uuid4()), "area": COMMUNITY, **wish}
    assert caller.post("/cells/plans", body).status_code == 201
    work()
    return plan(caller, body)


def plan(caller: Caller, of: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = caller.get(f"/cells/plans/{of['id']}").json()
    return found


def drawn(of: dict[str, Any], **changes: Any) -> dict[str, Any]:
    kept = {name: of[name] for name in ("version", "cells", "locked", "dedicated", "names", "name")}
    return kept | {"mutation_id": str(uuid4())} | changes


def publish(caller: Caller, of: dict[str, Any], day: date | None = None) -> Any:
    body = {"mutation_id": str(uuid4()), "version": of["version"], "valid_from": str(day or TODAY())}
    return caller.post(f"/cells/plans/{of['id']}/publish", body)


def in_force() -> list[str]:
    cells = Area.objects.filter(code__startswith=COMMUNITY, level=6, valid_to=None)
    return list(cells.order_by("code").values_list("code", flat=True))


def movable(caller: Caller, of: dict[str, Any]) -> tuple[int, int]:
    """A unit at the edge of its cell that can go to a neighbour, both staying in one piece, and the neighbour."""
    ground = caller.get(f"/cells/plans/{of['id']}/ground").json()
    for one, two, _, _ in ground["borders"]:
        for unit, other in ((one, two), (two, one)):
            if of["cells"][unit] != of["cells"][other]:
                cells = list(of["cells"])
                cells[unit] = of["cells"][other]
                if caller.put(f"/cells/plans/{of['id']}", drawn(of, cells=cells)).status_code == 200:
                    return unit, of["cells"][other]
    raise AssertionError("no unit can be moved")


# --- proposed


def test_a_proposal_is_made_by_a_job_with_its_figures_and_changes_no_cell(planner: Caller) -> None:
    body = {"id": str(uuid4()), "area": COMMUNITY, "name": "方案甲"}
    assert planner.post("/cells/plans", body).status_code == 201
    assert plan(planner, body)["state"] == "cutting"
    work()
    made = plan(planner, body)
    figures = made["summary"]
    assert (made["state"], made["name"], made["publishable"]) == ("draft", "方案甲", True)
    assert figures["in_range"] == figures["cells"] == len(set(made["cells"])) > 4
    assert figures["households"] == sum(
        homes or 0 for homes in Feature.objects.filter(layer="building").values_list("households", flat=True)
    )
    assert 300 <= figures["least"] <= figures["most"] <= 500
    assert 0.3 < figures["compactness"] < 1
    assert 0.5 < figures["on_lines"] <= 1
    assert 20 < figures["walk"] < 300
    assert in_force() == []
    told = StreamEvent.objects.filter(object_id=made["id"]).order_by("seq")
    assert list(told.values_list("kind", flat=True)) == ["cells.asked", "cells.proposed"]
    assert all("方案" not in str(one.payload) for one in told)


def test_the_same_wish_gives_the_same_cells_and_plans_of_the_same_ground_share_it(planner: Caller) -> None:
    one, two, other = proposed(planner), proposed(planner), proposed(planner, target=350, seed=4)
    assert one["cells"] == two["cells"] != other["cells"]
    assert {one["ground"], two["ground"], other["ground"]} == set(CellGround.objects.values_list("pk", flat=True))
    assert CellGround.objects.count() == 1
    listed = planner.get(f"/cells/plans?area={COMMUNITY}").json()
    assert [row["id"] for row in listed] == [other["id"], two["id"], one["id"]]


@pytest.mark.parametrize("method", ["squares", "hexagons"])
def test_squares_and_hexagons_are_shown_and_never_published(chief: Caller, method: str) -> None:
    made = proposed(chief, method=method)
    assert (made["state"], made["publishable"], made["summary"]["cells"] > 20) == ("draft", False, True)
    refused = publish(chief, made)
    assert (refused.status_code, refused.json()["code"]) == (422, "statistics_only")


def test_without_counts_it_says_so_or_guesses_and_marks_the_guess(planner: Caller) -> None:
    Feature.objects.filter(layer="building").update(households=None)
    failed, guessed = proposed(planner), proposed(planner, estimate=True)
    assert (failed["state"], failed["fault"]) == ("failed", "no_households")
    assert (guessed["state"], guessed["guessed"]) == ("draft", True)


def test_a_job_that_does_not_come_back_is_told(planner: Caller) -> None:
    body = {"id": str(uuid4()), "area": COMMUNITY}
    planner.post("/cells/plans", body)
    CellPlan.objects.update(created_at=timezone.now() - timedelta(hours=1))
    give_up_late()
    assert (plan(planner, body)["state"], plan(planner, body)["fault"]) == ("failed", "too_long")
    work()
    assert plan(planner, body)["state"] == "failed"


def test_incidents_of_the_last_year_are_counted_as_workload(planner: Caller) -> None:
    put_shipped()
    center = shapely.from_wkb(bytes(Area.objects.get(pk=COMMUNITY).geom.wkb)).representative_point()  # type: ignore[union-attr]
    reporter = Caller(user("reporter", Role.WORKER, STREET))
    bodies = [report_body(lon=center.x, lat=center.y) for _ in range(3)]
    for body in bodies:
        body["lon"], body["lat"] = center.x, center.y
        assert reporter.post("/incidents", body).status_code == 201
    Incident.objects.filter(pk=bodies[0]["id"]).update(reported_at=timezone.now() - timedelta(days=400))
    made = proposed(planner)
    assert made["summary"]["most_incidents"] == 2
    ground = planner.get(f"/cells/plans/{made['id']}/ground").json()
    assert sum(unit[1] for unit in ground["units"]) == 2


# --- by hand


def test_a_block_goes_to_another_cell_and_back(planner: Caller) -> None:
    made = proposed(planner)
    unit, cell = movable(planner, made)
    after = plan(planner, made)
    assert after["cells"][unit] == cell != made["cells"][unit]
    assert planner.put(f"/cells/plans/{made['id']}", drawn(after, cells=made["cells"])).status_code == 200
    assert plan(planner, made)["summary"] == made["summary"]


def test_a_cell_that_would_fall_apart_is_refused_by_name(planner: Caller) -> None:
    made = proposed(planner)
    cells = list(made["cells"])
    cells[cells.index(max(cells))] = 0
    cells[cells.index(max(cells))] = 0
    far = planner.put(f"/cells/plans/{made['id']}", drawn(made, cells=cells))
    assert (far.status_code, far.json()["code"]) == (422, "not_in_one_piece")
    assert 0 in far.json()["detail"]["cells"]
    assert plan(planner, made)["cells"] == made["cells"]


def test_a_locked_cell_never_changes_by_hand_or_when_the_others_are_cut_again(planner: Caller) -> None:
    made = proposed(planner)
    locked = [unit for unit, cell in enumerate(made["cells"]) if cell == 2]
    path = f"/cells/plans/{made['id']}"
    assert planner.put(path, drawn(made, locked=[2], dedicated=[0], names={"0": "学校专属网格"})).status_code == 200
    now = plan(planner, made)
    cells = list(now["cells"])
    cells[locked[0]] = 1
    refused = planner.put(path, drawn(now, cells=cells))
    assert (refused.status_code, refused.json()["code"]) == (422, "cell_locked")
    again = proposed(planner, base=made["id"], target=330, seed=9)
    (kept,) = again["locked"]
    assert [unit for unit, cell in enumerate(again["cells"]) if cell == kept] == locked
    (school,) = again["dedicated"]
    assert again["names"] == {str(school): "学校专属网格"}
    assert again["cells"] != made["cells"]


def test_who_was_slower_is_told_and_a_repeat_changes_nothing(planner: Caller) -> None:
    made = proposed(planner)
    body, path = drawn(made, name="东区"), f"/cells/plans/{made['id']}"
    assert planner.put(path, body).json()["version"] == made["version"] + 1
    assert planner.put(path, body).json()["replayed"] is True
    late = planner.put(path, drawn(made, name="西区"))
    assert (late.status_code, late.json()["code"]) == (409, "plan_changed")
    assert plan(planner, made)["name"] == "东区"


def test_a_plan_that_is_thrown_away_is_in_no_list(planner: Caller) -> None:
    made = proposed(planner)
    once = {"mutation_id": str(uuid4()), "version": made["version"]}
    assert planner.post(f"/cells/plans/{made['id']}/discard", once).status_code == 200
    assert planner.get(f"/cells/plans?area={COMMUNITY}").json() == []
    assert planner.put(f"/cells/plans/{made['id']}", drawn(made, version=made["version"] + 1)).status_code == 409


# --- in force


def test_a_published_plan_comes_in_force_on_its_day_once(planner: Caller, chief: Caller) -> None:
    made = proposed(planner)
    assert publish(chief, made, TODAY() + timedelta(days=3)).status_code == 200
    assert (put_due_in_force(), in_force()) == (0, [])
    CellPlan.objects.update(valid_from=TODAY())
    assert (put_due_in_force(), put_due_in_force()) == (1, 0)
    after = plan(planner, made)
    assert (after["state"], after["outcome"]["codes"]) == ("in_force", in_force())
    whole = Area.objects.get(pk=COMMUNITY)
    cells = [shapely.from_wkb(bytes(one.geom.wkb)) for one in Area.objects.filter(pk__in=in_force()) if one.geom]
    assert whole.geom is not None
    assert shapely.union_all(cells).symmetric_difference(shapely.from_wkb(bytes(whole.geom.wkb))).area < 1e-12
    homes = Area.objects.filter(pk__in=in_force()).values_list("households", flat=True)
    assert sum(filter(None, homes)) == made["summary"]["households"]


def test_planners_propose_and_administrators_publish(planner: Caller, chief: Caller) -> None:
    made = proposed(planner)
    assert publish(planner, made).status_code == 403
    assert publish(chief, made, TODAY() - timedelta(days=1)).json()["code"] == "day_gone"
    assert publish(chief, made).status_code == 200
    other = proposed(planner, target=350)
    assert publish(chief, other).json()["code"] == "plan_pending"
    recall = {"mutation_id": str(uuid4()), "version": made["version"] + 1}
    assert planner.post(f"/cells/plans/{made['id']}/recall", recall).status_code == 403
    assert chief.post(f"/cells/plans/{made['id']}/recall", recall).status_code == 200
    assert plan(planner, made)["state"] == "draft"
    assert publish(chief, other).status_code == 200


def test_what_keeps_its_cells_when_it_is_cut_again_keeps_its_code(planner: Caller, chief: Caller) -> None:
    """Start from the cells in force and change one block: two cells are new, all others keep code, grants and cases."""
    publish(chief, proposed(planner))
    put_due_in_force()
    before = in_force()
    served = user("zhou", Role.WORKER, before[0])
    for code in before:
        grant(served, Role.WORKER, code)
    same = proposed(planner, start="as_is")
    found = planner.get(f"/cells/plans/{same['id']}/comparison").json()
    assert (found["kept"], found["successors"], found["parted"], found["renamed"]) == (before, {}, 0, 0)
    unit, _ = movable(planner, same)
    moved = plan(planner, same)
    found = planner.get(f"/cells/plans/{same['id']}/comparison").json()
    homes = planner.get(f"/cells/plans/{same['id']}/ground").json()["units"][unit][0]
    assert (len(found["kept"]), len(found["successors"]), found["parted"]) == (len(before) - 2, 2, homes)
    assert publish(chief, moved).status_code == 200
    assert put_due_in_force() == 1
    assert plan(planner, same)["outcome"]["successors"] == found["successors"]
    assert set(in_force()) == set(found["codes"])
    assert set(Grant.objects.filter(user=served).values_list("area_code", flat=True)) == set(in_force())
    assert list(CellPlan.objects.filter(state="over").values_list("area_code", flat=True)) == [COMMUNITY]


def test_starting_from_the_cells_in_force_and_changing_little_parts_fewer_homes_than_cutting_anew(
    planner: Caller, chief: Caller
) -> None:
    publish(chief, proposed(planner, seed=3))
    put_due_in_force()
    crowded = Feature.objects.filter(layer="building").order_by("pk").first()
    assert crowded is not None
    Feature.objects.filter(pk=crowded.pk).update(households=120)
    parted = [
        planner.get(f"/cells/plans/{proposed(planner, start=start)['id']}/comparison").json()["parted"]
        for start in ("little", "anew")
    ]
    assert parted[0] < parted[1]


def test_a_plan_that_no_longer_fits_on_its_day_is_a_draft_again_and_says_why(planner: Caller, chief: Caller) -> None:
    made = proposed(planner)
    publish(chief, made)
    area = Area.objects.get(pk=COMMUNITY)
    assert area.geom is not None
    Area.objects.filter(pk=COMMUNITY).update(geom=MultiPolygon(area.geom.buffer(0.0001), srid=4326))
    assert put_due_in_force() == 0
    after = plan(planner, made)
    assert (after["state"], after["fault"], in_force()) == ("draft", "cells_faulty", [])
    assert StreamEvent.objects.filter(object_id=made["id"], kind="cells.not_in_force").count() == 1


# --- who


def test_plans_of_another_street_are_not_there(planner: Caller) -> None:
    made = proposed(planner)
    elsewhere = Caller(user("elsewhere", Role.PLANNER, "990101001"))
    assert elsewhere.get(f"/cells/plans?area={COMMUNITY}").json() == []
    for path in ("", "/ground", "/comparison"):
        assert elsewhere.get(f"/cells/plans/{made['id']}{path}").status_code == 404
    assert elsewhere.put(f"/cells/plans/{made['id']}", drawn(made)).status_code == 404
    assert elsewhere.post("/cells/plans", {"id": str(uuid4()), "area": COMMUNITY}).status_code == 403
    worker = Caller(user("worker", Role.WORKER, STREET))
    assert worker.get(f"/cells/plans?area={COMMUNITY}").json() == []


def test_ids_are_made_by_clients(planner: Caller) -> None:
    made = proposed(planner)
    assert UUID(made["id"]) == CellPlan.objects.get().pk


@pytest.mark.skipif("GRIDMAP_REAL_DATA" not in os.environ, reason="GRIDMAP_REAL_DATA names no folder")
@pytest.mark.parametrize("name", ["yangpu_siping_2026", "baoshan_dachang_2022"])
def test_real_extracts_are_cut_published_and_cut_again(db: None, name: str) -> None:
    """The whole extract as one community, households by floors: in force it is the community to 0.05 m², or recut refuses."""
    path = Path(os.environ["GRIDMAP_REAL_DATA"]) / "shanghai" / f"{name}.osm.gz"
    call_command("import_osm", str(path), "--street", "310110009", stdout=StringIO())
    area = Area.objects.get(level=5, valid_to=None)
    boss = Caller(user("boss", Role.ADMINISTRATOR, area.code[:6]))
    first = proposed(boss, area=area.code, estimate=True)
    assert (first["state"], first["guessed"]) == ("draft", True)
    assert first["summary"]["in_range"] == first["summary"]["cells"]
    assert publish(boss, first).status_code == 200
    assert put_due_in_force() == 1
    again = proposed(boss, area=area.code, estimate=True, start="as_is")
    found = boss.get(f"/cells/plans/{again['id']}/comparison").json()
    assert (len(found["kept"]), found["parted"], found["successors"]) == (found["in_force"], 0, {})
    assert publish(boss, proposed(boss, area=area.code, estimate=True, target=350, seed=3)).status_code == 200
    assert put_due_in_force() == 1
    ended = Area.objects.filter(code__startswith=area.code, level=6, valid_to__isnull=False)
    assert all(one.successors.exists() for one in ended)
