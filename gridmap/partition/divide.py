"""A few communities divided anew along their cells: parts of a given size, each in one piece, none of them cutting a cell.

All groups of cells that may be a part are listed, and of all ways to cover the ground with them the cheapest is taken: what is found
is the best there is, and "there is none" is a proof. Of very many cells the smallest are joined first, and then nothing is claimed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gridmap.partition.sizes import Size

# Of more cells the smallest are joined: by how many parts are wanted, for somebody waits. A number has bits for 62.
MOST_NODES = {2: 24, 3: 18}
OF_MORE, OF_EACH = 14, 3
MOST_GROUPS = 30_000  # looked at
NEVER = 1 << 40  # metres
# What is weighed against each other, in metres of border.
KEEP = 2  # for each that comes to another community
EVEN = 1  # for each that a part has more or less than the mean


@dataclass(frozen=True)
class Unit:
    """A cell: how many live in it, and in which of the communities it lies, from 0."""

    size: int
    home: int


Border = tuple[
    int, int, int
]  # two units, and what it costs (metres) that they are parted; below 0 where they had better be


@dataclass(frozen=True)
class Divided:
    """The part of each unit, from 0, and which community each part continues (-1: none). No parts: it cannot be done.

    `proven`: there is no better way, or none at all.
    """

    parts: list[int]
    heirs: list[int]
    proven: bool


def ways(total: int, size: Size) -> range:
    """Into how many parts something can be divided, each of the size, as far as arithmetic goes."""
    return range(max(1, -(-total // size.most)), total // size.least + 1)


def divide(units: Sequence[Unit], borders: Sequence[Border], k: int, size: Size) -> Divided:
    """Units in k parts of the size, each in one piece; each community goes on in one of them, as far as there are enough.

    Few come to another community, the parts are alike, and their borders short. The same input gives the same parts.
    """
    ground = _Ground.of(units, borders)
    exact, most = True, MOST_NODES.get(k, max(OF_MORE, OF_EACH * k))
    while (groups := ground.groups(size) if len(ground.sizes) <= most else None) is None:
        joined = ground.joined()
        if joined is None:
            return Divided([], [], proven=False)
        ground, exact = joined, False
    if not groups:
        return Divided([], [], proven=exact)
    search, homes = _Search.of(ground, groups, k), max(ground.homes) + 1
    found = min((search.best(ground.whole, labels) for labels in _labels(homes, k)), key=lambda found: found.cost)
    if found.cost >= NEVER:
        return Divided([], [], proven=exact)
    parts, part = sorted(found.parts), [0] * len(units)
    for number, (_, group) in enumerate(parts):
        for at in _bits(group):
            for unit in ground.members[at]:
                part[unit] = number
    return Divided(part, [label if label < homes else -1 for label, _ in parts], proven=exact)


def _labels(homes: int, k: int) -> list[tuple[int, ...]]:
    """Which communities the parts may continue: all, and the other parts are new, or as many as there are parts."""
    return [(*some, *[homes] * (k - homes)) for some in combinations(range(homes), min(homes, k))]


def _bits(group: int) -> Iterator[int]:
    while group:
        bit = group & -group
        yield bit.bit_length() - 1
        group ^= bit


@dataclass(frozen=True)
class _Ground:
    """Nodes of one unit or several that stay together; `near` has a bit for each neighbour, `cost` is by pair of nodes."""

    members: list[list[int]]
    sizes: list[int]
    homes: list[int]
    cost: dict[tuple[int, int], int]
    near: list[int]

    @classmethod
    def of(cls, units: Sequence[Unit], borders: Sequence[Border]) -> "_Ground":
        cost = dict[tuple[int, int], int]()
        for one, two, metres in borders:
            pair = min(one, two), max(one, two)
            cost[pair] = cost.get(pair, 0) + metres
        return cls._made([[at] for at in range(len(units))], [u.size for u in units], [u.home for u in units], cost)

    @classmethod
    def _made(
        cls, members: list[list[int]], sizes: list[int], homes: list[int], cost: dict[tuple[int, int], int]
    ) -> "_Ground":
        near = [0] * len(members)
        for one, two in cost:
            near[one] |= 1 << two
            near[two] |= 1 << one
        return cls(members, sizes, homes, cost, near)

    @property
    def whole(self) -> int:
        return (1 << len(self.sizes)) - 1

    def groups(self, size: Size) -> list[int] | None:
        """Every connected group of the size whose rest can be divided too, as far as arithmetic goes; None if there are too many."""
        found = list[int]()
        for seen, (group, total) in enumerate(self._connected(size.most)):
            if seen > MOST_GROUPS:
                return None
            if total >= size.least:
                found.append(group)
        return sorted(np.array(found, dtype=np.int64)[self._leave(found, size)].tolist())

    def _connected(self, most: int) -> Iterator[tuple[int, int]]:
        """Every connected group once, with its size, as long as that is not too large."""
        for root, size in enumerate(self.sizes):
            shut = (2 << root) - 1
            open_ = [(1 << root, self.near[root] & ~shut, shut, size)] if size <= most else []
            while open_:
                group, edge, shut, total = open_.pop()
                yield group, total
                while edge:
                    bit = edge & -edge
                    edge ^= bit
                    shut |= bit
                    node = bit.bit_length() - 1
                    if total + self.sizes[node] <= most:
                        open_.append((group | bit, (edge | self.near[node]) & ~shut, shut, total + self.sizes[node]))

    def _leave(self, groups: Sequence[int], size: Size) -> NDArray[np.bool_]:
        """Whether every piece that a group leaves can be divided, as far as arithmetic goes."""
        rest = self.whole & ~np.array(groups, dtype=np.int64)
        good = np.ones(len(rest), dtype=bool)
        while (left := good & (rest != 0)).any():
            piece = self._pieces(rest)
            sizes = sum((piece >> node & 1) * own for node, own in enumerate(self.sizes))
            good &= ~left | (-(-sizes // size.most) <= sizes // size.least)
            rest &= ~piece
        return good

    def _pieces(self, nodes: NDArray[np.int64]) -> NDArray[np.int64]:
        """What hangs together with the first of some nodes, for many at once."""
        found = nodes & -nodes
        while True:
            reached = found.copy()
            for node, near in enumerate(self.near):
                reached |= np.where(found >> node & 1, near, 0)
            reached &= nodes
            if (reached == found).all():
                return found
            found = reached

    def outline(self, group: int) -> int:
        """What it costs that a group ends where it does."""
        return sum(cost for (one, two), cost in self.cost.items() if (group >> one & 1) != (group >> two & 1))

    def joined(self) -> "_Ground | None":
        """The smallest node that has a neighbour of its own community, joined with the one it shares the longest border with."""
        for node in sorted(range(len(self.sizes)), key=lambda at: (self.sizes[at], at)):
            own = [pair for pair in self.cost if node in pair and self.homes[pair[0]] == self.homes[pair[1]]]
            if own:
                one, two = max(own, key=lambda pair: (self.cost[pair], -pair[0], -pair[1]))
                return self._with(one, two)
        return None

    def _with(self, one: int, two: int) -> "_Ground":
        place = [at - (at > two) if at != two else one for at in range(len(self.sizes))]
        members = [[*own, *self.members[two]] if at == one else own for at, own in enumerate(self.members) if at != two]
        sizes = [s + self.sizes[two] * (at == one) for at, s in enumerate(self.sizes) if at != two]
        homes = [home for at, home in enumerate(self.homes) if at != two]
        cost = dict[tuple[int, int], int]()
        for (a, b), metres in self.cost.items():
            pair = min(place[a], place[b]), max(place[a], place[b])
            if pair[0] != pair[1]:
                cost[pair] = cost.get(pair, 0) + metres
        return self._made(members, sizes, homes, cost)


@dataclass(frozen=True)
class _Found:
    """What some parts cost, and these: which community each continues, and its nodes."""

    cost: int
    parts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class _Search:
    """The cheapest way to cover nodes with groups: the group of the first node, then what is left. `costs` by community and group."""

    groups: NDArray[np.int64]
    costs: NDArray[np.int64]
    known: dict[tuple[int, tuple[int, ...]], _Found] = field(default_factory=dict)

    @classmethod
    def of(cls, ground: _Ground, groups: Sequence[int], k: int) -> "_Search":
        homes, mean = max(ground.homes) + 1, sum(ground.sizes) / k
        costs = np.full((homes + 1, len(groups)), NEVER, dtype=np.int64)
        for at, group in enumerate(groups):
            nodes = list(_bits(group))
            size = sum(ground.sizes[node] for node in nodes)
            # A border between two parts is counted from both sides, and so everything else is counted twice.
            usual = ground.outline(group) + 2 * EVEN * round(abs(size - mean)) + 2 * KEEP * size
            costs[homes, at] = usual
            for home in {ground.homes[node] for node in nodes}:
                stay = sum(ground.sizes[node] for node in nodes if ground.homes[node] == home)
                costs[home, at] = usual - 2 * KEEP * stay
        return cls(np.array(groups, dtype=np.int64), costs)

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """The first node of each group, as a bit."""
        found: NDArray[np.int64] = self.groups & -self.groups
        return found

    def best(self, rest: int, labels: tuple[int, ...]) -> _Found:
        """The cheapest parts of some nodes, one for each label."""
        if (rest, labels) not in self.known:
            fits = np.flatnonzero((self.first == rest & -rest) & ((self.groups & ~rest) == 0))
            self.known[rest, labels] = (
                self._last(rest, labels, fits) if len(labels) < 3 else self._next(rest, labels, fits)
            )
        return self.known[rest, labels]

    def _next(self, rest: int, labels: tuple[int, ...], fits: NDArray[np.int64]) -> _Found:
        least, least_of_others = _Found(NEVER), int(self.costs.min()) * (len(labels) - 1)
        for label in sorted(set(labels)):
            left = labels[: labels.index(label)] + labels[labels.index(label) + 1 :]
            for at in fits[np.argsort(self.costs[label, fits], kind="stable")]:
                group, cost = int(self.groups[at]), int(self.costs[label, at])
                if cost + least_of_others >= least.cost:
                    break
                more = self.best(rest & ~group, left)
                if cost + more.cost < least.cost:
                    least = _Found(cost + more.cost, ((label, group), *more.parts))
        return least

    def _last(self, rest: int, labels: tuple[int, ...], fits: NDArray[np.int64]) -> _Found:
        """One part, or two: the second of two is what the first leaves."""
        if len(labels) == 1:
            fits = fits[self.groups[fits] == rest]
            return _Found(int(self.costs[labels[0], fits[0]]), ((labels[0], rest),)) if len(fits) else _Found(NEVER)
        left = rest & ~self.groups[fits]
        other = np.minimum(np.searchsorted(self.groups, left), len(self.groups) - 1)
        fits, other = fits[self.groups[other] == left], other[self.groups[other] == left]
        least = _Found(NEVER)
        for one, two in sorted({labels, labels[::-1]}):
            costs = self.costs[one, fits] + self.costs[two, other]
            at = int(np.argmin(costs)) if len(costs) else -1
            if at >= 0 and costs[at] < least.cost:
                parts = ((one, int(self.groups[fits[at]])), (two, int(self.groups[other[at]])))
                least = _Found(int(costs[at]), parts)
        return least
