"""What stands beside the roads: bus stops, shops with names, toilets, fuel; bridges have names too."""

from collections.abc import Iterator
from random import Random

from shapely import LineString, Point, STRtree

from .blocks import Cell
from .model import TownFeature
from .names import SHOPS
from .network import Network

BRIDGES = {"云锦路": "云锦大桥", "学府路": "学府大桥", "东环路": "东环大桥", "西环路": "澄溪一桥"}
SPARE = ("toilets", "公共厕所")


def roadside(network: Network, cells: list[Cell], rng: Random) -> Iterator[TownFeature]:
    """Places along the streets of the town."""
    yield from _bridges(network)
    yield from _bus_stops(network, cells)
    yield from _shops(cells, rng)


def _bridges(network: Network) -> Iterator[TownFeature]:
    for road, name in BRIDGES.items():
        deck = network.road(road).line.intersection(network.river)
        yield TownFeature("place", "bridge", deck.centroid, name)


def _bus_stops(network: Network, cells: list[Cell]) -> Iterator[TownFeature]:
    """A stop about every 430 m of the roads on which buses run, named after what is nearest."""
    named = [(plot.ground, plot.name) for cell in cells for plot in cell.plots if plot.name]
    tree = STRtree([ground for ground, _ in named])
    used: set[str] = set()
    for name in ("望江大道", "云锦路", "长兴路", "学府路", "滨江路", "文昌路", "柳林路"):
        road = network.road(name)
        line = road.line
        at = 160.0
        while at < line.length:
            spot = _kerb(line, at, road.half - 1.5)
            near = named[int(tree.nearest(spot))]
            if near[0].distance(spot) < 60 and near[1] not in used:
                used.add(near[1])
                yield TownFeature("place", "bus_stop", spot, f"{near[1]}站")
            at += 430


def _kerb(line: LineString, at: float, aside: float) -> Point:
    a, b = line.interpolate(at - 1), line.interpolate(at + 1)
    return Point(a.x - (b.y - a.y) / 2 * aside, a.y + (b.x - a.x) / 2 * aside)


def _shops(cells: list[Cell], rng: Random) -> Iterator[TownFeature]:
    """Some of the rows of shops get a shop with a name, and some a public toilet at the corner."""
    for cell in cells:
        for plot in cell.plots:
            rows = [f.geom for f in plot.features if f.kind == "retail" and f.layer == "building" and f.geom.area < 700]
            for row in rows:
                if rng.random() < 0.4:
                    yield TownFeature("place", "shop", row.representative_point(), rng.choice(SHOPS))
            if rows and rng.random() < 0.2:
                yield TownFeature("place", SPARE[0], plot.ground.representative_point(), SPARE[1])
