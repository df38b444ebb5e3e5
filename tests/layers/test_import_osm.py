"""`manage.py import_osm`: a real street from an extract, again and again."""

import os
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon as Land
from shapely import box, union_all

from gridmap import actions as kernel
from gridmap import geo
from gridmap.models import Area, StreamEvent, User
from layers import osm, provisional
from layers.models import Feature, Source
from tests.layers.extracts import Extract

STREET = "310110009"
COMMUNITY = STREET + "901"


def _extract() -> Extract:
    made = Extract()
    made.ring(121.491, 31.286, 121.493, 31.288, landuse="residential", name="同济新村")
    made.ring(121.496, 31.282, 121.498, 31.284, landuse="residential", name="鞍山四村")
    made.ring(121.4985, 31.2885, 121.4986, 31.2886, landuse="residential", name="太小")
    made.way([(121.491, 31.285), (121.499, 31.285)], highway="primary", name="四平路")
    return made


def _import(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_osm", str(path), "--street", STREET, *options, stdout=out)
    return out.getvalue()


def _cells() -> dict[str, str]:
    return dict(Area.objects.filter(level=6, valid_to=None).order_by("code").values_list("code", "name"))


def test_the_outline_becomes_the_street_with_one_provisional_community_and_compounds_as_cells(
    db: None, tmp_path: Path
) -> None:
    said = _import(_extract().write(tmp_path))
    assert "3 provisional cells" in said
    assert osm.ATTRIBUTION in said
    names = dict(Area.objects.filter(level__lte=5).order_by("code").values_list("code", "name"))
    assert names == {
        "31": "上海市", "3101": "市辖区", "310110": "杨浦区", STREET: "四平路街道", COMMUNITY: "暂定社区",
    }  # fmt: skip
    assert _cells() == {
        COMMUNITY + "001": "同济新村网格",
        COMMUNITY + "002": "鞍山四村网格",
        COMMUNITY + "003": "其余范围网格",
    }
    marked = Area.objects.filter(provisional=True).values_list("level", flat=True)
    assert sorted(marked) == [4, 5, 6, 6, 6]
    source = Source.objects.get()
    assert (source.attribution, source.licence, source.version) == (osm.ATTRIBUTION, "ODbL-1.0", 1)
    assert set(Feature.objects.values_list("area_code", flat=True)) == {STREET}


def test_every_place_inside_lies_in_a_cell(db: None, tmp_path: Path) -> None:
    _import(_extract().write(tmp_path))
    codes = {geo.locate(121.49003 + i / 2171, 31.28003 + j / 2171) for i in range(21) for j in range(21)}
    assert codes == set(_cells())
    assert geo.locate(121.4899, 31.285) is None


def test_importing_again_replaces_the_map_and_leaves_the_areas(db: None, tmp_path: Path) -> None:
    path = _extract().write(tmp_path)
    _import(path)
    features, cells = Feature.objects.count(), _cells()
    changed = StreamEvent.objects.filter(kind="area.changed").count()
    _import(path)
    assert (Feature.objects.count(), _cells(), Source.objects.get().version) == (features, cells, 2)
    assert StreamEvent.objects.filter(kind="area.changed").count() == changed


def test_a_compound_that_went_ends_its_cell_and_a_new_one_gets_a_new_code(db: None, tmp_path: Path) -> None:
    _import(_extract().write(tmp_path))
    later = Extract()
    later.ring(121.491, 31.286, 121.493, 31.2881, landuse="residential", name="同济新村")
    later.ring(121.494, 31.281, 121.4955, 31.2825, landuse="residential", name="新小区")
    _import(later.write(tmp_path))
    assert _cells() == {
        COMMUNITY + "001": "同济新村网格",
        COMMUNITY + "003": "其余范围网格",
        COMMUNITY + "004": "新小区网格",
    }
    ended = Area.objects.get(code=COMMUNITY + "002")
    assert ended.valid_to is not None
    assert [s.successor_id for s in ended.successors.all()] == [COMMUNITY + "003"]
    codes = {geo.locate(121.49003 + i / 2171, 31.28003 + j / 2171) for i in range(21) for j in range(21)}
    assert codes == set(_cells())


def test_official_borders_stay(db: None, tmp_path: Path) -> None:
    border = MultiPolygon(Polygon.from_bbox((121.0, 31.0, 122.0, 32.0)))
    kernel.put_areas([Area(code=STREET, name="四平路街道", geom=border)])
    assert "official borders" in _import(_extract().write(tmp_path))
    assert Area.objects.get(pk=STREET).geom == border
    assert _cells() == {}
    assert Feature.objects.exists()


def test_names_of_a_place_that_the_project_does_not_know_are_given(db: None, tmp_path: Path) -> None:
    _import(_extract().write(tmp_path), "--name", "某街道", "--name-en", "Some", "--above", "310110=某区")
    found = {area.code: area for area in Area.objects.filter(level__lte=4)}
    assert (found[STREET].name, found[STREET].name_en, found["310110"].name) == ("某街道", "Some", "某区")


def test_demo_users_can_take_a_case_from_report_to_close_here(db: None, tmp_path: Path) -> None:
    said = _import(_extract().write(tmp_path), "--demo-users")
    assert sorted(User.objects.values_list("username", flat=True)) == [
        f"{who}-{STREET}" for who in ("director", "handler", "worker")
    ]
    assert all(name in said for name in User.objects.values_list("username", flat=True))
    client = Client(headers={"host": "localhost"})
    login = {"username": f"worker-{STREET}", "password": "gridmap-demo"}
    me = client.post("/api/login", login, content_type="application/json").json()
    assert (me["home"], me["roles"]) == ("/worker", ["worker"])
    found = client.get("/api/basemap").json()
    assert found["attributions"] == [osm.ATTRIBUTION]
    assert found["bounds"][0] == pytest.approx(121.491)


def test_demo_users_are_refused_in_production(db: None, tmp_path: Path, settings: object) -> None:
    settings.PRODUCTION = True  # type: ignore[attr-defined]  # pytest-django's settings
    with pytest.raises(CommandError, match="real accounts"):
        _import(_extract().write(tmp_path), "--demo-users")
    assert not Area.objects.exists()


@pytest.mark.parametrize(
    ("street", "options", "said"),
    [
        ("3101", [], "9 digits"),
        ("abc", [], "9 digits"),
        (STREET, ["--above", "31"], "write a code and a name"),
        (STREET, ["--above", "3=x"], "write a code and a name"),
    ],
)
def test_a_wrong_option_is_told(db: None, tmp_path: Path, street: str, options: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("import_osm", str(_extract().write(tmp_path)), "--street", street, *options)


def test_a_bad_file_changes_nothing(db: None, tmp_path: Path) -> None:
    path = tmp_path / "page.osm.gz"
    path.write_text("<html/>")
    with pytest.raises(CommandError, match="first element"):
        _import(path)
    assert not Area.objects.exists()
    assert not Source.objects.exists()


@pytest.mark.real_data
@pytest.mark.skipif("GRIDMAP_REAL_DATA" not in os.environ, reason="GRIDMAP_REAL_DATA names no folder")
def test_the_siping_road_extract_becomes_a_street(db: None) -> None:
    path = Path(os.environ["GRIDMAP_REAL_DATA"]) / "shanghai" / "yangpu_siping_2026.osm.gz"
    _import(path)
    cells = _cells()
    assert {"同济新村网格", "巴林小区21弄网格", "其余范围网格"} <= set(cells.values())
    codes = {geo.locate(121.49155 + i * 0.000277, 31.28095 + j * 0.0002) for i in range(42) for j in range(42)}
    assert codes <= set(cells)
    again = dict(cells)
    _import(path)
    assert _cells() == again


# --- candidate cells ---

_edge = st.integers(0, 40).map(lambda n: n / 4000)


@st.composite
def _compounds(draw: st.DrawFn) -> list[tuple[str, Land]]:
    found = []
    for i in range(draw(st.integers(0, 6))):
        west, south = 121.489 + draw(_edge), 31.279 + draw(_edge)
        found.append((f"c{i}", Land([box(west, south, west + 0.0005 + draw(_edge), south + 0.0005 + draw(_edge))])))
    return found


@given(_compounds())
def test_candidate_cells_cover_the_outline_and_do_not_overlap(compounds: list[tuple[str, Land]]) -> None:
    outline = box(121.49, 31.28, 121.50, 31.29)
    cells = provisional.candidate_cells(outline, compounds)
    assert union_all([cell.geom for cell in cells]).symmetric_difference(outline).area < 1e-9
    assert sum(cell.geom.area for cell in cells) == pytest.approx(outline.area, abs=1e-9)
    assert all(cell.geom.is_valid for cell in cells)


def test_codes_follow_the_land_and_are_never_given_again() -> None:
    left, right = Land([box(0, 0, 1, 1)]), Land([box(1, 0, 2, 1)])
    cells = [provisional.Candidate("left", left), provisional.Candidate("right", right)]
    given_codes = provisional.give_codes(
        COMMUNITY, cells, {COMMUNITY + "007": right}, [COMMUNITY + "007", COMMUNITY + "009"]
    )
    assert {code: cell.name for code, cell in given_codes.items()} == {
        COMMUNITY + "010": "left",
        COMMUNITY + "007": "right",
    }


def test_cells_that_were_published_are_left_alone(db: None, tmp_path: Path) -> None:
    path = _extract().write(tmp_path)
    _import(path)
    published = Area.objects.get(pk=COMMUNITY + "001")
    published.provisional, published.households = False, 380
    kernel.put_areas([published])
    before = _cells()
    _import(path)
    assert _cells() == before
    assert Area.objects.get(pk=published.pk).households == 380
