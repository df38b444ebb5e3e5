"""What one asks of another about a case, decided once; and what joining departments owe when it is whistled together."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import Q

from gridmap.models import Department, User
from incidents.models.cases import Deadline, Incident


class RequestKind(models.TextChoices):
    EXTENSION = "extension", "延期"
    SUSPENSION = "suspension", "挂账"
    OBJECTION = "objection", "异议"


class SuspensionCause(models.TextChoices):
    NO_MONEY = "no_money", "没有经费"
    NO_OWNER = "no_owner", "权属不明"
    WRONG_SEASON = "wrong_season", "季节不宜"


class Verdict(models.TextChoices):
    """How a request stands; `void`: the turn in which it was asked ended before anybody decided."""

    OPEN = "open", "待决定"
    GRANTED = "granted", "同意"
    REFUSED = "refused", "不同意"
    VOID = "void", "失效"


class Request(models.Model):
    """One request and its decision. The words of each stand with the case, under the version that the step made.

    An extension names the clock that gets one more limit, and two people agree to it: `first` is the lower level.
    A suspension says for what cause, and until when the clocks stand still.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="requests")
    kind = models.CharField(max_length=10, choices=RequestKind)
    verdict = models.CharField(max_length=8, choices=Verdict, default=Verdict.OPEN)
    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, null=True, related_name="requests")
    cause = models.CharField(max_length=12, choices=SuspensionCause, blank=True)
    until = models.DateTimeField(null=True)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")  # that asks
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    asked_version = models.IntegerField()
    first_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField(null=True)
    first_version = models.IntegerField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_version = models.IntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["asked_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_open_request", fields=["incident", "kind"], condition=Q(verdict=Verdict.OPEN)
            ),
            models.CheckConstraint(
                name="request_decided", condition=Q(verdict=Verdict.OPEN) | Q(decided_at__isnull=False)
            ),
        ]


class PartEnd(models.TextChoices):
    """What became of a part; `released`: the lead went on without it, and said why."""

    OPEN = "open", "在办"
    DONE = "done", "已办完"
    DECLINED = "declined", "不参与"
    RELEASED = "released", "未等待"


class Part(models.Model):
    """What a joining department owes to a case to which the street whistled it: a task with a clock of its own."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="parts")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    deadline = models.OneToOneField(Deadline, on_delete=models.PROTECT, related_name="part")
    task = models.CharField(max_length=200)
    end = models.CharField(max_length=8, choices=PartEnd, default=PartEnd.OPEN)
    asked_at = models.DateTimeField()
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_version = models.IntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["asked_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_open_part", fields=["incident", "department"], condition=Q(end=PartEnd.OPEN)
            ),
            models.CheckConstraint(name="part_ended", condition=Q(end=PartEnd.OPEN) | Q(ended_at__isnull=False)),
        ]
