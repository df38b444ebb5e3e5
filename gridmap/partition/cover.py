"""The cheapest choice among columns that covers every row as often as it must be: whole numbers, by HiGHS."""

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np

SECONDS = 5.0  # for one question; what is not proven by then says so


@dataclass(frozen=True)
class Choice:
    """Which columns were taken, by index, and whether it is proven that none is cheaper."""

    columns: list[int]
    proven: bool


def cheapest(counts: Sequence[int], columns: Sequence[Sequence[int]], costs: Sequence[Sequence[int]]) -> Choice | None:
    """Columns that hold row r exactly `counts[r]` times; None if there are none.

    `costs` come in the order of their weight: of all choices that cost least of the first, those that cost least of the second,
    and so on. The same question gets the same answer.
    """
    solver = _model(counts, columns)
    found: list[int] | None = None
    proven = True
    every = np.arange(len(columns), dtype=np.int32)
    for cost in costs:
        solver.changeColsCost(len(columns), every, np.asarray(cost, dtype=np.float64))
        solver.run()
        taken = [at for at, value in enumerate(solver.getSolution().col_value) if value > 0.5]
        if not _covers(counts, columns, taken):
            proven = False
            break  # there is none, or there was no time to find one
        found = taken
        proven &= solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        held = np.flatnonzero(np.asarray(cost)).astype(np.int32)
        best = float(sum(cost[at] for at in taken))
        solver.addRow(-highspy.kHighsInf, best + 0.5, len(held), held, np.asarray(cost, dtype=np.float64)[held])
    return None if found is None else Choice(found, proven)


def _covers(counts: Sequence[int], columns: Sequence[Sequence[int]], taken: Sequence[int]) -> bool:
    have = [0] * len(counts)
    for at in taken:
        for row in columns[at]:
            have[row] += 1
    return have == list(counts)


def _model(counts: Sequence[int], columns: Sequence[Sequence[int]]) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 0.0),
        ("time_limit", SECONDS),
        # With it HiGHS 1.15.1 calls some questions infeasible that are not, once a row holds what they may cost.
        ("presolve", "off"),
    ):
        solver.setOptionValue(option, value)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(columns), len(counts)
    lp.col_cost_ = lp.col_lower_ = np.zeros(len(columns))
    lp.col_upper_ = np.ones(len(columns))
    lp.row_lower_ = lp.row_upper_ = np.asarray(counts, dtype=np.float64)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(columns)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.cumsum([0, *map(len, columns)]).astype(np.int32)
    lp.a_matrix_.index_ = np.asarray([row for column in columns for row in column], dtype=np.int32)
    lp.a_matrix_.value_ = np.ones(sum(map(len, columns)))
    solver.passModel(lp)
    return solver
