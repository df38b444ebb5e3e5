"""`manage.py import_areas`: borders from files as they come, and what cannot be an area is named."""

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from shapely import Polygon, box
from shapely.geometry import mapping

from gridmap import divisions
from gridmap.datum import to_gcj02
from gridmap.models import Area, StreamEvent
from tests.factories import COMMUNITY, STREET, Town

NEW = STREET + "077"
SQUARE = box(121.50, 31.20, 121.51, 31.21)


def file_of(folder: Path, *rows: tuple[Any, Any, Any], **more: Any) -> Path:
    path = folder / "areas.geojson"
    features = [
        {
            "type": "Feature",
            "geometry": mapping(shape) if shape else None,
            "properties": {"code": code, "name": name, **more},
        }
        for code, name, shape in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def load(path: Path, *options: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_areas", str(path), *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_new_community_and_a_new_border_of_a_known_one_are_stored_with_an_event_each(
    town: Town, tmp_path: Path
) -> None:
    before = StreamEvent.objects.filter(kind="area.changed").count()
    old = Area.objects.get(pk=COMMUNITY)
    said, _ = load(file_of(tmp_path, (NEW, "新社区", SQUARE), (COMMUNITY, "改名", SQUARE)))
    assert said.startswith("1 new and 1 known areas stored, 0 rows refused")
    new, known = Area.objects.get(pk=NEW), Area.objects.get(pk=COMMUNITY)
    assert (new.name, new.level, new.households) == ("新社区", 5, None)
    assert (known.name, known.households) == ("改名", old.households)
    assert StreamEvent.objects.filter(kind="area.changed").count() == before + 2


def test_a_dry_run_stores_nothing(town: Town, tmp_path: Path) -> None:
    said, _ = load(file_of(tmp_path, (NEW, "新社区", SQUARE)), "--dry-run")
    assert "1 new and 0 known areas would be stored" in said
    assert not Area.objects.filter(pk=NEW).exists()


def test_what_is_no_area_is_named_and_the_rest_is_stored(town: Town, tmp_path: Path) -> None:
    bow = Polygon([(121.5, 31.2), (121.51, 31.21), (121.51, 31.2), (121.5, 31.21)])
    path = file_of(
        tmp_path, ("12x", "甲", SQUARE), (NEW, "乙", SQUARE), (NEW, "丙", SQUARE), (STREET + "078", "", SQUARE),
        (STREET + "079", "丁", None), (STREET + "080", "戊", SQUARE.centroid), (STREET + "081", "己", bow),
    )  # fmt: skip
    said, told = load(path)
    assert said.startswith("2 new and 0 known areas stored, 5 rows refused")
    for line in (
        "row 1: '12x' is no area code", f"row 3: {NEW} stands in the file twice", f"row 4: {STREET}078 has no name",
        f"row 5: {STREET}079 has no border", f"row 6: {STREET}080 is no polygon",
        f"{STREET}081 己: the border was not valid and was mended",
    ):  # fmt: skip
        assert line in told
    assert Area.objects.get(pk=STREET + "081").geom.valid  # type: ignore[union-attr]


@pytest.mark.parametrize("count", ["abc", -4, 12.5, 10**12])
def test_households_that_are_no_number_are_refused(town: Town, tmp_path: Path, count: object) -> None:
    with pytest.raises(CommandError, match="no row of the file is an area"):
        load(file_of(tmp_path, (NEW, "新社区", SQUARE), households=count))


def test_a_table_without_borders_says_so(town: Town, tmp_path: Path) -> None:
    table = tmp_path / "areas.csv"
    table.write_text(f"code,name\n{NEW},新社区\n", encoding="utf-8")
    with pytest.raises(CommandError, match="holds no borders"):
        load(table)


def test_a_code_that_ended_is_not_given_again(town: Town, tmp_path: Path) -> None:
    load(file_of(tmp_path, (NEW, "新社区", SQUARE)))
    Area.objects.filter(pk=NEW).update(valid_to="2099-01-01")
    with pytest.raises(CommandError, match="not given again"):
        load(file_of(tmp_path, (NEW, "又一个", SQUARE)))


def test_cells_in_force_are_changed_by_a_plan_alone(town: Town, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="has cells in force: draw or read the new ones on the page of plans"):
        load(file_of(tmp_path, (f"{COMMUNITY}007", "新网格", SQUARE)))
    fresh = f"{NEW}001"
    load(file_of(tmp_path, (NEW, "新社区", SQUARE), (fresh, "新网格", SQUARE)))
    load(file_of(tmp_path, (fresh, "改了名", SQUARE)))  # the border is as it was
    assert Area.objects.get(pk=fresh).name == "改了名"
    _, told = load(file_of(tmp_path, (NEW, "新社区", SQUARE.buffer(0.001))))
    assert f"{NEW}: its border moves, and its cells do not" in told


@pytest.mark.parametrize("suffix", ["gpkg", "shp"])
def test_a_file_in_metres_with_other_columns_is_read_too(town: Town, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"areas.{suffix}"
    frame = geopandas.GeoDataFrame({"dm": [NEW], "mc": ["新社区"]}, geometry=[SQUARE], crs=4326).to_crs(4549)
    frame.to_file(path, encoding="utf-8")
    with pytest.raises(CommandError, match=r"no column holds the code: name it with --code-field .*dm, mc"):
        load(path)
    load(path, "--code-field", "dm", "--name-field", "mc")
    assert Area.objects.get(pk=NEW).geom.extent == pytest.approx(SQUARE.bounds, abs=1e-8)  # type: ignore[union-attr]


def test_coordinates_of_a_map_service_are_moved_to_where_they_belong(town: Town, tmp_path: Path) -> None:
    shifted = Polygon(to_gcj02(np.array(SQUARE.exterior.coords)))
    load(file_of(tmp_path, (NEW, "新社区", shifted)), "--datum", "gcj02")
    assert Area.objects.get(pk=NEW).geom.extent == pytest.approx(SQUARE.bounds, abs=1e-8)  # type: ignore[union-attr]


def test_a_file_that_is_none_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read as map data"):
        load(tmp_path / "nothing.gpkg")


@pytest.mark.parametrize(
    ("raw", "level", "code"),
    [
        ("310000", None, "31"), ("310100", None, "3101"), ("310101", None, "310101"), ("310101002000", None, "310101002"),
        ("310101002001", None, "310101002001"), ("310101000", None, "310101"), ("310101.0", None, "310101"), ("1234567", None, ""),
        ("310110009000", 5, "310110009000"), ("310000", 3, "310000"), ("310113", 2, ""), ("", None, ""),
    ],
)  # fmt: skip
def test_zeros_behind_are_no_level(raw: str, level: int | None, code: str) -> None:
    assert divisions.code_of(raw, level) == code


@pytest.mark.skipif("GRIDMAP_REAL_DATA" not in os.environ, reason="GRIDMAP_REAL_DATA names no folder")
def test_real_districts_are_loaded(town: Town) -> None:
    said, told = load(Path(os.environ["GRIDMAP_REAL_DATA"]) / "shanghai" / "districts_17.geojson.gz")
    assert said.startswith("17 new and 0 known areas stored, 0 rows refused")
    assert "not loaded are the areas above: 3101" in told
