"""A proposal in degrees: as exact as in metres, with the figures of each cell, and the same each time."""

import json

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely import Polygon, box

from gridmap.partition.graph import BARRIER
from gridmap.partition.plots import Building, Line
from gridmap.partition.propose import METHODS, Method, propose
from gridmap.projection import Corners, to_metres, zone_of
from scripts.support.estates import town

ZONE = 4549  # central meridian 120° east
SQUARE = 111_320.0**2  # square metres of a square degree at the equator: more than here


def in_degrees(shape: Polygon) -> Polygon:
    turn = Transformer.from_crs(ZONE, 4326, always_xy=True)
    found: Polygon = shapely.transform(
        shape, lambda points: np.column_stack(turn.transform(points[:, 0], points[:, 1]))
    )
    return found


def test_the_zone_is_that_of_the_nearest_meridian() -> None:
    assert [zone_of(lon) for lon in (75, 102.6, 114.1, 121.4, 121.6, 135)] == [4534, 4543, 4547, 4549, 4550, 4554]
    with pytest.raises(ValueError, match="outside"):
        zone_of(24.9)


def test_metres_are_metres() -> None:
    south, north = shapely.Point(120.1, 30.0), shapely.Point(120.1, 30.01)
    assert to_metres(south, ZONE).distance(to_metres(north, ZONE)) == pytest.approx(1108.5, abs=0.3)  # WGS 84 at 30°


def test_to_and_fro_keeps_every_corner_to_the_bit() -> None:
    outline = in_degrees(town(3, 3)[0])
    corners = Corners.of(outline)
    [back] = corners.to_degrees([corners.metres])
    assert back.wkb == outline.wkb


@pytest.mark.parametrize("method", METHODS)
def test_cells_cover_the_community_in_degrees(method: Method) -> None:
    outline, lines, buildings = town(5, 5, seed=2)
    degrees = in_degrees(outline)
    made = propose(degrees, lines, buildings, method=method)
    shapes = [cell.shape for cell in made.cells]
    assert abs(sum(shape.area for shape in shapes) - degrees.area) * SQUARE < 0.01
    assert shapely.union_all(shapes).symmetric_difference(degrees).area * SQUARE < 0.01
    assert sum(cell.figures.households for cell in made.cells) == sum(building.households for building in buildings)
    assert made.for_statistics_only == (method != "blocks")


def test_cells_of_blocks_cut_no_building_and_lie_side_by_side() -> None:
    outline, lines, buildings = town(6, 6, seed=4)
    made = propose(in_degrees(outline), lines, buildings)
    shapes = [to_metres(cell.shape, ZONE) for cell in made.cells]
    assert shapely.coverage_is_valid(np.array(shapes, dtype=object), gap_width=0.01)
    borders = shapely.union_all([shape.boundary for shape in shapes])
    assert max(borders.intersection(building.shape.buffer(-0.02)).length for building in buildings) == 0
    assert all(300 <= cell.figures.households <= 500 and cell.figures.in_one_piece for cell in made.cells)
    assert np.mean([cell.figures.compactness for cell in made.cells]) > 0.4
    assert np.mean([cell.figures.on_lines for cell in made.cells]) > 0.7


def test_the_same_ground_and_seed_give_the_same_bytes() -> None:
    outline, lines, buildings = town(5, 4, seed=8)
    first, again = (json.dumps(propose(in_degrees(outline), lines, buildings).feature_collection()) for _ in range(2))
    assert first == again


def test_a_feature_tells_its_figures() -> None:
    made = propose(in_degrees(town(3, 3)[0]), *town(3, 3)[1:])
    first = made.feature_collection()["features"][0]["properties"]
    assert set(first) == {"number", "households", "deviation", "compactness", "area", "on_lines", "blocks"}
    assert first["number"] == 1
    assert first["blocks"]


def test_a_community_of_few_is_one_cell() -> None:
    made = propose(in_degrees(box(500_000, 3_400_000, 500_200, 3_400_200)), [], [])
    assert [cell.figures.households for cell in made.cells] == [0]


def test_long_edges_of_the_community_are_met_in_degrees() -> None:
    """A border that ends on an edge of three kilometres lies on it, or neighbours would gape."""
    edge = box(120.2, 30.0, 120.23, 30.02)
    zone = zone_of(120.2)
    middle = to_metres(shapely.LineString([(120.2113, 29.99), (120.2127, 30.03)]), zone)
    west, east = (to_metres(shapely.Point(lon, 30.01), zone).buffer(30, quad_segs=2) for lon in (120.205, 120.22))
    made = propose(edge, [Line(middle, BARRIER)], [Building(west, 400), Building(east, 400)])
    assert len(made.cells) == 2
    assert shapely.union_all([cell.shape for cell in made.cells]).symmetric_difference(edge).area * SQUARE < 0.01
