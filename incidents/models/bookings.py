"""Booking a time: when a community gives out how many, the slots that were asked for, and the bookings."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import F, Q

from incidents.models.cases import Incident
from incidents.models.catalogue import IncidentClass
from incidents.models.residents import Receipt


class Mode(models.TextChoices):
    COUNTER = "counter", "到窗口"
    HOME = "home", "上门"


class BookingHours(models.Model):
    """What a community offers: slots of its working hours, how long each, how many at once, how far ahead."""

    area_code = models.CharField("社区", max_length=12, help_text="12 位社区区划代码")
    mode = models.CharField("方式", max_length=7, choices=Mode)
    minutes = models.SmallIntegerField("每段分钟", default=30)
    seats = models.SmallIntegerField("每段名额", default=1)
    days_ahead = models.SmallIntegerField("可约未来几天", default=14)
    notice_h = models.SmallIntegerField("至少提前几小时", default=2)

    class Meta:
        verbose_name = verbose_name_plural = "预约时段"
        ordering: ClassVar = ["area_code", "mode"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="hours_once", fields=["area_code", "mode"]),
            models.CheckConstraint(name="hours_of_community", condition=Q(area_code__regex=r"^\d{12}$")),
            models.CheckConstraint(
                name="hours_sensible",
                condition=Q(minutes__range=(10, 240), seats__range=(1, 50), days_ahead__range=(0, 60))
                & Q(notice_h__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_code} {self.get_mode_display()}"


class Slot(models.Model):
    """A time that somebody asked for. That no more are taken than there are seats is held here, by the database."""

    hours = models.ForeignKey(BookingHours, on_delete=models.CASCADE, related_name="slots")
    starts_at = models.DateTimeField()
    minutes = models.SmallIntegerField()
    seats = models.SmallIntegerField()  # as they were offered when the first was taken
    taken = models.SmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="slot_once", fields=["hours", "starts_at"]),
            models.CheckConstraint(name="slot_has_seats", condition=Q(taken__gte=0) & Q(taken__lte=F("seats"))),
        ]


class BookingState(models.TextChoices):
    BOOKED = "booked", "已预约"
    CANCELLED = "cancelled", "已取消"
    OPENED = "opened", "已登记"


class Booking(models.Model):
    """A time for one kind of matter, by a receipt; it names nobody. The address of a visit is forgotten afterwards."""

    id = models.UUIDField(primary_key=True)
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="bookings")
    klass = models.ForeignKey(IncidentClass, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(max_length=15)
    address = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=9, choices=BookingState, default=BookingState.BOOKED)
    receipt = models.OneToOneField(Receipt, on_delete=models.PROTECT, related_name="booking")
    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, null=True, related_name="booking")
    digest = models.CharField(max_length=64)  # of what was sent, so that a repeat is known as one
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["slot__starts_at", "created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(name="booking_state_known", condition=Q(state__in=BookingState.values)),
            models.CheckConstraint(
                name="booking_opened_has_case",
                condition=Q(state="opened", incident__isnull=False) | (~Q(state="opened") & Q(incident__isnull=True)),
            ),
        ]
