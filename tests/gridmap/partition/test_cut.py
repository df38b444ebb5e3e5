"""Cells: in one piece, of the wished size where arithmetic allows, the same for the same seed, and near the optimum."""

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.partition.cut import Ask, cell_count, cut, mended, pieces
from gridmap.partition.graph import OPEN, Graph, Ints
from gridmap.partition.plots import plots
from scripts.support.estates import town


def lattice(wide: int, high: int, seed: int = 0) -> Graph:
    """Units in a lattice, with dear and cheap borders by chance."""
    chance = np.random.default_rng(seed)
    number = np.arange(wide * high).reshape(high, wide)
    pairs = np.concatenate([
        np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1),
        np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1),
    ])  # fmt: skip
    n = wide * high
    return Graph(
        households=chance.integers(0, 90, n), pairs=pairs, metres=chance.uniform(20, 60, len(pairs)),
        kinds=chance.integers(0, OPEN + 1, len(pairs)), area=np.full(n, 1600.0), outline=np.full(n, 160.0),
    )  # fmt: skip


def in_one_piece(graph: Graph, cells: Ints) -> bool:
    """Asked of another library than the one that made them."""
    links = networkx.Graph(graph.pairs.tolist())
    links.add_nodes_from(range(len(graph)))
    return all(networkx.is_connected(links.subgraph(np.flatnonzero(cells == one))) for one in np.unique(cells))


@settings(max_examples=30, deadline=None)
@given(st.integers(3, 20), st.integers(3, 20), st.integers(0, 10_000))
def test_every_cell_is_in_one_piece_and_every_unit_in_one_cell(wide: int, high: int, seed: int) -> None:
    graph = lattice(wide, high, seed)
    cells = cut(graph)
    assert in_one_piece(graph, cells)
    assert sorted(set(cells.tolist())) == list(range(int(cells.max()) + 1))


@pytest.mark.parametrize("seed", range(4))
def test_cells_have_the_households_that_were_wished(seed: int) -> None:
    graph = lattice(20, 20, seed)
    sums = np.bincount(cut(graph), graph.households)
    assert len(sums) == cell_count(int(graph.households.sum()))
    assert (np.abs(sums / sums.mean() - 1) <= 0.1).all()
    assert ((sums >= 300) & (sums <= 500)).all()


def test_the_same_seed_gives_the_same_cells_and_another_one_others() -> None:
    graph = lattice(14, 14, 5)
    first, again = (cut(graph, Ask(seed=7)).tobytes() for _ in range(2))
    assert first == again


@given(st.integers(0, 20_000))
def test_so_many_cells_that_each_can_have_300_to_500(households: int) -> None:
    k = cell_count(households)
    possible = [n for n in range(1, 200) if 300 * n <= households <= 500 * n]
    assert k in possible if possible else k >= 1
    assert bool(possible) == (households >= 300 and not 501 <= households <= 599)


def test_pieces_that_do_not_touch_are_cut_each_for_itself() -> None:
    one, two = lattice(10, 10, 1), lattice(9, 9, 2)
    both = Graph(*(
        np.concatenate([getattr(one, name), getattr(two, name) + (100 if name == "pairs" else 0)])
        for name in ("households", "pairs", "metres", "kinds", "area", "outline")
    ))  # fmt: skip
    cells = cut(both)
    assert len(pieces(both)) == 2
    assert not set(cells[:100].tolist()) & set(cells[100:].tolist())
    assert in_one_piece(both, cells)


def test_cells_that_lie_in_two_pieces_or_have_nothing_are_mended() -> None:
    graph = lattice(6, 6, 1)
    cells = np.zeros(36, dtype=np.int64)
    cells[[0, 35, 14]] = 1
    found = mended(graph, cells, 3)
    assert in_one_piece(graph, found)
    assert set(found.tolist()) == {0, 1, 2}


def test_from_cells_in_force_little_changes_where_moving_costs() -> None:
    graph = lattice(16, 16, 4)
    home = cut(graph, Ask(seed=1))
    fuller = Graph(graph.households.copy(), graph.pairs, graph.metres, graph.kinds, graph.area, graph.outline)
    fuller.households[home == 0] += 12
    kept = cut(fuller, Ask(keep=60.0), home)
    free = cut(fuller, Ask(seed=2))
    moved = fuller.households[kept != home].sum() / fuller.households.sum()
    assert in_one_piece(fuller, kept)
    assert moved < 0.15
    sums = np.bincount(kept, fuller.households)
    assert (np.abs(sums / sums.mean() - 1) <= 0.1).all()
    assert (free != home).mean() > (kept != home).mean()


def test_borders_lie_on_roads_where_there_are_any() -> None:
    outline, lines, buildings = town(9, 9, seed=1)
    graph = plots(outline, lines, buildings).graph
    cells = cut(graph)
    apart = cells[graph.pairs[:, 0]] != cells[graph.pairs[:, 1]]
    on_roads = graph.metres[apart & (graph.kinds < OPEN)].sum() / graph.metres[apart].sum()
    assert on_roads >= 0.8


def row_of(*households: int) -> Graph:
    """Units beside each other in a row."""
    n = len(households)
    pairs = np.stack([np.arange(n - 1), np.arange(1, n)], axis=1).reshape(-1, 2)
    ones = np.ones(n - 1)
    return Graph(np.array(households), pairs, ones * 40, np.full(n - 1, OPEN), np.full(n, 1600.0), np.full(n, 160.0))


def test_a_building_that_is_too_much_for_a_cell_takes_nothing_from_the_others() -> None:
    graph = row_of(2000, *[40] * 39)
    assert sorted(np.bincount(cut(graph), graph.households).tolist()) == pytest.approx([390] * 4 + [2000], abs=50)


@pytest.mark.parametrize("households", [(600,), (0,), (900, 0), (450, 450), (5,) * 7])
def test_few_units_are_cut_too(households: tuple[int, ...]) -> None:
    graph = row_of(*households)
    assert in_one_piece(graph, cut(graph))


def test_a_mistyped_number_of_households_does_not_hang() -> None:
    assert cell_count(10**12) == pytest.approx(10**12 / 400, rel=0.01)
