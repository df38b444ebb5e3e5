"""Everything that is not housing: schools, hospital, market, offices, works, shops, parks."""

import math
from collections.abc import Callable, Iterator, Sequence
from random import Random

import shapely
from shapely import LineString, Point, Polygon, affinity, box
from shapely.geometry.base import BaseGeometry

from .geometry import Frame, axis, biggest, blob, chord, longest, parallel_cut, polygons_of, spline, split
from .model import TownFeature
from .network import Road

Boxes = Sequence[tuple[float, float, float, float]]

# Ground plans in metres about the middle of the plot; x runs along its long side.
CLASSROOMS: Boxes = ((8, -33, 62, -22), (8, -5, 62, 6), (8, 22, 62, 33), (8, -33, 14, 33))
HOSPITAL: Boxes = ((-62, -44, 44, -24), (-48, -24, -34, 30), (20, -24, 34, 30), (-62, 30, 44, 46), (60, -30, 84, 6))
TOWNHALL: Boxes = ((-34, 8, 34, 24), (-34, -18, -20, 8), (20, -18, 34, 8))
COURTYARD: Boxes = ((-24, -14, 24, -4), (-24, -4, -14, 16), (14, -4, 24, 16))
ELL: Boxes = ((-16, -9, 16, 2), (4, 2, 16, 14))
BAR: Boxes = ((-20, -7, 20, 7),)
MARKET: Boxes = ((-40, -26, 40, 8), (-40, 15, 40, 21), (-40, 28, 40, 34), (50, -26, 57, 34))
HALL: Boxes = ((-36, -22, 36, 22),)
MALL: Boxes = ((-48, -30, 34, 24), (-30, 24, 20, 34))
SMALLEST = 400.0  # square metres on which anything is built
PLANS: dict[str, tuple[Boxes, str, tuple[int, int]]] = {
    "hospital": (HOSPITAL, "hospital", (5, 12)),
    "townhall": (TOWNHALL, "public", (4, 6)),
    "office": (COURTYARD, "office", (4, 9)),
    "kindergarten": (ELL, "school", (3, 3)),
    "market": (MARKET, "retail", (2, 2)),
    "mall": (MALL, "retail", (5, 5)),
    "supermarket": (HALL, "retail", (2, 3)),
    "hotel": (BAR, "commercial", (9, 14)),
    "nursing_home": (COURTYARD, "public", (3, 4)),
    "library": (ELL, "public", (3, 4)),
    "police": (ELL, "public", (4, 4)),
    "fire_station": (BAR, "public", (3, 3)),
    "clinic": (ELL, "public", (2, 4)),
    "community_centre": (ELL, "public", (2, 3)),
    "parking": (BAR, "service", (4, 4)),
    "bank": (BAR, "commercial", (4, 6)),
    "recycling": (BAR, "service", (1, 1)),
}


def standing(ground: Polygon, use: str, rng: Random) -> Iterator[TownFeature]:
    """The buildings of one institution, shrunk to its plot if it must be."""
    boxes, kind, floors = PLANS[use]
    shape = shapely.union_all([box(*sides) for sides in boxes])
    for part in polygons_of(_fitted(ground, shape, axis(ground))):
        yield TownFeature("building", kind, part, floors=rng.randint(*floors))


def _fitted(ground: Polygon, shape: BaseGeometry, angle: float) -> BaseGeometry:
    """The shape turned to the plot and moved to its middle; smaller sizes are tried down to a half."""
    if ground.area < SMALLEST:
        return Polygon()
    frame = Frame(ground, angle)
    middle = frame.ground.centroid
    if not frame.ground.contains(middle):
        middle = frame.ground.representative_point()
    cx, cy = shape.centroid.coords[0]
    for size in (1.7, 1.5, 1.3, 1.15, 1.0, 0.85, 0.7, 0.55):
        if size > 1 and shape.area * size**2 > ground.area * 0.3:
            continue
        scaled = affinity.scale(shape, size, size, origin=(cx, cy))
        placed = affinity.translate(scaled, middle.x - cx, middle.y - cy)
        if frame.ground.contains(placed):
            return frame.back(placed)
    return Polygon()


