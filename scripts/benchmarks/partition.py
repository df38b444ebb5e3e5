"""`scripts/bench partition`: cuts of communities, a subdistrict and a district, beside METIS, gerrychain and spopt in the same run."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pymetis

from gridmap.partition.cut import Ask, cell_count, cut
from gridmap.partition.graph import Graph, Ints
from gridmap.partition.plots import plots
from gridmap.partition.sizes import TOLERANCE
from scripts.benchmarks.cuts import HEAD, Land, Made, measured, row
from scripts.benchmarks.live import machine, now
from scripts.support import peers
from scripts.support.estates import town
from scripts.support.optimum import IMPOSSIBLE, optimum
from scripts.support.proof import verdict

PROVING = 20.0  # seconds for each way of proving
BESIDE = 5  # communities that the peers are given


def run(communities: int, small: int, peer_seconds: float, python: Path) -> None:
    print(f"{now()}, {machine()}\n", flush=True)
    cut(plots(*town(3, 3)).graph)  # the inner loop is compiled once
    print(f"| {' | '.join(HEAD)} |\n{'|---' * len(HEAD)}|")
    several = [Land.of(6, seed) for seed in range(communities)]
    made = _rows(f"{communities} communities", several)
    beside = several[:BESIDE]
    _rows(f"the first {len(beside)}", beside)
    _peers(f"the first {len(beside)}", beside, peer_seconds, python)
    towers = [Land.of(4, seed, towers=1.0) for seed in range(communities // 3)]
    of_towers = _rows(f"{len(towers)} estates of towers", towers)
    for name, side in (("subdistrict", 20), ("district", 75)):
        land = Land.of(side, 1)
        label = f"{name} ({len(land.plots.graph):,} units)"
        _rows(label, [land])
        _peers(label, [land], peer_seconds, python)
    whole = [one.ground + one.cutting + one.shaping for one in made]
    print(
        f"\nA community with its geometry: median {np.median(whole):.3f} s, p99 {np.quantile(whole, 0.99):.3f} s of CPU."
    )
    _missed("Communities", several, made)
    _missed("Estates of towers", towers, of_towers)
    _against_optimum(small)


def _rows(label: str, lands: Sequence[Land]) -> list[Made]:
    made = [_cut(land, cut) for land in lands]
    print(row(label, "gridmap", made))
    print(row(label, "METIS alone", [_cut(land, _metis) for land in lands]), flush=True)
    return made


def _cut(land: Land, by: Callable[[Graph], Ints]) -> Made:
    began = time.process_time()
    cells = by(land.plots.graph)
    return measured(land, cells, time.process_time() - began)


def _metis(graph: Graph) -> Ints:
    starts, others, costs = graph.rows
    weights = np.maximum(1, np.rint(costs * (1000.0 / costs.max()))).astype(np.int64)
    adjacency = pymetis.CSRAdjacency(adj_starts=starts, adjacent=others)
    options = pymetis.Options(contig=True, seed=0, ufactor=30)
    k = cell_count(int(graph.households.sum()))
    _, found = pymetis.part_graph(k, adjacency=adjacency, eweights=weights, vweights=graph.households, options=options)
    return np.unique(np.asarray(found, dtype=np.int64), return_inverse=True)[1]


def _peers(label: str, lands: Sequence[Land], limit: float, python: Path) -> None:
    """The same graphs for each peer, so many seconds for each graph; 0 leaves them out."""
    if not limit:
        return
    given = [peers.task(land.plots, land.count, TOLERANCE) for land in lands]
    for peer, name in peers.PEERS.items():
        answers = [peers.ask(python, peer, one, limit) for one in given]
        made = [
            measured(land, answer.cells, answer.seconds)
            for land, answer in zip(lands, answers, strict=True)
            if answer.cells is not None
        ]
        failed = Counter(answer.why for answer in answers if answer.cells is None)
        said = "; ".join(f"{why} ({count} of {len(lands)})" for why, count in failed.items())
        way = f"{name}: {said}" if said else name
        print(row(label, way, made) if made else f"| {label} | {way} |", flush=True)


def _missed(what: str, lands: Sequence[Land], made: Sequence[Made]) -> None:
    """For each ground with a cell out of tolerance: whether there is another way, and whether another number of cells has one."""
    missing = [land for land, one in zip(lands, made, strict=True) if one.misses]
    print(f"{what} with a cell beyond 10 %: {len(missing)} of {len(made)}.", flush=True)
    for land in missing:
        graph, k = land.plots.graph, land.count
        allowed = range(-(-int(graph.households.sum()) // 500), int(graph.households.sum()) // 300 + 1)
        said = [
            f"{count} cells {verdict(graph, count, TOLERANCE, PROVING)}"
            for count in (k - 1, k, k + 1)
            if count in allowed
        ]
        print(f"- {len(graph)} units, {graph.households.sum():,} households, {k} cells: {'; '.join(said)}.", flush=True)


def _against_optimum(small: int) -> None:
    """Cut small grounds by this way and exactly; only what the solver proved in time counts."""
    proven, hit, gaps = 0, 0, list[float]()
    for seed in range(small):
        graph = plots(*town(3, 2 + seed % 2, seed)).graph
        cells = cut(graph, Ask(tolerance=TOLERANCE))
        k = int(cells.max()) + 1
        least = optimum(graph, k, TOLERANCE, 60.0) if k > 1 else None
        if least is None or least == IMPOSSIBLE:
            continue
        cost = float(graph.cost[cells[graph.pairs[:, 0]] != cells[graph.pairs[:, 1]]].sum())
        proven += 1
        hit += cost <= least * 1.0005 + 1
        gaps.append(cost / least - 1)
    mean = np.mean(gaps) if gaps else 0.0
    print(
        f"Small grounds solved exactly: {proven} of {small}; {hit} of them cut as well as can be, mean gap {mean:.2%}."
    )
