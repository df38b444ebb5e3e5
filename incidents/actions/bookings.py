"""Booking a time at the counter or a visit at home without an account, and cancelling it."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from gridmap import actions, events
from gridmap.actions import Answer
from gridmap.errors import ProblemError
from incidents import queries
from incidents.actions import limits
from incidents.actions.booked import told
from incidents.actions.handing import hand_out, shown
from incidents.actions.residents import Held, open_receipt
from incidents.models import Booking, BookingHours, BookingState, Mode, Receipt, Slot

FORGET = timedelta(days=1)  # after its time an address is of no use any more


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A time somebody wants. `id` and `key` are random and made by her phone; `area` is a community or a cell of it."""

    id: UUID
    key: UUID
    kind: str
    mode: str
    area: str
    address: str
    starts_at: datetime


def book(asked: Asked, address: str) -> Answer:
    """Book a time; answers number and password of the receipt. A repeat gets the same ones.

    Raises no_guide, no_booking, slot_gone, slot_full, address_needed, too_many, id_reused.
    """
    digest = actions.digest_of(asdict(asked))
    known = _repeated(asked, digest)
    if known:
        return known
    limits.take("booking.address", address)
    limits.take("booking.area", asked.area[:12])
    klass, _ = queries.guided(asked.kind, asked.area)
    hours = queries.hours_of(asked.area, asked.mode)
    if asked.mode == Mode.HOME and not asked.address:
        raise ProblemError("address_needed", fields={"address": "address_needed"})
    if asked.starts_at not in queries.offered_by(hours):
        raise ProblemError("slot_gone", fields={"starts_at": "slot_gone"})
    try:
        with transaction.atomic():
            receipt = hand_out(asked.id, asked.key, timezone.now())
            booking = Booking.objects.create(
                id=asked.id, slot=_seat(hours, asked.starts_at), klass=klass, area_code=asked.area, receipt=receipt,
                address=asked.address if asked.mode == Mode.HOME else "", digest=digest, created_at=timezone.now(),
            )  # fmt: skip
            events.record(told(booking, "booking.made"), None)
    except IntegrityError:  # the same booking at the same moment
        known = _repeated(asked, digest)
        if known is None:
            raise ProblemError("id_reused") from None
        return known
    return Answer(shown(receipt, asked.key), replayed=False)


def _repeated(asked: Asked, digest: str) -> Answer | None:
    taken = Receipt.objects.filter(pk=asked.id).exists()  # first: both may come between two looks
    first = Booking.objects.select_related("receipt").filter(pk=asked.id).first()
    if first and first.digest == digest:
        return Answer(shown(first.receipt, asked.key), replayed=True)
    if first or taken:
        raise ProblemError("id_reused")
    return None


def _seat(hours: BookingHours, starts_at: datetime) -> Slot:
    """Take a seat of the slot; the database refuses one more than there are."""
    slot, _ = Slot.objects.get_or_create(
        hours=hours, starts_at=starts_at, defaults={"minutes": hours.minutes, "seats": hours.seats}
    )
    try:
        with transaction.atomic():
            Slot.objects.filter(pk=slot.pk).update(taken=F("taken") + 1)
    except IntegrityError:
        raise ProblemError("slot_full", fields={"starts_at": "slot_full"}) from None
    return slot


def cancel_booking(held: Held) -> Answer:
    """Give the time back; doing so twice is once. Raises no_receipt, no_booking, booking_over."""
    receipt = open_receipt(held)
    with transaction.atomic():
        booking = Booking.objects.select_for_update().filter(receipt=receipt).first()
        if booking is None:
            raise ProblemError("no_booking")
        if booking.state == BookingState.CANCELLED:
            return Answer({}, replayed=True)
        if booking.state == BookingState.OPENED or booking.slot.starts_at <= timezone.now():
            raise ProblemError("booking_over")
        Slot.objects.filter(pk=booking.slot_id).update(taken=F("taken") - 1)
        booking.state, booking.address = BookingState.CANCELLED, ""
        booking.save(update_fields=["state", "address"])
        events.record(told(booking, "booking.cancelled"), None)
    return Answer({}, replayed=False)


def forget_addresses() -> int:
    """Empty the addresses of visits whose day is over; returns how many."""
    over = Q(slot__starts_at__lt=timezone.now() - FORGET) & ~Q(address="")
    return Booking.objects.filter(pk__in=Booking.objects.filter(over).values("pk")).update(address="")


def put_hours(communities: list[str]) -> int:
    """Let these communities give out times in the usual way, where they do not yet; returns how many rows are new."""
    usual = [
        BookingHours(area_code=code, mode=mode, minutes=minutes, seats=seats, notice_h=notice)
        for code in communities
        for mode, minutes, seats, notice in ((Mode.COUNTER, 30, 2, 2), (Mode.HOME, 60, 1, 18))
    ]
    return len(BookingHours.objects.bulk_create(usual, ignore_conflicts=True))
