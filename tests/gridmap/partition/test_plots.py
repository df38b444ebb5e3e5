"""Units: blocks between roads and plots around buildings, which cover a community exactly and cut no building."""

from typing import Any

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Polygon, affinity, box

from gridmap.partition.cut import cut
from gridmap.partition.graph import BARRIER, BRANCH, OPEN
from gridmap.partition.plots import Building, Line, Plots, plots
from scripts.support.estates import town


@pytest.fixture(scope="module")
def ground() -> tuple[Plots, list[Building], Polygon]:
    outline, lines, buildings = town(4, 4, seed=3)
    return plots(outline, lines, buildings), buildings, outline


def test_units_cover_the_outline_without_gap_or_overlap(ground: tuple[Plots, list[Building], Polygon]) -> None:
    made, _, outline = ground
    shapes = made.cells(np.arange(len(made.graph)))
    covered = shapely.union_all(shapes)
    assert outline.difference(covered).area < 1e-6
    assert covered.difference(outline).area < 1e-6
    assert abs(sum(shape.area for shape in shapes) - covered.area) < 1e-6
    assert all(isinstance(shape, Polygon) for shape in shapes)


def test_no_border_crosses_a_building(ground: tuple[Plots, list[Building], Polygon]) -> None:
    made, buildings, _ = ground
    borders = shapely.union_all([shape.boundary for shape in made.cells(np.arange(len(made.graph)))])
    inner = [building.shape.buffer(-0.01) for building in buildings]
    assert max(borders.intersection(shape).length for shape in inner) == 0


def test_every_household_lies_in_the_unit_of_its_building(ground: tuple[Plots, list[Building], Polygon]) -> None:
    made, buildings, _ = ground
    sums = np.zeros(len(made.graph), dtype=np.int64)
    for building, unit in zip(buildings, made.building_unit, strict=True):
        sums[unit] += building.households
    assert (sums == made.graph.households).all()
    assert sums.sum() == sum(building.households for building in buildings)


def test_the_borders_between_units_are_as_long_as_their_outlines_say(
    ground: tuple[Plots, list[Building], Polygon],
) -> None:
    made, _, _ = ground
    shapes = made.cells(np.arange(len(made.graph)))
    graph = made.graph
    shared = np.zeros(len(graph))
    np.add.at(shared, graph.pairs[:, 0], graph.metres)
    np.add.at(shared, graph.pairs[:, 1], graph.metres)
    lengths = np.array([shape.length for shape in shapes])
    assert (shared <= lengths + 1e-6).all()
    assert np.allclose(graph.outline, lengths, atol=0.05)
    assert np.allclose(graph.area, [shape.area for shape in shapes], atol=1)
    assert graph.area.min() > 1


def test_a_border_is_what_lies_on_it() -> None:
    road = Line(LineString([(50, -10), (50, 110)]), BARRIER)
    houses = [Building(box(10, 40, 20, 60), 5), Building(box(30, 40, 40, 60), 7), Building(box(70, 40, 80, 60), 9)]
    made = plots(box(0, 0, 100, 100), [road], houses)
    west, middle, east = made.building_unit
    found = {tuple(sorted(pair)): (round(length), kind) for pair, length, kind in _borders(made)}
    assert found == {
        tuple(sorted((west, middle))): (100, OPEN),
        tuple(sorted((middle, east))): (100, BARRIER),
    }


def _borders(made: Plots) -> list[tuple[tuple[int, int], float, int]]:
    graph = made.graph
    return [
        ((int(one), int(two)), float(length), int(kind))
        for (one, two), length, kind in zip(graph.pairs, graph.metres, graph.kinds, strict=True)
    ]


def test_a_building_across_a_road_joins_the_blocks_on_both_sides() -> None:
    road = Line(LineString([(50, -10), (50, 110)]), BRANCH)
    bridge = Building(box(45, 40, 60, 60), 12)
    made = plots(box(0, 0, 100, 100), [road], [bridge])
    assert len(made.graph) == 1
    assert made.graph.households.tolist() == [12]


def test_buildings_that_touch_are_one_unit_and_each_keeps_its_households() -> None:
    houses = [Building(box(10, 10, 20, 20), 3), Building(box(20, 10, 30, 20), 4), Building(box(60, 60, 70, 70), 5)]
    made = plots(box(0, 0, 100, 100), [], houses)
    assert made.building_unit[0] == made.building_unit[1] != made.building_unit[2]
    assert sorted(made.graph.households.tolist()) == [5, 7]


