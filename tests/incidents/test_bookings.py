"""A resident books a time without a name; the database holds the seats; at the counter it becomes a matter, typed once."""

import json
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from gridmap.localtime import ZONE
from gridmap.models import Role, StreamEvent
from incidents.actions import put_hours
from incidents.models import Booking, BookingHours, Incident, Slot
from tests import factories
from tests.factories import CELL, COMMUNITY, MATTER, OTHER_STREET, Town
from tests.incidents.residents import Receipt, Resident
from tests.threads import at_once

STAGES: list[dict[str, Any]] = [
    {"key": "take", "name": "正式接受", "level": "street", "role": "acceptor", "limit": "4h", "results": {"finish": ""}}
]
KIND = MATTER.rsplit("/", 1)[1]


@pytest.fixture
def anna() -> Resident:
    return Resident()


@pytest.fixture
def open_hours(town: Town) -> Town:
    factories.put_procedure(STAGES)
    put_hours([COMMUNITY])
    return town


def times(anna: Resident, mode: str = "counter") -> list[str]:
    days = anna.get(f"/bookings/slots?area={COMMUNITY}&mode={mode}").json()["days"]
    return [start for day in days for start in day["starts"]]


def wish(anna: Resident, **changes: Any) -> dict[str, Any]:
    mode = changes.get("mode", "counter")
    starts_at = changes.pop("starts_at", None) or times(anna, mode)[0]
    body = {
        "id": str(uuid4()),
        "key": str(uuid4()),
        "kind": KIND,
        "mode": mode,
        "area": COMMUNITY,
        "starts_at": starts_at,
    }
    return body | changes


def book(anna: Resident, expect: int = 201, **changes: Any) -> dict[str, Any]:
    answer = anna.post("/bookings", wish(anna, **changes))
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def held(booked: dict[str, Any]) -> Receipt:
    return Receipt(booked["number"], booked["password"], "")


def staff(town: Town, who: str, day: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town.callers[who].get(f"/bookings?day={day}" if day else "/bookings").json()
    return found


def test_a_time_is_booked_by_receipt_and_seen_by_whoever_holds_it(open_hours: Town, anna: Resident) -> None:
    first = times(anna)[0]
    page = anna.look(held(book(anna)))
    assert (page["state"], page["next"]) == ("booked", "come")
    assert datetime.fromisoformat(page["booking"]["starts_at"]) == datetime.fromisoformat(first)
    assert page["booking"]["may_cancel"]
    assert [step["step"] for step in page["steps"]] == ["booked"]
    (event,) = StreamEvent.objects.filter(kind="booking.made")
    assert set(event.payload) == {"kind", "mode", "starts_at", "state"}
    for what, body in {"answer": {"text": "x"}, "rating": {"outcome": "solved"}}.items():
        assert anna.say(held(book(anna)), what, expect=409, **body)["code"] == "not_begun"


def test_a_repeat_is_the_same_booking(open_hours: Town, anna: Resident) -> None:
    body = wish(anna)
    first, again = anna.post("/bookings", body), anna.post("/bookings", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"replayed": True}
    assert anna.post("/bookings", body | {"key": str(uuid4())}).json()["code"] == "id_reused"
    assert (Booking.objects.count(), Slot.objects.get().taken) == (1, 1)


def test_what_is_not_offered_is_not_booked(open_hours: Town, anna: Resident) -> None:
    later = datetime.fromisoformat(times(anna)[0]) + timedelta(minutes=7)
    assert book(anna, expect=409, starts_at=later.isoformat())["code"] == "slot_gone"
    assert book(anna, expect=409, starts_at="2025-10-01T01:00:00Z")["code"] == "slot_gone"
    assert book(anna, expect=404, kind="nothing", starts_at=later.isoformat())["code"] == "no_guide"
    assert book(anna, expect=422, mode="home")["code"] == "address_needed"
    BookingHours.objects.filter(mode="home").delete()
    assert book(anna, expect=404, mode="home", address="x", starts_at=later.isoformat())["code"] == "no_booking"
    assert Booking.objects.count() == Slot.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_as_many_win_as_there_are_seats_and_the_others_are_told(
    open_hours: Town, anna: Resident
) -> None:
    BookingHours.objects.update(seats=3)
    first = times(anna)[0]
    bodies = [wish(anna, starts_at=first) for _ in range(8)]
    answers = at_once([partial(anna.post, "/bookings", body) for body in bodies])
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 5
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"slot_full"}
    assert (Slot.objects.get().taken, Booking.objects.count()) == (3, 3)
    assert first not in times(anna)


def test_the_database_itself_holds_the_seats(open_hours: Town, anna: Resident) -> None:
    """Capacity is a constraint, not a check: no code can overbook."""
    book(anna)
    for taken in (3, -1):
        with pytest.raises(IntegrityError), transaction.atomic():
            Slot.objects.update(taken=taken)


