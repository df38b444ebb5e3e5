"""One ground cut by one way, measured the same for all: CPU seconds, households, compactness, lines, gaps, buildings crossed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.partition.cut import aim
from gridmap.partition.graph import Ints
from gridmap.partition.measure import CellFigures, figures
from gridmap.partition.plots import Building, Plots, plots
from gridmap.partition.sizes import TARGET, TOLERANCE
from scripts.support.estates import town

HEAD = (
    "ground", "way", "cells", "CPU s: units", "cut", "shapes", "≤ 10 %", "300–500", "one piece", "worst", "compactness", "its p10",
    "on lines", "gap m²", "crossed",
)  # fmt: skip
EXACTLY = 1e-9  # 451 households of 410 are 10 % more, whatever a computer makes of it


@dataclass(frozen=True)
class Land:
    """Made-up ground with its units, and the CPU seconds that they took."""

    plots: Plots
    buildings: list[Building]
    seconds: float

    @staticmethod
    def of(side: int, seed: int, towers: float = 0.2) -> "Land":
        outline, lines, buildings = town(side, side, seed, towers)
        began = time.process_time()
        return Land(plots(outline, lines, buildings), buildings, time.process_time() - began)

    @property
    def target(self) -> float:
        """The households that each cell should have."""
        return aim(self.plots.graph, TARGET)[1]

    @property
    def count(self) -> int:
        return aim(self.plots.graph, TARGET)[0]


@dataclass(frozen=True)
class Made:
    """What a way made of a ground: CPU seconds for its units, for its cells and for their shapes, and how good they are."""

    ground: float
    cutting: float
    shaping: float
    figures: list[CellFigures]
    off: list[float]  # of each cell from what was wished, as a share
    gap: float  # square metres between the outline and the cells, and of cells over each other
    crossed: int  # buildings that a border of cells crosses

    @property
    def misses(self) -> bool:
        return max(self.off) > TOLERANCE + EXACTLY


def measured(land: Land, cells: Ints, cutting: float) -> Made:
    began = time.process_time()
    shapes = land.plots.cells(cells)
    shaping = time.process_time() - began
    covered = shapely.union_all(shapes)
    gap = land.plots.outline.symmetric_difference(covered).area + abs(sum(one.area for one in shapes) - covered.area)
    borders = shapely.STRtree([one.boundary for one in shapes])
    inner = shapely.buffer(np.array([one.shape for one in land.buildings], dtype=object), -0.02)
    crossed = len(np.unique(borders.query(inner, predicate="intersects")[0]))
    found = figures(land.plots.graph, cells, shapes)
    off = [abs(cell.households / land.target - 1) for cell in found]
    return Made(land.seconds, cutting, shaping, found, off, gap, crossed)


def row(label: str, way: str, made: Sequence[Made]) -> str:
    cells = [cell for one in made for cell in one.figures]
    off = np.array([share for one in made for share in one.off])
    compact = np.array([cell.compactness for cell in cells])
    border = np.sum([cell.border for cell in cells], axis=0)
    mean = {name: np.mean([getattr(one, name) for one in made]) for name in ("ground", "cutting", "shaping")}
    columns = [
        label, way, f"{len(cells):,}", f"{mean['ground']:.2f}", f"{mean['cutting']:.3f}", f"{mean['shaping']:.3f}",
        f"{(off <= TOLERANCE + EXACTLY).mean():.1%}", f"{np.mean([cell.in_range for cell in cells]):.1%}",
        f"{np.mean([cell.in_one_piece for cell in cells]):.1%}", f"{off.max():.2f}", f"{compact.mean():.2f}",
        f"{np.quantile(compact, 0.1):.2f}", f"{1 - border[-1] / border.sum():.0%}", f"{max(one.gap for one in made):.4f}",
        str(sum(one.crossed for one in made)),
    ]  # fmt: skip
    return f"| {' | '.join(columns)} |"
