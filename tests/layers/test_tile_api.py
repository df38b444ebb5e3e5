"""Tiles and what the base map is made of, over HTTP."""

import gzip
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from geopandas import GeoDataFrame
from shapely import LineString, Point, Polygon, box

from gridmap import actions as kernel
from gridmap.models import StreamEvent
from layers.actions import SourceSpec, replace_features
from layers.models import Feature, Source, SourceKind
from layers.rows import FeatureRow
from tests import factories
from tests.factories import CELL, NEXT_CELL, OTHER_CELL, OTHER_STREET, STREET, Town
from tests.layers import tiles

HERE = (105.005, 28.01)
SPEC = SourceSpec(key="demo", name="Demo", kind=SourceKind.GENERATED, area_code=STREET, attribution="made up")
ROWS = [
    FeatureRow(layer="road", kind="primary", name="望江大道", geom=LineString([(105.0, 28.01), (105.02, 28.01)])),
    FeatureRow(layer="road", kind="footway", geom=LineString([(105.004, 28.009), (105.006, 28.0095)])),
    FeatureRow(layer="building", kind="house", geom=box(105.005, 28.0101, 105.0051, 28.0102), floors=2, households=1),
    FeatureRow(layer="compound", kind="residential", name="向阳小区", geom=box(105.001, 28.005, 105.019, 28.009)),
    FeatureRow(layer="water", kind="river", name="澄溪河", geom=box(105.0, 28.0, 105.03, 28.003)),
    FeatureRow(layer="green", kind="park", geom=box(105.006, 28.011, 105.008, 28.013)),
    FeatureRow(layer="place", kind="shop", name="面馆", geom=Point(105.005, 28.0103)),
]


@pytest.fixture
def mapped(town: Town) -> Town:
    replace_features(SPEC, ROWS)
    return town


def _base(town: Town, z: int, folder: Path) -> dict[str, GeoDataFrame]:
    answer = town.worker.get(f"/tiles/base/{tiles.path(*HERE, z)}")
    assert answer.status_code == 200
    return tiles.layers(answer.content, folder)


def test_a_tile_holds_what_is_there_with_kind_name_and_floors(mapped: Town, tmp_path: Path) -> None:
    found = tiles.layers(mapped.worker.get(f"/tiles/base/{tiles.path(*HERE, 16)}").content, tmp_path)
    assert set(found) == {"road", "building", "compound", "green", "place"}
    assert set(found["road"]["kind"]) == {"primary", "footway"}
    assert found["building"]["floors"].tolist() == [2]
    assert found["place"]["name"].tolist() == ["面馆"]
    assert "households" not in found["building"].columns


def test_small_things_wait_for_a_closer_look(mapped: Town, tmp_path: Path) -> None:
    far = _base(mapped, 12, tmp_path)
    assert set(far) == {"road", "compound", "water"}
    assert far["road"]["kind"].tolist() == ["primary"]


def test_a_shape_in_several_tiles_has_its_name_in_one(mapped: Town, tmp_path: Path) -> None:
    named = 0
    z, first, y = tiles.xyz(105.001, 28.007, 16)
    last = tiles.xyz(105.019, 28.007, 16)[1]
    assert last > first
    for x in range(first, last + 1):
        table = tiles.layers(mapped.worker.get(f"/tiles/base/{z}/{x}/{y}").content, tmp_path)["compound"]
        named += int(table["name"].notna().sum()) if "name" in table.columns else 0
    assert named == 1


