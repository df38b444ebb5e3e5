"""The inner loop of cutting: annealed moves of single units, and two neighbouring cells joined and split anew.

Compiled by numba; the first call in a new environment takes some seconds, later ones read its cache. Every cell stays in
one piece after every step. Random numbers are drawn from one seed, so the same input gives the same cells.
"""

import math

import numpy as np
from numba import njit

from gridmap.partition.graph import Floats, Ints


@njit(cache=True)
def reaches(starts: Ints, others: Ints, cells: Ints, unit: int, seen: Ints, stack: Ints, mark: int) -> bool:
    """Whether the cell of `unit` holds together without it: its neighbours there reach each other."""
    own, wanted, first = cells[unit], 0, -1
    for at in range(starts[unit], starts[unit + 1]):
        if cells[others[at]] == own:
            wanted += 1
            first = others[at]
    if wanted <= 1:
        return wanted == 1
    seen[unit], seen[first] = mark, mark
    stack[0], top, found = first, 1, 0
    while top:
        top -= 1
        here = stack[top]
        for at in range(starts[here], starts[here + 1]):
            there = others[at]
            if there == unit:
                found += 1
            elif cells[there] == own and seen[there] != mark:
                seen[there] = mark
                stack[top] = there
                top += 1
        if found == wanted:
            return True
    return False


@njit(cache=True)
def excess(households: float, target: float, tolerance: float) -> float:
    """How far a cell is from its target beyond what is tolerated, as a share, and next to nothing for what is within."""
    off = abs(households - target) / target
    return max(0.0, off - tolerance) + 0.001 * off


@njit(cache=True)
def neighbour(starts: Ints, others: Ints, cells: Ints, sizes: Ints, unit: int) -> int:
    """The cell of a random neighbour, to which a unit could go; its own where it cannot leave."""
    begins, degree = starts[unit], starts[unit + 1] - starts[unit]
    if degree == 0 or sizes[cells[unit]] == 1:
        return int(cells[unit])
    return int(cells[others[begins + int(np.random.random() * degree)]])


@njit(cache=True)
def longer(starts: Ints, others: Ints, costs: Floats, cells: Ints, unit: int, new: int) -> float:
    """By how much borders cost more when the unit goes to another cell."""
    change = 0.0
    for at in range(starts[unit], starts[unit + 1]):
        if cells[others[at]] == cells[unit]:
            change += costs[at]
        elif cells[others[at]] == new:
            change -= costs[at]
    return change


@njit(cache=True)
def off_more(sums: Floats, people: float, own: int, new: int, target: float, tolerance: float) -> float:
    """By how much two cells are more out of tolerance when so many households go from one to the other."""
    if people == 0:
        return 0.0
    before = excess(sums[own], target, tolerance) + excess(sums[new], target, tolerance)
    return float(excess(sums[own] - people, target, tolerance) + excess(sums[new] + people, target, tolerance) - before)