def test_a_cancelled_time_is_free_again(open_hours: Town, anna: Resident) -> None:
    BookingHours.objects.update(seats=1)
    first = times(anna)[0]
    booked = book(anna)
    assert first not in times(anna)
    for status in (201, 200):
        assert anna.post("/receipts/cancel", held(booked).shown).status_code == status
    assert times(anna)[0] == first
    page = anna.look(held(booked))
    assert (page["state"], page["next"], page["booking"]["may_cancel"]) == ("cancelled", "nothing", False)
    assert [step["step"] for step in page["steps"]] == ["booked", "cancelled"]
    assert anna.post("/receipts/cancel", held(booked).shown | {"password": "AAAA-AAAA"}).json()["code"] == "no_receipt"


def test_a_time_that_has_begun_is_not_cancelled(open_hours: Town, anna: Resident) -> None:
    booked = book(anna)
    Slot.objects.update(starts_at=timezone.now() - timedelta(minutes=1))
    assert anna.post("/receipts/cancel", held(booked).shown).json()["code"] == "booking_over"


def test_staff_of_the_place_see_the_day_oldest_first_and_nobody_else(open_hours: Town, anna: Resident) -> None:
    late, early = times(anna)[1], times(anna)[0]
    book(anna, starts_at=late)
    book(anna, starts_at=early, area=CELL)
    cancelled = book(anna, starts_at=late)
    anna.post("/receipts/cancel", held(cancelled).shown)
    day = str(datetime.fromisoformat(early).astimezone(ZONE).date())
    rows = staff(open_hours, "community", day)
    assert [datetime.fromisoformat(row["starts_at"]) for row in rows] == [
        datetime.fromisoformat(s) for s in (early, late)
    ]
    assert rows[0]["area"] == CELL
    assert {who: len(staff(open_hours, who, day)) for who in ("acceptor", "director", "other_director", "worker", "handler")} == {
        "acceptor": 2, "director": 2, "other_director": 0, "worker": 0, "handler": 0,
    }  # fmt: skip


def test_the_matter_of_a_booking_keeps_its_receipt_and_nothing_is_typed_again(open_hours: Town, anna: Resident) -> None:
    """One record: what was collected once is not asked again."""
    booked = book(anna, mode="home", address="3 号楼 301")
    (row,) = staff(open_hours, "community", str(Slot.objects.get().starts_at.astimezone(ZONE).date()))
    assert row["address"] == "3 号楼 301"
    body = {
        "id": str(uuid4()),
        "key": str(uuid4()),
        "class_key": row["class_key"],
        "area": COMMUNITY,
        "booking": row["id"],
    }
    done = open_hours.community.post("/matters", body).json()
    assert (done["receipt"]["number"], done["receipt"]["password"]) == (booked["number"], "")
    assert open_hours.community.detail(done)["address"] == "3 号楼 301"
    page = anna.look(held(booked))
    assert (page["state"], page["booking"], page["matter"]["stage"]) == ("processing", None, "正式接受")
    kept = Booking.objects.get()
    assert (kept.state, kept.address, str(kept.incident_id)) == ("opened", "", done["id"])
    again = open_hours.community.post("/matters", body | {"id": str(uuid4())})
    assert again.json()["code"] == "booking_over"
    assert anna.post("/receipts/cancel", held(booked).shown).json()["code"] == "booking_over"
    assert Incident.objects.count() == 1


def test_a_booking_elsewhere_is_not_there(open_hours: Town, anna: Resident) -> None:
    book(anna)
    other = factories.Caller(factories.user("far", Role.COMMUNITY, OTHER_STREET))
    body = {"id": str(uuid4()), "class_key": MATTER, "area": COMMUNITY, "booking": str(Booking.objects.get().pk)}
    assert other.post("/matters", body).status_code in (403, 404)
    assert other.get("/bookings").json() == []
    assert open_hours.community.post("/matters", body | {"booking": str(uuid4())}).json()["code"] == "not_found"


def test_the_address_of_a_visit_is_forgotten_when_its_day_is_over(open_hours: Town, anna: Resident) -> None:
    book(anna, mode="home", address="3 号楼 301")
    call_command("tick")
    assert Booking.objects.get().address
    Slot.objects.update(starts_at=timezone.now() - timedelta(days=2))
    call_command("tick")
    assert Booking.objects.get().address == ""
    assert "301" not in json.dumps(list(StreamEvent.objects.values_list("payload", flat=True)))


def test_places_are_those_that_give_out_times(open_hours: Town, anna: Resident) -> None:
    (place,) = anna.get("/bookings/places").json()
    assert (place["code"], place["modes"]) == (COMMUNITY, ["counter", "home"])
    assert anna.get(f"/bookings/slots?area={OTHER_STREET}&mode=counter").json()["code"] == "no_booking"


def test_one_address_books_only_so_often(open_hours: Town, anna: Resident, settings: Any) -> None:
    settings.PUBLIC_LIMITS = settings.PUBLIC_LIMITS | {"booking.address": (1, 3600)}
    book(anna)
    assert book(anna, expect=429)["code"] == "too_many"
