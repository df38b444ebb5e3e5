"""Reads of map data: tiles as bytes from the database, and what the base map is made of."""

from dataclasses import dataclass

from gridmap import access, areacode, geo
from gridmap.models import User
from layers.models import Source

FORMAT = 1  # raise it when the tiles of the same data change, so that browsers ask again
BUFFER = 64  # units of a tile drawn beyond its edge, so that lines and names are not cut

ATTRIBUTES = {
    "road": "kind, nullif(name, '') as name",
    "building": "kind, label as name, floors",
    "water": "kind, nullif(name, '') as name",
    "green": "kind, label as name",
    "compound": "kind, label as name",
    "place": "kind, nullif(name, '') as name",
}

# One look at the index for all layers; at low zoom lines are simplified to what a tile can show. A shape that lies in
# several tiles has its name (`label`) in one of them only.
SEEN = """
    seen as materialized (
        select layer, kind, name, floors,
            case when name <> '' and layer in ('building', 'green', 'compound') and st_intersects(
                st_pointonsurface(geom_3857), st_tileenvelope(%(z)s, %(x)s, %(y)s)) then name end as label,
            st_asmvtgeom(
            case when %(z)s < 14 then st_simplify(geom_3857, %(tolerance)s, true) else geom_3857 end,
            st_tileenvelope(%(z)s, %(x)s, %(y)s), {extent}, {buffer}, true) as geom
        from layers_feature
        where geom_3857 && st_tileenvelope(%(z)s, %(x)s, %(y)s, margin => {margin}) and minz <= %(z)s
    )"""
CIRCUMFERENCE = 40075016.686  # of the earth in EPSG:3857, metres


def base_tile(z: int, x: int, y: int) -> bytes:
    """The base map in one tile; empty where there is nothing to draw."""
    seen = SEEN.format(extent=geo.EXTENT, buffer=BUFFER, margin=BUFFER / geo.EXTENT)
    layers = (
        geo.mvt_layer(name, f"select geom, {columns} from seen where layer = '{name}'")
        for name, columns in ATTRIBUTES.items()
    )
    tolerance = CIRCUMFERENCE / 2**z / geo.EXTENT * 2
    tile = geo.fetch_value(
        f"with {seen} select {' || '.join(layers)}", {"z": z, "x": x, "y": y, "tolerance": tolerance}
    )
    return bytes(tile)


AREA_LAYERS = {"community": areacode.COMMUNITY, "cell": areacode.CELL}


def area_tile(user: User, z: int, x: int, y: int) -> bytes:
    """Borders of the communities and cells the user serves, and of the communities around her cells (`mine` = 0)."""
    scope = access.scope_of(user, "area.view")
    mine, params = scope.sql("code")
    around = sorted({code for clause in scope.clauses for code in areacode.ancestors(clause.prefix)})
    seen = f"""seen as materialized (
        select code, name, kind, level, {mine}::int as mine, st_asmvtgeom(
            case when %s < 14 then st_simplify(geom_3857, %s, true) else geom_3857 end,
            st_tileenvelope(%s, %s, %s), {geo.EXTENT}, {BUFFER}, true) as geom
        from gridmap_area
        where geom_3857 && st_tileenvelope(%s, %s, %s, margin => {BUFFER / geo.EXTENT})
            and level >= {areacode.COMMUNITY} and valid_to is null and ({mine} or code = any(%s))
    )"""
    tolerance = CIRCUMFERENCE / 2**z / geo.EXTENT * 2
    layers = (
        geo.mvt_layer(name, f"select geom, code, name, nullif(kind, '') as kind, mine from seen where level = {level}")
        for name, level in AREA_LAYERS.items()
    )
    sql = f"with {seen} select {' || '.join(layers)}"
    return bytes(geo.fetch_value(sql, [*params, z, tolerance, z, x, y, z, x, y, *params, around]))


def data_version() -> str:
    """A word that changes whenever the features of any source do."""
    sql = "select coalesce(md5(string_agg(key || ':' || version, ',' order by key)), 'none') from layers_source"
    return f"{FORMAT}-{geo.fetch_value(sql, [])[:12]}"


@dataclass(frozen=True)
class Basemap:
    """Where the base map of a user lies (degrees: west, south, east, north), who is to be named on it, its version."""

    bounds: tuple[float, float, float, float] | None
    center: tuple[float, float] | None
    attributions: list[str]
    version: str


def basemap(user: User) -> Basemap:
    """The base map around the user's areas; every source on it is named, wherever she looks."""
    prefixes = [clause.prefix for clause in access.scope_of(user, "basemap.view").clauses]
    sources = list(Source.objects.exclude(bounds=None))
    near = [s for s in sources if any(s.area_code.startswith(p) or p.startswith(s.area_code) for p in prefixes)]
    boxes = [source.bounds for source in near or sources if source.bounds]
    attributions = list(dict.fromkeys(source.attribution for source in sources if source.attribution))
    if not boxes:
        return Basemap(None, None, attributions, data_version())
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    return Basemap((west, south, east, north), ((west + east) / 2, (south + north) / 2), attributions, data_version())
