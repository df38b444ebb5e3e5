"""Writes of map data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import connection, transaction
from django.utils import timezone
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from gridmap import actions, areacode, events
from gridmap.models import Area, AreaKind, User
from layers import provisional
from layers.events import SourceVersion
from layers.models import Feature, Source, SourceKind
from layers.rows import FeatureRow


@dataclass(frozen=True, kw_only=True)
class SourceSpec:
    """What is known of a source before its features are loaded; `area_code` is the street it serves."""

    key: str
    name: str
    kind: SourceKind
    area_code: str
    attribution: str = ""
    licence: str = ""


@transaction.atomic
def replace_features(spec: SourceSpec, rows: Iterable[FeatureRow], actor: User | None = None) -> Source:
    """Put the rows in the place of all features of a source and raise its version by one.

    The rows are stored in the order of their geohash, which halves the time of a tile.
    """
    features = list(rows)
    known = {"name": spec.name, "kind": spec.kind, "attribution": spec.attribution, "licence": spec.licence}
    source, _ = Source.objects.select_for_update().get_or_create(
        key=spec.key, defaults=known | {"area_code": spec.area_code}
    )
    Feature.objects.filter(source=source).delete()
    _insert(source.pk, features)
    for field, value in (known | {"area_code": spec.area_code}).items():
        setattr(source, field, value)
    bounds = shapely.total_bounds([row.geom for row in features]) if features else None
    source.bounds = None if bounds is None else [float(edge) for edge in bounds]
    source.version += 1
    source.imported_at = timezone.now()
    source.save()
    changed = SourceVersion(source=source.key, version=source.version)
    draft = events.Draft(
        kind="basemap.changed",
        area_code=source.area_code,
        object_id=source.key,
        version=source.version,
        payload=changed,
    )
    events.record(draft, actor)
    return source


def _insert(source: int, rows: list[FeatureRow]) -> None:
    """One statement for all rows; the street of each is looked up by a point on it."""
    columns = [
        [row.layer for row in rows],
        [row.kind for row in rows],
        [row.name for row in rows],
        [row.floors for row in rows],
        [row.households for row in rows],
        [row.minz for row in rows],
        shapely.to_wkb([row.geom for row in rows], hex=True).tolist() if rows else [],
    ]
    sql = """
        insert into layers_feature (source_id, layer, kind, name, floors, households, minz, geom, area_code)
        select %s, layer, kind, name, floors, households, minz, geom, coalesce((
            select code from gridmap_area a
            where a.level = 4 and a.valid_to is null and st_covers(a.geom, st_pointonsurface(f.geom)) order by code limit 1), '')
        from (
            select layer, kind, name, floors, households, minz, st_setsrid(hex::geometry, 4326) as geom
            from unnest(%s::text[], %s::text[], %s::text[], %s::smallint[], %s::int[], %s::smallint[], %s::text[])
                as row (layer, kind, name, floors, households, minz, hex)
        ) f
        order by st_geohash(st_centroid(st_envelope(geom)), 9)"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [source, *columns])


@transaction.atomic
def put_provisional_areas(
    street: str,
    outline: Polygon,
    compounds: Iterable[tuple[str, BaseGeometry]],
    *,
    names: Mapping[str, tuple[str, str]],
    actor: User | None = None,
) -> int:
    """Make the outline of an extract a street with one community and its candidate cells, all marked provisional.

    Areas that are there already and not provisional stay as they are; a candidate cell that did not move keeps its code,
    others end. Returns the number of cells in force, 0 if the street has official borders or cells that were published: these
    are changed by a plan, which hands on what lies in them.
    """
    known = {area.code: area for area in Area.objects.filter(code__startswith=street)}
    if street in known and known[street].geom and not known[street].provisional:
        return 0
    community = street + provisional.COMMUNITY
    in_force = {
        code: area
        for code, area in known.items()
        if code.startswith(community) and len(code) == 15 and area.valid_to is None
    }
    if any(not area.provisional for area in in_force.values()):
        return 0
    existing = {code: shapely.from_wkb(bytes(area.geom.wkb)) for code, area in in_force.items() if area.geom}
    cells = provisional.give_codes(community, provisional.candidate_cells(outline, compounds), existing, known)
    wanted = [*_above(street, names), _area(street, *names.get(street, (street, "")), outline)]
    wanted.append(_area(community, "暂定社区", "Provisional Community", outline))
    wanted += [_area(code, cell.name, "", cell.geom, kind=AreaKind.RESIDENTIAL) for code, cell in cells.items()]
    actions.put_areas([area for area in wanted if not _unchanged(area, known.get(area.code))], actor)
    for code in in_force.keys() - cells.keys():
        actions.end_area(
            in_force[code], successors=[area for area in wanted if _follows(area, in_force[code])], actor=actor
        )
    return len(cells)


def _above(street: str, names: Mapping[str, tuple[str, str]]) -> list[Area]:
    """Province, city and district, if they are not there yet: only a name, no border."""
    codes = areacode.ancestors(street)[:-1]
    known = set(Area.objects.filter(pk__in=codes).values_list("pk", flat=True))
    found = []
    for code in codes:
        name, name_en = names.get(code, (code, ""))
        if code not in known:
            found.append(Area(code=code, name=name, name_en=name_en, provisional=code not in names))
    return found


def _area(code: str, name: str, name_en: str, land: BaseGeometry, kind: str = "") -> Area:
    border = shapely.multipolygons([land]) if isinstance(land, Polygon) else land
    geom = GEOSGeometry(border.wkb_hex, srid=4326)
    assert isinstance(geom, MultiPolygon)
    return Area(code=code, name=name, name_en=name_en, kind=kind, geom=geom, provisional=True)


def _unchanged(area: Area, before: Area | None) -> bool:
    return before is not None and before.name == area.name and before.geom == area.geom and before.valid_to is None


def _follows(area: Area, ended: Area) -> bool:
    return len(area.code) == 15 and bool(area.geom and ended.geom and area.geom.intersects(ended.geom))
