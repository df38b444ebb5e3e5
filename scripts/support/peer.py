"""One peer cuts one graph: `peer.py recom|maxp|ward|skater GIVEN.json CELLS.json`, run by the Python of `scripts/setup --peers`.

Each as its documentation shows it, with the same graph, households and number of cells.
"""

import contextlib
import json
import random
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

STEPS = 60  # of ReCom for each cell
BURST = 10
SEEDS = 5  # for each tolerance
TRIES = 20  # constructions of Max-p, of which the best are annealed
Given = dict[str, Any]


def recom(given: Given) -> list[int]:
    """A seed by recursive trees, then short bursts of ReCom towards cheap borders, every plan within the tolerance."""
    import networkx
    from gerrychain import Graph, Partition
    from gerrychain.constraints import within_percent_of_ideal_population
    from gerrychain.optimization import SingleMetricOptimizer
    from gerrychain.proposals import recom as merged_and_split
    from gerrychain.tree import bipartition_tree
    from gerrychain.updaters import Tally

    k, tolerance, chance = given["k"], given["tolerance"], random.Random(0)
    target = sum(given["households"]) / k
    links: Any = networkx.Graph()
    links.add_nodes_from((unit, {"households": own}) for unit, own in enumerate(given["households"]))
    for (one, two), cost in zip(given["pairs"], given["costs"], strict=True):
        before = links.get_edge_data(one, two, {"cost": 0.0})["cost"]
        links.add_edge(one, two, cost=before + cost)
    graph = Graph.from_networkx(links)
    tolerance, begun = _begun(graph, k, target, tolerance, chance)
    start = Partition(graph, begun, {"population": Tally("households", alias="population")})
    halves = partial(bipartition_tree, max_attempts=100, allow_pair_reselection=True)

    def propose(partition: Any, *, rng: Any) -> Any:
        return merged_and_split(partition, "households", target, tolerance, bipartition_tree_fn=halves, rng=rng)

    def cost_of(partition: Any) -> float:
        return float(sum(graph.edge_data(edge)["cost"] for edge in partition["cut_edges"]))

    within = within_percent_of_ideal_population(start, tolerance, pop_key="population")
    search = SingleMetricOptimizer(propose, [within], start, cost_of, maximize=False, rng=chance)
    for _ in search.short_bursts(BURST, STEPS * k // BURST):
        pass
    best: Any = search.best_part
    known = {graph.original_nx_node_id_for_internal_node_id(node): part for node, part in best.assignment.items()}
    return [int(known[unit]) for unit in range(len(given["households"]))]


def _begun(graph: Any, k: int, target: float, tolerance: float, chance: random.Random) -> tuple[float, Any]:
    """A first plan, and the tolerance that it keeps: where towers stand none may be found within the one that was wished."""
    from gerrychain.partition import recursive_tree_part
    from gerrychain.tree import bipartition_tree

    for wider in (1.0, 1.5, 2.0, 2.5):
        for _ in range(SEEDS):
            with contextlib.suppress(RuntimeError):
                halves = partial(bipartition_tree, max_attempts=1000)
                return wider * tolerance, recursive_tree_part(
                    graph, range(k), target, "households", wider * tolerance, bipartition_tree_fn=halves, rng=chance
                )
    raise SystemExit("no first plan was found")


def _frame(given: Given) -> tuple[Any, Any]:
    import geopandas
    import libpysal
    import shapely

    x, y = zip(*given["points"], strict=True)
    columns = {"x": x, "y": y, "households": given["households"]}
    frame = geopandas.GeoDataFrame(columns, geometry=shapely.points(given["points"]))
    near: dict[int, list[int]] = {unit: [] for unit in range(len(frame))}
    for one, two in {tuple(pair) for pair in given["pairs"]}:
        near[one].append(two)
        near[two].append(one)
    return frame, libpysal.weights.W(near, silence_warnings=True)


def maxp(given: Given) -> list[int]:
    """As many regions as can be, each with so many households that there are about k."""
    from spopt.region import MaxPHeuristic

    least = (1 - given["tolerance"]) * sum(given["households"]) / given["k"]
    model = MaxPHeuristic(
        *_frame(given), ["x", "y"], "households", least, 2, max_iterations_construction=TRIES, max_iterations_sa=10
    )
    model.solve()
    return [int(one) for one in model.labels_]


def ward(given: Given) -> list[int]:
    """k regions of points near each other; it knows no households."""
    from spopt.region import WardSpatial

    model = WardSpatial(*_frame(given), ["x", "y"], n_clusters=given["k"])
    model.solve()
    return [int(one) for one in model.labels_]


def skater(given: Given) -> list[int]:
    """A spanning tree pruned to k regions of at least three units; it knows no households."""
    from spopt.region import Skater

    model = Skater(*_frame(given), ["x", "y"], n_clusters=given["k"], floor=3)
    model.solve()
    return [int(one) for one in model.labels_]


WAYS: dict[str, Callable[[Given], list[int]]] = {"recom": recom, "maxp": maxp, "ward": ward, "skater": skater}


def main() -> None:
    way, source, target = sys.argv[1:]
    given = json.loads(Path(source).read_text(encoding="utf-8"))
    warnings.simplefilter("ignore")
    import numpy as np

    np.random.seed(0)  # spopt draws from it
    began = time.process_time()
    cells = WAYS[way](given)
    Path(target).write_text(json.dumps({"cells": cells, "seconds": time.process_time() - began}), encoding="utf-8")


if __name__ == "__main__":
    main()
