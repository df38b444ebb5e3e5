"""Other programs that cut the same graph: run in an environment of their own, with a file in and a file out, and a time limit."""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from gridmap.partition.graph import Ints
from gridmap.partition.plots import Plots

PEERS = {
    "recom": "gerrychain ReCom",
    "maxp": "spopt Max-p",
    "ward": "spopt Ward",
    "skater": "spopt SKATER",
}
PROGRAM = Path(__file__).with_name("peer.py")


@dataclass(frozen=True)
class Answer:
    """The cell of each unit and the CPU seconds that it took, without reading, writing and imports; or why there is none."""

    cells: Ints | None
    seconds: float
    why: str = ""


def task(ground: Plots, k: int, tolerance: float) -> dict[str, object]:
    """What a peer is given: units with households and a point, borders with their cost, and how many cells are wished."""
    graph = ground.graph
    middle = shapely.centroid(np.array(
        [shapely.union_all(ground.pieces[ground.unit == unit]) for unit in range(len(graph))], dtype=object
    ))  # fmt: skip
    return {
        "households": graph.households.tolist(), "points": shapely.get_coordinates(middle).tolist(),
        "pairs": graph.pairs.tolist(), "costs": graph.cost.tolist(), "k": k, "tolerance": tolerance,
    }  # fmt: skip


def ask(python: Path, peer: str, given: dict[str, object], limit: float) -> Answer:
    """What the peer makes of it within so many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "given.json"), Path(folder, "cells.json")
        source.write_text(json.dumps(given), encoding="utf-8")
        command = [str(python), str(PROGRAM), peer, str(source), str(target)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
        except subprocess.TimeoutExpired:
            return Answer(None, limit, f"stopped after {limit:.0f} s")
        if done.returncode:
            return Answer(None, 0.0, (done.stderr.strip().splitlines() or ["it said nothing"])[-1][:120])
        answer = json.loads(target.read_text(encoding="utf-8"))
    cells = np.unique(np.array(answer["cells"]), return_inverse=True)[1].astype(np.int64)
    return Answer(cells, float(answer["seconds"]))
