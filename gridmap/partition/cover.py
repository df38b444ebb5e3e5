"""The cheapest choice among columns that covers every row as often as it must be: whole numbers, by HiGHS (as scipy has it)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

SECONDS = 5.0  # for one question; what is not proven by then says so
# With its presolve some versions of HiGHS call a question infeasible that is not, once a row holds what it may cost; without
# it these questions are answered as fast.
OPTIONS = {"time_limit": SECONDS, "mip_rel_gap": 0.0, "presolve": False}


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
    must = np.asarray(counts, dtype=np.float64)
    rows = [LinearConstraint(_matrix(len(counts), columns), must, must)]
    found, proven = None, True
    for cost in costs:
        price = np.asarray(cost, dtype=np.float64)
        answer = milp(price, integrality=1, bounds=Bounds(0, 1), constraints=rows, options=OPTIONS)
        taken = [] if answer.x is None else np.flatnonzero(answer.x > 0.5).tolist()
        if not _covers(counts, columns, taken):
            proven = False
            break  # there is none, or there was no time to find one
        found = taken
        proven &= answer.status == 0
        rows.append(LinearConstraint(price, -np.inf, sum(cost[at] for at in taken) + 0.5))
    return None if found is None else Choice(found, proven)


def _covers(counts: Sequence[int], columns: Sequence[Sequence[int]], taken: Sequence[int]) -> bool:
    have = [0] * len(counts)
    for at in taken:
        for row in columns[at]:
            have[row] += 1
    return have == list(counts)


def _matrix(rows: int, columns: Sequence[Sequence[int]]) -> csc_array:
    starts = np.cumsum([0, *map(len, columns)])
    index = np.asarray([row for column in columns for row in column], dtype=np.int32)
    return csc_array((np.ones(len(index)), index, starts), shape=(rows, len(columns)))
