"""Units and the borders between them: what is joined to cells and never cut."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# What a metre of border costs by what lies there: cells end where it is cheap. A metre costs something everywhere, so that
# cells stay compact: with nothing but the class counted, borders on roads rose by 3 % and compactness fell by 6 % (real blocks).
BARRIER, STREET, BRANCH, LANE, OPEN = range(5)
COST = np.array([2.0, 3.0, 5.0, 7.0, 10.0])


def components(n: int, one: Ints, two: Ints) -> Ints:
    """The connected piece of each of n nodes, by number, given both ends of every link."""
    _, label = connected_components(csr_array((np.ones(len(one)), (one, two)), shape=(n, n)), directed=False)
    return np.asarray(label, dtype=np.int64)


@dataclass(frozen=True)
class Graph:
    """Units by their index, and each border between two of them once.

    `households` per unit; `pairs` (m, 2) with the two units of a border, `metres` (m) its length and `kinds` (m) what lies on
    it; `area` (n) in square metres and `outline` (n) the whole perimeter of each unit in metres, for compactness.
    """

    households: Ints
    pairs: Ints
    metres: Floats
    kinds: Ints
    area: Floats
    outline: Floats

    def __len__(self) -> int:
        return len(self.households)

    @cached_property
    def cost(self) -> Floats:
        """What each border costs to be one of a cell."""
        found: Floats = self.metres * COST[self.kinds]
        return found

    @cached_property
    def rows(self) -> tuple[Ints, Ints, Floats]:
        """Adjacency in compressed rows: where each unit's neighbours begin, the neighbours, and the costs of their borders."""
        ends = np.concatenate([self.pairs[:, 0], self.pairs[:, 1]])
        others = np.concatenate([self.pairs[:, 1], self.pairs[:, 0]])
        order = np.lexsort((others, ends))
        starts = np.zeros(len(self) + 1, dtype=np.int64)
        np.add.at(starts, ends + 1, 1)
        return np.cumsum(starts), others[order], np.concatenate([self.cost, self.cost])[order]

    def part(self, units: Ints) -> "Graph":
        """The graph of some units alone, in the order of `units`."""
        place = np.full(len(self), -1, dtype=np.int64)
        place[units] = np.arange(len(units))
        inside = (place[self.pairs] >= 0).all(axis=1)
        return Graph(
            self.households[units], place[self.pairs[inside]], self.metres[inside], self.kinds[inside],
            self.area[units], self.outline[units],
        )  # fmt: skip
