"""The gate for demands on communities: the register, the answers to its forms, and what was asked without it."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import F, Q

from gridmap.models import Department, User
from incidents.demands import LABELS, LIVING, Kind, Rhythm, Standing


class Demand(models.Model):
    """What a department asks of the communities of a street or of a whole district, on what ground, until when."""

    id = models.UUIDField(primary_key=True)
    area_code = models.CharField(max_length=9, db_index=True)  # a district or a street
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=5, choices=[(kind, LABELS[kind]) for kind in Kind])
    title = models.CharField(max_length=60)
    what = models.TextField()
    ground = models.TextField()  # the law or notice in words
    ground_number = models.CharField(max_length=100)
    since = models.DateField()
    until = models.DateField()  # its last day
    money = models.BigIntegerField()  # yuan that come with it; 0: none
    staff = models.IntegerField()  # people that come with it; 0: none
    rhythm = models.CharField(max_length=7, choices=[(one, one) for one in Rhythm])
    fields = models.JSONField(default=list)  # of a form: see incidents/demands.py, Field
    state = models.CharField(max_length=9, choices=[(state, LABELS[state]) for state in Standing])
    reason = models.TextField(blank=True)  # of the last step
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)  # that it ends soon
    version = models.IntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["-proposed_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(name="demand_dates", condition=Q(until__gte=F("since"))),
            models.CheckConstraint(name="demand_state_known", condition=Q(state__in=list(Standing))),
            models.CheckConstraint(name="demand_means", condition=Q(money__gte=0, staff__gte=0)),
        ]
        indexes: ClassVar = [
            models.Index(name="demand_living", fields=["until"], condition=Q(state__in=sorted(LIVING))),
        ]


class DemandAnswer(models.Model):
    """What a community answered to a form for a period. Never edited: a correction is a row with the next version."""

    id = models.UUIDField(primary_key=True)
    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="answers")
    area_code = models.CharField(max_length=12)
    period = models.CharField(max_length=7)
    version = models.IntegerField()
    values = models.JSONField()  # key: {"value", "source" (record, asked, earlier), "at"}, as it was at that time
    given_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-given_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="answer_version_once", fields=["demand", "area_code", "period", "version"]),
        ]
        indexes: ClassVar = [models.Index(name="answer_of_area", fields=["area_code", "period"])]


class DemandExport(models.Model):
    """Who took the answers of a form out of the system, when, and what for."""

    id = models.UUIDField(primary_key=True)
    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="exports")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()


class Unadmitted(models.Model):
    """A community was asked for something that the register does not have: who asked, and what. No person stands in it."""

    id = models.UUIDField(primary_key=True)
    area_code = models.CharField(max_length=12, db_index=True)
    asked_by = models.CharField(max_length=60)  # the body, in words: it need not be one that this system knows
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=5, choices=[(kind, LABELS[kind]) for kind in Kind])
    what = models.TextField()
    recorded_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-recorded_at", "id"]
