"""Divisions and cells: one tree of area codes."""

from datetime import date
from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Func, Q

from gridmap import areacode


class Transform(Func):
    function = "ST_Transform"


class AreaKind(models.TextChoices):
    NONE = "", "—"
    RESIDENTIAL = "residential", "综合网格"
    DEDICATED = "dedicated", "专属网格"


class Area(models.Model):
    """A division or a cell. A code is never given again: one that ended keeps its row and its end date."""

    code = models.CharField("区划代码", max_length=15, primary_key=True)
    name = models.CharField("名称", max_length=100)
    name_en = models.CharField("英文名称", max_length=100, blank=True)
    level = models.SmallIntegerField("级别", editable=False)
    kind = models.CharField("类型", max_length=12, choices=AreaKind, blank=True, default=AreaKind.NONE)
    geom = models.MultiPolygonField("边界", srid=4326, null=True, blank=True, spatial_index=False)
    geom_3857 = models.GeneratedField(
        expression=Transform(F("geom"), 3857),
        output_field=models.MultiPolygonField(srid=3857, null=True, spatial_index=False),
        db_persist=True,
    )
    households = models.IntegerField("户数", null=True, blank=True)
    provisional = models.BooleanField("暂定", default=False, help_text="代码或边界为暂定,不是官方数据")
    valid_from = models.DateField("启用日期", default=date.today)
    valid_to = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "行政区划与网格"
        ordering: ClassVar = ["code"]
        indexes: ClassVar = [
            GistIndex(name="area_geom", fields=["geom"]),
            GistIndex(name="area_geom_3857", fields=["geom_3857"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="area_code_form", condition=Q(code__regex=r"^\d{2}(\d{2}){0,2}$|^\d{9}(\d{3}){0,2}$")
            ),
            models.CheckConstraint(
                name="area_dates", condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.code}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.level = areacode.level_of(self.code)
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # Django's own signature, passed through


class AreaSuccessor(models.Model):
    """Which area follows one that ended: a re-cut cell ends and new ones begin."""

    predecessor = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="successors")
    successor = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="predecessors")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="area_successor_once", fields=["predecessor", "successor"]),
            models.CheckConstraint(name="area_successor_other", condition=~Q(predecessor=F("successor"))),
        ]
