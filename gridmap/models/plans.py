"""Plans of cells: what planners propose for a community, until it is in force or thrown away."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import Q

from gridmap.models.staff import User


class PlanState(models.TextChoices):
    CUTTING = "cutting", "正在划分"
    FAILED = "failed", "未能划分"
    DRAFT = "draft", "方案"
    PUBLISHED = "published", "已发布,待生效"
    IN_FORCE = "in_force", "已生效"
    OVER = "over", "已被取代"
    WITHDRAWN = "withdrawn", "已作废"


class CellGround(models.Model):
    """A community as units that are never cut; plans made of the same ground share it."""

    area_code = models.CharField(max_length=15)
    digest = models.CharField(max_length=64, unique=True)
    shapes = models.GeometryCollectionField(srid=4326, spatial_index=False)
    stored = models.JSONField()  # `cellplan.Ground`
    made_at = models.DateTimeField(auto_now_add=True)


class CellPlan(models.Model):
    """One proposal: the wish, the ground, the cell of each unit, and what became of it."""

    id = models.UUIDField(primary_key=True)  # made by the client
    area_code = models.CharField(max_length=15)
    name = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=9, choices=PlanState, default=PlanState.CUTTING)
    wish = models.JSONField()  # method, target, tolerance, seed, start, estimate
    base = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    ground = models.ForeignKey(CellGround, on_delete=models.PROTECT, null=True)
    cells = models.JSONField(default=list)  # the cell of each unit, from 0
    locked = models.JSONField(default=list)  # cells that stay as they are
    names = models.JSONField(default=dict)  # of cells that have one, by number
    dedicated = models.JSONField(default=list)  # cells of one school, market or site
    guessed = models.BooleanField(default=False)  # households by floors, for nobody counted
    fault = models.CharField(max_length=30, blank=True)  # code of what went wrong
    valid_from = models.DateField(null=True)
    outcome = models.JSONField(null=True)  # codes, kept, successors and what was moved, once in force
    version = models.IntegerField(default=1)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    publisher = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "pk"]
        indexes: ClassVar = [models.Index(name="cellplan_area", fields=["area_code", "-created_at"])]
        constraints: ClassVar = [
            models.CheckConstraint(name="cellplan_state_known", condition=Q(state__in=PlanState.values)),
            models.CheckConstraint(
                name="cellplan_published_with_a_date",
                condition=~Q(state__in=["published", "in_force", "over"]) | Q(valid_from__isnull=False),
            ),
            models.UniqueConstraint(
                name="cellplan_one_published", fields=["area_code"], condition=Q(state="published")
            ),
        ]
