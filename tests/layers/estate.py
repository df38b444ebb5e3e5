"""A community with roads and buildings in the database, as an import leaves them: what is cut in tests."""

from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from gridmap import actions
from gridmap.models import Area
from layers.actions import SourceSpec, replace_features
from layers.models import SourceKind
from layers.rows import FeatureRow
from scripts.support.estates import town

STREET, COMMUNITY = "990109001", "990109001001"
ZONE = 4549
KINDS = ("primary", "tertiary", "residential")
TURN = Transformer.from_crs(ZONE, 4326, always_xy=True)


def in_degrees(found: BaseGeometry) -> Any:
    turned: Any = shapely.transform(found, lambda points: np.column_stack(TURN.transform(points[:, 0], points[:, 1])))
    return turned


def put_community() -> Area:
    """A community of 30 blocks with its roads and buildings, some 3,000 households, without cells."""
    outline, lines, buildings = town(6, 5, seed=11)
    border = GEOSGeometry(shapely.MultiPolygon([in_degrees(outline)]).wkb_hex, srid=4326)
    assert isinstance(border, MultiPolygon)
    actions.put_areas([Area(code=COMMUNITY, name="新社区", geom=border)])
    rows = [FeatureRow(layer="road", kind=KINDS[line.kind], geom=in_degrees(line.shape)) for line in lines]
    rows += [
        FeatureRow(layer="building", kind="residential", geom=in_degrees(one.shape), households=one.households)
        for one in buildings
    ]
    replace_features(SourceSpec(key="made-up", name="made up", kind=SourceKind.GENERATED, area_code=STREET), rows)
    return Area.objects.get(pk=COMMUNITY)
