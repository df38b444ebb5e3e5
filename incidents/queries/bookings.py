"""What can be booked where, and the bookings of a day for those who serve there."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from gridmap import access, areacode
from gridmap.errors import ProblemError
from gridmap.localtime import ZONE
from gridmap.models import Area, User
from gridmap.queries import area_names
from incidents import slots
from incidents.models import Booking, BookingHours, BookingState, Receipt, Slot
from incidents.queries.people import calendar


def booking_places() -> list[dict[str, Any]]:
    """The communities in force that give out times, with how."""
    rows = list(BookingHours.objects.order_by("area_code", "mode").values_list("area_code", "mode"))
    there = set(
        Area.objects.filter(pk__in=[code for code, _ in rows], valid_to__isnull=True).values_list("pk", flat=True)
    )
    names = area_names([*there, *(code[:9] for code in there)])
    return [
        {"code": code, "name": names[code], "street": names.get(code[:9], ""), "modes": [mode for _, mode in modes]}
        for code, modes in groupby(rows, key=lambda row: row[0])
        if code in there
    ]


def hours_of(area_code: str, mode: str) -> BookingHours:
    """What the community of a place offers; `no_booking` where it offers nothing or the place is not there."""
    there = areacode.is_valid(area_code) and Area.objects.filter(pk=area_code, valid_to__isnull=True).exists()
    found = BookingHours.objects.filter(area_code=area_code[:12], mode=mode).first() if there else None
    if found is None:
        raise ProblemError("no_booking")
    return found


def offered_by(hours: BookingHours) -> list[datetime]:
    """The times that a community gives out now, whether they are taken or not."""
    return slots.offered(
        timezone.now(), every=timedelta(minutes=hours.minutes), days=hours.days_ahead,
        notice=timedelta(hours=hours.notice_h), calendar=calendar(),
    )  # fmt: skip


def free_slots(area_code: str, mode: str) -> dict[str, Any]:
    """The times that are still free, by day."""
    hours = hours_of(area_code, mode)
    full = set(Slot.objects.filter(hours=hours, taken__gte=F("seats")).values_list("starts_at", flat=True))
    free = [moment for moment in offered_by(hours) if moment not in full]
    days = groupby(free, key=lambda moment: moment.astimezone(ZONE).date())
    return {"minutes": hours.minutes, "days": [{"day": day, "starts": list(starts)} for day, starts in days]}


def bookings_of(user: User, day: date) -> list[dict[str, Any]]:
    """The bookings of a day in the user's areas that were not cancelled, the earliest first."""
    begins = datetime.combine(day, time(0), ZONE)
    scope = access.scope_of(user, "booking.view")
    found = (
        Booking.objects.filter(scope.q(), slot__starts_at__gte=begins, slot__starts_at__lt=begins + timedelta(days=1))
        .exclude(state=BookingState.CANCELLED)
        .select_related("slot__hours", "klass", "receipt")
    )
    return _rows(found)


def _rows(found: QuerySet[Booking]) -> list[dict[str, Any]]:
    rows: Iterable[Booking] = list(found)
    names = area_names(b.area_code for b in rows)
    return [
        {
            "id": b.pk, "class_key": b.klass.key, "name": b.klass.name, "name_en": b.klass.name_en, "area": b.area_code,
            "area_name": names.get(b.area_code, b.area_code), "address": b.address, "mode": b.slot.hours.mode,
            "starts_at": b.slot.starts_at, "minutes": b.slot.minutes, "state": b.state, "receipt": b.receipt.number,
            "incident": b.incident_id,
        }
        for b in rows
    ]  # fmt: skip


def booking_of(receipt: Receipt) -> Booking:
    """The booking that a receipt was given for."""
    return Booking.objects.select_related("slot__hours", "klass").get(receipt=receipt)


def booking_page(booking: Booking) -> dict[str, Any]:
    """What a receipt says while nobody has registered the matter of its booking yet."""
    coming = booking.state == BookingState.BOOKED
    slot = booking.slot
    return {
        "title": booking.klass.name, "title_en": booking.klass.name_en, "state": booking.state,
        "area_name": area_names([booking.area_code]).get(booking.area_code, ""),
        "next": "come" if coming else "nothing", "until": None, "late": False, "question": None, "rating": None,
        "matter": None, "photos": 0, "may_add": False,
        "booking": {
            "kind": booking.klass.code, "mode": slot.hours.mode, "starts_at": slot.starts_at, "minutes": slot.minutes,
            "may_cancel": coming and slot.starts_at > timezone.now(),
        },
    }  # fmt: skip
