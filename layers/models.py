"""Rows of map data: where it came from, and the features that the base map is drawn from."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import IsValid
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F

from gridmap.models import Transform


class SourceKind(models.TextChoices):
    GENERATED = "generated", "示例数据"
    OSM = "osm", "OpenStreetMap"


class Layer(models.TextChoices):
    ROAD = "road", "道路"
    BUILDING = "building", "建筑"
    WATER = "water", "水域"
    GREEN = "green", "绿地"
    COMPOUND = "compound", "小区与院落"
    PLACE = "place", "地点"


class Source(models.Model):
    """Where map data came from, under which licence, and how often it was loaded (`version`)."""

    key = models.SlugField("代码", max_length=60, unique=True)
    name = models.CharField("名称", max_length=100)
    kind = models.CharField("类型", max_length=12, choices=SourceKind)
    attribution = models.CharField("署名", max_length=200, blank=True)
    licence = models.CharField("许可", max_length=60, blank=True)
    version = models.IntegerField("版本", default=0)
    imported_at = models.DateTimeField("导入时间", null=True)
    bounds = ArrayField(models.FloatField(), size=4, null=True, editable=False)  # west, south, east, north in degrees
    area_code = models.CharField("街道代码", max_length=15)

    class Meta:
        verbose_name = verbose_name_plural = "地图数据来源"
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [
            models.CheckConstraint(name="source_kind_known", condition=models.Q(kind__in=SourceKind.values))
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Feature(models.Model):
    """One thing on the base map. `minz` is the zoom level from which it is drawn."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="features")
    layer = models.CharField(max_length=8, choices=Layer)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=100, blank=True)
    area_code = models.CharField(max_length=15, blank=True)  # the street it lies in, '' outside of every street
    floors = models.SmallIntegerField(null=True)
    households = models.IntegerField(null=True)
    minz = models.SmallIntegerField()
    geom = models.GeometryField(srid=4326, spatial_index=False)
    geom_3857 = models.GeneratedField(
        expression=Transform(F("geom"), 3857),
        output_field=models.GeometryField(srid=3857, spatial_index=False),
        db_persist=True,
    )

    class Meta:
        indexes: ClassVar = [
            GistIndex(name="feature_geom_3857", fields=["geom_3857"]),
            models.Index(name="feature_place", fields=["area_code", "layer", "kind"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="feature_layer_known", condition=models.Q(layer__in=Layer.values)),
            models.CheckConstraint(name="feature_geom_valid", condition=IsValid("geom")),
        ]
