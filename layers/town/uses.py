"""What each leaf of land becomes: homes first, until a cell has its households, then the rest."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from random import Random

from shapely import Polygon

from . import housing, sites
from .blocks import Cell
from .geometry import biggest, inset
from .model import Plot, TownFeature
from .names import FIXED, Names
from .network import Road

AIM = (300, 370)  # households a residential cell is filled to before other uses follow
RANGE = (300, 410)
SMALL = ("office", "kindergarten", "supermarket", "office", "green", "bank", "parking", "nursing_home", "office", "hotel", "clinic",
         "office", "green", "recycling", "library")  # fmt: skip
LARGE = ("lots", "park", "school", "lots", "lots", "works", "park", "lots", "lots")


class Planner:
    """Gives uses to the leaves of one cell after the other."""

    def __init__(self, names: Names, roads: list[Road], rng: Random) -> None:
        self.names, self.rng = names, rng
        self.shop_streets = [road for road in roads if road.kind in ("primary", "secondary", "tertiary")]
        self.yards: list[Road] = []
        self._small = {n: ["community_centre", "kindergarten", "clinic", "supermarket"] for n in range(1, 7)}
        self._small[3] = ["townhall", "mall", "library", *self._small[3], "police"]
        self._small[5] = ["market", *self._small[5], "fire_station"]
        self._turn, self._large = 0, 0

    def fill(self, cell: Cell, grounds: list[Polygon]) -> None:
        """Build on every plot of a cell."""
        self.rng.shuffle(grounds)
        if cell.dedicated:
            for ground in sorted(grounds, key=lambda g: -g.area):
                cell.plots.append(self._dedicated(cell, ground))
            return
        self._special(cell, grounds)
        spare = len(grounds) > 2
        aim = self.rng.randint(*AIM)
        grounds.sort(key=lambda g: g.area < 9000)
        for ground in grounds:
            have = sum(plot.households for plot in cell.plots)
            last = ground is grounds[-1]
            homes = have < aim and ground.area > 5000 and not (spare and last)
            cell.plots.append(self._homes(cell, ground) if homes else self._other(cell, ground))
        fit(cell, self.rng)

    def _special(self, cell: Cell, grounds: list[Polygon]) -> None:
        """Take the plot of the one large institution that stands in a residential cell."""
        use = {"hospital_slab": "hospital", "school_slab": "school"}.get(cell.character)
        if use:
            ground = max(grounds, key=lambda g: g.area)
            grounds.remove(ground)
            cell.plots.append(self._plot(ground, use, FIXED.get(use) or self.names.take("school", cell.community)))

    def _homes(self, cell: Cell, ground: Polygon) -> Plot:
        rng = self.rng
        if cell.character == "old":
            plot = Plot(ground, "old", self.names.take("old"))
            plot.features.append(TownFeature("compound", "residential", ground))
            plot.features += housing.lanes(ground, rng)
            _add_place(plot)
        elif cell.character == "village":
            plot = Plot(ground, "village", self.names.take("village"))
            plot.features += housing.village(ground, rng)
            _add_place(plot)
        elif cell.character in ("tower", "centre"):
            plot = self._compound(cell, ground, "tower")
        else:
            plot = self._compound(cell, ground, "slab")
        return plot

    def _compound(self, cell: Cell, ground: Polygon, style: str) -> Plot:
        rng = self.rng
        plot = Plot(ground, "compound", self.names.take(style, cell.community))
        plot.features.append(TownFeature("compound", "residential", ground, plot.name))
        shops = list(chain.from_iterable(self._shops(ground)))
        inner = _without(ground, shops)
        if style == "tower":
            homes = list(housing.towers(inset(inner, 3), rng.randint(11, 18), rng))
            lawn = housing.parkland(inner, homes)
        else:
            homes = list(housing.slabs(inset(inner, 2), rng.choice((5, 6, 6, 6, 7)), rng))
            lawn = housing.garden(inner, rng)
            kept = [home for home in homes if not home.geom.intersects(lawn)]
            lawn, homes = (lawn, kept) if len(kept) > 0.7 * len(homes) else (Polygon(), homes)
        if lawn.area > 300:
            plot.features.append(TownFeature("green", "garden", lawn))
        way = housing.drive(inner, [*homes, *shops])
        if way.length > 40:
            plot.features.append(TownFeature("road", "service", way))
        plot.features += [*homes, *shops]
        return plot

    def _shops(self, ground: Polygon) -> Iterator[Iterator[TownFeature]]:
        for road in self.shop_streets:
            beside = road.line.distance(ground) < road.half + 10
            if beside and (road.kind == "tertiary" or self.rng.random() < 0.75):
                yield sites.frontage(ground, road, self.rng)

    def _other(self, cell: Cell, ground: Polygon) -> Plot:
        if ground.area < 4500:
            return self._plot(ground, "green" if self.rng.random() < 0.6 else "office", "")
        if cell.character == "village" or ground.area / ground.length < 14:
            return self._plot(ground, "field" if cell.character == "village" else "bank_green", "")
        use = LARGE[self._large % len(LARGE)]
        self._large += 1
        if self._small[cell.community][:1] and ground.area > 6000:
            use = "lots"
        if use == "works" and cell.character != "slab":
            use = "park"
        if use == "lots" or (use == "school" and ground.area < 11000):
            return self._lots(cell, ground)
        return self._plot(ground, use, self.names.take(use, cell.community))

    def _lots(self, cell: Cell, ground: Polygon) -> Plot:
        plot = Plot(ground, "lots")
        shops = list(chain.from_iterable(self._shops(ground)))
        plot.features += shops
        inner = _without(ground, shops)
        yards: list[Road] = []
        for lot in sites.lots(inner, 5600, self.rng, lambda line: yards.append(Road("", "service", line))):
            plot.features += self._lot(cell, lot).features
        self.yards += yards
        return plot

    def _lot(self, cell: Cell, lot: Polygon) -> Plot:
        queue = self._small[cell.community]
        if queue:
            use = queue.pop(0)
        else:
            use = SMALL[self._turn % len(SMALL)]
            self._turn += 1
        return self._plot(lot, use, self._name(cell, use))

    def _name(self, cell: Cell, use: str) -> str:
        if use == "community_centre":
            from_plan = ("望江", "文昌", "云锦", "学府", "桂花", "柳林")[cell.community - 1]
            return f"{from_plan}社区党群服务中心"
        if use == "market":
            return FIXED["market2"]
        return FIXED.get(use) or self.names.take(use, cell.community)

    def _plot(self, ground: Polygon, use: str, name: str) -> Plot:
        rng, plot = self.rng, Plot(ground, use, name)
        if use in sites.PLANS:
            plot.features += sites.standing(inset(ground, 2), use, rng)
            if use == "hospital":
                plot.features.append(TownFeature("compound", "hospital", ground, name))
        elif use == "school":
            plot.features.append(TownFeature("compound", "school", ground, name))
            plot.features += sites.school(inset(ground, 4), 4)
        elif use in ("park", "green", "bank_green"):
            plot.features += sites.park(ground, rng, "park" if use == "park" else "grass", pond=use == "park")
        elif use == "works":
            plot.features.append(TownFeature("compound", "industrial", ground, name))
            plot.features += sites.works(ground, rng)
        elif use == "field":
            plot.features.append(TownFeature("green", "farmland", ground))
        _add_place(plot)
        return plot

    def _dedicated(self, cell: Cell, ground: Polygon) -> Plot:
        rng = self.rng
        if cell.character in ("hill", "wetland", "riverside"):
            return self._green(cell, ground)
        if cell.character == "college":
            plot = Plot(ground, "college", FIXED["college"])
            plot.features.append(TownFeature("compound", "school", ground, plot.name))
            plot.features += sites.campus(inset(ground, 6), rng)
            _add_place(plot)
            return plot
        if cell.character == "market" and not cell.plots:
            return self._plot(ground, "market", FIXED["market"])
        if cell.character == "middle_school" and not cell.plots:
            return self._plot(ground, "school", FIXED["middle_school"])
        if cell.character in ("industry", "works"):
            return self._plot(ground, "works", self.names.take("works", cell.community))
        return self._lots(cell, ground)

    def _green(self, cell: Cell, ground: Polygon) -> Plot:
        kind = {"hill": "wood", "wetland": "wetland", "riverside": "park"}[cell.character]
        plot = Plot(ground, "park", dedicated_name(cell))
        plot.features += sites.park(ground, self.rng, kind, pond=cell.character != "riverside")
        _add_place(plot)
        return plot


DEDICATED_NAMES = {
    "hill": "翠屏公园", "wetland": "澄溪湿地公园", "college": "示范职业学院", "middle_school": "望江中学", "market": "老城农贸市场",
    "industry": "科创产业园", "works": "澄溪工业园",
}  # fmt: skip


def dedicated_name(cell: Cell) -> str:
    """What a dedicated cell is called after."""
    if cell.character == "riverside":
        east = cell.geom.centroid.x > 1850
        return "滨江公园" if cell.community == 1 else "滨江绿廊东段" if east else "滨江绿廊"
    return DEDICATED_NAMES[cell.character]


PLACE_KINDS = {
    "old": "neighbourhood",
    "village": "neighbourhood",
    "townhall": "townhall",
    "works": "industrial",
    "college": "college",
}


def _add_place(plot: Plot) -> None:
    """A named point in the middle of an institution, as the label layer wants it."""
    if plot.name and plot.use not in ("compound", "field", "green"):
        kind = PLACE_KINDS.get(plot.use, plot.use)
        plot.features.append(TownFeature("place", kind, plot.ground.representative_point(), plot.name))


def _without(ground: Polygon, shops: list[TownFeature]) -> Polygon:
    for shop in shops:
        ground = biggest(ground.difference(shop.geom.buffer(9, join_style="mitre")))
    return ground


def fit(cell: Cell, rng: Random) -> None:
    """Change storeys, or homes in a house, until the cell has as many households as a cell should."""
    low, high = RANGE
    for _ in range(400):
        total = sum(plot.households for plot in cell.plots)
        if low <= total <= high:
            return
        more = total < low
        lived_in = [plot for plot in cell.plots if plot.households]
        if not lived_in:
            return
        plot = rng.choice(lived_in)
        plot.features = [_changed(feature, rng, more=more) for feature in plot.features]


def _changed(feature: TownFeature, rng: Random, *, more: bool) -> TownFeature:
    if not feature.households or not feature.floors:
        return feature
    floors = max(2, feature.floors + (1 if more else -1))
    if feature.kind == "house" and rng.random() < 0.6:
        return feature
    if feature.kind == "house":
        return replace(feature, households=max(0, feature.households + (1 if more else -1)))
    return replace(feature, floors=floors, households=feature.households // feature.floors * floors)
