"""HTTP of booking a time at the counter or a visit at home, without an account."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field, StringConstraints

from gridmap.http import Problem, Words, address_of, answer
from incidents import actions, queries
from incidents.public.guides import Kind, Place
from incidents.public.receipts import REFUSALS, Holder, ReceiptOut, Taken

router = Router(tags=["residents"])
ModeName = Literal["counter", "home"]


class BookingPlace(Schema):
    code: str
    name: str
    street: str
    modes: list[ModeName]


class FreeDay(Schema):
    day: date
    starts: list[AwareDatetime]


class FreeSlots(Schema):
    minutes: int
    days: list[FreeDay]


class BookingIn(Schema):
    """A time to book. `id` and `key` are random and made by the phone: sent again, the same booking gets the same receipt."""

    id: UUID
    key: UUID
    kind: Kind
    mode: ModeName
    area: Annotated[str, Field(pattern=r"^\d{12}(\d{3})?$", description="community, or a cell of it")]
    address: Annotated[Words, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    starts_at: AwareDatetime


@router.get("/public/bookings/places", auth=None, response=list[BookingPlace])
def places(request: HttpRequest) -> list[dict[str, Any]]:
    """The communities where a time can be booked."""
    return queries.booking_places()


@router.get("/public/bookings/slots", auth=None, response={200: FreeSlots, 404: Problem})
def slots(request: HttpRequest, area: Place, mode: ModeName) -> dict[str, Any]:
    """The free times of a community in the next days, by day."""
    return queries.free_slots(area, mode)


@router.post("/public/bookings", auth=None, response={200: ReceiptOut, 201: ReceiptOut, **REFUSALS})
def book(request: HttpRequest, body: BookingIn) -> Status[dict[str, Any]]:
    """Book a time for a kind of matter, without a name; answers number and password of the receipt."""
    return answer(actions.book(actions.Asked(**body.dict()), address_of(request)), 201)


@router.post("/public/receipts/cancel", auth=None, response={200: Taken, 201: Taken, **REFUSALS})
def cancel(request: HttpRequest, body: Holder) -> Status[dict[str, Any]]:
    """Give a booked time back."""
    return answer(actions.cancel_booking(body.held(request)), 201)
