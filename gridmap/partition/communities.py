"""The communities of a street or district before and after: figures, borders and shapes of a proposal of sizes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.areacode import COMMUNITY, STREET, WIDTHS
from gridmap.communitysizes import Measure
from gridmap.partition.neighbours import borders, together
from gridmap.partition.numbering import reading_order
from gridmap.partition.resize import Border, Cell, Change, Community, Part, resize
from gridmap.partition.sizes import Size
from gridmap.projection import to_degrees, to_metres, zone_of

OF_STREET, OF_COMMUNITY = WIDTHS[STREET - 1], WIDTHS[COMMUNITY - 1]
Fits = Literal["yes", "small", "large", "unknown"]


@dataclass(frozen=True)
class Counts:
    """How many are known to live somewhere: households as given with the areas, persons as registered. None: nobody knows."""

    households: int | None = None
    persons: int | None = None
    over_60: int | None = None

    def of(self, measure: Measure) -> int | None:
        return self.households if measure == "households" else self.persons


@dataclass(frozen=True)
class Land:
    """A community or a cell in force, in degrees."""

    code: str
    shape: BaseGeometry
    counts: Counts


@dataclass(frozen=True)
class Place:
    """A community before or after: what it is made of (`of`, `cells`), which one it continues (`heir`), what keeps it out of range."""

    number: int
    code: str
    kind: str
    of: tuple[str, ...]
    cells: tuple[str, ...]
    heir: str
    counts: Counts
    fits: Fits
    why: str
    shape: BaseGeometry  # metres


@dataclass(frozen=True)
class Study:
    """A proposal for the communities of an area; shapes in metres of `zone` (EPSG)."""

    size: Size
    measure: Measure
    proven: bool
    before: list[Place]
    after: list[Place]
    changes: list[tuple[Change, list[int]]]  # with the numbers of what comes of it
    zone: int

    def feature_collection(self) -> dict[str, Any]:
        """GeoJSON: a feature per community afterwards; codes and names are the district's to give."""
        return {
            "type": "FeatureCollection",
            "proven": self.proven,
            "size": {"measure": self.measure, "least": self.size.least, "most": self.size.most},
            "features": [
                {
                    "type": "Feature",
                    "geometry": shapely.geometry.mapping(to_degrees(one.shape, self.zone)),
                    "properties": {
                        "number": one.number, "kind": one.kind, "of": list(one.of), "cells": list(one.cells), "continues": one.heir,
                        "households": one.counts.households, "persons": one.counts.persons, "over_60": one.counts.over_60,
                        "fits": one.fits, "why": one.why,
                    },
                }
                for one in self.after
            ],
        }  # fmt: skip


def study(
    communities: Sequence[Land], cells: Sequence[Land], main: Sequence[BaseGeometry], size: Size,
    measure: Measure = "households", *, across: bool = False,
) -> Study:  # fmt: skip
    """What could become of communities, given with their cells; `main` are main roads and waters in metres of their zone.

    ValueError without any community.
    """
    if not communities:
        raise ValueError("there is no community to look at")
    ground = _Ground.of(communities, cells, main, measure)
    found = resize(ground.asked(), ground.borders(), size, ground.cell_borders, across=across)
    return ground.told(found.changes, found.proven, size)


def zone_for(communities: Sequence[Land]) -> int:
    """The zone (EPSG) in which communities are measured."""
    west, _, east, _ = shapely.total_bounds(np.array([one.shape for one in communities], dtype=object))
    return zone_of(float(west + east) / 2)


