"""What lies around the street, so that its map does not end at its border."""

from collections.abc import Iterator
from random import Random

import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from . import housing, sites
from .blocks import Clearance
from .geometry import axis, inset, parallel_cut, split
from .model import TownFeature
from .network import FRAME, Network

REACH = 520.0  # metres beyond which nothing is drawn but roads and river


def outskirts(network: Network, street: BaseGeometry, clearance: Clearance, rng: Random) -> Iterator[TownFeature]:
    """Fields and woods, with houses where they lie close to the town."""
    for face in network.faces:
        if street.covers(face.representative_point()):
            continue
        for land in _patches(face, rng):
            far = land.centroid.distance(street)
            if far < REACH * rng.uniform(0.55, 1.0) and not land.intersects(FRAME.exterior):
                yield from _patch(clearance.ground(land), far, rng)


def _patches(land: Polygon, rng: Random) -> Iterator[Polygon]:
    if land.area < 52000 * rng.uniform(0.6, 1.6):
        yield land
        return
    parts = split(land, parallel_cut(land, rng.uniform(0.4, 0.6), axis(land)))
    if len(parts) < 2:
        yield land
        return
    for part in parts:
        yield from _patches(part, rng)


def _patch(ground: Polygon, far: float, rng: Random) -> Iterator[TownFeature]:
    ground = inset(ground, 3)
    if ground.area < 4000:
        return
    lot = rng.random()
    if far < 190 and lot < 0.3:
        yield TownFeature("compound", "residential", ground)
        yield from (_vacant(home) for home in housing.slabs(inset(ground, 3), 6, rng))
    elif far < 240 and lot < 0.4:
        yield TownFeature("compound", "industrial", ground)
        yield from sites.works(ground, rng)
    elif lot < 0.52:
        yield from (_vacant(home) for home in housing.village(ground, rng))
    else:
        soft = inset(ground, 9).buffer(9, quad_segs=3)
        yield TownFeature("green", "wood" if lot > 0.8 else "farmland", shapely.simplify(soft, 0.5))


def _vacant(home: TownFeature) -> TownFeature:
    """Homes outside the street are drawn, but their households are somebody else's to count."""
    return TownFeature(home.layer, home.kind, home.geom, floors=home.floors)
