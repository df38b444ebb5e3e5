"""Small instances against the optimum that an exact solver proves."""

import pytest

from gridmap.partition.cut import cut
from scripts.support.optimum import optimum
from tests.gridmap.partition.test_cut import in_one_piece, lattice


@pytest.mark.parametrize("seed", range(12))
def test_small_communities_are_cut_as_well_as_can_be(seed: int) -> None:
    graph = lattice(5, 5, seed)
    cells = cut(graph)
    k = int(cells.max()) + 1
    least = optimum(graph, k, 0.1, 30)
    assert least is not None
    apart = cells[graph.pairs[:, 0]] != cells[graph.pairs[:, 1]]
    assert in_one_piece(graph, cells)
    assert graph.cost[apart].sum() <= least + 1  # the solver counts in tenths
