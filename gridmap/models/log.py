"""The log of events, and the writes that were taken."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex

from gridmap.models.staff import User


class StreamHead(models.Model):
    """The counter of one stream. Raising it locks the row, so the order of commits is the order of numbers."""

    stream = models.CharField(max_length=9, primary_key=True)
    epoch = models.CharField(max_length=12)
    seq = models.BigIntegerField()
    min_seq = models.BigIntegerField(default=1)


class StreamEvent(models.Model):
    """One entry of the log. `payload` holds no personal value: it names what changed."""

    pk = models.CompositePrimaryKey("stream", "seq")
    stream = models.CharField(max_length=9)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    area_code = models.CharField(max_length=15)
    departments = ArrayField(models.BigIntegerField(), default=list)
    persons = ArrayField(models.BigIntegerField(), default=list)
    object_id = models.CharField(max_length=40)
    object_version = models.IntegerField(default=0)
    payload = models.JSONField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, db_constraint=False)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(name="event_object", fields=["object_id", "seq"]),
            models.Index(name="event_created", fields=["created_at"]),
        ]


class Inbox(models.Model):
    """Every write that was taken, by the id its client made: a repeat finds its first answer here."""

    mutation_id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64)
    response = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [BrinIndex(name="inbox_created", fields=["created_at"])]
