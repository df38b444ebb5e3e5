"""Reading OpenStreetMap extracts: what becomes what, and what a bad file is told."""

import gzip
import os
from collections import Counter
from pathlib import Path

import pytest

from layers import osm
from layers.rows import FeatureRow, square_metres
from tests.layers.extracts import HEAD, Extract


def _rows(extract: Extract, folder: Path, name: str = "extract.osm.gz") -> list[FeatureRow]:
    return osm.features(osm.read(extract.write(folder, name)))


def _kinds(rows: list[FeatureRow]) -> set[tuple[str, str, str]]:
    return {(row.layer, row.kind, row.name) for row in rows}


@pytest.mark.parametrize("name", ["extract.osm", "extract.osm.gz"])
def test_roads_buildings_water_green_compounds_and_places_are_found(tmp_path: Path, name: str) -> None:
    made = Extract()
    made.way([(121.491, 31.281), (121.499, 31.281)], highway="trunk", name="Siping Road", name__zh="四平路")
    made.way([(121.491, 31.282), (121.499, 31.282)], highway="steps")
    made.ring(121.492, 31.283, 121.4925, 31.2835, building="apartments", building__levels="6")
    made.ring(121.493, 31.283, 121.4935, 31.2835, natural="water", name="三好坞")
    made.ring(121.494, 31.283, 121.4945, 31.2835, leisure="park", name="和平公园")
    made.ring(121.495, 31.283, 121.497, 31.285, landuse="residential", name="同济新村")
    made.node(121.498, 31.284, amenity="bank", name="银行")
    rows = _rows(made, tmp_path, name)
    assert _kinds(rows) == {
        ("road", "primary", "四平路"), ("road", "footway", ""), ("building", "residential", ""), ("water", "pond", "三好坞"),
        ("green", "park", "和平公园"), ("place", "park", "和平公园"), ("compound", "residential", "同济新村"), ("place", "bank", "银行"),
    }  # fmt: skip
    assert [row.floors for row in rows if row.layer == "building"] == [6]


@pytest.mark.parametrize(
    ("levels", "floors"),
    [("6", 6), ("5.5", 6), ("0", None), ("-2", None), ("many", None), ("9999", None), ("nan", None), ("inf", None)],
)
def test_storeys_are_taken_only_when_they_make_sense(tmp_path: Path, levels: str, floors: int | None) -> None:
    made = Extract()
    made.ring(121.492, 31.283, 121.4925, 31.2835, building="yes", building__levels=levels)
    assert [row.floors for row in _rows(made, tmp_path)] == [floors]


def test_a_relation_is_put_together_from_its_ways_with_its_holes(tmp_path: Path) -> None:
    made = Extract()
    left = made.way([(121.492, 31.282), (121.492, 31.286), (121.495, 31.286)])
    right = made.way([(121.495, 31.286), (121.498, 31.286), (121.498, 31.282), (121.492, 31.282)])
    hole = made.ring(121.494, 31.283, 121.496, 31.285)
    made.relation([(left, "outer"), (right, "outer"), (hole, "inner")], building="yes", name="回字楼")
    (row,) = _rows(made, tmp_path)
    assert (row.layer, row.name) == ("building", "回字楼")
    whole, taken = 0.006 * 0.004, 0.002 * 0.002
    assert row.geom.area == pytest.approx(whole - taken)


def test_a_relation_that_the_extract_cut_open_is_left_out(tmp_path: Path) -> None:
    made = Extract()
    part = made.way([(121.492, 31.282), (121.492, 31.286), (121.495, 31.286)])
    made.relation([(part, "outer"), (10**9, "outer")], natural="water")
    made.node(121.495, 31.285, shop="books", name="书店")
    assert _kinds(_rows(made, tmp_path)) == {("place", "shop", "书店")}


def test_a_way_with_missing_points_keeps_what_there_is(tmp_path: Path) -> None:
    made = Extract()
    made.way([(121.491, 31.281), (121.499, 31.281)], missing=3, highway="residential")
    made.way([(121.495, 31.285)], missing=2, highway="residential")
    (row,) = _rows(made, tmp_path)
    assert row.geom.length == pytest.approx(0.008)


def test_a_shape_that_crosses_itself_is_mended(tmp_path: Path) -> None:
    made = Extract()
    made.way(
        [(121.492, 31.282), (121.494, 31.284), (121.494, 31.282), (121.492, 31.284), (121.492, 31.282)], landuse="grass"
    )
    rows = _rows(made, tmp_path)
    assert len(rows) == 2
    assert all(row.geom.is_valid and row.geom.geom_type == "Polygon" for row in rows)


