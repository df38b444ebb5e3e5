"""Communities of the right size: which are merged, divided, or divided together with neighbours. A proposal; nothing is changed by it.

Every way in which a few neighbours could become communities of the size is listed, and those are chosen by which the fewest
communities are left out of it; of these the choice that touches the fewest, then the one by which the fewest households (or
persons) must come to another community, a metre of main road or river inside counting as one, 100 m of common border against one.
Whether a division along the cells is possible is looked at when it is chosen, and another choice is made if not.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gridmap.partition.cover import Choice, cheapest
from gridmap.partition.divide import Divided, Unit, divide, ways
from gridmap.partition.sizes import Size

MOST_MERGED, MOST_DIVIDED = 4, 3  # communities that become others together
Kind = Literal["stay", "merge", "split", "recut"]
# Why a community is not of the size afterwards, or could not be brought there alone.
Why = Literal[
    "", "unknown", "no_neighbour", "too_large_together", "arithmetic", "no_cells", "no_pieces", "others_first"
]


@dataclass(frozen=True)
class Cell:
    code: str
    size: int


@dataclass(frozen=True)
class Community:
    """`size` in what is counted, None if unknown; `within` is what it must not leave (its street); it is divided along its `cells`."""

    code: str
    within: str
    size: int | None
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Border:
    """What two areas share, in metres, and how much of it lies on a main road or a river."""

    one: str
    two: str
    metres: float
    main: float = 0.0


@dataclass(frozen=True)
class Part:
    """A community afterwards: of which ones, along which cells (none: whole ones), which one it continues ("" if none)."""

    of: tuple[str, ...]
    cells: tuple[str, ...]
    heir: str
    size: int | None


@dataclass(frozen=True)
class Change:
    """What becomes of some communities. `moved` come to another community; `proven` unless a better division may exist;
    `alone` says for each member that is out of range why it cannot be brought there by itself, `why` of one that is left so."""

    kind: Kind
    members: tuple[str, ...]
    parts: tuple[Part, ...]
    moved: int = 0
    proven: bool = True
    why: Why = ""
    alone: dict[str, Why] = field(default_factory=dict)


@dataclass(frozen=True)
class Resized:
    """`proven`: no other choice leaves fewer communities out of range, or touches fewer and leaves as few."""

    changes: list[Change]
    proven: bool


CellBorders = Callable[[tuple[str, ...]], Sequence[Border]]


@dataclass
class _Way:
    """One way for some neighbours. Of a division `moved` is the least that arithmetic allows: what it comes to is known afterwards."""

    kind: Kind
    members: tuple[int, ...]
    out: int
    moved: int
    joined: float = 0.0
    counts: list[int] = field(default_factory=list)  # into how many parts it may be divided, the best first
    divided: Divided | None = None
    impossible: bool = False

    @property
    def open(self) -> bool:
        return bool(self.counts) and self.divided is None

    @property
    def touched(self) -> int:
        return 0 if self.kind == "stay" else len(self.members)


def resize(
    communities: Iterable[Community], borders: Iterable[Border], size: Size, cell_borders: CellBorders, *, across: bool = False
) -> Resized:  # fmt: skip
    """A proposal for communities and the borders between them; `cell_borders` gives those between the cells of some communities.

    Only neighbours become one, and only `within` the same street unless `across`. Sums are kept. The same input, in whatever order,
    gives the same proposal.
    """
    groups = defaultdict[str, list[Community]](list)
    for one in sorted(communities, key=lambda one: one.code):
        groups["" if across else one.within].append(one)
    every = list(borders)
    found = [_Street(own, every, size, cell_borders).resized() for _, own in sorted(groups.items())]
    changes = [change for one in found for change in one.changes]
    return Resized(sorted(changes, key=lambda change: change.members), all(one.proven for one in found))


class _Street:
    """The communities among which neighbours may become one."""

    def __init__(self, own: list[Community], borders: list[Border], size: Size, cell_borders: CellBorders) -> None:
        self.own, self.size, self.cell_borders = own, size, cell_borders
        self.sizes = [one.size or 0 for one in own]
        place = {one.code: at for at, one in enumerate(own) if one.size is not None}
        self.metres, self.main = dict[tuple[int, int], float](), dict[tuple[int, int], float]()
        self.near: list[set[int]] = [set() for _ in own]
        for border in sorted(borders, key=lambda border: (border.one, border.two)):
            if border.one in place and border.two in place:
                one, two = sorted((place[border.one], place[border.two]))
                self.near[one].add(two)
                self.near[two].add(one)
                self.metres[one, two] = border.metres
                self.main[one, two] = border.main
        self.ways = self._ways()

    # --- what could be done

    def _ways(self) -> list[_Way]:
        stay = [
            _Way("stay", (at,), int(one.size is not None and not self.fits(at)), 0) for at, one in enumerate(self.own)
        ]
        known = [at for at, one in enumerate(self.own) if one.size is not None]
        groups = sorted(self._groups(known), key=lambda group: (len(group), group))
        return stay + [way for group in groups for way in self._of(group)]

    def fits(self, at: int) -> bool:
        return self.size.fits(self.sizes[at])

    def _groups(self, known: Sequence[int]) -> set[tuple[int, ...]]:
        """Neighbours that hang together, up to four of them."""
        last: set[tuple[int, ...]] = {(at,) for at in known}
        found = set(last)
        for _ in range(MOST_MERGED - 1):
            last = {tuple(sorted({*group, other})) for group in last if self._grows(group) for at in group
                    for other in self.near[at] - set(group)}  # fmt: skip
            found |= last
        return found

    def _grows(self, group: tuple[int, ...]) -> bool:
        return len(group) < MOST_DIVIDED or sum(self.sizes[at] for at in group) <= self.size.most

    def _of(self, group: tuple[int, ...]) -> list[_Way]:
        if all(self.fits(at) for at in group):
            return []
        total = sum(self.sizes[at] for at in group)
        inside = [pair for pair in self.metres if set(pair) <= set(group)]
        if total <= self.size.most:
            moved = total - max(self.sizes[at] for at in group) + round(sum(self.main[pair] for pair in inside))
            joined = sum(self.metres[pair] for pair in inside)
            return [_Way("merge", group, int(total < self.size.least), moved, joined)] if len(group) > 1 else []
        counts = sorted(ways(total, self.size), key=lambda k: (abs(k - len(group)), k))
        if not counts or len(group) > MOST_DIVIDED or all(len(self.own[at].cells) < 2 for at in group):
            return []
        stay = sorted((min(self.sizes[at], self.size.most) for at in group), reverse=True)
        least = total - sum(stay[: max(counts)])
        return [_Way("split" if len(group) == 1 else "recut", group, 0, least, counts=counts)]

    # --- what is chosen

    def resized(self) -> Resized:
        while True:
            possible = [way for way in self.ways if not way.impossible]
            choice = self._cheapest(possible)
            if choice is None:  # out of time: everything stays as it is
                return Resized([self._change(way) for way in self.ways[: len(self.own)]], proven=False)
            chosen = [possible[at] for at in choice.columns]
            open_ = [way for way in chosen if way.open]
            if not open_:
                return Resized([self._change(way) for way in chosen], choice.proven and self._none_better(chosen))
            for way in open_:
                self._divide(way)

    def _cheapest(self, ways: list[_Way]) -> Choice | None:
        then = [10 * way.moved - round(way.joined / 10) for way in ways]
        return cheapest([1] * len(self.own), [way.members for way in ways], [list(map(self._weight, ways)), then])

    def _weight(self, way: _Way) -> int:
        """One that is left out of range weighs more than all that could be touched."""
        return way.out * (MOST_MERGED * len(self.own) + 1) + way.touched

    def _none_better(self, chosen: list[_Way]) -> bool:
        """Whether it would be no better if all were possible that was given up without proof."""
        ways = [way for way in self.ways if not (way.impossible and way.divided and way.divided.proven)]
        if len(ways) == sum(not way.impossible for way in self.ways):
            return True
        best = cheapest([1] * len(self.own), [way.members for way in ways], [list(map(self._weight, ways))])
        least = sum(self._weight(ways[at]) for at in best.columns) if best and best.proven else 0
        return least == sum(map(self._weight, chosen))

    def _divide(self, way: _Way) -> None:
        """Divide as was chosen; if that cannot be, in another number of parts, or not at all."""
        units, borders = self._units(way)
        found = divide(units, borders, way.counts[0], self.size)
        if not found.parts:
            way.impossible = len(way.counts) == 1
            way.divided = found if way.impossible else None
            way.counts = way.counts[1:]
            return
        way.divided = found

    def _units(self, way: _Way) -> tuple[list[Unit], list[tuple[int, int, int]]]:
        cells = self._cells(way)
        place = {cell.code: at for at, (_, cell) in enumerate(cells)}
        borders = [
            # Communities had better end where a main road or a river runs: there a border costs less than none.
            (place[border.one], place[border.two], round(border.metres - 2 * border.main))
            for border in self.cell_borders(tuple(self.own[at].code for at in way.members))
            if border.one in place and border.two in place
        ]
        return [Unit(cell.size, home) for home, cell in cells], borders

    def _cells(self, way: _Way) -> list[tuple[int, Cell]]:
        """The cells of some communities, with the place of their community; one without cells stays whole."""
        own = [self.own[at] for at in way.members]
        whole = [one.cells or (Cell(one.code, one.size or 0),) for one in own]
        return [(home, cell) for home, cells in enumerate(whole) for cell in sorted(cells, key=lambda cell: cell.code)]

    # --- how it is told

    def _change(self, way: _Way) -> Change:
        members = tuple(self.own[at].code for at in way.members)
        if way.kind == "stay":
            one = self.own[way.members[0]]
            return Change("stay", members, (Part(members, (), one.code, one.size),), why=self._why(way.members[0]))
        alone = {self.own[at].code: self._alone(at) for at in way.members if not self.fits(at)}
        if way.kind == "merge":
            total = sum(self.sizes[at] for at in way.members)
            heir = max(way.members, key=lambda at: (self.sizes[at], -at))
            moved = total - self.sizes[heir]
            why = self._why_small(way.members) if way.out else ""
            return Change(
                "merge", members, (Part(members, (), self.own[heir].code, total),), moved, why=why, alone=alone
            )
        assert way.divided is not None
        homes = (home for home, _ in self._cells(way))
        stays = [way.divided.heirs[part] == home for home, part in zip(homes, way.divided.parts, strict=True)]
        moved = sum(cell.size for (_, cell), stay in zip(self._cells(way), stays, strict=True) if not stay)
        return Change(way.kind, members, self._parts(way), moved, way.divided.proven, alone=alone)

    def _parts(self, way: _Way) -> tuple[Part, ...]:
        assert way.divided is not None
        found = []
        for number, heir in enumerate(way.divided.heirs):
            own = [pair for pair, part in zip(self._cells(way), way.divided.parts, strict=True) if part == number]
            of = tuple(self.own[way.members[home]].code for home in sorted({home for home, _ in own}))
            cells = tuple(cell.code for _, cell in own)
            code = self.own[way.members[heir]].code if heir >= 0 else ""
            found.append(Part(of, cells, code, sum(cell.size for _, cell in own)))
        return tuple(found)

    def _why(self, at: int) -> Why:
        """Why one is left out of range, "" if it is not."""
        if self.own[at].size is None:
            return "unknown"
        if self.fits(at):
            return ""
        if any(at in way.members and not way.out and not way.impossible for way in self.ways if way.kind != "stay"):
            return "others_first"
        return self._why_small((at,)) if self.sizes[at] < self.size.least else self._alone(at)

    def _why_small(self, group: tuple[int, ...]) -> Why:
        return "too_large_together" if any(self.near[at] - set(group) for at in group) else "no_neighbour"

    def _alone(self, at: int) -> Why:
        """Why one that is too large cannot be divided by itself; "" if it can, or if it is too small."""
        if self.sizes[at] < self.size.least:
            return ""
        if not ways(self.sizes[at], self.size):
            return "arithmetic"
        if len(self.own[at].cells) < 2:
            return "no_cells"
        way = next((way for way in self.ways if way.kind == "split" and way.members == (at,)), None)
        return "no_pieces" if way is None or way.impossible else ""
