"""Other programs that cut the same graph: given a file, timed out, and heard when they fail. Their libraries need not be there."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from gridmap.partition.plots import Plots, plots
from scripts.support.estates import town
from scripts.support.peers import PEERS, ask, task

INSTALLED = Path(os.environ.get("GRIDMAP_VAR", "var"), "peers/bin/python").absolute()


@pytest.fixture(scope="module")
def ground() -> Plots:
    return plots(*town(3, 2))


def program(folder: Path, *lines: str) -> Path:
    made = folder / "python"
    made.write_text("\n".join(["#!/bin/sh", *lines]), encoding="utf-8")
    made.chmod(0o755)
    return made


def test_a_peer_is_given_each_unit_and_border(ground: Plots) -> None:
    given = task(ground, 4, 0.1)
    assert {name: len(given[name]) for name in ("households", "points", "pairs", "costs")} == {  # type: ignore[arg-type]
        "households": len(ground.graph), "points": len(ground.graph), "pairs": len(ground.graph.pairs),
        "costs": len(ground.graph.pairs),
    }  # fmt: skip


def test_its_cells_are_numbered_from_0(ground: Plots, tmp_path: Path) -> None:
    python = program(tmp_path, """echo '{"cells": [7, 3, 7], "seconds": 1.5}' > "$4" """)
    answer = ask(python, "ward", task(ground, 2, 0.1), 10)
    assert answer.cells is not None
    assert (answer.cells.tolist(), answer.seconds, answer.why) == ([1, 0, 1], 1.5, "")


def test_what_takes_too_long_is_stopped(ground: Plots, tmp_path: Path) -> None:
    answer = ask(program(tmp_path, "exec sleep 30"), "ward", task(ground, 2, 0.1), 0.3)
    assert (answer.cells, answer.why) == (None, "stopped after 0 s")


def test_without_its_library_a_peer_says_so(ground: Plots) -> None:
    answer = ask(Path(sys.executable), "recom", task(ground, 2, 0.1), 30)
    assert (answer.cells, answer.why) == (None, "ModuleNotFoundError: No module named 'gerrychain'")


@pytest.mark.slow
@pytest.mark.skipif(not INSTALLED.exists(), reason="scripts/setup --peers installs them")
@pytest.mark.parametrize("peer", PEERS)
def test_each_peer_gives_every_unit_a_cell(ground: Plots, peer: str) -> None:
    answer = ask(INSTALLED, peer, task(ground, 3, 0.2), 120)
    assert answer.why == ""
    assert answer.cells is not None
    assert len(answer.cells) == len(ground.graph)
    assert 2 <= len(np.unique(answer.cells)) <= 4