def school(ground: Polygon, floors: int) -> Iterator[TownFeature]:
    """Class rooms in bars at one end of the plot, the sports ground with its track at the other."""
    if ground.area < SMALLEST:
        return
    frame = Frame(ground, axis(ground))
    y = frame.ground.centroid.y
    x0, x1 = chord(frame.ground, y) or frame.ground.bounds[::2]
    size = max(0.72, min(1.3, (x1 - x0) / 178, ground.area / 13000))
    rooms = affinity.translate(shapely.union_all([box(*sides) for sides in CLASSROOMS]), x0, y)
    rooms = affinity.scale(rooms, size, size, origin=(x0, y)).intersection(frame.ground.buffer(-3))
    rooms = biggest(rooms.buffer(-1.5, join_style="mitre").buffer(1.5, join_style="mitre"))
    if rooms.area > 300:
        yield TownFeature("building", "school", frame.back(rooms), floors=floors)
    for oval in _track(frame, rooms.bounds[2], x1, y, 46 * size):
        yield TownFeature("green", "pitch", frame.back(oval))


def _track(frame: Frame, x0: float, x1: float, y: float, most: float) -> Iterator[Polygon]:
    """The largest oval that fits between x0 and x1, at most 2 x 1.6 `most` metres long."""
    middle = (x0 + x1) / 2
    for half in (most, most * 0.8, most * 0.6, most * 0.42):
        oval = LineString([(middle - half, y), (middle + half, y)]).buffer(half * 0.62, quad_segs=6)
        if frame.ground.contains(oval) and oval.bounds[0] > x0 + 4:
            yield oval
            return


def works(ground: Polygon, rng: Random) -> Iterator[TownFeature]:
    """Halls of a works or a store, long side by long side."""
    if ground.area < SMALLEST:
        return
    frame = Frame(ground, axis(ground))
    _, y0, _, y1 = frame.ground.bounds
    rows = max(1, int((y1 - y0 + 4) / 46))
    pitch = (y1 - y0 - 8) / rows
    for row in range(rows):
        low = y0 + 6 + row * pitch
        depth = min(pitch - 13, rng.uniform(24, 34))
        ends = [chord(frame.ground, y) for y in (low, low + depth)]
        x = max((e[0] for e in ends if e), default=0.0) + 4
        stop = min((e[1] for e in ends if e), default=0.0) - 4
        while x + 26 < stop:
            length = min(rng.uniform(44, 96), stop - x)
            hall = box(x, low, x + length, low + depth)
            if frame.ground.contains(hall):
                yield TownFeature("building", "industrial", frame.back(hall), floors=rng.choice((1, 1, 2, 3)))
            x += length + rng.uniform(10, 16)


def campus(ground: Polygon, rng: Random) -> Iterator[TownFeature]:
    """A college: bars of class rooms and dormitories about a green, and a track."""
    if ground.area < SMALLEST:
        return
    frame = Frame(ground, axis(ground))
    x0, _, x1, _ = frame.ground.bounds
    cy = frame.ground.centroid.y
    lawn = blob(Point((x0 + x1) / 2, cy), 46, [rng.uniform(-0.2, 0.2) for _ in range(8)])
    ovals = list(_track(frame, x1 - 190, x1, cy, 76.0))
    yield from (TownFeature("green", "pitch", frame.back(oval)) for oval in ovals)
    yield TownFeature("green", "grass", frame.back(lawn))
    taken = shapely.union_all([lawn.buffer(12), *(oval.buffer(10) for oval in ovals)])
    free = frame.ground.difference(taken)
    shapely.prepare(free)
    for x in range(int(x0) + 14, int(x1) - 40, 72):
        for y in range(int(cy) - 190, int(cy) + 180, 40):
            bar = box(x, y, x + rng.uniform(44, 62), y + 15)
            if free.contains(bar):
                yield TownFeature("building", "school", frame.back(bar), floors=rng.randint(4, 6))


