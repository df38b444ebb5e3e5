"""HTTP of the counter's bookings: who comes today, by time."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from gridmap.http import caller
from incidents import queries

router = Router(tags=["incidents"])


class BookingOut(Schema):
    """A booking: no name stands in it. Its matter is registered with `booking` and keeps its receipt."""

    id: UUID
    class_key: str
    name: str
    name_en: str
    area: str
    area_name: str
    address: str = Field(description="of a visit, until its day is over")
    mode: Literal["counter", "home"]
    starts_at: AwareDatetime
    minutes: int
    state: Literal["booked", "opened"]
    receipt: str = Field(description="the number that the resident holds")
    incident: UUID | None


@router.get("/bookings", response=list[BookingOut])
def bookings(request: HttpRequest, day: date | None = None) -> list[dict[str, Any]]:
    """The bookings of a day (today) in the caller's areas, the earliest first."""
    return queries.bookings_of(caller(request), day or timezone.localdate())
