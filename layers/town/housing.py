"""Where people live: rows of flats that face south, towers, lanes of old houses, villages."""

from collections.abc import Iterator
from random import Random

import shapely
from shapely import LineString, Point, Polygon, affinity, box

from .geometry import Frame, axis, biggest, blob, chord, parallel_cut, polygons_of, split, sunward
from .model import TownFeature

FLATS_PER_STAIRCASE = 2
SMALLEST = 400.0  # square metres on which anything is built
STAIRCASE = 17.0  # metres of façade a staircase serves


def slabs(ground: Polygon, floors: int, rng: Random) -> Iterator[TownFeature]:
    """Rows of flats across a plot, as far apart as the winter sun asks for."""
    if ground.area < SMALLEST:
        return
    frame = Frame(ground, sunward(ground))
    depth = rng.uniform(11.0, 13.0)
    pitch = depth + 3.1 * floors * rng.uniform(0.92, 1.1)
    _, y0, _, y1 = frame.ground.bounds
    rows = max(1, int((y1 - y0 - depth) / pitch) + 1)
    y = y0 + ((y1 - y0) - (rows - 1) * pitch - depth) / 2
    for _ in range(rows):
        for piece in _row(frame, y, depth, rng):
            yield _flats(frame.back(piece), floors, piece.bounds[2] - piece.bounds[0])
        y += pitch


def _row(frame: Frame, y: float, depth: float, rng: Random) -> Iterator[Polygon]:
    lower, upper = chord(frame.ground, y), chord(frame.ground, y + depth)
    if not lower or not upper:
        return
    x0, x1 = max(lower[0], upper[0]) + 1, min(lower[1], upper[1]) - 1
    gap, room = rng.uniform(11, 15), x1 - x0
    n = max(1, round((room + gap) / (STAIRCASE * 3 + gap)))
    length = (room - (n - 1) * gap) / n
    if length < STAIRCASE * 1.2:
        return
    for i in range(n):
        left = x0 + i * (length + gap)
        shape = _staggered(left, y, length, depth, rng)
        if frame.ground.contains(shape):
            yield shape


def _staggered(x: float, y: float, length: float, depth: float, rng: Random) -> Polygon:
    plain = box(x, y, x + length, y + depth)
    if length < 44 or rng.random() > 0.3:
        return plain
    step, middle = rng.choice((-3.2, 3.2)), x + length / 2
    return biggest(shapely.union(box(x, y, middle, y + depth), box(middle, y + step, x + length, y + step + depth)))


def _flats(shape: Polygon, floors: int, length: float) -> TownFeature:
    homes = max(1, round(length / STAIRCASE)) * FLATS_PER_STAIRCASE * floors
    return TownFeature("building", "residential", shape, floors=floors, households=homes)


def towers(ground: Polygon, floors: int, rng: Random) -> Iterator[TownFeature]:
    """Towers in staggered rows with much open ground between them."""
    if ground.area < SMALLEST:
        return
    frame = Frame(ground, sunward(ground))
    shape = _tower(rng)
    x0, y0, x1, y1 = frame.ground.bounds
    pitch_x, pitch_y = rng.uniform(50, 58), rng.uniform(54, 62)
    y, row = y0 + 16, 0
    while y < y1:
        x = x0 + 18 + (row % 2) * pitch_x / 2
        while x < x1:
            placed = affinity.translate(shape, x, y)
            if frame.ground.contains(placed):
                yield TownFeature("building", "residential", frame.back(placed), floors=floors, households=floors * 4)
            x += pitch_x
        y, row = y + pitch_y, row + 1


def _tower(rng: Random) -> Polygon:
    w, d = rng.uniform(13.5, 15.5), rng.uniform(7, 8)
    wings = [box(-w, -d, w, d), box(-w + 3, -d - 3.5, -3, d), box(3, -d - 3.5, w - 3, d), box(-5, -d, 5, d + 4)]
    return biggest(shapely.union_all(wings))


