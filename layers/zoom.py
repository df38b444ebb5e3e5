"""From which zoom level on a thing is drawn: what a map shows first, and how much of it.

Pure: no Django, no database.
"""

ROADS = {
    "motorway": 8, "trunk": 8, "primary": 10, "secondary": 11, "tertiary": 12, "residential": 13, "service": 14, "footway": 15,
}  # fmt: skip
PLACES = {
    "townhall": 13, "hospital": 13, "college": 13, "station": 13, "school": 14, "market": 14, "mall": 14, "police": 14,
    "park": 14, "bridge": 14, "industrial": 14, "fire_station": 14, "library": 14, "neighbourhood": 14,
    "nursing_home": 15, "community_centre": 15,
    "kindergarten": 15, "clinic": 15, "hotel": 15, "supermarket": 15, "bank": 15, "office": 15, "parking": 15, "fuel": 15,
}  # fmt: skip
# Areas by size: (at least so many square metres, from this zoom on).
SIZES = {
    "building": ((1500.0, 13), (60.0, 14), (0.0, 15)),
    "water": ((20000.0, 9), (2500.0, 13), (0.0, 14)),
    "green": ((50000.0, 11), (8000.0, 13), (0.0, 14)),
    "compound": ((30000.0, 12), (8000.0, 13), (0.0, 14)),
}
MOST = 16  # everything is there at this zoom; the client enlarges these tiles beyond it


def min_zoom(layer: str, kind: str, square_metres: float = 0.0) -> int:
    """The lowest zoom level that shows a thing of this layer, kind and, for areas, size."""
    if layer == "road":
        return ROADS.get(kind, 14)
    if layer == "place":
        return PLACES.get(kind, MOST)
    return next(zoom for least, zoom in SIZES[layer] if square_metres >= least)
