"""People by service: sealed values, consents, what was deleted, and who looked."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex

from gridmap.models.staff import User


class ServedPerson(models.Model):
    """Someone known to one service. Of her values, and of where in the cell she lives, nothing stands here unsealed."""

    id = models.UUIDField(primary_key=True)  # made by the client
    service = models.CharField(max_length=16)
    area_code = models.CharField(max_length=15)  # of the cell, by PostGIS
    sealed = models.TextField()
    # By what an equal name or number in the same service is found (`Keyring.blind`); None: there is none.
    name_index = models.BinaryField(max_length=16, null=True)
    phone_index = models.BinaryField(max_length=16, null=True)
    since = models.DateField()
    ended = models.DateField(null=True)
    purge_after = models.DateField(null=True)  # deleted when this day has passed
    version = models.IntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                name="person_area",
                fields=["area_code", "service", "id"],
                opclasses=["varchar_pattern_ops", "varchar_ops", "uuid_ops"],
            ),
            models.Index(name="person_name", fields=["service", "name_index"]),
            models.Index(name="person_phone", fields=["service", "phone_index"]),
            models.Index(name="person_purge", fields=["purge_after"], condition=models.Q(purge_after__isnull=False)),
        ]


class PersonKey(models.Model):
    """The key of one person's values, locked by a master key that lies outside. Destroyed with her: a table of its own, so
    that backups of the values and backups of the keys can be kept apart."""

    person = models.OneToOneField(ServedPerson, on_delete=models.CASCADE, primary_key=True, related_name="key")
    locked = models.CharField(max_length=160)


class How(models.TextChoices):
    """How somebody agreed."""

    WRITTEN = "written", "书面"
    ORAL = "oral", "口头"
    APP = "app", "线上"


class Consent(models.Model):
    """That a person agreed, to which version of the form, and until when."""

    person = models.ForeignKey(ServedPerson, on_delete=models.CASCADE, related_name="consents")
    form = models.IntegerField()
    how = models.CharField(max_length=8, choices=How)
    given_on = models.DateField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    withdrawn_on = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["-pk"]


class Why(models.TextChoices):
    """Why somebody was deleted."""

    WITHDRAWN = "withdrawn", "撤回同意"
    RETENTION = "retention", "保存期满"
    REQUEST = "request", "本人要求"
    MISTAKE = "mistake", "登记有误"


class Tombstone(models.Model):
    """That somebody was deleted: when, why, from which service and cell. No value of hers."""

    id = models.UUIDField(primary_key=True)  # that of the person
    service = models.CharField(max_length=16)
    area_code = models.CharField(max_length=15)
    why = models.CharField(max_length=10, choices=Why)
    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # None: the clock


class LookAction(models.TextChoices):
    """What was done with somebody's values."""

    LIST = "list", "列表"
    SEARCH = "search", "查找"
    REVEAL = "reveal", "查看"
    EXPORT = "export", "导出"
    DELETE = "delete", "删除"
    PURGE = "purge", "清理"  # of this log: its oldest entries


class LookHead(models.Model):
    """Where the chain of a street ends. Raising it locks the row, so each look follows exactly one other."""

    stream = models.CharField(max_length=9, primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)


class AccessLook(models.Model):
    """One look at people of a cell: who, when, what for. Written before the answer; each carries the hash of the one before."""

    stream = models.CharField(max_length=9)
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # None: the clock
    action = models.CharField(max_length=8, choices=LookAction)
    service = models.CharField(max_length=16, blank=True)
    persons = ArrayField(models.UUIDField())
    fields = ArrayField(models.CharField(max_length=16))
    purpose = models.CharField(max_length=12, blank=True)
    words = models.CharField(max_length=120, blank=True)
    area_code = models.CharField(max_length=15)
    count = models.IntegerField()
    prev = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="look_once", fields=["stream", "seq"])]
        indexes: ClassVar = [
            models.Index(name="look_area", fields=["area_code", "id"], opclasses=["varchar_pattern_ops", "int8_ops"]),
            GinIndex(name="look_persons", fields=["persons"]),
            BrinIndex(name="look_at", fields=["at"]),
        ]
