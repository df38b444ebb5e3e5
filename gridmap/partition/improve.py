"""Cells made better: moves over borders everywhere, and what is out of tolerance cut anew by itself, in a window around it.

Weighing size so heavily everywhere that the last cells fit would draw all other borders off their lines. So that is done only
in windows of some cells, small at first, and only what makes a window better is kept.
"""

from dataclasses import dataclass

import numpy as np

from gridmap.partition import kernel
from gridmap.partition.graph import Floats, Graph, Ints

SMALL = 220  # units up to which the whole is one window
MOVES, MOST_MOVES = 600, 12_000_000  # for each unit, and at most
HEAVY = 300.0  # what being out of tolerance by a whole target costs, in mean borders
COOLING, LUKEWARM = 5, 0.15  # how many times less heat there is at last; the first heat when little is to change
# First heat, how it cools, and what size weighs at first and at last. Each finds what the others miss, so they are taken by turns:
# the last two find cells of few heavy units, as in estates of towers, and spoil the borders of others.
RECIPES = (
    (1.0, 5, (30.0, HEAVY)), (1.5, 150, (30.0, 30.0)), (1.5, 150, (HEAVY, HEAVY)), (6.0, 30, (30.0, HEAVY)), (20.0, 100, (30.0, HEAVY)),
)  # fmt: skip
HOTTEST = 3  # which of them come last
LAST = (8 * HEAVY, HEAVY)  # what size weighs when all that fits may not come out of tolerance again, by turns
ROUNDS = 10  # of joining and splitting, each with double weight and followed by moves
TREES = 24  # tried for each pair
WINDOWS = ((5, 2), (10, 2), (16, 6), (24, 3))  # cells of a window, and how often it is tried


@dataclass(frozen=True)
class Net:
    """Units as the inner loop reads them, in compressed rows, and what is wished of cells.

    `home` is the cell in which a household would rather stay (-1: none here), `keep` what it costs not to, `unit` the mean cost of
    a border, by which heat and weights are measured.
    """

    starts: Ints
    others: Ints
    costs: Floats
    households: Ints
    target: float
    tolerance: float
    unit: float
    home: Ints | None = None
    keep: float = 0.0

    @staticmethod
    def of(graph: Graph, target: float, tolerance: float, home: Ints | None = None, keep: float = 0.0) -> "Net":
        starts, others, costs = graph.rows
        unit = float(costs.mean()) if len(costs) else 1.0
        return Net(starts, others, costs, graph.households, target, tolerance, unit, home, keep)

    def __len__(self) -> int:
        return len(self.households)

    def off(self, cells: Ints, k: int) -> Floats:
        """How far each cell is beyond what is tolerated, as a share of the target."""
        sums = np.bincount(cells, self.households, k)
        found: Floats = np.maximum(np.abs(sums - self.target) / self.target - self.tolerance, 0)
        return found

    def score(self, cells: Ints, k: int) -> tuple[float, float]:
        """The less, the better: how far cells are out of tolerance in all, and what their borders and changes cost."""
        cost = kernel.borders(self.starts, self.others, self.costs, cells)
        if self.home is not None:
            cost += self.keep * float(self.households[cells != self.home].sum())
        return round(float(self.off(cells, k).sum()), 9), cost

    def moves(
        self, cells: Ints, k: int, moves: float, heat: float, weight: tuple[float, float], seed: int, cooling: float = COOLING
    ) -> None:  # fmt: skip
        """Annealed moves, so many for each unit; `cells` is changed."""
        light, heavy = weight
        kernel.anneal(
            self.starts, self.others, self.costs, self.households, cells, k, cells.copy() if self.home is None else self.home,
            self.keep, self.target, self.tolerance, heat * self.unit, heat * self.unit / cooling, min(int(moves * len(self)), MOST_MOVES),
            light * self.unit, heavy * self.unit, seed,
        )  # fmt: skip

    def split(self, cells: Ints, one: int, two: int, weight: float, seed: int) -> bool:
        """Join two neighbours and split them anew; whether it got better, `cells` changed."""
        return bool(kernel.split(
            self.starts, self.others, self.costs, self.households, cells, one, two, self.target, self.tolerance,
            weight * self.unit, TREES, seed,
        ))  # fmt: skip

    def neighbours(self, cells: Ints, cell: int) -> list[int]:
        near: Ints = kernel.near(self.starts, self.others, cells, cell)
        return list(near.tolist())

    def part(self, units: Ints, cells: Ints) -> "Net":
        """Some units alone; `cells` are those of the part, by which homes are numbered."""
        rows = kernel.part(self.starts, self.others, self.costs, units)
        home = None
        if self.home is not None:
            place = {cell: at for at, cell in enumerate(cells.tolist())}
            home = np.array([place.get(cell, -1) for cell in self.home[units].tolist()], dtype=np.int64)
        return Net(*rows, self.households[units], self.target, self.tolerance, self.unit, home, self.keep)