def frontage(ground: Polygon, road: Road, rng: Random) -> Iterator[TownFeature]:
    """Shops in short rows along the side of a plot that looks on a street."""
    if ground.area < SMALLEST:
        return
    near = longest(ground.exterior.intersection(road.line.buffer(road.half + 11)))
    at, free = rng.uniform(4, 12), ground.buffer(0.6)
    shapely.prepare(free)
    while at + 22 < near.length:
        length, depth = rng.uniform(20, 44), rng.uniform(10.5, 13.5)
        shop = _beside(near, at, min(length, near.length - at - 2), depth, ground)
        if free.contains(shop):
            yield TownFeature("building", "retail", shop, floors=rng.choice((2, 2, 3, 4)))
        at += length + rng.choice((1.2, 1.2, 5.0, 14.0))


def _beside(line: LineString, at: float, length: float, depth: float, ground: Polygon) -> Polygon:
    a, b = line.interpolate(at), line.interpolate(at + length)
    run = math.hypot(b.x - a.x, b.y - a.y) or 1.0
    nx, ny = -(b.y - a.y) / run, (b.x - a.x) / run
    if not ground.contains(Point((a.x + b.x) / 2 + nx * depth / 2, (a.y + b.y) / 2 + ny * depth / 2)):
        nx, ny = -nx, -ny
    corners = [(a.x, a.y), (b.x, b.y), (b.x + nx * depth, b.y + ny * depth), (a.x + nx * depth, a.y + ny * depth)]
    return Polygon(corners)


def park(ground: Polygon, rng: Random, kind: str = "park", pond: bool = True) -> Iterator[TownFeature]:
    """Green with winding paths, a pond in the larger ones, and a pavilion."""
    yield TownFeature("green", kind, ground)
    size = math.sqrt(ground.area)
    water = Polygon()
    if pond and ground.area > 12000:
        shape = blob(ground.representative_point(), size * 0.13, [rng.uniform(-0.4, 0.35) for _ in range(8)])
        water = biggest(shape.intersection(ground.buffer(-12)))
        yield TownFeature("water", "pond", water)
    for _ in range(max(1, int(size / 90))):
        for path in _paths(ground.difference(water.buffer(4)), rng):
            yield TownFeature("road", "footway", path)
    spot = ground.representative_point()
    pavilion = affinity.rotate(box(spot.x + size * 0.16, spot.y, spot.x + size * 0.16 + 9, spot.y + 9), 45)
    if ground.contains(pavilion) and not water.intersects(pavilion):
        yield TownFeature("building", "public", pavilion, floors=1)


def _paths(ground: BaseGeometry, rng: Random) -> Iterator[LineString]:
    rim, middle = biggest(ground).exterior, ground.centroid
    a, b = (rim.interpolate(rng.random(), normalized=True) for _ in range(2))
    bend = min(30.0, math.sqrt(ground.area) * 0.06)
    inner = [
        (a.x * k + b.x * (1 - k) + rng.uniform(-bend, bend), a.y * k + b.y * (1 - k) + rng.uniform(-bend, bend))
        for k in (0.7, 0.3)
    ]
    line = spline([(a.x, a.y), inner[0], (middle.x, middle.y), inner[1], (b.x, b.y)], 12)
    inside = longest(line.intersection(ground))
    if inside.length > 60:
        yield inside


def lots(ground: Polygon, target: float, rng: Random, lane: Callable[[LineString], None]) -> list[Polygon]:
    """A plot cut into small lots by yard lanes, each lane reported to `lane`."""
    if ground.area < target:
        return polygons_of(ground, 600)
    cut = parallel_cut(ground, rng.uniform(0.42, 0.58), axis(ground), straight=True)
    parts = split(ground, cut)
    if len(parts) < 2:
        return polygons_of(ground, 600)
    lane(cut)
    free = [biggest(part.difference(cut.buffer(4.5))) for part in parts]
    return [lot for part in free for lot in lots(part, target, rng, lane)]
