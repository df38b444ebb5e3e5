"""`scripts/bench partition`: cuts of communities, a subdistrict and a district, beside METIS alone in the same run."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pymetis
import shapely

from gridmap.partition.cut import Ask, cell_count, cut
from gridmap.partition.graph import Graph, Ints
from gridmap.partition.measure import CellFigures, figures
from gridmap.partition.plots import Building, Plots, plots
from scripts.benchmarks.live import machine, now
from scripts.support.estates import town
from scripts.support.optimum import IMPOSSIBLE, optimum

TOLERANCE = 0.1
SOLVING = 20.0  # seconds for the solver
HEAD = (
    "ground", "way", "cells", "CPU s: units", "cut", "shapes", "≤ 10 %", "300–500", "one piece", "worst", "compactness", "its p10",
    "on lines", "gap m²", "crossed",
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """One ground cut: CPU seconds for its units, for its cells and for their shapes, and what came of it."""

    ground: float
    cutting: float
    shaping: float
    figures: list[CellFigures]
    gap: float  # square metres between the outline and the cells, and of cells over each other
    crossed: int  # buildings that a border of cells crosses


def run(communities: int, small: int) -> None:
    print(f"{now()}, {machine()}\n", flush=True)
    cut(plots(*town(3, 3)).graph)  # the inner loop is compiled once
    grounds = [_ground(6, seed) for seed in range(communities)]
    several = [_cut(*ground) for ground in grounds]
    alone = [_cut(*ground, by=_metis) for ground in grounds]
    print(f"| {' | '.join(HEAD)} |\n{'|---' * len(HEAD)}|")
    print(_row(f"{communities} communities", "gridmap", several))
    print(_row(f"{communities} communities", "METIS alone", alone))
    for name, side in (("subdistrict", 20), ("district", 75)):
        ground, seconds, buildings = _ground(side, 1)
        label = f"{name} ({len(ground.graph):,} units)"
        print(_row(label, "gridmap", [_cut(ground, seconds, buildings)]), flush=True)
        print(_row(label, "METIS alone", [_cut(ground, seconds, buildings, by=_metis)]), flush=True)
    whole = [one.ground + one.cutting + one.shaping for one in several]
    print(
        f"\nA community with its geometry: median {np.median(whole):.3f} s, p99 {np.quantile(whole, 0.99):.3f} s of CPU."
    )
    _missed([ground for ground, _, _ in grounds], several)
    _against_optimum(small)


def _ground(side: int, seed: int) -> tuple[Plots, float, list[Building]]:
    outline, lines, buildings = town(side, side, seed)
    began = time.process_time()
    return plots(outline, lines, buildings), time.process_time() - began, buildings


def _cut(ground: Plots, seconds: float, buildings: list[Building], by: Callable[[Graph], Ints] = cut) -> Made:
    began = time.process_time()
    cells = by(ground.graph)
    halfway = time.process_time()
    shapes = ground.cells(cells)
    done = time.process_time()
    covered = shapely.union_all(shapes)
    gap = ground.outline.symmetric_difference(covered).area + abs(sum(one.area for one in shapes) - covered.area)
    borders = shapely.STRtree([one.boundary for one in shapes])
    inner = shapely.buffer(np.array([one.shape for one in buildings], dtype=object), -0.02)
    crossed = len(np.unique(borders.query(inner, predicate="intersects")[0]))
    found = figures(ground.graph, cells, shapes)
    return Made(seconds, halfway - began, done - halfway, found, gap, crossed)


def _metis(graph: Graph) -> Ints:
    starts, others, costs = graph.rows
    weights = np.maximum(1, np.rint(costs * (1000.0 / costs.max()))).astype(np.int64)
    adjacency = pymetis.CSRAdjacency(adj_starts=starts, adjacent=others)
    options = pymetis.Options(contig=True, seed=0, ufactor=30)
    k = cell_count(int(graph.households.sum()))
    _, found = pymetis.part_graph(k, adjacency=adjacency, eweights=weights, vweights=graph.households, options=options)
    return np.unique(np.asarray(found, dtype=np.int64), return_inverse=True)[1]


def _row(label: str, way: str, made: list[Made]) -> str:
    cells = [cell for one in made for cell in one.figures]
    off = np.array([abs(cell.deviation) for cell in cells])
    compact = np.array([cell.compactness for cell in cells])
    border = np.sum([cell.border for cell in cells], axis=0)
    mean = {name: np.mean([getattr(one, name) for one in made]) for name in ("ground", "cutting", "shaping")}
    columns = [
        label, way, f"{len(cells):,}", f"{mean['ground']:.2f}", f"{mean['cutting']:.3f}", f"{mean['shaping']:.3f}",
        f"{(off <= TOLERANCE).mean():.1%}", f"{np.mean([cell.in_range for cell in cells]):.1%}",
        f"{np.mean([cell.in_one_piece for cell in cells]):.1%}", f"{off.max():.2f}", f"{compact.mean():.2f}",
        f"{np.quantile(compact, 0.1):.2f}", f"{1 - border[-1] / border.sum():.0%}", f"{max(one.gap for one in made):.4f}",
        str(sum(one.crossed for one in made)),
    ]  # fmt: skip
    return f"| {' | '.join(columns)} |"


def _missed(grounds: list[Plots], made: list[Made]) -> None:
    """For each community with a cell out of tolerance: whether the solver proves that there is no other way."""
    verdicts = list[str]()
    for ground, one in zip(grounds, made, strict=True):
        if any(abs(cell.deviation) > TOLERANCE for cell in one.figures):
            heaviest = ground.graph.households.max() / np.mean([cell.households for cell in one.figures])
            if heaviest > 1 + TOLERANCE:
                verdicts.append("impossible")  # one building alone is too much for a cell
                continue
            least = optimum(ground.graph, len(one.figures), TOLERANCE, SOLVING)
            verdicts.append("open" if least is None else "impossible" if least == IMPOSSIBLE else "possible")
    said = ", ".join(f"{verdicts.count(word)} {word}" for word in ("impossible", "possible", "open"))
    print(f"Communities with a cell beyond 10 %: {len(verdicts)} of {len(made)}; that all were within it is {said}.")


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
