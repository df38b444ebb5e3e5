"""What communities could become so that they have a size: a proposal over the API and at the command line, never a change."""

import json
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.core.management import CommandError, call_command
from django.utils import timezone
from shapely.geometry import shape

from gridmap import actions
from gridmap.communitysizes import profiles
from gridmap.models import Area, Household, Place, Role, StreamEvent
from gridmap.partition.communities import Land
from layers.actions import SourceSpec, replace_features
from layers.models import SourceKind
from layers.rows import FeatureRow
from scripts.support.districts import district
from tests.factories import Caller, user

STREET = "990199001"


def area_of(land: Land, name: str) -> Area:
    geom = GEOSGeometry(land.shape.wkb_hex, srid=4326)
    return Area(code=land.code, name=name, geom=MultiPolygon(geom, srid=4326), households=land.counts.households)


@pytest.fixture
def street(db: None) -> list[Area]:
    """A street of some ten uneven communities with their cells."""
    ground = district(10, 1, 3)
    areas = [Area(code="990199", name="新区"), Area(code=STREET, name="新街道")]
    areas += [area_of(one, f"社区{one.code[9:]}") for one in ground.communities]
    areas += [area_of(one, f"网格{one.code[12:]}") for one in ground.cells]
    actions.put_areas(areas)
    return areas


@pytest.fixture
def planner(street: list[Area]) -> Caller:
    return Caller(user("planner", Role.PLANNER, STREET))


def asked(caller: Caller, area: str = STREET, least: int = 2000, most: int = 3000, more: str = "") -> Any:
    return caller.get(f"/communities/resizing?area={area}&least={least}&most={most}{more}")


def rows() -> list[Any]:
    return list(Area.objects.order_by("pk").values())


def test_a_proposal_says_what_is_merged_and_divided_and_changes_no_area(planner: Caller) -> None:
    before, events = rows(), StreamEvent.objects.count()
    found = asked(planner).json()
    kinds = {one["kind"] for one in found["changes"]}
    assert kinds <= {"merge", "split", "recut"}
    assert "recut" in kinds
    assert found["after"]["yes"] > found["before"]["yes"]
    assert found["proven"]
    homes = [sum(one["households"] for one in found[side]["communities"]) for side in ("before", "after")]
    assert homes[0] == homes[1] == sum(one.households or 0 for one in Area.objects.filter(level=6))
    assert (rows(), StreamEvent.objects.count()) == (before, events)


def test_a_new_community_has_no_code_and_says_of_which_cells_it_is_made(planner: Caller) -> None:
    found = asked(planner).json()
    fresh = {one["number"]: one for one in found["after"]["communities"] if one["kind"] != "stay"}
    for change in found["changes"]:
        for number in change["numbers"]:
            assert fresh[number]["code"] == ""
            assert set(fresh[number]["of"]) <= set(change["members"])
            assert all(cell[:12] in change["members"] for cell in fresh[number]["cells"])
    stays = [one for one in found["after"]["communities"] if one["kind"] == "stay"]
    assert all(one["code"] == one["heir"] and one["name"].startswith("社区") for one in stays)
    every = [one["path"] for side in ("before", "after") for one in found[side]["communities"]]
    assert all(path.startswith("M") for path in every)


def test_where_all_have_the_size_nothing_is_proposed(planner: Caller) -> None:
    found = asked(planner, least=1, most=100_000).json()
    assert found["changes"] == []
    assert found["before"]["yes"] == len(found["after"]["communities"])


def test_persons_and_those_over_60_are_those_of_the_register(planner: Caller) -> None:
    cell = Area.objects.filter(level=6).order_by("pk")[0]
    usual = {"area_code": cell.pk, "due_on": timezone.localdate()}
    place = Place.objects.create(id=uuid4(), kind="dwelling", name="1", title="1", natural_key="p", **usual)
    for at in range(3):
        Household.objects.create(id=uuid4(), place=place, title="1", natural_key=f"h{at}", size=3, over_60=1, **usual)
    found = asked(planner, more="&measure=persons").json()
    own = next(one for one in found["before"]["communities"] if one["code"] == cell.pk[:12])
    assert (own["persons"], own["over_60"], own["fits"]) == (9, 3, "small")
    assert found["before"]["unknown"] == len(found["before"]["communities"]) - 1
    assert found["changes"] == []