@njit(cache=True)
def anneal(
    starts: Ints, others: Ints, costs: Floats, households: Ints, cells: Ints, k: int, home: Ints, keep: float, target: float,
    tolerance: float, hot: float, cold: float, steps: int, light: float, heavy: float, seed: int,
) -> None:  # fmt: skip
    """Move single units over borders while it gets better, and at first also when it gets a little worse; `cells` is changed.

    The cost is that of all borders, at first `light` and at last `heavy` for a unit of excess, and `keep` for each household in
    another cell than `home`.
    """
    np.random.seed(seed)
    n = len(households)
    sums, sizes = np.zeros(k), np.zeros(k, dtype=np.int64)
    for unit in range(n):
        sums[cells[unit]] += households[unit]
        sizes[cells[unit]] += 1
    seen, stack = np.zeros(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    cooling, heat = (cold / hot) ** (1.0 / max(1, steps)), hot
    growing, weight = (heavy / light) ** (1.0 / max(1, steps)), light
    for step in range(steps):
        heat *= cooling
        weight *= growing
        unit = int(np.random.random() * n)
        own, new = cells[unit], neighbour(starts, others, cells, sizes, unit)
        if new == own:
            continue
        people = float(households[unit])
        change = longer(starts, others, costs, cells, unit, new)
        change += weight * off_more(sums, people, own, new, target, tolerance)
        change += keep * people * ((home[unit] == own) - (home[unit] == new))
        # What is dearer by twenty times the heat is taken once in 500 million times: not worth the drawing of a number.
        worse = change > 0 and (change > 20 * heat or np.random.random() >= math.exp(-change / heat))
        if worse or not reaches(starts, others, cells, unit, seen, stack, step + 1):
            continue
        cells[unit] = new
        sums[own] -= people
        sums[new] += people
        sizes[own] -= 1
        sizes[new] += 1


@njit(cache=True)
def tree(
    starts: Ints, others: Ints, costs: Floats, inside: Ints, place: Ints, members: Ints, parent: Ints, order: Ints
) -> int:
    """A random spanning tree of the members that prefers dear borders, so that a cut falls on a cheap one; its size.

    By Prim's rule, in the order in which units were reached; `inside` holds 1 for members and is 2 afterwards, `place` where each
    stands among them.
    """
    n, best, via = len(members), np.full(len(members), -1.0), np.full(len(members), -1)
    best[np.random.randint(n)] = math.inf
    for count in range(n):
        here, found = -1, -1.0
        for at in range(n):
            if inside[members[at]] == 1 and best[at] > found:
                here, found = at, best[at]
        if here < 0:
            return count
        unit = members[here]
        inside[unit] = 2
        order[count], parent[here] = here, via[here]
        for at in range(starts[unit], starts[unit + 1]):
            if inside[others[at]] == 1:
                draw = np.random.random() * costs[at]
                there = place[others[at]]
                if draw > best[there]:
                    best[there], via[there] = draw, here
    return n


@njit(cache=True)
def best_cut(
    households: Ints, members: Ints, parent: Ints, order: Ints, below: Floats, target: float, tolerance: float
) -> tuple[int, float]:
    """Where to cut a tree so that both sides are least out of tolerance: the lower end of that branch, and by how much."""
    n, total = len(members), 0.0
    for at in range(n):
        below[at] = households[members[at]]
        total += below[at]
    cut, least = -1, math.inf
    for at in range(n - 1, 0, -1):
        here = order[at]
        off = excess(below[here], target, tolerance) + excess(total - below[here], target, tolerance)
        if off < least:
            cut, least = here, off
        below[parent[here]] += below[here]
    return cut, least


@njit(cache=True)
def take_sides(side: Ints, members: Ints, parent: Ints, order: Ints, cut: int) -> None:
    """1 for what lies below the cut, 2 for the rest; parents come before their children in the order."""
    for at in range(len(members)):
        here = order[at]
        below = at > 0 and side[members[parent[here]]] == 1
        side[members[here]] = 1 if here == cut or below else 2


@njit(cache=True)
def split(
    starts: Ints, others: Ints, costs: Floats, households: Ints, cells: Ints, one: int, two: int, target: float, tolerance: float,
    weight: float, tries: int, seed: int,
) -> bool:  # fmt: skip
    """Join two neighbouring cells and split them anew by the best of so many trees; whether it got better, `cells` changed."""
    np.random.seed(seed)
    members = np.flatnonzero((cells == one) | (cells == two))
    n, inside = len(members), np.zeros(len(cells), dtype=np.int64)
    place = np.empty(len(cells), dtype=np.int64)
    place[members] = np.arange(n)
    parent, order, below = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64), np.empty(n)
    side, kept = np.zeros(len(cells), dtype=np.int64), np.zeros(len(cells), dtype=np.int64)
    first, total = 0.0, 0.0
    for unit in members:
        kept[unit] = 1 if cells[unit] == one else 2
        first += households[unit] * (kept[unit] == 1)
        total += households[unit]
    now = weight * (excess(first, target, tolerance) + excess(total - first, target, tolerance))
    now += border(starts, others, costs, kept, members)
    better = False
    for _ in range(tries):
        inside[members] = 1
        if tree(starts, others, costs, inside, place, members, parent, order) < n:
            return False  # the two are no neighbours
        cut, off = best_cut(households, members, parent, order, below, target, tolerance)
        take_sides(side, members, parent, order, cut)
        cost = weight * off + border(starts, others, costs, side, members)
        if cost < now - 1e-9:
            now, better = cost, True
            kept[members] = side[members]
    if better:
        cells[members] = np.where(kept[members] == 1, one, two)
    return better


@njit(cache=True)
def border(starts: Ints, others: Ints, costs: Floats, side: Ints, members: Ints) -> float:
    """What the border between the sides 1 and 2 of these units costs."""
    cost = 0.0
    for unit in members:
        if side[unit] == 1:
            for at in range(starts[unit], starts[unit + 1]):
                if side[others[at]] == 2:
                    cost += costs[at]
    return cost


@njit(cache=True)
def borders(starts: Ints, others: Ints, costs: Floats, cells: Ints) -> float:
    """What all borders of cells cost."""
    cost = 0.0
    for unit in range(len(cells)):
        for at in range(starts[unit], starts[unit + 1]):
            if others[at] > unit and cells[others[at]] != cells[unit]:
                cost += costs[at]
    return cost


@njit(cache=True)
def near(starts: Ints, others: Ints, cells: Ints, cell: int) -> Ints:
    """The cells beside a cell, in the order of their numbers."""
    found = np.zeros(cells.max() + 1, dtype=np.bool_)
    for unit in range(len(cells)):
        if cells[unit] == cell:
            for at in range(starts[unit], starts[unit + 1]):
                found[cells[others[at]]] = True
    found[cell] = False
    return np.flatnonzero(found)


@njit(cache=True)
def around(starts: Ints, others: Ints, cells: Ints, cell: int, size: int) -> Ints:
    """All units of a cell and of those nearest to it, so many cells in all, in the order of their numbers."""
    taken, found, count = np.zeros(cells.max() + 1, dtype=np.bool_), cells == cell, 1
    taken[cell] = True
    queue, at = list(np.flatnonzero(found)), 0
    while at < len(queue):
        unit = queue[at]
        at += 1
        for link in range(starts[unit], starts[unit + 1]):
            there = others[link]
            if not taken[cells[there]] and count < size:
                taken[cells[there]] = True
                count += 1
            if taken[cells[there]] and not found[there]:
                found[there] = True
                queue.append(there)
    return np.flatnonzero(found)


@njit(cache=True)
def part(starts: Ints, others: Ints, costs: Floats, units: Ints) -> tuple[Ints, Ints, Floats]:
    """The compressed rows of some units alone."""
    place = np.full(len(starts) - 1, -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    most = 0
    for unit in units:
        most += starts[unit + 1] - starts[unit]
    own_starts, own_others, own_costs = (
        np.zeros(len(units) + 1, dtype=np.int64),
        np.empty(most, dtype=np.int64),
        np.empty(most),
    )
    end = 0
    for at in range(len(units)):
        for link in range(starts[units[at]], starts[units[at] + 1]):
            if place[others[link]] >= 0:
                own_others[end], own_costs[end] = place[others[link]], costs[link]
                end += 1
        own_starts[at + 1] = end
    return own_starts, own_others[:end], own_costs[:end]
