"""A matter is registered from home without an account: the same matter as at the counter, and nobody's name is kept."""

from typing import Any
from uuid import uuid4

import pytest

from gridmap.models import StreamEvent
from incidents.models import Incident, Receipt
from tests import factories
from tests.factories import CELL, COMMUNITY, MATTER, OTHER_STREET, Town
from tests.incidents.residents import Receipt as Held
from tests.incidents.residents import Resident
from tests.incidents.test_matter_clocks import AROUND
from tests.threads import at_once

KIND = MATTER.rsplit("/", 1)[1]


@pytest.fixture
def anna(town: Town) -> Resident:
    factories.put_procedure(AROUND)
    return Resident()


def wish(**changes: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "key": str(uuid4()), "kind": KIND, "area": COMMUNITY, "text": "房屋失火", **changes}


def applied(anna: Resident, expect: int = 201, **changes: Any) -> dict[str, Any]:
    answer = anna.post("/matters", wish(**changes))
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def test_it_is_a_matter_like_that_of_the_counter_with_a_clock_and_an_owner(anna: Resident, town: Town) -> None:
    body = wish()
    assert anna.post("/matters", body).status_code == 201
    card = town.acceptor.detail(body)
    assert (card["state"], card["stage"], card["source"]) == ("processing", "look", "online")
    assert card["due_at"]
    assert body["id"] in {one["id"] for one in town.acceptor.get("/incidents?mine=todo").json()["items"]}
    assert town.acceptor.act(card, "finish")["state"] == "closed"


def test_by_the_receipt_papers_are_added_and_the_way_is_seen(anna: Resident, town: Town) -> None:
    body = wish()
    found = anna.post("/matters", body).json()
    held = Held(found["number"], found["password"], body["id"])
    assert anna.upload(held).status_code == 201
    assert [one["kind"] for one in town.acceptor.detail(body)["photos"]] == ["document"]
    asked = town.acceptor.act(town.acceptor.detail(body), "supplement", reason="请补充费用清单")
    assert asked["state"] == "waiting"
    assert anna.look(held)["matter"]["why"] == "请补充费用清单"


def test_no_person_stands_in_it(anna: Resident) -> None:
    body = wish()
    anna.post("/matters", body)
    row = Incident.objects.get(pk=body["id"])
    assert (row.reporter, row.receipt_id) == (None, row.pk)
    event = StreamEvent.objects.get(object_id=body["id"])
    assert (event.actor_id, "房屋" in str(event.payload)) == (None, False)


def test_the_same_application_again_gets_the_same_receipt_and_another_under_its_id_is_refused(anna: Resident) -> None:
    body = wish()
    first, again = anna.post("/matters", body), anna.post("/matters", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() | {"replayed": True} == again.json()
    assert anna.post("/matters", body | {"text": "别的事"}).json()["code"] == "id_reused"
    assert Incident.objects.filter(pk=body["id"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_the_same_moment_it_is_one(anna: Resident) -> None:
    body = wish()
    answers = at_once([lambda: Resident().post("/matters", body)] * 2)
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({(answer.json()["number"], answer.json()["password"]) for answer in answers}) == 1
    assert Receipt.objects.count() == Incident.objects.count() == 1


def test_bad_input_says_what_to_do_and_stores_nothing(anna: Resident) -> None:
    assert applied(anna, 404, kind="999")["code"] == "no_guide"
    for area in ("990101999999", OTHER_STREET + "099"):
        assert applied(anna, 422, area=area)["code"] == "unknown_area"
    for changes in ({"text": " "}, {"text": "字" * 1001}, {"area": CELL[:9]}, {"id": "x"}):
        assert applied(anna, 422, **changes)["code"] == "invalid"
    assert not Incident.objects.exists()


def test_too_many_from_one_address_are_refused_with_a_sentence(anna: Resident, settings: Any) -> None:
    settings.PUBLIC_LIMITS = {**settings.PUBLIC_LIMITS, "booking.address": (2, 3600)}
    assert [anna.post("/matters", wish()).status_code for _ in range(2)] == [201, 201]
    assert applied(anna, 429)["code"] == "too_many"
