"""What one asks of another about a case: more time, another department. Decided once, and never edited after that."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import Q

from gridmap.models import Department, User
from incidents.models.cases import Deadline, Incident


class RequestKind(models.TextChoices):
    EXTENSION = "extension", "延期"


class Verdict(models.TextChoices):
    """How a request stands; `void`: the turn in which it was asked ended before anybody decided."""

    OPEN = "open", "待决定"
    GRANTED = "granted", "同意"
    REFUSED = "refused", "不同意"
    VOID = "void", "失效"


class Request(models.Model):
    """One request and its decision. The words of each stand with the case, under the version that the step made.

    An extension names the clock that gets one more limit, and two people agree to it: `first` is the lower level.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="requests")
    kind = models.CharField(max_length=10, choices=RequestKind)
    verdict = models.CharField(max_length=8, choices=Verdict, default=Verdict.OPEN)
    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, null=True, related_name="requests")
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
