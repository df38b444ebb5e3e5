"""Where the tablets walk: the roads of their cells, read from the base map as a tablet reads it."""

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from shapely import LineString, Polygon, STRtree
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from scripts.simulation.accounts import NotReadyError
from scripts.simulation.mvt import lines_of
from scripts.support.api import Api, RefusedError

ZOOM = 15  # the lowest that shows footways
DEGREE_M = 111_320.0  # of latitude
INSET, SHORTEST = 2 / DEGREE_M, 5 / DEGREE_M  # off the border of the cell; a stub is no road
NEAR = 5  # how many of the nearest roads come into question at the end of one
Place = tuple[float, float]
Road = list[Place]
G = TypeVar("G", bound=BaseGeometry)


async def roads_by_cell(api: Api) -> dict[str, list[Road]]:
    """The roads inside each cell that the caller sees, in degrees; a cell without any is walked along its border."""
    collection = await api.get("/areas.geojson", level=6)
    cells = {feature["id"]: shape(feature["geometry"]) for feature in collection["features"] if feature["geometry"]}
    if not cells:
        raise NotReadyError(f"No cell is drawn at {api.url}: fill the demo town with manage.py seed.")
    roads = await _roads(api, list(cells.values()))
    tree = STRtree(roads)
    return {code: _clipped(cell.buffer(-INSET), [roads[i] for i in tree.query(cell)]) for code, cell in cells.items()}


async def _roads(api: Api, cells: Sequence[BaseGeometry]) -> list[LineString]:
    boxes = [cell.bounds for cell in cells]
    west, north = _tile_at(min(b[0] for b in boxes), max(b[3] for b in boxes))
    east, south = _tile_at(max(b[2] for b in boxes), min(b[1] for b in boxes))
    found = []
    for x in range(int(west), int(east) + 1):
        for y in range(int(north), int(south) + 1):
            found += _lines(x, y, await _tile(api, x, y))
    return found


async def _tile(api: Api, x: int, y: int) -> bytes:
    answer = await api.client.get(f"{api.url}/tiles/base/{ZOOM}/{x}/{y}", headers=api.headers)
    if answer.is_error:
        raise RefusedError(answer.status_code, answer.text[:300])
    return answer.content


def _lines(x: int, y: int, tile: bytes) -> list[LineString]:
    layer = lines_of(tile, "road")
    placed = ([_place(x + px / layer.extent, y + py / layer.extent) for px, py in line] for line in layer.lines)
    return [LineString(line) for line in placed if len(line) > 1]


def _tile_at(lon: float, lat: float) -> tuple[float, float]:
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return (lon + 180) / 360 * 2**ZOOM, y * 2**ZOOM


def _place(x: float, y: float) -> Place:
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / 2**ZOOM))))
    return x / 2**ZOOM * 360 - 180, lat


def _clipped(cell: BaseGeometry, roads: Sequence[LineString]) -> list[Road]:
    pieces = [piece for road in roads for piece in _parts(road.intersection(cell), LineString)]
    long = [_road(piece.coords) for piece in pieces if piece.length > SHORTEST]
    return long or [_road(part.exterior.coords) for part in _parts(cell, Polygon)]


def _road(coords: Iterable[tuple[float, ...]]) -> Road:
    return [(lon, lat) for lon, lat, *_ in coords]


def _parts(geometry: BaseGeometry, kind: type[G]) -> list[G]:
    parts = getattr(geometry, "geoms", [geometry])
    return [part for part in parts if isinstance(part, kind)]


class Walk:
    """Someone on foot: to the end of a road, then along one that begins nearby."""

    def __init__(self, roads: Sequence[Road], rng: random.Random) -> None:
        self.roads = roads
        self.rng = rng
        self.speed = rng.uniform(1.1, 1.5)  # metres per second
        self.ahead = list(rng.choice(roads))
        self.here = self.ahead.pop(0)
        self.on_road = self.here  # the last place that surely lies in the cell

    def go(self, seconds: float) -> Place:
        """Walk on for so long; returns the place, in degrees."""
        left = self.speed * seconds
        while left > 0:
            if not self.ahead:
                self.on_road = self.here
                self.ahead = self._next()
            away = metres(self.here, self.ahead[0])
            if away > left:
                share = left / away
                (x, y), (to_x, to_y) = self.here, self.ahead[0]
                self.here = (x + (to_x - x) * share, y + (to_y - y) * share)
                break
            left -= away
            self.here = self.on_road = self.ahead.pop(0)
            left -= 0.01  # a road of no length ends, too
        return self.here

    def _next(self) -> Road:
        ways = [*self.roads, *(road[::-1] for road in self.roads)]
        near = sorted(ways, key=lambda road: metres(self.here, road[0]))[1 : NEAR + 1]
        return list(self.rng.choice(near or ways))


def metres(one: Place, other: Place) -> float:
    """The distance of two places (degrees) that lie close together."""
    east = (other[0] - one[0]) * math.cos(math.radians(one[1]))
    return math.hypot(east, other[1] - one[1]) * DEGREE_M


def of_cells(roads: Mapping[str, list[Road]], prefixes: tuple[str, ...]) -> list[Road]:
    """The roads of all cells whose code begins with one of these."""
    return [road for code, inside in roads.items() if code.startswith(prefixes) for road in inside]


def noisy(place: Place, accuracy_m: float, rng: random.Random) -> dict[str, Any]:
    """A place as a receiver of this accuracy sees it."""
    lon, lat = (value + rng.gauss(0, accuracy_m / 3) / DEGREE_M for value in place)
    return {"lon": lon, "lat": lat, "accuracy_m": round(accuracy_m, 1)}
