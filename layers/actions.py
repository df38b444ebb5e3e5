"""Writes of map data."""

from collections.abc import Iterable
from dataclasses import dataclass

import shapely
from django.db import connection, transaction
from django.utils import timezone

from gridmap import events
from gridmap.models import User
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
