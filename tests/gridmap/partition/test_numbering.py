"""Codes of cells: read like a page, kept where nothing changed, never given again, and followed by name."""

import pytest
from shapely import box

from gridmap.partition.numbering import number, reading_order

COMMUNITY = "990101001001"
GRID = [box(x, y, x + 100, y + 100) for y in (0, 100, 200) for x in (0, 100, 200)]  # from the south-west on


def test_cells_are_numbered_from_north_to_south_and_west_to_east() -> None:
    assert reading_order(GRID) == [6, 7, 8, 3, 4, 5, 0, 1, 2]
    found = number(COMMUNITY, GRID, {})
    assert found.codes[6] == f"{COMMUNITY}001"
    assert found.codes[2] == f"{COMMUNITY}009"
    assert found.kept == frozenset()


def test_a_cell_that_did_not_change_keeps_its_code_and_the_others_get_new_ones() -> None:
    before = number(COMMUNITY, GRID, {})
    in_force = dict(zip(before.codes, GRID, strict=True))
    joined = box(0, 200, 200, 300)  # of the first two of the north
    after = number(COMMUNITY, [*GRID[:6], joined, GRID[8]], in_force)
    assert after.codes[:6] == before.codes[:6]
    assert after.codes[7] == before.codes[8]
    assert after.codes[6] == f"{COMMUNITY}010"
    assert after.successors == {f"{COMMUNITY}001": [f"{COMMUNITY}010"], f"{COMMUNITY}002": [f"{COMMUNITY}010"]}


def test_a_code_that_was_ever_given_is_not_given_again() -> None:
    found = number(COMMUNITY, GRID[:1], {}, used=[f"{COMMUNITY}041"])
    assert found.codes == [f"{COMMUNITY}042"]


def test_whoever_has_most_of_a_cell_follows_it_first() -> None:
    halves = [box(0, 0, 30, 100), box(30, 0, 100, 100)]
    found = number(COMMUNITY, halves, {f"{COMMUNITY}001": GRID[0]})
    assert found.successors == {f"{COMMUNITY}001": [f"{COMMUNITY}003", f"{COMMUNITY}002"]}


def test_a_community_has_three_digits() -> None:
    with pytest.raises(ValueError, match="no codes left"):
        number(COMMUNITY, GRID, {}, used=[f"{COMMUNITY}995"])
