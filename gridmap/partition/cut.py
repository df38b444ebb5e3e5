"""Units joined to cells of a target size, each in one piece, with borders where they are cheap.

A seed by METIS, repaired to cells in one piece; annealed moves over the borders; then what is too large or too small is cut anew
with its neighbours (`improve`). Of a community several seeds, and the best of them.
"""

from dataclasses import dataclass

import numpy as np
import pymetis

from gridmap.partition import kernel
from gridmap.partition.graph import Graph, Ints, components
from gridmap.partition.improve import HOTTEST, SMALL, Net, improved
from gridmap.partition.sizes import FEWEST, MOST, TARGET, TOLERANCE

# Of few units several seeds are tried, for the best of them is nearly always the optimum: fewer of more units.
# As many again, with the recipes for towers, where a cell is still out of tolerance.
FEWEST_SEEDS, MOST_SEEDS, TRIED = 3, 24, 60_000


@dataclass(frozen=True)
class Ask:
    """What the planner wishes: households of a cell, how far off is tolerated (a share), and the seed of chance.

    `keep` is what it costs, in metres of open ground, to give a household another cell than `home` gives it.
    """

    target: int = TARGET
    tolerance: float = TOLERANCE
    seed: int = 0
    keep: float = 0.0


def cell_count(households: int, target: int = TARGET) -> int:
    """How many cells: so that all can have 300–500 households where arithmetic allows, and then nearest to the target.

    No number of cells does it for less than 300 and for 501–599 households; then the nearest to the target is taken.
    """
    fewest, most = max(1, -(-households // MOST)), households // FEWEST
    if fewest > most:
        return max(1, round(households / target))
    near = {min(max(k, fewest), most) for k in (households // target, households // target + 1)}
    return min(near, key=lambda k: (abs(households / k - target), k))


def cut(graph: Graph, ask: Ask = Ask(), home: Ints | None = None) -> Ints:
    """The cell of each unit, from 0; each cell is in one piece. Units that touch nothing else are cells of their own pieces.

    With `home` (a cell for each unit, all of them in one piece) it starts there and keeps their number and names.
    """
    if home is not None:
        target = max(1.0, float(graph.households.sum()) / (int(home.max()) + 1))
        return improved(Net.of(graph, target, ask.tolerance, home, ask.keep), home, ask.seed)
    found, first = np.zeros(len(graph), dtype=np.int64), 0
    for units in pieces(graph):
        own = _piece(graph.part(units), ask)
        found[units] = own + first
        first += int(own.max()) + 1
    return found


def pieces(graph: Graph) -> list[Ints]:
    """The units of each connected piece of the graph."""
    label = components(len(graph), graph.pairs[:, 0], graph.pairs[:, 1])
    return [np.flatnonzero(label == one) for one in range(int(label.max()) + 1)]


def _piece(graph: Graph, ask: Ask) -> Ints:
    k = min(aim(graph, ask.target)[0], len(graph))
    if k == 1:
        return np.zeros(len(graph), dtype=np.int64)
    net = Net.of(graph, aim(graph, ask.target)[1], ask.tolerance)
    if len(graph) > SMALL:
        return improved(net, _seeded(graph, k, ask.seed), ask.seed)
    best, least = np.zeros(0, dtype=np.int64), (np.inf, np.inf)
    for turn in range(2 * MOST_SEEDS):
        recipe = turn if turn < MOST_SEEDS else HOTTEST + turn % 2
        cells = improved(net, _seeded(graph, k, ask.seed + turn), ask.seed + turn, recipe)
        found = net.score(cells, k)
        if found < least:
            best, least = cells, found
        if least[0] == 0 and turn + 1 >= _seeds(len(graph)):
            break
    return best


def aim(graph: Graph, target: int) -> tuple[int, float]:
    """How many cells, and how many households each should have. A unit with more than 500 is a cell by itself, whatever is wished."""
    heavy = graph.households > MOST
    rest = int(graph.households[~heavy].sum())
    own = int(heavy.sum())
    k = cell_count(rest, target) if rest or not own else 0
    return own + k, (rest / k if k and rest else float(graph.households.sum() or 1) / max(1, own + k))


def _seeds(units: int) -> int:
    return max(FEWEST_SEEDS, min(MOST_SEEDS, TRIED // units**2))


def _seeded(graph: Graph, k: int, seed: int) -> Ints:
    """k cells by METIS, mended: each in one piece and none empty."""
    starts, others, costs = graph.rows
    weights = np.maximum(1, np.rint(costs * (1000.0 / max(costs.max(), 1e-9)))).astype(np.int64)
    options = pymetis.Options(contig=True, seed=seed, ufactor=30 if seed % 2 else 100)
    _, found = pymetis.part_graph(
        k, adjacency=pymetis.CSRAdjacency(adj_starts=starts, adjacent=others), eweights=weights,
        vweights=np.maximum(graph.households, 0), options=options,
    )  # fmt: skip
    return mended(graph, np.asarray(found, dtype=np.int64), k)


def mended(graph: Graph, cells: Ints, k: int) -> Ints:
    """Every cell in one piece: what lies apart goes to the neighbour with the longest common border; none is empty."""
    cells = cells.copy()
    for _ in range(len(graph)):
        apart = _apart(graph, cells)
        if not len(apart):
            break
        _give_away(graph, cells, apart)
    for empty in set(range(k)) - set(cells.tolist()):
        _fill(graph, cells, empty)
    return cells


def _apart(graph: Graph, cells: Ints) -> Ints:
    """The units of one piece that lies apart from the larger rest of its cell; none if there is no such piece."""
    same = cells[graph.pairs[:, 0]] == cells[graph.pairs[:, 1]]
    label = components(len(graph), *graph.pairs[same].T)
    weight = np.bincount(label, graph.households + 1e-3)
    cell_of = np.zeros(len(weight), dtype=np.int64)
    cell_of[label] = cells
    largest: dict[int, int] = {}
    for piece in np.argsort(-weight, kind="stable"):
        if largest.setdefault(int(cell_of[piece]), int(piece)) != piece:
            found: Ints = np.flatnonzero(label == piece)
            return found
    return np.zeros(0, dtype=np.int64)


def _give_away(graph: Graph, cells: Ints, units: Ints) -> None:
    inside = np.zeros(len(graph), dtype=bool)
    inside[units] = True
    one, two = graph.pairs.T
    leads = inside[one] != inside[two]
    beyond = np.where(inside[one], two, one)[leads]
    cells[units] = np.argmax(np.bincount(cells[beyond], graph.metres[leads]))


def _fill(graph: Graph, cells: Ints, empty: int) -> None:
    """Give an empty cell one unit of the largest cell, at its edge, that can be taken away."""
    starts, others, _ = graph.rows
    sums = np.bincount(cells, graph.households)
    n = len(graph)
    for cell in np.argsort(-sums, kind="stable"):
        for unit in np.flatnonzero(cells == cell):
            alone = np.zeros(n, dtype=np.int64), np.empty(n, dtype=np.int64)
            if (cells == cell).sum() > 1 and kernel.reaches(starts, others, cells, int(unit), *alone, 1):
                cells[unit] = empty
                return