def test_a_browser_that_has_the_tile_is_told_so_until_the_data_change(mapped: Town) -> None:
    address = f"/tiles/base/{tiles.path(*HERE, 15)}"
    first = mapped.worker.get(address)
    assert first["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert first["Cache-Control"] == "private, no-cache"
    again = mapped.worker.get(address, **{"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    replace_features(SPEC, ROWS[:1])
    changed = mapped.worker.get(address, **{"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert len(changed.content) < len(first.content)


def test_a_tile_is_packed_for_who_can_unpack_it(mapped: Town) -> None:
    address = f"/tiles/base/{tiles.path(*HERE, 15)}"
    plain, packed = mapped.worker.get(address), mapped.worker.get(address, **{"accept-encoding": "br, gzip"})
    assert not plain.has_header("Content-Encoding")
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert gzip.decompress(packed.content) == plain.content


def test_nothing_there_is_an_empty_answer(mapped: Town) -> None:
    answer = mapped.worker.get("/tiles/base/12/0/0")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("where", ["23/0/0", "-1/0/0", "3/8/0", "3/0/8", "3/-1/0", "0/0/1"])
@pytest.mark.parametrize("layer", ["base", "areas"])
def test_a_tile_that_cannot_exist_is_not_found(mapped: Town, layer: str, where: str) -> None:
    answer = mapped.worker.get(f"/tiles/{layer}/{where}", language="en")
    assert answer.status_code == 404
    assert set(answer.json()) == {"code", "message", "fields", "detail"}


def test_a_tile_of_words_is_invalid(mapped: Town) -> None:
    answer = mapped.worker.get("/tiles/base/a/b/c")
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"z", "x", "y"}


def test_who_has_no_role_sees_no_map(mapped: Town) -> None:
    for address in ("/basemap", f"/tiles/base/{tiles.path(*HERE, 14)}", f"/tiles/areas/{tiles.path(*HERE, 14)}"):
        assert mapped.stranger.get(address).status_code == 403
        assert Client(headers={"host": "localhost"}).get(f"/api{address}").status_code == 401


def test_the_base_map_says_where_it_lies_and_whom_to_name(mapped: Town) -> None:
    other = SourceSpec(
        key="osm", name="OSM", kind=SourceKind.OSM, area_code=OTHER_STREET, attribution="© someone, ODbL"
    )
    replace_features(other, [FeatureRow(layer="green", kind="park", geom=box(105.022, 28.0, 105.024, 28.001))])
    found = mapped.worker.get("/basemap").json()
    assert found["bounds"] == [105.0, 28.0, 105.03, 28.013]
    assert found["attributions"] == ["made up", "© someone, ODbL"]
    assert found["center"] == pytest.approx([105.015, 28.0065])
    assert mapped.other_worker.get("/basemap").json()["bounds"] == [105.022, 28.0, 105.024, 28.001]
    before = found["version"]
    replace_features(other, [])
    assert mapped.worker.get("/basemap").json()["version"] != before


def test_an_empty_map_is_no_error(town: Town) -> None:
    found = town.worker.get("/basemap").json()
    assert (found["bounds"], found["center"], found["attributions"]) == (None, None, [])


def test_borders_are_those_of_ones_own_areas(mapped: Town, tmp_path: Path) -> None:
    z, x, y = tiles.xyz(105.015, 28.01, 12)
    mine = tiles.layers(mapped.worker.get(f"/tiles/areas/{z}/{x}/{y}").content, tmp_path)
    assert mine["cell"]["code"].tolist() == [CELL]
    assert mine["cell"]["mine"].tolist() == [1]
    assert mine["community"][["code", "mine"]].to_numpy().tolist() == [[STREET + "001", 0]]
    all_of_it = tiles.layers(mapped.director.get(f"/tiles/areas/{z}/{x}/{y}").content, tmp_path)
    assert sorted(all_of_it["cell"]["code"]) == [CELL, NEXT_CELL]
    assert OTHER_CELL.encode() not in mapped.director.get(f"/tiles/areas/{z}/{x}/{y}").content
    assert all_of_it["community"]["mine"].tolist() == [1]


def test_a_border_that_changed_is_sent_again(mapped: Town) -> None:
    address = f"/tiles/areas/{tiles.path(*HERE, 14)}"
    first = mapped.director.get(address)
    assert mapped.director.get(address, **{"if-none-match": first["ETag"]}).status_code == 304
    area = next(area for area in factories.areas() if area.code == CELL)
    area.name = "新名字"
    kernel.put_areas([area])
    assert mapped.director.get(address, **{"if-none-match": first["ETag"]}).status_code == 200


def test_loading_again_replaces_and_counts_up_and_is_in_the_log(mapped: Town) -> None:
    source = replace_features(SPEC, ROWS[:3])
    assert (source.version, source.features.count(), Source.objects.count()) == (2, 3, 1)
    event = StreamEvent.objects.filter(kind="basemap.changed").latest("seq")
    assert (event.stream, event.payload) == (STREET, {"source": "demo", "version": 2})


def test_each_feature_knows_its_street(mapped: Town) -> None:
    replace_features(
        SPEC, [FeatureRow(layer="place", kind="shop", geom=Point(x, 28.01)) for x in (105.005, 105.025, 106.0)]
    )
    assert sorted(Feature.objects.values_list("area_code", flat=True)) == ["", STREET, OTHER_STREET]


def test_a_shape_that_crosses_itself_is_refused_and_nothing_changes(mapped: Town) -> None:
    bow = Polygon([(105.0, 28.0), (105.01, 28.01), (105.01, 28.0), (105.0, 28.01)])
    with pytest.raises(IntegrityError, match="feature_geom_valid"), transaction.atomic():
        replace_features(SPEC, [*ROWS, FeatureRow(layer="green", kind="park", geom=bow)])
    assert (Source.objects.get().version, Feature.objects.count()) == (1, len(ROWS))


def test_features_lie_in_the_order_of_place(mapped: Town) -> None:
    places = [Point(105 + (i * 7 % 40) / 100, 28 + (i * 13 % 40) / 100) for i in range(40)]
    replace_features(SPEC, [FeatureRow(layer="place", kind="shop", geom=place) for place in places])
    sql = "select st_geohash(geom, 9) as id from layers_feature order by layers_feature.id"
    hashes = [row.id for row in Feature.objects.raw(sql)]
    assert hashes == sorted(hashes)
