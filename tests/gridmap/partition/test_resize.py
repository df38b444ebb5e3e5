"""Communities merged and divided to a size: contiguous, complete, never over the border of a street, and as good as can be."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.partition.communities import Counts, Land, Study, study
from gridmap.partition.divide import Unit, divide, ways
from gridmap.partition.resize import MOST_DIVIDED, MOST_MERGED, Border, Cell, Community, Resized, resize
from gridmap.partition.sizes import Size
from scripts.support.districts import District, district

SIZE = Size(2000, 3000)


def in_a_row(*sizes: int | None, cells: int = 0, street: str = "s") -> tuple[list[Community], list[Border]]:
    """Communities beside each other from west to east, each of so many equal cells."""
    own = [
        Community(f"c{at}", street, size, tuple(Cell(f"c{at}-{n}", (size or 0) // cells) for n in range(cells)))
        for at, size in enumerate(sizes)
    ]
    return own, [Border(f"c{at}", f"c{at + 1}", 500.0) for at in range(len(sizes) - 1)]


def in_a_chain(codes: tuple[str, ...], cells: int = 4) -> list[Border]:
    """The borders of cells that lie in a row, through all of some communities."""
    names = [f"{code}-{n}" for code in codes for n in range(cells)]
    return [Border(one, two, 100.0) for one, two in pairwise(names)]


def resized(*sizes: int | None, cells: int = 0, size: Size = SIZE) -> Resized:
    own, borders = in_a_row(*sizes, cells=cells)
    return resize(own, borders, size, lambda codes: in_a_chain(codes, cells))


def told(found: Resized) -> list[tuple[str, tuple[str, ...], list[int | None]]]:
    return [(one.kind, one.members, [part.size for part in one.parts]) for one in found.changes]


# --- what a planner expects


def test_two_small_neighbours_become_one_and_what_fits_stays_as_it_is() -> None:
    found = resized(1200, 1100, 2500)
    assert told(found) == [("merge", ("c0", "c1"), [2300]), ("stay", ("c2",), [2500])]
    assert found.changes[0].parts[0].heir == "c0"
    assert found.changes[0].moved == 1100
    assert found.proven


def test_of_two_merges_the_one_is_taken_by_which_fewer_move() -> None:
    assert told(resized(600, 1500, 1400))[0][:2] == ("merge", ("c0", "c1"))


def test_a_main_road_between_two_communities_keeps_them_apart_if_there_is_another_way() -> None:
    own, _ = in_a_row(1500, 600, 1500)
    for road, members in ((0, ("c1", "c2")), (1, ("c0", "c1"))):
        borders = [Border("c0", "c1", 500, 500 * (road == 0)), Border("c1", "c2", 500, 500 * (road == 1))]
        assert members in [one.members for one in resize(own, borders, SIZE, lambda _: []).changes]


def test_one_that_is_too_large_is_divided_along_its_cells() -> None:
    found = resized(4800, cells=4)
    assert told(found) == [("split", ("c0",), [2400, 2400])]
    assert [part.heir for part in found.changes[0].parts] == ["c0", ""]
    assert found.changes[0].moved == 2400


def test_what_cannot_be_divided_alone_is_divided_with_a_neighbour_and_says_why() -> None:
    """3,001 to 3,999 have no answer alone: with the neighbour there is one."""
    found = resized(3600, 2000, cells=4)
    assert told(found) == [("recut", ("c0", "c1"), [2700, 2900])]
    assert found.changes[0].alone == {"c0": "arithmetic"}
    assert found.changes[0].moved == 900


@pytest.mark.parametrize(
    ("sizes", "cells", "why"),
    [
        ([1500], 4, "no_neighbour"), ([1500, 2900], 0, "too_large_together"), ([3600], 4, "arithmetic"), ([4800], 0, "no_cells"),
        ([None], 0, "unknown"),
    ],
)  # fmt: skip
def test_what_is_left_out_of_range_says_why(sizes: list[int | None], cells: int, why: str) -> None:
    found = resized(*sizes, cells=cells)
    assert found.changes[0].why == why


def test_cells_that_are_too_coarse_are_a_proof_that_it_cannot_be_divided() -> None:
    own = [Community("c0", "s", 5000, (Cell("c0-0", 1500), Cell("c0-1", 3500)))]
    found = resize(own, [], SIZE, lambda codes: in_a_chain(codes, 2))
    assert (found.changes[0].kind, found.changes[0].why, found.proven) == ("stay", "no_pieces", True)


def test_one_that_would_do_is_told_when_others_are_better_served() -> None:
    """The middle one can be joined with one of the two beside it, not with both."""
    found = resized(1500, 1400, 1500)
    assert sorted(one.kind for one in found.changes) == ["merge", "stay"]
    assert [one.why for one in found.changes if one.kind == "stay"] == ["others_first"]


def test_a_community_of_another_street_is_taken_only_if_that_is_asked_for() -> None:
    own = [Community("c0", "one", 1200), Community("c1", "two", 1200)]
    borders = [Border("c0", "c1", 300)]
    assert [one.kind for one in resize(own, borders, SIZE, lambda _: []).changes] == ["stay", "stay"]
    assert [one.kind for one in resize(own, borders, SIZE, lambda _: [], across=True).changes] == ["merge"]


def test_who_is_not_counted_is_left_alone() -> None:
    assert told(resized(1200, None, 1200)) == [("stay", (f"c{at}",), [n]) for at, n in enumerate((1200, None, 1200))]


# --- beside all choices that there are


def reached(size: Size, found: Resized) -> tuple[int, int]:
    """How many are out of range afterwards, and how many were touched."""
    sizes = [part.size for one in found.changes for part in one.parts]
    touched = sum(len(one.members) for one in found.changes if one.kind != "stay")
    return sum(not size.fits(n or 0) for n in sizes), touched


def divisible(some: list[Community], size: Size) -> bool:
    """Whether communities in a row can be divided along their cells."""
    cells = [(at, cell) for at, one in enumerate(some) for cell in one.cells]
    place = {cell.code: at for at, (_, cell) in enumerate(cells)}
    borders = [(place[b.one], place[b.two], 100) for b in in_a_chain(tuple(one.code for one in some))]
    units = [Unit(cell.size, at) for at, cell in cells]
    return any(divide(units, borders, k, size).parts for k in ways(sum(cell.size for _, cell in cells), size))


def as_a_group(some: list[Community], size: Size) -> tuple[int, int] | None:
    """How many of neighbours in a row are out of range when they become others together, and how many are touched."""
    total = sum(one.size or 0 for one in some)
    fit = [size.fits(one.size or 0) for one in some]
    if some == some[:1] and all(fit):
        return 0, 0
    if not all(fit) and total > size.most and len(some) <= MOST_DIVIDED and divisible(some, size):
        return 0, len(some)
    if len(some) == 1:
        return 1, 0
    return (int(total < size.least), len(some)) if total <= size.most else None


def best_by_trying(left: list[Community], size: Size) -> tuple[int, int]:
    """The same of the best choice: every way to put communities in a row into groups of neighbours."""
    if not left:
        return 0, 0
    found = []
    for many in range(1, min(MOST_MERGED, len(left)) + 1):
        own = as_a_group(left[:many], size)
        if own is not None:
            rest = best_by_trying(left[many:], size)
            found.append((own[0] + rest[0], own[1] + rest[1]))
    return min(found)


@given(st.lists(st.integers(300, 6000), min_size=2, max_size=7))
@settings(deadline=None, max_examples=30)
def test_no_other_choice_leaves_fewer_out_of_range_or_touches_fewer(sizes: list[int]) -> None:
    own, borders = in_a_row(*(one // 4 * 4 for one in sizes), cells=4)
    found = resize(own, borders, SIZE, in_a_chain)
    assert found.proven
    assert reached(SIZE, found) == best_by_trying(own, SIZE)


def test_what_costs_least_of_the_second_is_found_among_what_costs_least_of_the_first() -> None:
    """A question that HiGHS called infeasible, with its presolve, when it had the answer already."""
    found = resized(2000, 4000, 300, 3700, 300, 300, 4000, cells=4)
    assert reached(SIZE, found) == (0, 6)
    assert found.proven


# --- on ground


def of_ground(ground: District, size: Size = SIZE, *, across: bool = False) -> Study:
    return study(ground.communities, ground.cells, [], size, across=across)


@given(seed=st.integers(0, 999), across=st.booleans(), least=st.sampled_from([1000, 1500, 2000]))
@settings(deadline=None, max_examples=10)
def test_every_cell_is_in_one_community_in_one_piece_of_one_street(seed: int, across: bool, least: int) -> None:
    ground = district(14, 2, seed)
    found = of_ground(ground, Size(least, 3000), across=across)
    homes = Counter(code[:12] for code in (cell.code for cell in ground.cells))
    cells = [cell for one in found.after for cell in one.cells]
    whole = [code for one in found.after if not one.cells for code in one.of]
    assert sorted([*cells, *(cell.code for cell in ground.cells if cell.code[:12] in whole)]) == sorted(
        c.code for c in ground.cells
    )
    assert sum(one.counts.households or 0 for one in found.after) == sum(
        cell.counts.households or 0 for cell in ground.cells
    )
    assert sum(one.counts.households or 0 for one in found.before) == sum(
        one.counts.households or 0 for one in found.after
    )
    assert len(homes) == len(found.before)
    changed = [one for one in found.after if one.kind != "stay"]
    assert all(one.shape.geom_type == "Polygon" for one in changed)
    assert across or all(len({code[:9] for code in one.of}) == 1 for one in found.after)
    assert [one.number for one in found.after] == list(range(1, len(found.after) + 1))


def test_the_order_in_which_communities_come_changes_nothing() -> None:
    ground = district(20, 2, 5)
    turned = District(ground.communities[::-1], ground.cells[::-1])
    one, two = of_ground(ground), of_ground(turned)
    assert one.feature_collection() == two.feature_collection()
    assert one.changes == two.changes


def test_more_communities_are_of_the_size_than_before_and_each_other_says_why() -> None:
    found = of_ground(district(40, 2, 1))
    assert sum(one.fits == "yes" for one in found.before) < 15
    assert sum(one.fits == "yes" for one in found.after) > 20
    assert all(one.why for one in found.after if one.fits != "yes")


def test_households_of_a_community_are_those_of_its_cells_where_all_are_known() -> None:
    ground = district(1, 1, 0)
    wrong = Land(ground.communities[0].code, ground.communities[0].shape, Counts(99_999, 7, 2))
    known = study([wrong], ground.cells, [], SIZE).before[0].counts
    assert known == Counts(sum(cell.counts.households or 0 for cell in ground.cells), 7, 2)
    unknown = [Land(cell.code, cell.shape, Counts()) for cell in ground.cells]
    assert study([wrong], unknown, [], SIZE).before[0].counts.households == 99_999
