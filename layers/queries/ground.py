"""The ground of a place as it is cut by: roads, water, walls and buildings of the base map."""

from collections.abc import Iterator

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

MAIN_ROADS = ["motorway", "primary"]
POND = 20_000  # square metres of Web Mercator: no smaller water parts a community
LAYERS = ["road", "water", "compound", "building"]


def ground(outline: GEOSGeometry, zone: int) -> Iterator[tuple[str, str, int | None, int | None, bytes]]:
    """Layer, kind, households, floors and WKB in metres of a zone (EPSG code), of what touches an outline in degrees; oldest first."""
    sql = """
        select layer, kind, households, floors, st_asbinary(st_transform(geom, %s)) from layers_feature
        where layer = any(%s) and geom_3857 && st_transform(%s::geometry, 3857)
            and st_intersects(geom, %s::geometry) order by id"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [zone, LAYERS, bytes(outline.ewkb), bytes(outline.ewkb)])
        for layer, kind, households, floors, wkb in cursor.fetchall():
            yield layer, kind, households, floors, bytes(wkb)


def main_lines(box: tuple[float, float, float, float], zone: int) -> Iterator[bytes]:
    """WKB in metres of a zone (EPSG code) of the main roads and greater waters in a box of degrees (west, south, east, north)."""
    sql = """
        select st_asbinary(st_transform(geom, %s)) from layers_feature
        where (layer = 'road' and kind = any(%s) or layer = 'water' and (st_dimension(geom) = 1 or st_area(geom_3857) > %s))
            and geom_3857 && st_transform(st_makeenvelope(%s, %s, %s, %s, 4326), 3857) order by id"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [zone, MAIN_ROADS, POND, *box])
        for (wkb,) in cursor.fetchall():
            yield bytes(wkb)
