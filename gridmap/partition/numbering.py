"""Codes of cells: numbered west to east and north to south, none ever given again, and who follows whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

ALIKE = 0.99  # of both areas in common: only then is it worth looking whether the border moved
THIN = 0.05  # metres: what two drawings of one border can be apart
SUCCEEDS = 0.01  # of its area that a cell must have from another to follow it
MOST = 999  # cells of a community: three digits


class NoCodesError(ValueError):
    """A community has been cut so often that no code is left for a new cell."""


@dataclass(frozen=True)
class Numbered:
    """`codes` of the new cells in their order; `kept`, those of cells in force that did not change; and for each that ends the
    codes that follow it, the one with most of its area first.

    `heirs` are those of them that whoever served the old cell goes on to serve: the one that has most of it, and each that has
    more of it than of any other. Somebody whose cell lost a strip does not come to serve her neighbour's.
    """

    codes: list[str]
    kept: frozenset[str]
    successors: dict[str, list[str]]
    heirs: dict[str, list[str]]


def reading_order(shapes: Sequence[BaseGeometry]) -> list[int]:
    """The order of reading: bands from north to south as high as a usual cell, and within a band west to east.

    GB/T-style cell codes are given from left to right and from top to bottom (CJ/T 349-2010; Beijing DB11).
    """
    if not shapes:
        return []
    north = max(shape.bounds[3] for shape in shapes)
    heights = sorted(shape.bounds[3] - shape.bounds[1] for shape in shapes)
    band = max(heights[len(heights) // 2], 1e-9)
    middles = [shape.representative_point() for shape in shapes]
    return sorted(
        range(len(shapes)), key=lambda at: (int((north - middles[at].y) / band), middles[at].x, -middles[at].y)
    )


def number(
    community: str, shapes: Sequence[BaseGeometry], in_force: Mapping[str, BaseGeometry], used: Sequence[str] = ()
) -> Numbered:
    """Codes for new cells of a community (12 digits): a cell that did not change keeps its own, the others get new ones.

    Shapes are in metres. `used` are all codes that were ever given there, ended ones too: none is given again. NoCodesError if
    the three digits of a community do not suffice.
    """
    shared = _shared(shapes, in_force)
    codes = [""] * len(shapes)
    for (code, at), common in shared.items():
        if common >= ALIKE * max(in_force[code].area, shapes[at].area) and _same(in_force[code], shapes[at]):
            codes[at] = code
    kept = frozenset(filter(None, codes))
    last = max((int(code[12:]) for code in (*used, *in_force)), default=0)
    for at in reading_order(shapes):
        if not codes[at]:
            last += 1
            codes[at] = f"{community}{last:03}"
    if last > MOST:
        raise NoCodesError(
            f"community {community} has no codes left: {last} cells were numbered and three digits hold {MOST}"
        )
    follows = {
        code: [
            codes[at]
            for at, common in _of(shared, code)
            if common >= SUCCEEDS * shapes[at].area or _of(shared, code)[0][0] == at
        ]
        for code in in_force
        if code not in kept
    }
    heirs = {
        code: [one for one in after if one == after[0] or _most(shared, codes.index(one)) == code]
        for code, after in follows.items()
    }
    return Numbered(codes, kept, follows, heirs)


def _shared(shapes: Sequence[BaseGeometry], in_force: Mapping[str, BaseGeometry]) -> dict[tuple[str, int], float]:
    """How much ground each cell in force has in common with each new one, in square metres."""
    old, shared = list(in_force), dict[tuple[str, int], float]()
    tree = shapely.STRtree([in_force[code] for code in old])
    for at, shape in enumerate(shapes):
        for one in tree.query(shape, predicate="intersects"):
            common = in_force[old[one]].intersection(shape).area
            if common > 0:
                shared[old[one], at] = common
    return shared


def _same(one: BaseGeometry, two: BaseGeometry) -> bool:
    """Whether what lies between two borders is nowhere wider than drawing them twice makes it."""
    return bool(one.symmetric_difference(two).buffer(-THIN / 2).is_empty)


def _most(shared: Mapping[tuple[str, int], float], at: int) -> str:
    """The old cell that a new one has most from."""
    return max((common, code) for (code, new), common in shared.items() if new == at)[1]


def _of(shared: Mapping[tuple[str, int], float], code: str) -> list[tuple[int, float]]:
    return sorted(
        ((at, common) for (old, at), common in shared.items() if old == code), key=lambda one: (-one[1], one[0])
    )