def test_a_main_road_between_two_communities_is_drawn_and_counted(planner: Caller) -> None:
    area = Area.objects.filter(level=5).order_by("pk")[0]
    assert area.geom is not None
    road = FeatureRow(layer="road", kind="primary", geom=shape(json.loads(area.geom.json)).boundary)
    assert asked(planner).json()["main"] == ""
    replace_features(SourceSpec(key="made-up", name="made up", kind=SourceKind.GENERATED, area_code=STREET), [road])
    assert asked(planner).json()["main"].startswith("M")


def test_only_who_plans_all_of_an_area_may_ask(planner: Caller) -> None:
    assert asked(planner, area="990199").status_code == 404
    assert asked(planner, area="990199777").status_code == 404
    assert asked(Caller(user("director", Role.DIRECTOR, STREET))).status_code == 404
    chief = Caller(user("chief", Role.ADMINISTRATOR, "990199"))
    assert asked(chief, area="990199", more="&across=true").status_code == 200


@pytest.mark.parametrize(
    "query", ["area=99&least=1&most=2", "area=990199001001&least=1&most=2", f"area={STREET}&least=0&most=2"]
)
def test_what_cannot_be_asked_is_refused(planner: Caller, query: str) -> None:
    assert planner.get(f"/communities/resizing?{query}").status_code == 422


def test_a_range_must_not_be_turned_round_and_there_must_be_communities(planner: Caller) -> None:
    answer = asked(planner, least=3000, most=2000)
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {"least", "most"})
    Area.objects.filter(level=5).update(geom=None)
    assert asked(planner).json()["code"] == "no_communities"


def test_the_sizes_that_are_written_down_are_named_and_dated(planner: Caller) -> None:
    """A standard is a profile, never a constant: statute from 2026 1,000 to 3,000 households, before it 100 to 700."""
    found = {one["key"]: one for one in planner.get("/communities/sizes").json()}
    assert (found["law-2026"]["least"], found["law-2026"]["most"], found["law-2026"]["since"]) == (
        1000,
        3000,
        "2026-01-01",
    )
    assert found["law-2018"]["until"] == "2025-12-31"
    assert all(one.least < one.most and one.source_zh and one.source_en for one in profiles().values())


def run(tmp_path: Path, *options: str, code: str = STREET) -> tuple[str, dict[str, Any]]:
    said, out = StringIO(), tmp_path / "communities.geojson"
    call_command("resize_communities", code, "--out", str(out), *options, stdout=said)
    return said.getvalue(), json.loads(out.read_text(encoding="utf-8"))


def test_the_command_writes_the_same_proposal_and_changes_nothing(planner: Caller, tmp_path: Path) -> None:
    before = rows()
    said, found = run(tmp_path, "--profile", "yizheng-2013")
    over_http = asked(planner).json()["after"]["communities"]
    assert [one["properties"]["households"] for one in found["features"]] == [one["households"] for one in over_http]
    assert all(shape(one["geometry"]).is_valid for one in found["features"])
    assert "recut" in said
    assert "proven to be the best choice" in said
    assert run(tmp_path, "--profile", "yizheng-2013")[1] == found
    assert rows() == before


@pytest.mark.parametrize(
    ("code", "options", "why"),
    [
        ("990199777", [], "no such street or district"), (STREET, ["--least", "5", "--most", "4"], "--least is not above"),
        (STREET, ["--out", "/nowhere/x.geojson"], "cannot be written"),
    ],
)  # fmt: skip
def test_what_the_command_cannot_do_is_said(
    street: list[Area], tmp_path: Path, code: str, options: list[str], why: str
) -> None:
    with pytest.raises(CommandError, match=why):
        run(tmp_path, *options, code=code)
