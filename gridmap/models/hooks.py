"""Webhooks: addresses of other systems that are told of events."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField


class Off(models.TextChoices):
    """Why a webhook is off."""

    NO = "", "—"
    BY_HAND = "by_hand", "手动停用"
    FAILING = "failing", "连续失败"
    GONE = "gone", "对方已撤销"


class Hook(models.Model):
    """A webhook: an address of another system that is told of the events of an area."""

    id = models.UUIDField(primary_key=True)  # made by the client
    name = models.CharField(max_length=60)
    url = models.CharField(max_length=500)
    area_code = models.CharField(max_length=15)
    kinds = ArrayField(models.CharField(max_length=40), default=list)  # empty: all
    # Both sides sign with it, so it stands here as it is; people see it once. The one before is signed with too, for a day.
    secret = models.CharField(max_length=100)
    old_secret = models.CharField(max_length=100, blank=True)
    old_until = models.DateTimeField(null=True)
    off = models.CharField(max_length=8, choices=Off, blank=True, default=Off.NO)
    version = models.IntegerField(default=1)
    failing_since = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)  # in a row that failed
    next_at = models.DateTimeField(null=True)  # not before; None: at once
    # One worker at a time sends: it holds the lease by its number, and a worker that was killed loses it.
    lease = models.IntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created_at", "pk"]

    @property
    def active(self) -> bool:
        return self.off == Off.NO


class HookReached(models.Model):
    """How far a webhook was told of one stream: everything up to `seq` was taken, or was not for it."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="reached")
    stream = models.CharField(max_length=9)
    epoch = models.CharField(max_length=12)
    seq = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="hook_stream_once", fields=["hook", "stream"])]


class HookAttempt(models.Model):
    """One try to tell; `asked` ones (a test, once more) wait here until a worker sends them. The last hundred are kept."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="attempts")
    message = models.CharField(max_length=60)
    stream = models.CharField(max_length=9, blank=True)  # empty: a test
    seq = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=40)
    asked = models.BooleanField(default=False)
    at = models.DateTimeField(null=True)  # None: not sent yet
    status = models.IntegerField(null=True)  # of HTTP; None: nothing came back
    trouble = models.CharField(max_length=20, blank=True)
    took_ms = models.IntegerField(null=True)
