"""What an OpenStreetMap object is on our base map, by its tags.

Pure: no Django, no database.
"""

from collections.abc import Mapping

Tags = Mapping[str, str]

ROADS = {
    "motorway": "motorway", "motorway_link": "motorway", "trunk": "primary", "trunk_link": "primary", "primary": "primary",
    "primary_link": "primary", "secondary": "secondary", "secondary_link": "secondary", "tertiary": "tertiary",
    "tertiary_link": "tertiary", "unclassified": "residential", "residential": "residential", "living_street": "residential",
    "service": "service", "track": "service", "pedestrian": "footway", "footway": "footway", "path": "footway", "steps": "footway",
    "cycleway": "footway",
}  # fmt: skip
BUILDINGS = {
    "apartments": "residential", "residential": "residential", "dormitory": "residential", "house": "house", "detached": "house",
    "terrace": "house", "retail": "retail", "supermarket": "retail", "commercial": "commercial", "hotel": "commercial",
    "office": "office", "school": "school", "university": "school", "college": "school", "kindergarten": "school",
    "hospital": "hospital", "industrial": "industrial", "warehouse": "industrial", "factory": "industrial", "public": "public",
    "civic": "public", "government": "public", "train_station": "public", "service": "service", "garage": "service",
}  # fmt: skip
GREEN = {
    ("leisure", "park"): "park", ("leisure", "garden"): "garden", ("leisure", "pitch"): "pitch", ("leisure", "track"): "pitch",
    ("leisure", "playground"): "park", ("leisure", "golf_course"): "grass", ("leisure", "nature_reserve"): "park",
    ("landuse", "grass"): "grass", ("landuse", "forest"): "wood", ("landuse", "meadow"): "grass", ("landuse", "farmland"): "farmland",
    ("landuse", "orchard"): "farmland", ("landuse", "recreation_ground"): "park", ("landuse", "village_green"): "grass",
    ("landuse", "greenfield"): "grass", ("landuse", "flowerbed"): "garden", ("natural", "wood"): "wood", ("natural", "scrub"): "wood",
    ("natural", "grassland"): "grass", ("natural", "wetland"): "wetland", ("natural", "tree_row"): "wood",
}  # fmt: skip
COMPOUNDS = {
    ("landuse", "residential"): "residential", ("landuse", "industrial"): "industrial", ("amenity", "school"): "school",
    ("amenity", "university"): "school", ("amenity", "college"): "school", ("amenity", "kindergarten"): "school",
    ("amenity", "hospital"): "hospital",
}  # fmt: skip
PLACES = {
    ("amenity", "school"): "school", ("amenity", "kindergarten"): "kindergarten", ("amenity", "university"): "college",
    ("amenity", "college"): "college", ("amenity", "hospital"): "hospital", ("amenity", "clinic"): "clinic",
    ("amenity", "doctors"): "clinic", ("amenity", "pharmacy"): "shop", ("amenity", "bank"): "bank", ("amenity", "marketplace"): "market",
    ("amenity", "police"): "police", ("amenity", "fire_station"): "fire_station", ("amenity", "townhall"): "townhall",
    ("amenity", "community_centre"): "community_centre", ("amenity", "social_facility"): "nursing_home", ("amenity", "library"): "library",
    ("amenity", "restaurant"): "restaurant", ("amenity", "cafe"): "restaurant", ("amenity", "fast_food"): "restaurant",
    ("amenity", "toilets"): "toilets", ("amenity", "parking"): "parking", ("amenity", "fuel"): "fuel",
    ("amenity", "bus_station"): "bus_stop",
    ("amenity", "theatre"): "library", ("amenity", "cinema"): "library", ("amenity", "post_office"): "office",
    ("amenity", "recycling"): "recycling", ("shop", "supermarket"): "supermarket", ("shop", "mall"): "mall",
    ("tourism", "hotel"): "hotel", ("tourism", "museum"): "library", ("highway", "bus_stop"): "bus_stop",
    ("railway", "station"): "station", ("railway", "subway_entrance"): "station", ("leisure", "park"): "park",
    ("leisure", "sports_centre"): "park", ("landuse", "industrial"): "industrial",
}  # fmt: skip
WATERWAYS = {
    "river": 14.0,
    "canal": 9.0,
    "stream": 3.0,
    "ditch": 2.0,
    "drain": 2.0,
}  # half of it is drawn on each side, metres
MOST_FLOORS = 200


def name_of(tags: Tags) -> str:
    """The Chinese name if there is one, at most 100 characters."""
    return (tags.get("name:zh") or tags.get("name") or "")[:100]


def road(tags: Tags) -> str:
    """The kind of a road, '' for anything else; squares mapped as areas are not lines."""
    return "" if tags.get("area") == "yes" or tags.get("indoor") == "yes" else ROADS.get(tags.get("highway", ""), "")


def area_kinds(tags: Tags) -> list[tuple[str, str]]:
    """(layer, kind) of everything that a closed shape with these tags is drawn as."""
    found = []
    if tags.get("building", "no") != "no":
        found.append(("building", _building(tags)))
    if (
        tags.get("natural") == "water"
        or tags.get("waterway") == "riverbank"
        or tags.get("landuse") in ("reservoir", "basin")
    ):
        found.append(
            ("water", {"river": "river", "canal": "river", "stream": "stream"}.get(tags.get("water", ""), "pond"))
        )
    found += [("green", kind) for key, kind in GREEN.items() if tags.get(key[0]) == key[1]][:1]
    if not found or found[0][0] != "building":
        found += [("compound", kind) for key, kind in COMPOUNDS.items() if tags.get(key[0]) == key[1]][:1]
    return found


def _building(tags: Tags) -> str:
    kind = BUILDINGS.get(tags["building"], "")
    if not kind and ("shop" in tags or tags.get("amenity") in ("restaurant", "cafe", "fast_food")):
        kind = "retail"
    if not kind and tags.get("amenity") in ("school", "university", "college", "kindergarten"):
        kind = "school"
    return kind or "other"


def place(tags: Tags) -> str:
    """The kind of a place that has a name worth a label, '' for anything else."""
    if not name_of(tags):
        return ""
    kind = next((kind for key, kind in PLACES.items() if tags.get(key[0]) == key[1]), "")
    return kind or ("shop" if "shop" in tags else "office" if "office" in tags else "")


def floors(tags: Tags) -> int | None:
    """Storeys above ground, None if nobody noted a sensible number."""
    try:
        number = round(float(tags.get("building:levels", "")))
    except (ValueError, OverflowError):
        return None
    return number if 0 < number <= MOST_FLOORS else None
