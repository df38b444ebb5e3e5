"""River and main roads as lines, and the blocks of land between them."""

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely import LineString, Polygon, box, ops

from . import plan
from .geometry import GRID, lines_of, longest, ribbon, spline

HALF_WIDTH = {
    "primary": 14.0, "secondary": 11.0, "tertiary": 8.0, "residential": 6.0, "service": 3.5, "footway": 1.8
}  # fmt: skip
FRAME = box(-640, -520, 3160, 2480)


@dataclass(frozen=True, slots=True)
class Road:
    """A road as drawn: kind as in the tiles, centre line in metres."""

    name: str
    kind: str
    line: LineString

    @property
    def half(self) -> float:
        return HALF_WIDTH[self.kind]


@dataclass(slots=True)
class Network:
    """The bones of the town."""

    river_line: LineString
    river: Polygon
    brook: Polygon
    roads: list[Road]
    faces: list[Polygon]

    def road(self, name: str) -> Road:
        return next(road for road in self.roads if road.name == name)


def build_network() -> Network:
    """Draw the planned lines, trim them where they meet, and find the faces between them."""
    river_line = spline(plan.RIVER)
    lines = {road.name: spline(road.points) for road in plan.ROADS}
    lines["滨江路"] = longest(river_line.offset_curve(plan.NORTH_BANK).simplify(0.4))
    lines["南岸路"] = longest(river_line.offset_curve(plan.SOUTH_BANK).simplify(0.4))
    lines[plan.RIVER_NAME] = river_line
    trimmed = {road.name: _between(lines, road.name, road.start, road.end) for road in plan.ROADS}
    bank = _between(lines, "滨江路", "西环路", "东环路")
    faces = _faces([*trimmed.values(), bank, river_line])
    roads = [Road(road.name, road.kind, _drawn(lines, road)) for road in plan.ROADS]
    roads.append(Road("滨江路", "secondary", bank))
    roads.append(Road("南岸路", "tertiary", _between(lines, "南岸路", "西环路", "东环路")))
    river = ribbon(river_line, plan.RIVER_WIDTH, 0.09)
    return Network(river_line, river, ribbon(spline(plan.BROOK), plan.BROOK_WIDTH, 0.2), roads, faces)


def _drawn(lines: dict[str, LineString], road: plan.RoadPlan) -> LineString:
    """A road that divides the land down to the river is itself drawn only to the bank."""
    end = "南岸路" if road.end == plan.RIVER_NAME else road.end
    return _between(lines, road.name, road.start, end)


def _between(lines: dict[str, LineString], name: str, start: str, end: str) -> LineString:
    line = lines[name]
    a = _meeting(line, lines[start]) if start else 0.0
    b = _meeting(line, lines[end]) if end else line.length
    return longest(ops.substring(line, min(a, b), max(a, b)))


def _meeting(line: LineString, other: LineString) -> float:
    crossing = line.intersection(other)
    return line.project(crossing.centroid)


def _faces(lines: Sequence[LineString]) -> list[Polygon]:
    noded = shapely.unary_union([FRAME.exterior, *lines], grid_size=GRID)
    return [face for face in ops.polygonize(lines_of(noded)) if FRAME.covers(face.representative_point())]
