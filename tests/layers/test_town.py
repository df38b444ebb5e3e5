"""The made-up town: the same every time, whole, and such as a town is."""

import time
from collections import Counter

import pytest
import shapely
from shapely import STRtree

from gridmap import areacode
from layers.rows import METRES_PER_DEGREE
from layers.town import STREET, Town, TownFeature, build
from layers.town.spots import spots

METRE = 1 / METRES_PER_DEGREE


@pytest.fixture(scope="module")
def town() -> Town:
    return build()


def _of(town: Town, layer: str, *kinds: str) -> list[TownFeature]:
    return [f for f in town.features if f.layer == layer and (not kinds or f.kind in kinds)]


def test_the_same_seed_draws_the_same_town_and_another_seed_another(town: Town) -> None:
    again, other = build(1), build(2)
    assert [(a.code, a.name, a.households, a.geom and a.geom.wkb) for a in again.areas] == [
        (a.code, a.name, a.households, a.geom and a.geom.wkb) for a in town.areas
    ]
    assert [(f.layer, f.name, f.geom.wkb) for f in again.features] == [
        (f.layer, f.name, f.geom.wkb) for f in town.features
    ]
    assert [f.geom.wkb for f in other.features] != [f.geom.wkb for f in town.features]


def test_it_is_drawn_within_three_seconds_of_computing() -> None:
    started = time.process_time()
    build(3)
    assert time.process_time() - started < 3


def test_it_has_one_street_six_communities_and_about_forty_cells_in_one_tree(town: Town) -> None:
    codes = [area.code for area in town.areas]
    assert len(set(codes)) == len(codes)
    assert all(areacode.is_valid(code) for code in codes)
    levels = Counter(areacode.level_of(code) for code in codes)
    assert levels[areacode.STREET] == 1
    assert levels[areacode.COMMUNITY] == 6
    assert 36 <= levels[areacode.CELL] <= 46
    assert all(areacode.parent_of(code) in codes for code in codes if len(code) > 2)
    assert all(area.name and area.name_en for area in town.areas)
    names = [area.name for area in town.areas]
    assert len(set(names)) == len(names)


def test_cells_tile_the_communities_and_communities_the_street_without_gap_or_overlap(town: Town) -> None:
    cells, communities = list(town.cells), list(town.communities)
    assert shapely.coverage_is_valid([cell.geom for cell in cells])
    assert shapely.coverage_is_valid([community.geom for community in communities])
    for community in communities:
        own = [cell.geom for cell in cells if cell.code.startswith(community.code)]
        assert shapely.coverage_union_all(own).equals(community.geom)
    street = next(area.geom for area in town.areas if area.code == STREET)
    assert shapely.coverage_union_all([c.geom for c in communities]).equals(street)
    assert all(shapely.get_num_geometries(cell.geom) == 1 for cell in cells)


def test_no_building_is_cut_by_a_cell_border(town: Town) -> None:
    cells = [cell.geom for cell in town.cells if cell.geom is not None]
    tree = STRtree(cells)
    buildings = _of(town, "building")
    street = shapely.coverage_union_all(cells)
    inside = [b.geom for b in buildings if b.geom.intersects(street)]
    assert len(inside) > 1500
    cut = [geom.wkt for geom in inside if len(tree.query(geom, predicate="covered_by")) != 1]
    assert cut == []


def test_cell_borders_run_along_roads_or_the_river(town: Town) -> None:
    ways = shapely.union_all([road.geom.buffer(3 * METRE) for road in _of(town, "road")])
    water = shapely.union_all([river.geom.buffer(55 * METRE) for river in _of(town, "water", "river")])
    borders = shapely.union_all([cell.geom.boundary for cell in town.cells if cell.geom is not None])
    astray = borders.difference(ways).difference(water)
    assert astray.length < 0.004 * borders.length


def test_homes_are_as_many_as_the_cells_say(town: Town) -> None:
    residential = [cell for cell in town.cells if cell.kind == "residential"]
    dedicated = [cell for cell in town.cells if cell.kind == "dedicated"]
    assert all(300 <= (cell.households or 0) <= 500 for cell in residential)
    assert len(dedicated) >= 5
    assert {"望江中学专属网格", "老城农贸市场专属网格", "翠屏公园专属网格"} <= {cell.name for cell in dedicated}
    total = sum(cell.households or 0 for cell in town.cells)
    assert 11_000 <= total <= 13_500
    tree = STRtree([b.geom.representative_point() for b in _of(town, "building")])
    for cell in residential[:8]:
        homes = [_of(town, "building")[i].households or 0 for i in tree.query(cell.geom, predicate="contains")]
        assert sum(homes) == cell.households


def test_everything_that_a_map_needs_is_there_and_valid(town: Town) -> None:
    assert all(f.geom.is_valid and not f.geom.is_empty for f in town.features)
    places = {f.kind for f in _of(town, "place")}
    wanted = {
        "school",
        "kindergarten",
        "hospital",
        "clinic",
        "market",
        "police",
        "townhall",
        "bridge",
        "bus_stop",
        "park",
        "college",
    }
    assert wanted <= places
    assert len(_of(town, "place", "community_centre")) == 6
    assert {"primary", "secondary", "tertiary", "residential", "service", "footway"} == {
        f.kind for f in _of(town, "road")
    }
    named = [f.name for f in _of(town, "compound", "residential") if f.name]
    assert len(named) > 40
    assert len(set(named)) == len(named)


def test_it_is_as_large_as_a_street_is(town: Town) -> None:
    street = next(area.geom for area in town.areas if area.code == STREET)
    assert street is not None
    west, south, east, north = street.bounds
    assert 2000 < (east - west) * METRES_PER_DEGREE * 0.8757 < 2700  # cos 28.88°
    assert 1500 < (north - south) * METRES_PER_DEGREE < 2200
    assert street.contains(shapely.Point(105.44, 28.88))


def test_spots_lie_in_the_cell_they_name_and_every_cell_has_some(town: Town) -> None:
    cells = {cell.code: cell.geom for cell in town.cells}
    found = spots(town)
    assert found == spots(town)
    assert {spot.cell for spot in found} == set(cells)
    assert all(cells[spot.cell].intersects(shapely.Point(spot.lon, spot.lat).buffer(METRE)) for spot in found)  # type: ignore[union-attr]  # cells have borders
    assert all(spot.address and "{" not in spot.address for spot in found)
