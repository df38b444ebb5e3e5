"""The least that borders of cells can cost, proven by an exact solver: what cuts are compared with in tests and benchmarks."""

import itertools
import math
import time

import networkx
import numpy as np
from ortools.sat.python import cp_model

from gridmap.partition.graph import Graph, Ints

SCALE = 10


IMPOSSIBLE = math.inf


def optimum(graph: Graph, k: int, tolerance: float, seconds: float) -> float | None:
    """The least cost of borders of k cells in one piece within the tolerance; None if nothing is proven in time.

    IMPOSSIBLE if it is proven that there are no such cells.
    Contiguity by cuts that are added when a solution breaks it: what lies apart needs one of the units around it.
    """
    model = cp_model.CpModel()
    n, target = len(graph), graph.households.sum() / k
    own = [[model.new_bool_var(f"{unit} in {cell}") for cell in range(k)] for unit in range(n)]
    for unit in range(n):
        model.add_exactly_one(own[unit])
    for cell in range(k):
        total = sum(int(graph.households[unit]) * own[unit][cell] for unit in range(n))
        model.add(total >= int(np.ceil(target * (1 - tolerance))))
        model.add(total <= int(np.floor(target * (1 + tolerance))))
    apart = [model.new_bool_var(f"border {at}") for at in range(len(graph.pairs))]
    for at, (one, two) in enumerate(graph.pairs):
        for cell in range(k):
            model.add(own[one][cell] - own[two][cell] <= apart[at])
    costs = np.rint(graph.cost * SCALE).astype(np.int64)
    model.minimize(sum(int(cost) * border for cost, border in zip(costs, apart, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        solver.parameters.max_time_in_seconds = left
        found = solver.solve(model)
        if found != cp_model.OPTIMAL:
            return IMPOSSIBLE if found == cp_model.INFEASIBLE else None
        cells = np.array([next(c for c in range(k) if solver.value(own[unit][c])) for unit in range(n)])
        broken = _broken(graph, cells)
        if not broken:
            return solver.objective_value / SCALE
        for part, around in broken:
            for cell in range(k):
                model.add_bool_or([
                    *(own[unit][cell].negated() for unit in part[:1]),
                    *(own[unit][cell] for unit in around),
                    *(own[unit][cell].negated() for unit in part[1:]),
                ])  # fmt: skip
    return None


def _broken(graph: Graph, cells: Ints) -> list[tuple[list[int], list[int]]]:
    """The pieces of cells that lie apart from the largest of their cell, too small for a cell, each with the units around it."""

    links = networkx.Graph(graph.pairs.tolist())
    found = []
    for cell in np.unique(cells):
        own = links.subgraph(np.flatnonzero(cells == cell))
        parts = sorted(networkx.connected_components(own), key=lambda part: graph.households[list(part)].sum())
        for part in parts[:-1]:
            around = set(itertools.chain.from_iterable(links[unit] for unit in part)) - part
            found.append((sorted(part), sorted(around)))
    return found