def test_a_block_without_buildings_is_a_unit_without_households() -> None:
    made = plots(
        box(0, 0, 100, 100), [Line(LineString([(0, 50), (100, 50)]), BRANCH)], [Building(box(10, 10, 20, 20), 3)]
    )
    assert sorted(made.graph.households.tolist()) == [0, 3]


def test_an_outline_of_several_parts_and_with_a_hole_is_covered_too() -> None:
    ring = Polygon(box(0, 0, 100, 100).exterior, [box(40, 40, 60, 60).exterior.coords])
    outline = MultiPolygon([ring, box(200, 0, 260, 60)])
    houses = [Building(box(10, 10, 20, 20), 3), Building(box(70, 70, 80, 80), 3), Building(box(220, 20, 230, 30), 3)]
    made = plots(outline, [], houses)
    covered = shapely.union_all(made.cells(np.arange(len(made.graph))))
    assert covered.symmetric_difference(outline).area < 1e-6


def test_buildings_outside_count_nowhere() -> None:
    made = plots(box(0, 0, 100, 100), [], [Building(box(10, 10, 20, 20), 3), Building(box(300, 0, 310, 10), 50)])
    assert made.building_unit.tolist() == [0, -1]
    assert made.graph.households.sum() == 3


@pytest.mark.parametrize("outline", [Polygon(), Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])])
def test_an_outline_that_is_none_is_refused(outline: Polygon) -> None:
    with pytest.raises(ValueError, match="cannot be cut"):
        plots(outline, [], [])


def _ugly(seed: int) -> tuple[Polygon | MultiPolygon, list[Line], list[Building]]:
    """An outline with holes or several parts, lines anywhere, and buildings turned, over each other and over the edge."""
    chance = np.random.default_rng(seed)
    outline: Any = shapely.MultiPoint(chance.uniform(0, 400, (int(chance.integers(4, 20)), 2))).convex_hull.buffer(
        5, quad_segs=1
    )
    if chance.random() < 0.4:
        outline = outline.difference(shapely.LineString(chance.uniform(0, 400, (2, 2))).buffer(20, quad_segs=2))
    lines = [
        Line(
            LineString(np.round(chance.uniform(-50, 450, (int(chance.integers(2, 5)), 2)), 1)),
            int(chance.integers(0, 4)),
        )
        for _ in range(int(chance.integers(0, 12)))
    ]
    buildings = []
    for _ in range(int(chance.integers(0, 40))):
        (x, y), (wide, deep) = np.round(chance.uniform(0, 400, 2)), np.round(chance.uniform(3, 60, 2))
        shape = affinity.rotate(box(x, y, x + wide, y + deep), float(chance.choice([0, 0, 30, 45])))
        buildings.append(Building(shape, int(chance.integers(0, 80))))
    assert isinstance(outline, Polygon | MultiPolygon)
    return outline, lines, buildings


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_ugly_ground_is_cut_exactly_too(first: int) -> None:
    for seed in range(first, first + 20):
        outline, lines, buildings = _ugly(seed)
        made = plots(outline, lines, buildings)
        shapes = made.cells(cut(made.graph))
        covered = shapely.union_all(shapes)
        assert outline.symmetric_difference(covered).area < 0.01, seed
        assert abs(sum(shape.area for shape in shapes) - covered.area) < 1e-3, seed
        assert all(isinstance(shape, Polygon) for shape in shapes), seed
        borders = shapely.union_all([shape.boundary for shape in shapes]).difference(outline.boundary.buffer(0.02))
        assert all(borders.intersection(one.shape.buffer(-0.05)).length < 0.01 for one in buildings), seed


@pytest.mark.parametrize("turn", [0.0, 17.0, 45.0, 80.3])
def test_cells_at_a_straight_turned_edge_are_valid(turn: float) -> None:
    for seed in range(12):
        chance = np.random.default_rng(seed)
        outline: Any = affinity.rotate(box(0, 0, 200, 200), turn, origin=(0, 0))
        places = chance.uniform(5, 180, (16, 2))
        houses = [Building(affinity.rotate(box(x, y, x + 12, y + 9), turn, origin=(0, 0)), 5) for x, y in places]
        made = plots(outline, [], houses)
        shapes = made.cells(np.arange(len(made.graph)))
        assert all(shape.is_valid for shape in shapes), seed
        assert shapely.union_all(shapes).symmetric_difference(outline).area < 0.01, seed
