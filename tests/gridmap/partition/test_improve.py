"""Windows: whole cells around one, the same graph as if it were alone, and nothing outside of them changed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.partition import kernel
from gridmap.partition.cut import Ask, cut
from gridmap.partition.graph import OPEN
from gridmap.partition.improve import SMALL, Net
from gridmap.partition.plots import plots
from scripts.support.estates import town
from tests.gridmap.partition.test_cut import in_one_piece, lattice


@settings(deadline=None)  # the first call compiles
@given(st.integers(0, 1000), st.integers(1, 12))
def test_a_window_holds_whole_cells_in_one_piece(seed: int, size: int) -> None:
    graph = lattice(12, 12, seed)
    cells = 3 * (np.arange(144) // 36) + np.arange(144) % 12 // 4  # twelve of 4 by 3 units
    starts, others, _ = graph.rows
    units = kernel.around(starts, others, cells, seed % 12, size)
    taken = np.unique(cells[units])
    assert seed % 12 in taken
    assert len(taken) == size
    assert units.tolist() == np.flatnonzero(np.isin(cells, taken)).tolist()


@settings(deadline=None)  # the first call compiles
@given(st.integers(0, 1000))
def test_the_net_of_a_part_is_that_of_its_graph(seed: int) -> None:
    graph = lattice(8, 7, seed)
    units = np.flatnonzero(np.random.default_rng(seed).random(56) < 0.6)
    alone, part = graph.part(units).rows, kernel.part(*graph.rows, units)
    assert all(np.array_equal(one, two) for one, two in zip(part, alone, strict=True))


def test_neighbours_and_costs_are_those_of_the_graph() -> None:
    graph = lattice(6, 6, 3)
    cells = np.arange(36) // 12
    net = Net.of(graph, 400.0, 0.1)
    apart = cells[graph.pairs[:, 0]] != cells[graph.pairs[:, 1]]
    assert net.neighbours(cells, 1) == [0, 2]
    assert net.score(cells, 3)[1] == pytest.approx(graph.cost[apart].sum())


def test_a_subdistrict_has_cells_of_the_wished_size_with_borders_on_lines() -> None:
    graph = plots(*town(12, 12, seed=3)).graph
    cells = cut(graph, Ask(seed=1))
    sums = np.bincount(cells, graph.households)
    apart = cells[graph.pairs[:, 0]] != cells[graph.pairs[:, 1]]
    assert len(graph) > SMALL
    assert in_one_piece(graph, cells)
    assert (np.abs(sums / sums.mean() - 1) <= 0.1 + 1e-9).mean() >= 0.97
    assert graph.metres[apart & (graph.kinds < OPEN)].sum() / graph.metres[apart].sum() >= 0.8
