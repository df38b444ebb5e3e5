"""Puts the town together: network, cells, plots, what stands beside the roads, and the codes."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from . import plan
from .blocks import Cell, Clearance, cut_cells, leaves
from .model import STREET, Town, TownArea, TownFeature
from .names import Names
from .network import Network, Road, build_network
from .outskirts import outskirts
from .roadside import roadside
from .uses import Planner, dedicated_name

PLACE = "+proj=tmerc +lat_0=28.88 +lon_0=105.44 +x_0=1240 +y_0=930 +ellps=GRS80 +units=m"


def build(seed: int = 1) -> Town:
    """Draw the town; equal seeds give equal towns, vertex by vertex."""
    rng = Random(seed)  # noqa: S311  # a town, not a secret
    names, network = Names(rng), build_network()
    cells, lanes = cut_cells(network, names)
    land = {}
    for index, cell in enumerate(cells):
        land[index], more = leaves(cell, network, names, rng)
        lanes += more
    clearance = Clearance(network, lanes)
    planner = Planner(names, network.roads, rng)
    for index, cell in enumerate(cells):
        grounds = [clearance.ground(leaf) for leaf in land[index]]
        planner.fill(cell, [ground for ground in grounds if ground.area > 600])
    features = list(_map(network, [*lanes, *planner.yards], cells, rng))
    street = shapely.coverage_union_all([cell.geom for cell in cells])
    features += outskirts(network, street, clearance, rng)
    to_lonlat = Transformer.from_crs(PLACE, "EPSG:4326", always_xy=True)
    return Town(_areas(cells, to_lonlat), _moved(features, to_lonlat))


def _map(network: Network, lanes: list[Road], cells: list[Cell], rng: Random) -> Iterator[TownFeature]:
    yield TownFeature("water", "river", network.river, plan.RIVER_NAME)
    yield TownFeature("water", "stream", network.brook.difference(network.river), plan.BROOK_NAME)
    for road in [*network.roads, *lanes]:
        yield TownFeature("road", road.kind, road.line, road.name)
    for cell in cells:
        for plot in cell.plots:
            yield from plot.features
    yield from roadside(network, cells, rng)


def _areas(cells: list[Cell], to_lonlat: Transformer) -> list[TownArea]:
    """Codes from north to south and west to east inside each community."""
    tops: list[TownArea] = []
    inner: list[TownArea] = []
    for number, (name, name_en) in enumerate(plan.COMMUNITIES, 1):
        code = f"{STREET}{number:03}"
        mine = sorted((cell for cell in cells if cell.community == number), key=_reading_order)
        own = [_cell(code, i, cell, to_lonlat) for i, cell in enumerate(mine, 1)]
        tops.append(TownArea(code, name, name_en, "", *_together(own)))
        inner += own
    names = {code: (name, english) for code, name, english in plan.ANCESTORS}
    street = TownArea(STREET, *names.pop(STREET), "", *_together(tops))
    above = [TownArea(code, name, english, "", None, None) for code, (name, english) in names.items()]
    return [*above, street, *tops, *inner]


def _reading_order(cell: Cell) -> tuple[int, float]:
    return round(-cell.geom.centroid.y / 330), cell.geom.centroid.x


def _together(areas: list[TownArea]) -> tuple[BaseGeometry, int]:
    return shapely.coverage_union_all([area.geom for area in areas]), sum(area.households or 0 for area in areas)


def _cell(community: str, number: int, cell: Cell, to_lonlat: Transformer) -> TownArea:
    name, name_en = plan.COMMUNITIES[cell.community - 1]
    label = f"{name.removesuffix('社区')}第{number}网格"
    if cell.dedicated:
        label = f"{dedicated_name(cell)}专属网格"
    return TownArea(
        code=f"{community}{number:03}",
        name=label,
        name_en=f"{name_en.removesuffix(' Community')} Cell {number}",
        kind="dedicated" if cell.dedicated else "residential",
        geom=_lonlat(cell.geom, to_lonlat),
        households=sum(plot.households for plot in cell.plots),
    )


def _lonlat(geom: Any, to_lonlat: Transformer) -> Any:
    """Degrees with seven places (a centimetre), for one geometry or an array: equal vertices stay equal."""
    return shapely.transform(geom, lambda xy: np.round(np.column_stack(to_lonlat.transform(xy[:, 0], xy[:, 1])), 7))


def _moved(features: list[TownFeature], to_lonlat: Transformer) -> list[TownFeature]:
    """The features in degrees; a sliver that is no shape any more is left out."""
    shapes = _lonlat(np.array([feature.geom for feature in features], dtype=object), to_lonlat)
    drawn = shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
    return [replace(f, geom=shape) for f, shape, good in zip(features, shapes, drawn, strict=True) if good]
