"""Places of the town where something may lie, stand or break, with the words people use for them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from shapely import LineString, Point, Polygon, STRtree
from shapely.geometry.base import BaseGeometry

from .model import Town, TownFeature

METRE = 1 / 111_320  # degrees of latitude
HALF = {"primary": 11.0, "secondary": 8.0, "tertiary": 6.0, "residential": 4.5}
PLACE_TAGS = {
    "shop": "shop", "supermarket": "shop", "bank": "shop", "mall": "shop", "bus_stop": "stop", "school": "school", "kindergarten": "school",
    "college": "school", "market": "market", "park": "green", "hospital": "shop", "clinic": "shop", "industrial": "works",
    "office": "road", "recycling": "works",
}  # fmt: skip
WORDS = {
    "shop": "门前",
    "stop": "旁",
    "school": "校门口",
    "market": "外",
    "green": "内",
    "works": "门口",
    "road": "门前",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A point in degrees: the cell it lies in, what is there (`tag`), and its address."""

    tag: str
    cell: str
    lon: float
    lat: float
    address: str


def spots(town: Town, seed: int = 1) -> list[Spot]:
    """Some thousands of places in the cells of the street, the same for the same town and seed."""
    rng = Random(seed)  # noqa: S311  # places, not secrets
    cells = list(town.cells)
    tree = STRtree([cell.geom for cell in cells if cell.geom is not None])
    labels = [
        f for f in town.features if f.layer == "place" and f.name and f.kind not in ("shop", "toilets", "bus_stop")
    ]
    near = STRtree([label.geom for label in labels])
    found = []
    for tag, point, address in _all(town, rng):
        inside = tree.query(point, predicate="intersects")
        if len(inside):
            words = address
            if "{near}" in address:
                label = labels[int(near.nearest(point))]
                close = label.geom.distance(point) < 160 * METRE
                words = address.replace("{near}", f"近{label.name}" if close else "路边")
            found.append(Spot(tag, cells[min(inside)].code, round(point.x, 6), round(point.y, 6), words))
    return found


def _all(town: Town, rng: Random) -> Iterator[tuple[str, Point, str]]:
    for feature in town.features:
        if feature.layer == "road" and feature.name and isinstance(feature.geom, LineString):
            yield from _along(feature, feature.geom, rng)
        elif feature.layer == "compound" and feature.name and isinstance(feature.geom, Polygon):
            yield from _inside(feature, feature.geom, rng)
        elif feature.layer == "place" and feature.name:
            yield from _at(feature, rng)


def _along(road: TownFeature, line: LineString, rng: Random) -> Iterator[tuple[str, Point, str]]:
    """A spot at the kerb about every 55 metres, on either side."""
    tag = "road" if road.kind in ("primary", "secondary", "tertiary") else "lane"
    at = rng.uniform(20, 50) * METRE
    while at < line.length:
        point = _aside(line, at, rng.choice((-1, 1)) * HALF.get(road.kind, 3.0))
        yield tag, point, f"{road.name}{{near}}"
        if road.name in ("滨江路", "南岸路"):
            yield "bank", _aside(line, at, 22.0 if road.name == "南岸路" else -22.0), f"{road.name}河边"
        at += rng.uniform(35, 75) * METRE


def _aside(line: LineString, at: float, metres: float) -> Point:
    """The point `metres` to the left of the line (in its direction) at a distance of `at` degrees along it."""
    a, b = line.interpolate(max(0.0, at - METRE)), line.interpolate(at + METRE)
    shrink = math.cos(math.radians(a.y))
    dx, dy = (b.x - a.x) * shrink, b.y - a.y
    length = math.hypot(dx, dy) or 1.0
    return Point(
        (a.x + b.x) / 2 - dy / length * metres * METRE / shrink, (a.y + b.y) / 2 + dx / length * metres * METRE
    )


def _inside(compound: TownFeature, land: Polygon, rng: Random) -> Iterator[tuple[str, Point, str]]:
    tag = {"residential": "compound", "school": "school", "industrial": "works"}.get(compound.kind, "compound")
    inner: BaseGeometry = land.buffer(-6 * METRE)
    rim = inner.exterior if isinstance(inner, Polygon) else land.exterior
    for i in range(1, rng.randint(6, 10)):
        where = f"{i}号楼旁" if tag == "compound" else "围墙内"
        yield tag, rim.interpolate(rng.random(), normalized=True), f"{compound.name}{where}"


def _at(place: TownFeature, rng: Random) -> Iterator[tuple[str, Point, str]]:
    if place.kind == "neighbourhood":
        for _ in range(14):
            number, away = rng.randint(1, 88), 70 * METRE
            yield (
                "old",
                Point(
                    place.geom.centroid.x + rng.uniform(-away, away), place.geom.centroid.y + rng.uniform(-away, away)
                ),
                f"{place.name}{number}号",
            )
    tag = PLACE_TAGS.get(place.kind)
    if tag:
        aside = 12 * METRE
        point = Point(
            place.geom.centroid.x + rng.uniform(-aside, aside), place.geom.centroid.y + rng.uniform(-aside, aside)
        )
        yield tag, point, f"{place.name}{WORDS[tag]}"
