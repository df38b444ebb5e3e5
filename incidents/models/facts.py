"""Rows that statistics are counted from. No person stands in them."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import Q

from gridmap.models import Department
from incidents.models.cases import Incident
from incidents.models.catalogue import IncidentClass
from incidents.workflow import TERMINAL, State


class CaseFact(models.Model):
    """What statistics count of a case, made from its row and its log (`facts.py`); never edited, always made anew.

    Days are local. `closed_day` is the day of the closing or of the declining.
    """

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, primary_key=True, related_name="fact")
    area_code = models.CharField(max_length=15)
    klass = models.ForeignKey(IncidentClass, on_delete=models.PROTECT, related_name="+", db_index=False)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    source = models.CharField(max_length=12)
    state = models.CharField(max_length=10)
    reported_day = models.DateField()
    filed_day = models.DateField(null=True)
    closed_day = models.DateField(null=True)
    reported_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    closing_s = models.IntegerField(null=True)  # report to close of a case that was filed, in seconds as they pass
    handling_s = models.IntegerField(null=True)  # what departments used until it was closed, in seconds of their clocks
    failed_repair = models.BooleanField(default=False)
    came_again = models.BooleanField(default=False)
    dissatisfied = models.BooleanField(default=False)
    matter = models.BooleanField(
        default=False, db_default=False
    )  # registered at a counter; the next two say what it was given
    supplemented = models.BooleanField(default=False, db_default=False)
    extended = models.BooleanField(default=False, db_default=False)
    spot_x = models.IntegerField(null=True)  # a square of the map of where cases lie, in EPSG:3857
    spot_y = models.IntegerField(null=True)
    lot = models.SmallIntegerField()  # 0 to 63, by chance (of its id): of very many cases, times are those of some lots

    class Meta:
        indexes: ClassVar = [
            models.Index(name="fact_reported", fields=["reported_day", "area_code"]),
            models.Index(name="fact_matter", fields=["reported_day", "area_code"], condition=Q(matter=True)),
            models.Index(name="fact_area", fields=["area_code"], opclasses=["varchar_pattern_ops"]),
            models.Index(name="fact_filed", fields=["filed_day", "area_code"]),
            models.Index(name="fact_closed", fields=["closed_day", "area_code"]),
            models.Index(
                name="fact_lot",
                fields=["lot", "area_code", "closed_day"],
                opclasses=["int2_ops", "varchar_pattern_ops", "date_ops"],
                condition=Q(state=State.CLOSED, closing_s__isnull=False),
                include=["closing_s", "handling_s", "klass", "department", "source"],
            ),
            models.Index(
                name="fact_open",
                fields=["area_code"],
                opclasses=["varchar_pattern_ops"],
                condition=~Q(state__in=sorted(TERMINAL)),
                include=["klass", "department", "source", "state", "due_at"],
            ),
        ]


class LimitFact(models.Model):
    """A department's handling limit: the day on which it ends, and whether it was kept (null: it still runs)."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="limits")
    turn = models.SmallIntegerField()
    area_code = models.CharField(max_length=15)
    klass = models.ForeignKey(IncidentClass, on_delete=models.PROTECT, related_name="+", db_index=False)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    source = models.CharField(max_length=12)
    ends_day = models.DateField()
    ends_at = models.DateTimeField()
    on_time = models.BooleanField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="limit_turn", fields=["incident", "turn"])]
        indexes: ClassVar = [
            models.Index(name="limit_ends", fields=["ends_day", "area_code"]),
            models.Index(
                name="limit_area", fields=["area_code", "ends_day"], opclasses=["varchar_pattern_ops", "date_ops"]
            ),
        ]


class FactCursor(models.Model):
    """Up to which event of a street the facts are made."""

    stream = models.CharField(max_length=9, primary_key=True)
    epoch = models.CharField(max_length=12)
    seq = models.BigIntegerField()


class DayCount(models.Model):
    """How many facts a day has in a district or street, by one dimension at a time ("class", "cell", "department", "source", "state").

    Kept by whatever changes a fact, in the same transaction (`actions/sums.py`), so that a year of a district is summed from
    some ten thousand rows and not counted from every case. Limits stand under every dimension but the state. Whole months are
    kept beside their days: of a year, a month is one look and not thirty.
    """

    dimension = models.CharField(max_length=10)
    area_code = models.CharField(max_length=9)  # of six or nine digits: `counting.SUMMED`
    month = models.BooleanField(default=False)  # of a whole month, whose first day it is
    day = models.DateField()
    key = models.CharField(max_length=15)
    reported = models.IntegerField(default=0)
    to_close = models.IntegerField(default=0)
    closed_of_them = models.IntegerField(default=0)
    refused_of_them = models.IntegerField(default=0)
    filed = models.IntegerField(default=0)
    declined = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    closed = models.IntegerField(default=0)
    unsolved = models.IntegerField(default=0)
    failed_repair = models.IntegerField(default=0)
    came_again = models.IntegerField(default=0)
    dissatisfied = models.IntegerField(default=0)
    due = models.IntegerField(default=0)
    on_time = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="day_count", fields=["dimension", "area_code", "month", "day", "key"]),
        ]
