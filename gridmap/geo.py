"""Spatial SQL: one clause, one function. PostGIS makes the bytes; the literal is transformed, never the column."""

import math
from collections.abc import Sequence
from typing import Any

from django.db import connection

from gridmap import areacode

# The widest zoom we serve tiles for; beyond it MapLibre stretches the last tile.
MAX_ZOOM = 22
EXTENT = 4096


def fetch_value(sql: str, params: Sequence[Any] | dict[str, Any]) -> Any:
    """The first column of the first row, None if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row = cursor.fetchone()
    return row[0] if row else None


def feature_collection(select: str, params: Sequence[Any]) -> bytes:
    """A GeoJSON FeatureCollection made in the database from `select`, whose columns are id, geom (4326) and properties."""
    sql = f"""
        select coalesce(json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(json_build_object(
            'type', 'Feature', 'id', id, 'geometry', st_asgeojson(geom, 6)::json, 'properties', properties)), '[]'::json)),
            '{{}}')::text
        from ({select}) rows"""
    text: str = fetch_value(sql, params)
    return text.encode()


def mvt_layer(name: str, select: str, *, feature_id: str | None = None) -> str:
    """The SQL of one tile layer. `select` yields `geom` in tile coordinates (st_asmvtgeom) and the attributes."""
    id_argument = f", '{feature_id}'" if feature_id else ""
    return f"(select coalesce(st_asmvt(t, '{name}', {EXTENT}, 'geom'{id_argument}), ''::bytea) from ({select}) t where geom is not null)"


def box_3857(lon: float, lat: float, metres: float) -> tuple[float, float, float, float]:
    """A square of Web Mercator that holds every point within so many metres of a place (degrees, EPSG:4326).

    Only to ask an index, never to measure: it is made a little too wide, for the ellipsoid and for rounding.
    """
    radius = 6_378_137.0
    x = math.radians(lon) * radius
    y = math.asinh(math.tan(math.radians(lat))) * radius
    reach = metres * 1.02 / math.cos(math.radians(lat)) + 1
    return x - reach, y - reach, x + reach, y + reach


def tile_exists(z: int, x: int, y: int) -> bool:
    return 0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z


def locate(lon: float, lat: float) -> str | None:
    """The code of the smallest area in force that holds the point (degrees, EPSG:4326): a cell where cells are drawn.

    None outside every area of community level or below. On a shared border the lower code wins, so the answer is one.
    """
    sql = """
        select code from gridmap_area
        where st_covers(geom, st_setsrid(st_makepoint(%s, %s), 4326)) and level >= %s and valid_to is null
        order by level desc, code limit 1"""
    code: str | None = fetch_value(sql, [lon, lat, areacode.COMMUNITY])
    return code


def continued_by(code: str) -> list[str]:
    """The ended cells that a cell continues, back through all cuts: each ended cell is continued by the one with most of its ground.

    So what happened under their codes is counted once, whatever cells are counted together.
    """
    sql = """
        with recursive main as (
            select distinct on (one.code) one.code as ended, next.code as heir
            from gridmap_areasuccessor link join gridmap_area one on one.code = link.predecessor_id
            join gridmap_area next on next.code = link.successor_id
            where one.code like %s and one.level = 6 and next.level = 6
            order by one.code, st_area(st_intersection(st_makevalid(one.geom), st_makevalid(next.geom))) desc, next.code),
        before as (
            select ended from main where heir = %s
            union select main.ended from main join before on main.heir = before.ended)
        select ended from before order by ended"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [f"{code[: areacode.WIDTHS[areacode.COMMUNITY - 1]]}%", code])
        return [ended for (ended,) in cursor.fetchall()]