def test_a_stream_is_as_wide_in_the_east_as_in_the_north(tmp_path: Path) -> None:
    made = Extract()
    made.way([(121.491, 31.285), (121.499, 31.285)], waterway="canal", name="走马塘")
    made.way([(121.495, 31.281), (121.495, 31.282)], waterway="stream", tunnel="culvert")
    (row,) = _rows(made, tmp_path)
    assert (row.kind, row.name) == ("river", "走马塘")
    length = 0.008 * 111_320 * 0.8546  # cos 31.285°
    assert square_metres(row.geom) == pytest.approx(length * 9, rel=0.02)


def test_what_lies_far_outside_is_cut_off(tmp_path: Path) -> None:
    made = Extract()
    made.way([(121.40, 31.285), (121.60, 31.285)], highway="primary")
    made.ring(121.60, 31.281, 121.61, 31.282, building="yes")
    (row,) = _rows(made, tmp_path)
    assert 0.010 < row.geom.length < 0.016


def test_without_bounds_the_hull_of_the_points_is_the_outline(tmp_path: Path) -> None:
    made = Extract(bounds=None)
    made.ring(121.49, 31.28, 121.50, 31.29, landuse="grass")
    assert osm.read(made.write(tmp_path)).outline.bounds == (121.49, 31.28, 121.50, 31.29)


def test_things_that_are_not_drawn_are_left_out(tmp_path: Path) -> None:
    made = Extract()
    made.ring(121.492, 31.283, 121.493, 31.284, highway="pedestrian", area="yes")
    made.ring(121.492, 31.283, 121.493, 31.284, building="no")
    made.way([(121.491, 31.281), (121.499, 31.281)], highway="construction")
    made.node(121.495, 31.285, amenity="bench")
    made.node(121.496, 31.285, amenity="bank")
    assert _rows(made, tmp_path) == []


GOOD = Extract()
GOOD.node(121.495, 31.285)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (gzip.compress(b""), "not OpenStreetMap XML"),
        (gzip.compress(GOOD.text().encode())[:-12], "damaged or not gzip"),
        (gzip.compress(GOOD.text().encode())[:40] + b"\x00\xff" * 40, "damaged or not gzip"),
        (b"\x00\x00\x00\x0d\x0a\x09OSMHeader", "not OpenStreetMap XML"),
        (b"<html><body>Too many requests</body></html>", "first element is <html>"),
        (b"{}", "not OpenStreetMap XML"),
        ((HEAD + "</osm>").encode(), "holds no points"),
        ((HEAD + '<node id="1" lon="121.4"/></osm>').encode(), "<node> of the file lacks"),
        ((HEAD + '<node id="x" lon="1" lat="1"/></osm>').encode(), "<node> of the file lacks"),
        (GOOD.text()[:-9].encode(), "not OpenStreetMap XML"),
    ],
    ids=range(11),  # what is packed carries the time, and names must be the same in every process
)
def test_a_bad_file_is_told_what_is_wrong(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "bad.osm.gz"
    path.write_bytes(content)
    with pytest.raises(osm.OsmError, match=said):
        osm.read(path)


def test_a_file_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(osm.OsmError, match="there is no file"):
        osm.read(tmp_path / "nowhere.osm.gz")
    with pytest.raises(osm.OsmError, match="is a folder"):
        osm.read(tmp_path)


def test_entities_that_grow_without_end_are_refused(tmp_path: Path) -> None:
    names = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    path = tmp_path / "bomb.osm"
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a0 "ha">{names}]><osm><node id="1" lon="&a11;" lat="1"/></osm>'
    )
    with pytest.raises(osm.OsmError):
        osm.read(path)


@pytest.mark.real_data
@pytest.mark.skipif("GRIDMAP_REAL_DATA" not in os.environ, reason="GRIDMAP_REAL_DATA names no folder")
@pytest.mark.parametrize(
    ("name", "counts", "storeys"),
    [
        (
            "yangpu_siping_2026",
            {"building": 226, "road": 200, "place": 62, "green": 35, "compound": 21, "water": 6},
            24,
        ),
        (
            "baoshan_dachang_2022",
            {"building": 107, "road": 192, "place": 23, "green": 64, "compound": 6, "water": 16},
            10,
        ),
    ],
)
def test_real_extracts_are_read_whole(name: str, counts: dict[str, int], storeys: int) -> None:
    rows = osm.features(osm.read(Path(os.environ["GRIDMAP_REAL_DATA"]) / "shanghai" / f"{name}.osm.gz"))
    assert Counter(row.layer for row in rows) == counts
    assert all(row.geom.is_valid and not row.geom.is_empty for row in rows)
    assert sum(row.floors is not None for row in rows) == storeys
