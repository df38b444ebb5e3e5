"""Whether cells within the tolerance can be at all: proven by one building, by sizes alone, or by all cells that there could be."""

import itertools

import networkx
import numpy as np
from ortools.sat.python import cp_model

from gridmap.partition.graph import Graph
from scripts.support.optimum import possible

MOST_SETS = 150_000  # cells that could be, up to which all of them are looked at


def verdict(graph: Graph, k: int, tolerance: float, seconds: float) -> str:
    """`possible`, `impossible: …` with what proves it, or `unknown` within so many seconds for each way of proving."""
    target = float(graph.households.sum() / k)
    least, most = int(np.ceil(target * (1 - tolerance) - 1e-9)), int(np.floor(target * (1 + tolerance) + 1e-9))
    if graph.households.max() > most:
        return "impossible: one building alone is too much"
    if not sizes_fit(graph, k, least, most, seconds):
        return "impossible: by sizes alone, wherever the buildings stood"
    sets = connected(graph, least, most)
    if sets is not None:
        found = _partition(len(graph), sets, k, seconds)
        return (
            "unknown"
            if found is None
            else "possible"
            if found
            else f"impossible: none of {len(sets)} cells fit together"
        )
    found = possible(graph, k, tolerance, seconds)
    return "unknown" if found is None else "possible" if found else "impossible: no cells in one piece"


def sizes_fit(graph: Graph, k: int, least: int, most: int, seconds: float) -> bool:
    """Whether buildings of these sizes fill k cells if they could stand anywhere; True also if that was not proven in time."""
    model = cp_model.CpModel()
    sizes, counts = np.unique(graph.households, return_counts=True)
    taken = [
        [model.new_int_var(0, int(count), f"{size} in {cell}") for size, count in zip(sizes, counts, strict=True)]
        for cell in range(k)
    ]
    for at, count in enumerate(counts):
        model.add(sum(cell[at] for cell in taken) == int(count))
    totals = [sum(int(size) * own for size, own in zip(sizes, cell, strict=True)) for cell in taken]
    for total in totals:
        model.add_linear_constraint(total, least, most)
    for one, two in itertools.pairwise(totals):
        model.add(one >= two)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    return bool(solver.solve(model) != cp_model.INFEASIBLE)


def connected(graph: Graph, least: int, most: int) -> list[frozenset[int]] | None:
    """Every set of units in one piece with so many households; None if there are too many to list."""
    links = networkx.Graph(graph.pairs.tolist())
    links.add_nodes_from(range(len(graph)))
    near = [frozenset(links[unit]) for unit in range(len(graph))]
    weight = graph.households.tolist()
    found, seen = list[frozenset[int]](), 0
    # Each set grows from its least unit; what was left out once stays out, so none comes twice.
    open_sets = [(frozenset([unit]), weight[unit], frozenset(range(unit))) for unit in range(len(graph))]
    while open_sets:
        own, total, out = open_sets.pop()
        seen += 1
        if seen > MOST_SETS:
            return None
        if total >= least:
            found.append(own)
        left_out = out
        for there in sorted(frozenset().union(*(near[unit] for unit in own)) - own - out):
            if total + weight[there] <= most:
                open_sets.append((own | {there}, total + weight[there], left_out))
                left_out |= {there}
    return found


def _partition(units: int, sets: list[frozenset[int]], k: int, seconds: float) -> bool | None:
    """Whether k of these sets hold each unit once."""
    model = cp_model.CpModel()
    chosen = [model.new_bool_var(str(at)) for at in range(len(sets))]
    holding = [list[cp_model.IntVar]() for _ in range(units)]
    for own, one in zip(sets, chosen, strict=True):
        for unit in own:
            holding[unit].append(one)
    for those in holding:
        model.add_exactly_one(those)
    model.add(sum(chosen) == k)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    return True if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else False if status == cp_model.INFEASIBLE else None
