"""Whether cells within the tolerance can be at all: what is said to be impossible is, and what proves it is named."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.partition.cut import cut
from gridmap.partition.graph import Graph
from gridmap.partition.plots import plots
from scripts.support.estates import town
from scripts.support.proof import verdict
from tests.gridmap.partition.test_cut import in_one_piece, lattice, row_of


@pytest.mark.parametrize(
    ("households", "said"),
    [
        ((500, 100, 100, 100), "impossible: one building alone is too much"),
        ((300, 300, 300), "impossible: by sizes alone, wherever the buildings stood"),
        ((250, 250, 150, 150), "impossible: none of 1 cells fit together"),  # 250 + 150 twice, but they stand apart
        ((100, 300, 300, 100), "possible"),
    ],
)
def test_what_proves_it_is_named(households: tuple[int, ...], said: str) -> None:
    assert verdict(row_of(*households), 2, 0.1, 10) == said


def by_trying(graph: Graph) -> bool:
    """Every way to give nine units two cells."""
    target = graph.households.sum() / 2
    ways = (np.array(way) for way in itertools.product((0, 1), repeat=len(graph)))
    return any(
        (np.abs(np.bincount(cells, graph.households, 2) / target - 1) <= 0.1).all() and in_one_piece(graph, cells)
        for cells in ways
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_it_says_what_trying_everything_says(seed: int) -> None:
    graph = lattice(3, 3, seed)
    assert (verdict(graph, 2, 0.1, 10) == "possible") == by_trying(graph)


def test_towers_are_put_together_where_they_can_be() -> None:
    """Three or four towers make a cell: single ones moved to and fro find no way from one good cut to another."""
    graph = plots(*town(4, 4, 6, towers=1.0)).graph
    cells = cut(graph)
    sums = np.bincount(cells, graph.households)
    assert in_one_piece(graph, cells)
    assert (np.abs(sums / sums.mean() - 1) <= 0.1 + 1e-9).all()