@dataclass(frozen=True)
class _Ground:
    """Communities and cells in metres, by code."""

    communities: dict[str, Land]
    cells: dict[str, list[Land]]
    main: Sequence[BaseGeometry]
    measure: Measure
    zone: int

    @classmethod
    def of(
        cls, communities: Sequence[Land], cells: Sequence[Land], main: Sequence[BaseGeometry], measure: Measure
    ) -> "_Ground":
        zone = zone_for(communities)
        own: dict[str, list[Land]] = {one.code: [] for one in sorted(communities, key=lambda one: one.code)}
        for cell in sorted(cells, key=lambda cell: cell.code):
            if cell.code[:OF_COMMUNITY] in own:
                own[cell.code[:OF_COMMUNITY]].append(replace(cell, shape=to_metres(cell.shape, zone)))
        whole = {
            one.code: replace(one, shape=to_metres(one.shape, zone), counts=_counted(one.counts, own[one.code]))
            for one in sorted(communities, key=lambda one: one.code)
        }
        return cls(whole, own, main, measure, zone)

    def asked(self) -> list[Community]:
        return [
            Community(code, code[:OF_STREET], one.counts.of(self.measure), self._cells(code))
            for code, one in self.communities.items()
        ]

    def _cells(self, code: str) -> tuple[Cell, ...]:
        """The cells of a community, if they add up to it."""
        found = [(cell.code, cell.counts.of(self.measure) or 0) for cell in self.cells[code]]
        if sum(size for _, size in found) != self.communities[code].counts.of(self.measure):
            return ()
        return tuple(Cell(one, size) for one, size in found)

    def borders(self) -> list[Border]:
        return borders({code: one.shape for code, one in self.communities.items()}, self.main)

    def cell_borders(self, codes: tuple[str, ...]) -> list[Border]:
        shapes = {code: self.communities[code].shape for code in codes if not self._cells(code)}
        shapes |= {cell.code: cell.shape for code in codes if code not in shapes for cell in self.cells[code]}
        return borders(shapes, self.main)

    def told(self, changes: Sequence[Change], proven: bool, size: Size) -> Study:
        before = [
            self._place(Part((code,), (), code, one.counts.of(self.measure)), "stay", "", size)
            for code, one in self.communities.items()
        ]
        made = [
            (at, self._place(part, one.kind, one.why, size)) for at, one in enumerate(changes) for part in one.parts
        ]
        order = reading_order([place.shape for _, place in made])
        numbers: list[list[int]] = [[] for _ in changes]
        after = []
        for number, at in enumerate(order, 1):
            change, place = made[at]
            numbers[change].append(number)
            after.append(replace(place, number=number))
        return Study(size, self.measure, proven, before, after, list(zip(changes, numbers, strict=True)), self.zone)

    def _place(self, part: Part, kind: str, why: str, size: Size) -> Place:
        own = [cell for code in part.of for cell in self.cells[code] if cell.code in part.cells]
        land = [*own, *(self.communities[code] for code in part.of if not part.cells or code in part.cells)]
        counts = _added([one.counts for one in land])
        shape = land[0].shape if len(land) == 1 else together([one.shape for one in land])
        code = part.heir if kind == "stay" else ""
        cells = tuple(cell.code for cell in own)
        return Place(0, code, kind, part.of, cells, part.heir, counts, fits(part.size, size), why, shape)


def fits(number: int | None, size: Size) -> Fits:
    """Whether a community has the size."""
    if number is None:
        return "unknown"
    return "yes" if size.fits(number) else "small" if number < size.least else "large"


def _counted(own: Counts, cells: Sequence[Land]) -> Counts:
    """The households of a community: those of its cells, if all of them are known, for by these it is divided."""
    known = [cell.counts.households for cell in cells if cell.counts.households is not None]
    return replace(own, households=sum(known)) if cells and len(known) == len(cells) else own


def _added(counts: Sequence[Counts]) -> Counts:
    return Counts(
        _sum([one.households for one in counts]), _sum([one.persons for one in counts]), _sum([one.over_60 for one in counts])
    )  # fmt: skip


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


@dataclass(frozen=True)
class Frame:
    """What a drawing shows: metres from its upper left corner."""

    west: float
    north: float
    width: int
    height: int

    @classmethod
    def of(cls, shapes: Sequence[BaseGeometry]) -> "Frame":
        west, south, east, north = shapely.total_bounds(np.array(list(shapes), dtype=object)).tolist()
        return cls(west, north, round(east - west), round(north - south))

    def paths(self, shapes: Sequence[BaseGeometry]) -> list[str]:
        """Shapes as paths of SVG, to half a thousandth of the width; what lies far beyond is cut off."""
        fine, side = max(self.width, self.height, 1) / 2000, max(self.width, self.height) / 20  # a cut edge is not seen
        box = shapely.box(self.west, self.north - self.height, self.west + self.width, self.north).buffer(side)
        drawn = shapely.intersection(shapely.simplify(np.array(list(shapes), dtype=object), fine), box)
        return [_path(one, self.west, self.north) for one in drawn]

    def middles(self, shapes: Sequence[BaseGeometry]) -> list[tuple[int, int]]:
        """A place well inside each area, for its name."""
        return [(round(one.x - self.west), round(self.north - one.y)) for one in map(_middle, shapes)]


def _middle(shape: BaseGeometry) -> shapely.Point:
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    found: shapely.Point = shapely.maximum_inscribed_circle(largest, tolerance=20.0).interpolate(0)
    return found


def _path(shape: BaseGeometry, west: float, north: float) -> str:
    rings = [shapely.get_coordinates(ring) for part in shapely.get_parts(shape) for ring in _rings(part)]
    found = []
    for ring in rings:
        points = [(round(x - west), round(north - y)) for x, y in ring]
        kept = [points[0], *(two for one, two in pairwise(points) if one != two)]
        found.append("M" + "L".join(f"{x} {y}" for x, y in kept))
    return "".join(found)


def _rings(part: BaseGeometry) -> list[BaseGeometry]:
    if part.geom_type == "Polygon":
        return list(shapely.get_rings(part))
    return [part] if part.geom_type == "LineString" and not part.is_empty else []
