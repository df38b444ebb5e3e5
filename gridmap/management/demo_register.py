"""What is in the cells of the demo town: its compounds and buildings; the homes of one community; shops, schools, lamps, lids."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils import timezone
from shapely import Point, STRtree

from gridmap.actions import pledges
from gridmap.actions.register_many import Given, put_records
from gridmap.management.demo import STREET
from gridmap.models import Department, Organisation, User
from gridmap.register.codes import uscc_check
from layers.town import Town
from layers.town.model import TownFeature
from layers.town.spots import Spot

HOMES_OF = f"{STREET}001"  # the community whose homes are recorded one by one
KINDS = {
    "shop": "shop", "supermarket": "shop", "mall": "shop", "hotel": "company", "bank": "company", "office": "company", "school": "school",
    "kindergarten": "school", "college": "school", "clinic": "clinic", "hospital": "clinic", "nursing_home": "care", "market": "market",
    "industrial": "company", "townhall": "agency", "police": "agency", "fire_station": "agency",
    "community_centre": "agency", "library": "agency",
}  # fmt: skip
SHARES = {
    "school": "操场(周末)",
    "library": "自习室",
    "community_centre": "活动室、会议室",
    "hotel": "会议室",
    "bank": "雨伞、饮水",
}
# class, name, spots, maintainer: the commonest of the catalogue of objects
OBJECTS = (
    ("0101", "上水井盖", "lane", "water"),
    ("0137", "路灯", "lane", "power"),
    ("0204", "公交站亭", "stop", "works"),
)
PLEDGES = (
    ("周末借用操场办邻里运动会", "need", True), ("暑期托管志愿者 4 名", "need", False), ("报告厅每月可借一次", "offer", False),
)  # fmt: skip
SIZES = (1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6)


def put_register(
    town: Town, places: list[Spot], people: Mapping[str, User], departments: Mapping[str, Department]
) -> int:
    """Fill the register of the town; the same for the same town. Returns how many records there are."""
    rng = Random(7)  # noqa: S311  # a made-up town
    worker = people["worker01"]
    compounds = [one for one in town.features if one.layer == "compound" and one.kind == "residential" and one.name]
    buildings = list(_buildings(town, compounds))
    homes = [home for building in buildings if building[2] for home in _homes(building[0], building[1])]
    count = put_records("place", [_compound(one, rng) for one in compounds], worker)
    count += put_records("place", [_building(*one[:2], rng) for one in buildings], worker)
    count += put_records("place", [home for home in homes if home], worker)
    count += put_records("household", [_household(home.id, rng) for home in homes if rng.random() > 0.06], worker)
    count += put_records("organisation", list(_organisations(town, rng)), worker)
    _pledges(people["community01"])
    return count + put_records("object", list(_objects(places, departments, rng)), worker)


def _id(*parts: object) -> UUID:
    """The same in every demo, so that a page can be pointed at."""
    return uuid5(NAMESPACE_URL, "gridmap-demo:" + ":".join(map(str, parts)))


def _middle(feature: TownFeature) -> tuple[float, float]:
    point = feature.geom.representative_point()
    return round(point.x, 7), round(point.y, 7)


def _times(rng: Random) -> dict[str, Any]:
    """Seen within the last months; now and then it is time to look again."""
    today = timezone.localdate()
    return {"seen": today - timedelta(days=rng.randint(20, 200)), "due": today + timedelta(days=rng.randint(-4, 170))}


def _compound(one: TownFeature, rng: Random) -> Given:
    return Given(
        _id("compound", one.name),
        {"kind": "compound", "name": one.name, "use": "residential"},
        _middle(one),
        **_times(rng),
    )


def _buildings(town: Town, compounds: list[TownFeature]) -> Iterator[tuple[Given, TownFeature, bool]]:
    """Each building in a compound with its number, and whether its homes are recorded."""
    tree = STRtree([one.geom for one in compounds])
    numbers: dict[str, int] = {}
    own = next(area.geom for area in town.communities if area.code == HOMES_OF)
    for one in town.features:
        if one.layer != "building" or not one.households:
            continue
        found = tree.query(one.geom.representative_point(), predicate="intersects")
        if len(found):
            name = compounds[int(min(found))].name
            numbers[name] = numbers.get(name, 0) + 1
            values = {"kind": "building", "name": f"{numbers[name]}幢", "parent": str(_id("compound", name))}
            given = Given(_id("building", name, numbers[name]), values, _middle(one))
            yield given, one, own is not None and own.contains(Point(_middle(one)))


def _building(given: Given, one: TownFeature, rng: Random) -> Given:
    values: dict[str, Any] = given.values | {"use": "residential", "floors": one.floors, "households": one.households}
    return Given(given.id, values, given.point, **_times(rng))


def _homes(building: Given, one: TownFeature) -> Iterator[Given]:
    floors = one.floors or 1
    doors = max(1, round((one.households or 0) / floors))
    for number in range(one.households or 0):
        name = f"{number // doors + 1}{number % doors + 1:02}"
        values = {"kind": "dwelling", "name": name, "parent": str(building.id), "use": "residential"}
        yield Given(
            _id("home", building.id, name),
            values,
            seen=timezone.localdate(),
            due=timezone.localdate() + timedelta(days=300),
        )


def _household(home: UUID, rng: Random) -> Given:
    size = rng.choice(SIZES)
    over_60 = min(size, rng.choice((0, 0, 0, 1, 1, 2)))
    over_80 = sum(rng.random() < 0.15 for _ in range(over_60))
    under_14 = min(size - over_60, rng.choice((0, 0, 0, 1, 1, 2))) if size > 2 else 0
    values = {"place": str(home), "size": size, "over_60": over_60, "over_80": over_80, "under_14": under_14}
    return Given(_id("household", home), values, **_times(rng))


def _organisations(town: Town, rng: Random) -> Iterator[Given]:
    cells = STRtree([cell.geom for cell in town.cells if cell.geom is not None])
    known = set[str]()
    for number, one in enumerate(town.features):
        kind = KINDS.get(one.kind) if one.layer == "place" and one.name else None
        if (
            kind is None
            or one.name in known
            or not len(cells.query(one.geom.representative_point(), predicate="intersects"))
        ):
            continue
        known.add(one.name)
        body = f"9199010{rng.choice('123')}MA{number:07d}"[:17]
        values = {
            "name": one.name, "kind": kind, "uscc": body + uscc_check(body), "phone": f"000-{8000000 + number}",
            "hours": "8:00–20:00" if kind == "shop" else "", "shares": SHARES.get(one.kind, ""),
        }  # fmt: skip
        yield Given(_id("organisation", one.name), values, _middle(one), **_times(rng))


def _objects(places: list[Spot], departments: Mapping[str, Department], rng: Random) -> Iterator[Given]:
    for klass, name, tag, team in OBJECTS:
        for number, spot in enumerate([one for one in places if one.tag == tag][:120], 1):
            values = {
                "code": f"990101{klass}{number:06}", "scheme": "GB30428.2-2013", "klass": klass, "name": name,
                "state": rng.choices(("good", "damaged"), (19, 1))[0], "maintainer": departments[team].pk,
                "authority": departments["works"].pk, "cycle": rng.choice((30, 90, 180)),
            }  # fmt: skip
            yield Given(_id("object", klass, number), values, (spot.lon, spot.lat), **_times(rng))


def _pledges(clerk: User) -> None:
    """A need that waits, one that a school took on, and an offer."""
    school = Organisation.objects.filter(area_code__startswith=HOMES_OF, kind="school").order_by("name").first()
    if school is None:
        return
    for text, kind, taken in (
        ("周末借用操场办邻里运动会", "need", True),
        ("暑期托管志愿者 4 名", "need", False),
        ("报告厅每月可借一次", "offer", False),
    ):
        pledge, by = _id("pledge", text), school.pk if kind == "offer" else None
        done = pledges.offer(clerk, pledge, area=HOMES_OF, kind=kind, text=text, by=by, mutation_id=pledge)
        if taken:
            pledges.take(clerk, pledge, version=done.body["version"], by=school.pk, mutation_id=_id("taken", text))
