"""Plane geometry in metres that every part of the generator shares."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np
import shapely
from shapely import LineString, MultiLineString, Point, Polygon, affinity, ops
from shapely.geometry.base import BaseGeometry

G = TypeVar("G", bound=BaseGeometry)
GRID = 0.01  # nodes closer than a centimetre are one node


def spline(points: Sequence[tuple[float, float]], step: float = 18.0) -> LineString:
    """A smooth line through all points (Catmull-Rom), with a vertex about every `step` metres."""
    p = np.asarray(points, dtype=float)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    parts: list[np.ndarray] = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        n = max(2, int(np.linalg.norm(c - b) / step))
        t = np.linspace(0, 1, n, endpoint=False)[:, None]
        parts.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return LineString(np.vstack([*parts, p[-2:-1]]))


def ribbon(line: LineString, width: float, wobble: float = 0.0) -> Polygon:
    """A band along a line whose width swings by the share `wobble`, as the width of a river does."""
    xy = np.asarray(line.coords)
    step = np.gradient(xy, axis=0)
    normal = np.column_stack([-step[:, 1], step[:, 0]]) / np.linalg.norm(step, axis=1)[:, None]
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(xy, axis=0), axis=1))])
    half = width / 2 * (1 + wobble * np.sin(along / 170) + wobble * 0.6 * np.sin(along / 71 + 1))
    edge = normal * half[:, None]
    return Polygon(np.vstack([xy + edge, (xy - edge)[::-1]])).buffer(0)


def lines_of(geom: BaseGeometry) -> Iterator[LineString]:
    """The line strings inside any geometry."""
    if isinstance(geom, LineString):
        if geom.length > 0:
            yield geom
    elif isinstance(geom, MultiLineString) or hasattr(geom, "geoms"):
        for part in geom.geoms:
            yield from lines_of(part)


def polygons_of(geom: BaseGeometry, smallest: float = 1.0) -> list[Polygon]:
    """The polygons inside any geometry that have at least `smallest` square metres."""
    parts: Iterable[BaseGeometry] = getattr(geom, "geoms", [geom])
    return [part for part in parts if isinstance(part, Polygon) and part.area >= smallest]


def biggest(geom: BaseGeometry) -> Polygon:
    """The largest polygon of a geometry; an empty one if there is none."""
    return max(polygons_of(geom), key=lambda part: part.area, default=Polygon())


def inset(polygon: Polygon, metres: float) -> Polygon:
    """The largest part of a polygon that lies at least so far inside its border; empty if there is none."""
    return biggest(polygon.buffer(-metres))


def longest(geom: BaseGeometry) -> LineString:
    """The longest line string of a geometry."""
    return max(lines_of(geom), key=lambda part: part.length, default=LineString())


def axis(polygon: Polygon) -> float:
    """Direction of the long side of the smallest box around a polygon, in degrees, -90 to 90."""
    box = polygon.minimum_rotated_rectangle
    if not isinstance(box, Polygon) or box.is_empty:
        return 0.0
    (x0, y0), (x1, y1), (x2, y2) = box.exterior.coords[:3]
    first, second = (x1 - x0, y1 - y0), (x2 - x1, y2 - y1)
    dx, dy = first if math.hypot(*first) >= math.hypot(*second) else second
    return (math.degrees(math.atan2(dy, dx)) + 90) % 180 - 90


def sunward(polygon: Polygon, most: float = 16.0) -> float:
    """How far rows of houses are turned from due south to follow their plot, at most `most` degrees."""
    turn = (axis(polygon) + 45) % 90 - 45
    return max(-most, min(most, turn))


class Frame:
    """Works in axes turned by `angle` degrees about the middle of a polygon, and turns back."""

    def __init__(self, polygon: Polygon, angle: float) -> None:
        self.origin = Point(0, 0) if polygon.is_empty else polygon.centroid
        self.angle = angle
        self.ground = affinity.rotate(polygon, -angle, origin=self.origin)
        shapely.prepare(self.ground)

    def back(self, geom: G) -> G:
        return affinity.rotate(geom, self.angle, origin=self.origin)


def chord(polygon: Polygon, y: float) -> tuple[float, float] | None:
    """Ends of the longest horizontal line at height y inside a polygon."""
    x0, _, x1, _ = polygon.bounds
    best = longest(polygon.intersection(LineString([(x0 - 1, y), (x1 + 1, y)])))
    return None if best.is_empty else (best.bounds[0], best.bounds[2])


def parallel_cut(polygon: Polygon, share: float, angle: float, *, straight: bool = False) -> LineString:
    """A line across a polygon at `share` of its width, that takes the shape of both its sides unless it is `straight`.

    `angle` is the direction of the width, in degrees: 0 cuts from south to north.
    """
    frame = Frame(polygon, angle)
    _, y0, _, y1 = frame.ground.bounds
    heights = [y0 + (y1 - y0) * f for f in (0.3, 0.5, 0.7)]
    chords = [(y, chord(frame.ground, y)) for y in heights]
    a, b, c = ((found[0] + (found[1] - found[0]) * share, y) if found else (0.0, y) for y, found in chords)
    run = (c[0] - a[0]) / (c[1] - a[1])
    reach = (y1 - y0) * 0.6
    ends = (a[0] - run * reach, a[1] - reach), (c[0] + run * reach, c[1] + reach)
    line = LineString(ends) if straight else spline([ends[0], a, b, c, ends[1]])
    return longest(frame.back(line).intersection(polygon))


def split(polygon: Polygon, line: LineString) -> list[Polygon]:
    """The parts of a polygon on the sides of a line."""
    noded = shapely.unary_union([polygon.exterior, line], grid_size=GRID)
    faces = ops.polygonize(lines_of(noded))
    return [face for face in faces if polygon.covers(face.representative_point())]


def blob(centre: Point, radius: float, swing: Sequence[float]) -> Polygon:
    """A soft round shape; `swing` are the shares by which its radius differs on the way around."""
    n = len(swing)
    turns = [2 * math.pi * i / n for i in range(n)]
    reach = [radius * (1 + s) for s in swing]
    ring = [(centre.x + r * math.cos(t), centre.y + r * math.sin(t)) for r, t in zip(reach, turns, strict=True)]
    return Polygon(spline([*ring, ring[0]], radius / 4).coords).buffer(0)
