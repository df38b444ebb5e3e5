"""`manage.py cut`: a proposal for a community of the database as GeoJSON, without publishing."""

import csv
import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.core.management import CommandError, call_command
from shapely.geometry import shape

from gridmap.models import Area, StreamEvent
from gridmap.projection import to_metres
from layers.models import Feature
from scripts.support.estates import town
from tests.layers.estate import COMMUNITY, STREET, in_degrees, put_community

SQUARE = 111_320.0**2  # square metres of a square degree at the equator: more than here
LARGEST = 1200.0  # square metres of ground of a house; what is larger is a hall


@pytest.fixture
def community(db: None) -> Area:
    return put_community()


def cut(out: Path, *options: str, code: str = COMMUNITY) -> tuple[str, list[dict[str, Any]]]:
    said = StringIO()
    call_command("cut", code, "--out", str(out), *options, stdout=said, stderr=said)
    return said.getvalue(), json.loads(out.read_text(encoding="utf-8"))["features"]


def assert_covered(cells: list[dict[str, Any]], community: Area) -> None:
    """No gap, no overlap, nothing outside: in degrees, as they are stored."""
    assert community.geom is not None
    whole = shapely.from_wkb(bytes(community.geom.wkb))
    shapes = [shape(cell["geometry"]) for cell in cells]
    assert shapely.union_all(shapes).symmetric_difference(whole).area * SQUARE < 0.01
    assert abs(sum(one.area for one in shapes) - whole.area) * SQUARE < 0.01


def test_a_community_of_the_database_is_cut_along_its_roads_and_nothing_is_published(
    community: Area, tmp_path: Path
) -> None:
    events, areas = StreamEvent.objects.count(), Area.objects.count()
    said, cells = cut(tmp_path / "cells.geojson", "--target", "350")
    households = [cell["properties"]["households"] for cell in cells]
    assert said.startswith(
        f"{len(cells)} cells of {min(households)}-{max(households)} households, {len(cells)} of them with 300-500"
    )
    known = Feature.objects.filter(layer="building").values_list("households", flat=True)
    assert sum(households) == sum(filter(None, known))
    assert [cell["properties"]["number"] for cell in cells] == list(range(1, len(cells) + 1))
    assert_covered(cells, community)
    blocks = [block for cell in cells for block in cell["properties"]["blocks"]]
    assert sorted(blocks) == list(range(len(blocks)))
    assert (StreamEvent.objects.count(), Area.objects.count()) == (events, areas)


def test_the_same_seed_writes_the_same_bytes(community: Area, tmp_path: Path) -> None:
    one, two = tmp_path / "one.geojson", tmp_path / "two.geojson"
    cut(one, "--seed", "3")
    cut(two, "--seed", "3")
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("method", ["squares", "hexagons"])
def test_squares_and_hexagons_say_that_they_are_for_statistics(community: Area, tmp_path: Path, method: str) -> None:
    said, cells = cut(tmp_path / "cells.geojson", "--method", method)
    assert "for statistics only, not to be published" in said
    assert len(cells) > 30


def test_counts_of_households_come_from_a_file_by_point(community: Area, tmp_path: Path) -> None:
    _, _, buildings = town(6, 5, seed=11)
    counts = tmp_path / "counts.csv"
    with counts.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["lon", "lat", "households"])
        for building in buildings:
            place = in_degrees(building.shape.representative_point())
            rows.writerow([place.x, place.y, 10])
        rows.writerow([121.9, 31.9, 7])  # of another community
    said, cells = cut(tmp_path / "cells.geojson", "--households", str(counts))
    assert sum(cell["properties"]["households"] for cell in cells) == 10 * len(buildings)
    assert "households lie" not in said


@pytest.mark.parametrize(
    ("code", "options", "why"),
    [
        (STREET, [], "12 digits of a community"), ("990109001009", [], "no such community in force"),
        (COMMUNITY, ["--target", "0"], "--target is a number"), (COMMUNITY, ["--tolerance", "1.5"], "--tolerance a share"),
        (COMMUNITY, ["--households", "/nowhere.csv"], "cannot be read"), (COMMUNITY, ["--out", "/nowhere/x.geojson"], "cannot be written"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(community: Area, tmp_path: Path, code: str, options: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        cut(tmp_path / "cells.geojson", *options, code=code)


def test_a_row_of_counts_that_cannot_be_read_is_named(community: Area, tmp_path: Path) -> None:
    counts = tmp_path / "counts.csv"
    for wrong in ("120,x,6", "nan,30,5", "500000,3400000,5", "120,30,-1", "120,30,99999999", "120,30"):
        counts.write_text(f"lon,lat,households\n120,30,5\n{wrong}\n", encoding="utf-8")
        with pytest.raises(CommandError, match="row 2: needs a place"):
            cut(tmp_path / "cells.geojson", "--households", str(counts))


def test_a_shape_without_a_place_is_named_too(community: Area, tmp_path: Path) -> None:
    counts = tmp_path / "counts.geojson"
    nowhere = {"type": "Feature", "geometry": None, "properties": {"households": 4}}
    counts.write_text(json.dumps({"type": "FeatureCollection", "features": [nowhere]}), encoding="utf-8")
    with pytest.raises(CommandError, match="row 1: needs a place"):
        cut(tmp_path / "cells.geojson", "--households", str(counts))
    counts.write_text('{"features": null}', encoding="utf-8")
    with pytest.raises(CommandError, match="no GeoJSON FeatureCollection"):
        cut(tmp_path / "cells.geojson", "--households", str(counts))


def test_without_any_households_it_says_what_to_give(community: Area, tmp_path: Path) -> None:
    Feature.objects.filter(layer="building").update(households=None)
    with pytest.raises(CommandError, match="give counts with --households"):
        cut(tmp_path / "cells.geojson")


@pytest.mark.skipif("GRIDMAP_REAL_DATA" not in os.environ, reason="GRIDMAP_REAL_DATA names no folder")
@pytest.mark.parametrize("name", ["yangpu_siping_2026", "baoshan_dachang_2022"])
def test_real_extracts_are_cut_without_crossing_a_building(db: None, tmp_path: Path, name: str) -> None:
    """The whole extract as one community; 110 m² of floors a household, none in halls."""
    path = Path(os.environ["GRIDMAP_REAL_DATA"]) / "shanghai" / f"{name}.osm.gz"
    call_command("import_osm", str(path), "--street", "310110009", stdout=StringIO())
    community = Area.objects.get(level=5, valid_to=None)
    buildings = [
        (to_metres(shapely.from_wkb(bytes(one.geom.wkb)), 4549), one)
        for one in Feature.objects.filter(layer="building")
    ]
    for found, one in buildings:
        one.households = int(found.area * (one.floors or 5) / 110) if found.area < LARGEST else 0
    Feature.objects.bulk_update([one for _, one in buildings], ["households"])
    _, cells = cut(tmp_path / "cells.geojson", code=community.code)
    assert_covered(cells, community)
    shapes = [to_metres(shape(cell["geometry"]), 4549) for cell in cells]
    whole = shapely.union_all(shapes)
    borders = shapely.union_all([one.boundary for one in shapes]).difference(whole.boundary.buffer(0.05))
    assert max(borders.intersection(found.buffer(-0.05)).length for found, _ in buildings) < 0.01
    assert all(300 <= cell["properties"]["households"] <= 500 for cell in cells)