def improved(net: Net, cells: Ints, seed: int, turn: int = 0) -> Ints:
    """Better cells from `cells`, each in one piece as before, as many as before; the same for the same seed."""
    cells, k = cells.copy(), int(cells.max()) + 1
    if len(net) <= SMALL:
        settled = _settled(net, cells, k, MOVES, seed, turn)
        polished = _polished(net, settled, k, seed)
        return min(polished, settled, key=lambda found: net.score(found, k))
    _warmed(net, cells, k, MOVES, seed, turn)
    _resplit(net, cells, k, HEAVY, seed)
    for size, tries in WINDOWS:
        for cell in _wrong(net, cells, k):
            _mend(net, cells, cell, size, tries, seed)
    return cells


def _wrong(net: Net, cells: Ints, k: int) -> list[int]:
    """The cells that are out of tolerance, the worst first."""
    off = net.off(cells, k)
    return [int(cell) for cell in np.argsort(-off, kind="stable") if off[cell] > 0]


def _mend(net: Net, cells: Ints, cell: int, size: int, tries: int, seed: int) -> None:
    """Cut a cell anew together with those around it, if it is (still) out of tolerance; what is not better is not kept."""
    if net.off(cells, cell + 1)[cell] == 0:
        return
    units = kernel.around(net.starts, net.others, cells, cell, size)
    names, own = np.unique(cells[units], return_inverse=True)
    part, k = net.part(units, names), len(names)
    best, least = own, part.score(own, k)
    for turn in range(tries):
        tried = _settled(part, own.copy(), k, MOVES / 2, seed + turn + cell, 3 * turn)
        found = part.score(tried, k)
        if found < least:
            best, least = tried, found
        if least[0] == 0:
            break
    cells[units] = names[best]


def _warmed(net: Net, cells: Ints, k: int, moves: float, seed: int, turn: int) -> float:
    """The first moves; with which heat they began."""
    heat, cooling, weight = RECIPES[turn % len(RECIPES)]
    if net.home is not None:
        heat = LUKEWARM
    net.moves(cells, k, moves=moves, heat=heat, weight=weight, seed=seed, cooling=cooling)
    return heat


def _settled(net: Net, cells: Ints, k: int, moves: float, seed: int, turn: int) -> Ints:
    """Moves, then splits where a cell is out of tolerance, and moves again with more weight, until all fit; the best on the way."""
    heat = _warmed(net, cells, k, moves, seed, turn)
    best, least, weight = cells.copy(), net.score(cells, k), HEAVY

    def keep() -> None:
        nonlocal best, least
        if (found := net.score(cells, k)) < least:
            best, least = cells.copy(), found

    for again in range(1, ROUNDS):
        _resplit(net, cells, k, weight, seed + 7919 * again)
        keep()
        if least[0] == 0:
            break
        weight *= 2
        net.moves(cells, k, moves=0.3 * moves, heat=heat / 4, weight=(weight, weight), seed=seed + 31 * again)
        keep()
    cells = best.copy()
    weight = LAST[seed % len(LAST)]
    net.moves(cells, k, moves=0.3 * moves, heat=heat / 15, weight=(weight, weight), seed=seed + 31 * ROUNDS)
    keep()
    return best


def _resplit(net: Net, cells: Ints, k: int, weight: float, seed: int) -> None:
    """Join each cell that is out of tolerance with its neighbours, one after the other, and split anew."""
    for cell in _wrong(net, cells, k):
        for other in net.neighbours(cells, cell):
            net.split(cells, cell, other, weight, seed + 31 * cell + other)


def _polished(net: Net, cells: Ints, k: int, seed: int) -> Ints:
    """Every two neighbours joined and split, until no two can be split better."""
    cells, better, turn = cells.copy(), True, 0
    while better and turn < ROUNDS:
        better, turn = False, turn + 1
        pairs = [(one, two) for one in range(k) for two in net.neighbours(cells, one) if one < two]
        for one, two in pairs:
            better |= net.split(cells, one, two, LAST[seed % len(LAST)], seed + 104_729 * turn + 31 * one + two)
    return cells
