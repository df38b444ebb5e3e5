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
    """
    model, own = _model(graph, k, tolerance)
    apart = [model.new_bool_var(f"border {at}") for at in range(len(graph.pairs))]
    for at, (one, two) in enumerate(graph.pairs):
        for cell in range(k):
            model.add(own[one][cell] - own[two][cell] <= apart[at])
    costs = np.rint(graph.cost * SCALE).astype(np.int64)
    model.minimize(sum(int(cost) * border for cost, border in zip(costs, apart, strict=True)))
    known, cells = _solved(model, own, graph, seconds)
    if known and cells is not None:
        one, two = graph.pairs.T
        return float(costs[cells[one] != cells[two]].sum()) / SCALE
    return IMPOSSIBLE if known else None


def possible(graph: Graph, k: int, tolerance: float, seconds: float) -> bool | None:
    """Whether there are k cells in one piece within the tolerance; None if neither was proven in time.

    At first without asking for one piece: where sizes alone do not fit, nothing does.
    """
    target = graph.households.sum() / k
    if graph.households.max() > target * (1 + tolerance):
        return False
    model, own = _model(graph, k, tolerance)
    known, cells = _solved(model, own, graph, seconds)
    return cells is not None if known else None


def _model(graph: Graph, k: int, tolerance: float) -> tuple[cp_model.CpModel, list[list[cp_model.IntVar]]]:
    """Each unit in one cell, each cell within the tolerance. The heaviest units give cells their numbers."""
    model = cp_model.CpModel()
    n, target = len(graph), graph.households.sum() / k
    own = [[model.new_bool_var(f"{unit} in {cell}") for cell in range(k)] for unit in range(n)]
    for unit in range(n):
        model.add_exactly_one(own[unit])
    for cell in range(k):
        total = sum(int(graph.households[unit]) * own[unit][cell] for unit in range(n))
        model.add(total >= int(np.ceil(target * (1 - tolerance) - 1e-9)))
        model.add(total <= int(np.floor(target * (1 + tolerance) + 1e-9)))
    heaviest = np.argsort(-graph.households, kind="stable")[: k - 1]
    for at, unit in enumerate(heaviest):
        for cell in range(at + 1, k):
            model.add(own[unit][cell] == 0)
    return model, own


def _solved(
    model: cp_model.CpModel, own: list[list[cp_model.IntVar]], graph: Graph, seconds: float
) -> tuple[bool, Ints | None]:
    """Whether it is known in time, and the best cells if there are any.

    Contiguity by cuts that are added when a solution breaks it: what lies apart needs one of the units around it.
    """
    n, k = len(own), len(own[0])
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        solver.parameters.max_time_in_seconds = left
        found = solver.solve(model)
        if found == cp_model.INFEASIBLE:
            return True, None
        if found != cp_model.OPTIMAL:
            return False, None
        cells = np.array([next(c for c in range(k) if solver.value(own[unit][c])) for unit in range(n)])
        broken = _broken(graph, cells)
        if not broken:
            return True, cells
        for part, around in broken:
            for cell in range(k):
                model.add_bool_or([
                    *(own[unit][cell].negated() for unit in part[:1]),
                    *(own[unit][cell] for unit in around),
                    *(own[unit][cell].negated() for unit in part[1:]),
                ])  # fmt: skip
    return False, None


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