def lanes(ground: Polygon, rng: Random) -> Iterator[TownFeature]:
    """The old town: footways with house beside house, no two alike, and here and there a yard."""
    for island in _islands(ground, 2000, rng):
        if isinstance(island, LineString):
            yield TownFeature("road", "footway", island)
            continue
        for shape in _terrace(island, rng):
            floors = rng.choice((1, 2, 2, 2, 3))
            yield TownFeature("building", "house", shape, floors=floors, households=1)


def _islands(ground: Polygon, target: float, rng: Random) -> Iterator[Polygon | LineString]:
    if ground.area < target:
        yield from polygons_of(ground.buffer(-1.6, join_style="mitre"), 150)
        return
    cut = parallel_cut(ground, rng.uniform(0.42, 0.58), axis(ground))
    parts = split(ground, cut)
    if len(parts) < 2:
        yield ground
        return
    yield cut
    for part in parts:
        yield from _islands(part, target * rng.uniform(0.85, 1.15), rng)


def _terrace(island: Polygon, rng: Random) -> Iterator[Polygon]:
    frame = Frame(island, axis(island))
    x0, y0, x1, y1 = frame.ground.bounds
    rows = max(1, round((y1 - y0) / 12.5))
    depth = (y1 - y0) / rows
    for row in range(rows):
        x = x0
        while x < x1:
            width = rng.uniform(8.5, 14.5)
            if rng.random() > 0.07:
                back = rng.uniform(0.4, 2.6)
                low, high = (0.0, back) if row % 2 == 0 else (back, 0.0)
                house = box(x, y0 + row * depth + low, x + width - 0.5, y0 + (row + 1) * depth - high)
                yield from (frame.back(part) for part in polygons_of(house.intersection(frame.ground), 42))
            x += width


def village(ground: Polygon, rng: Random) -> Iterator[TownFeature]:
    """Self-built houses of three floors along a lane, gardens and fields behind them."""
    if ground.area < SMALLEST:
        return
    frame = Frame(ground, axis(ground))
    x0, y0, x1, y1 = frame.ground.bounds
    y = y0 + 4
    while y < y1 - 12:
        x = x0 + rng.uniform(0, 8)
        while x < x1:
            w, d = rng.uniform(9.5, 12.5), rng.uniform(10, 13)
            dy = rng.uniform(0, 4)
            house = affinity.rotate(box(x, y + dy, x + w, y + dy + d), rng.uniform(-5, 5))
            if rng.random() < 0.88 and frame.ground.contains(house):
                yield TownFeature("building", "house", frame.back(house), floors=3, households=2)
            x += w + rng.choice((2.2, 3.0, 5.0, 9.0))
        y += rng.uniform(24, 30)


def garden(ground: Polygon, rng: Random) -> Polygon:
    """The soft-edged green in the middle of a compound."""
    if ground.area < SMALLEST:
        return Polygon()
    centre = ground.centroid if ground.contains(ground.centroid) else ground.representative_point()
    radius = min(36.0, ground.area**0.5 * 0.16)
    swing = [rng.uniform(-0.28, 0.28) for _ in range(9)]
    return biggest(blob(Point(centre), radius, swing).intersection(ground.buffer(-8)))


def parkland(ground: Polygon, homes: list[TownFeature]) -> Polygon:
    """The green that flows around the towers of a compound."""
    stands = shapely.union_all([home.geom.buffer(7) for home in homes])
    return biggest(ground.buffer(-7).difference(stands).buffer(-5).buffer(5, quad_segs=3).simplify(0.5))


def drive(ground: Polygon, homes: list[TownFeature]) -> LineString:
    """The way in: along the widest free gap near the middle, from one side of the plot to the other."""
    if ground.area < SMALLEST:
        return LineString()
    frame = Frame(ground, sunward(ground))
    taken = shapely.union_all([affinity.rotate(home.geom, -frame.angle, origin=frame.origin) for home in homes])
    y = frame.ground.centroid.y
    lines = []
    for dy in (0, 3, -3, 6, -6, 9, -9, 12, -12, 15, -15):
        ends = chord(frame.ground, y + dy)
        if ends:
            line = LineString([(ends[0] - 6, y + dy), (ends[1] + 6, y + dy)])
            lines.append((line.distance(taken), -abs(dy), line))
    return frame.back(max(lines, key=lambda item: (min(item[0], 6), item[1]))[2]) if lines else LineString()
