"""What a plan of cells comes to: figures, pieces, and what would change. The page counts the same by the same examples."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box

from gridmap.cellplan import Border, Ground, Unit, apart, compare, figures, fitted, pieces, summary
from gridmap.partition import graph
from gridmap.partition.sizes import KINDS
from gridmap.partition.topology import faults
from gridmap.projection import to_even_metres
from tests.factories import COMMUNITY

EXAMPLES = json.loads((Path(__file__).parents[2] / "frontend/tests/cellplan.json").read_text())
GROUND = Ground.read(EXAMPLES["ground"])


def near(found: dict[str, Any]) -> dict[str, Any]:
    return {name: pytest.approx(value, abs=1e-5) for name, value in found.items()}


@pytest.mark.parametrize("plan", EXAMPLES["plans"], ids=lambda plan: str(plan["cells"]))
def test_figures_are_those_that_the_page_shows(plan: dict[str, Any]) -> None:
    found = figures(GROUND, plan["cells"], plan["dedicated"])
    assert [asdict(one) for one in found] == [near(one) for one in plan["figures"]]
    assert asdict(summary(found, plan["dedicated"])) == near(plan["summary"])


def test_a_cell_of_two_squares_has_the_figures_of_a_rectangle() -> None:
    """200 by 100 m: 4π · 20,000 / 600²; homes 100 and 200 at 100 m from each other; a branch road inside is not crossed."""
    west, _, school = figures(GROUND, [0, 0, 1, 1, 2], [2])
    assert west.compactness == pytest.approx(0.698, abs=0.001)
    assert west.walk == pytest.approx((100 * 66.667 + 200 * 33.333) / 300, abs=0.01)
    assert (west.households, west.crossed, west.incidents, west.in_one_piece) == (300, 0, 2, True)
    assert west.deviation == pytest.approx(300 / 305 - 1)  # the school counts for nobody's mean
    assert school.households == 0


def test_what_touches_at_a_corner_alone_is_not_one_piece() -> None:
    assert apart(GROUND, [0, 1, 1, 0, 1]) == [0, 1]
    assert apart(GROUND, [0, 0, 1, 1, 1]) == []


def test_the_kinds_of_borders_are_those_of_the_cutter() -> None:
    assert [getattr(graph, name.upper()) for name in KINDS] == list(range(5))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20))
def test_pieces_are_all_units_once_and_no_border_leads_out_of_one(links: list[tuple[int, int]]) -> None:
    borders = [Border(one, two, 1.0, 4) for one, two in links]
    found = pieces(range(10), borders)
    assert sorted(unit for piece in found for unit in piece) == list(range(10))
    assert all(({one, two} <= piece) or not ({one, two} & piece) for piece in found for one, two in links)


HALVES = {f"{COMMUNITY}001": box(105.0, 28.0, 105.01, 28.02), f"{COMMUNITY}002": box(105.01, 28.0, 105.02, 28.02)}
STRIPS: list[Polygon] = [box(105 + at / 200, 28.0, 105 + (at + 1) / 200, 28.02) for at in range(4)]
FOUR = Ground(
    [Unit(homes, 0, 1.0, 4.0, 0, 0) for homes in (100, 90, 80, 70)], [Border(at, at + 1, 1.0, 4) for at in range(3)]
)


@pytest.mark.parametrize(
    ("cells", "kept", "parted", "renamed"),
    [
        ([1, 1, 0, 0], 2, 0, 0),  # the same two, named the other way round
        ([0, 1, 1, 1], 0, 90, 340),  # a strip goes over: those 90 leave their neighbours, all have new codes
        ([0, 0, 1, 2], 1, 70, 150),  # one is divided
        ([0, 0, 0, 0], 0, 0, 340),  # joined: nobody is parted from anybody
    ],
)
def test_a_comparison_counts_who_is_parted_and_who_has_another_code(
    cells: list[int], kept: int, parted: int, renamed: int
) -> None:
    found = compare(COMMUNITY, FOUR, STRIPS, cells, HALVES, list(HALVES))
    assert (len(found.kept), found.parted, found.renamed) == (kept, parted, renamed)
    assert set(found.successors) == set(HALVES) - set(found.kept)


def test_where_no_cells_are_in_force_everything_is_new() -> None:
    found = compare(COMMUNITY, FOUR, STRIPS, [0, 0, 1, 1], {}, [])
    assert (found.codes, found.kept, found.parted, found.renamed) == ([f"{COMMUNITY}001", f"{COMMUNITY}002"], [], 0, 0)


def test_cells_are_fitted_to_the_community_to_the_last_square_metre() -> None:
    """Borders that are a millimetre off, within and beyond, as edges are that were straight in metres."""
    outline = box(105.0, 28.0, 105.02, 28.02)
    off = 1e-8
    cells = [box(105.0 - off, 28.0 + off, 105.01, 28.02 - off), box(105.01, 28.0 - off, 105.02 - off, 28.02 + off)]
    metres = [to_even_metres(shape, 28.0) for shape in (outline, *fitted(cells, outline))]
    assert faults(metres[0], metres[1:]) == []
    assert faults(metres[0], [to_even_metres(cell, 28.0) for cell in cells]) != []
