"""Reporting: what is not right is refused with a code and leaves no trace, what is sent twice is taken once."""

import json
import uuid
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.models import Grant, Inbox, StreamEvent
from incidents.models import ClassCondition, Incident, IncidentClass
from tests import factories
from tests.factories import CELL, LID, LITTER, NEXT_CELL, OTHER_CELL, Caller, Town, ago, report_body
from tests.rows import counts
from tests.threads import at_once

FAR = {"lon": 110.0, "lat": 40.0}
FAR_STREET = dict(zip(("lon", "lat"), factories.PLACES[OTHER_CELL], strict=True))


def refused(caller: Caller, answer: Any, before: dict[str, int], status: int, code: str) -> dict[str, Any]:
    """The error, after it was seen that the answer is one and that nothing changed."""
    assert answer.status_code == status, answer.content.decode()
    body: dict[str, Any] = answer.json()
    assert set(body) == {"code", "message", "fields", "detail"}
    assert body["code"] == code, body
    assert counts() == before
    return body


# What is sent instead of something right: (changes to a good body, code of the error, fields that it names).
BAD: dict[str, tuple[dict[str, Any], str, set[str]]] = {
    "a point outside every area": (FAR, "point_outside", {"lon", "lat"}),
    "a point in another street": ({"cell": OTHER_CELL}, "other_street", {"lon", "lat"}),
    "a longitude off the earth": ({"lon": 180.5}, "invalid", {"lon"}),
    "a latitude off the earth": ({"lat": -91}, "invalid", {"lat"}),
    "text instead of a coordinate": ({"lon": "东经105度"}, "invalid", {"lon"}),
    "a geometry instead of a coordinate": ({"lat": {"type": "Point", "coordinates": [105, 28]}}, "invalid", {"lat"}),
    "no number at all": ({"lon": None}, "invalid", {"lon"}),
    "an unknown class": ({"class_key": "GB30428.2-2013/event/9999"}, "unknown_class", {"class_key"}),
    "a class of another scheme": ({"class_key": "CJT214-2007/event/0110"}, "unknown_class", {"class_key"}),
    "an object's code as an event": ({"class_key": "GB30428.2-2013/event/0500"}, "unknown_class", {"class_key"}),
    "a class without slashes": ({"class_key": "litter"}, "unknown_class", {"class_key"}),
    "no class": ({"class_key": ""}, "unknown_class", {"class_key"}),
    "a number as class": ({"class_key": 110}, "invalid", {"class_key"}),
    "an unknown condition": ({"condition": 99}, "unknown_condition", {"condition"}),
    "a condition beyond all numbers": ({"condition": 10**30}, "invalid", {"condition"}),
    "text as condition": ({"condition": "bad"}, "invalid", {"condition"}),
    "an id that is none": ({"id": "case-1"}, "invalid", {"id"}),
    "a future time": ({"occurred_at": ago(days=-1)}, "future_time", {"occurred_at"}),
    "a time of long ago": ({"occurred_at": ago(days=367)}, "too_old", {"occurred_at"}),
    "a time before all time": ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "invalid", {"occurred_at"}),
    "a time without its zone": ({"occurred_at": "2025-09-30T16:30:00"}, "invalid", {"occurred_at"}),
    "words as time": ({"occurred_at": "昨天"}, "invalid", {"occurred_at"}),
    "a level that is not reported to": ({"level": "district"}, "invalid", {"level"}),
    "a source that is not reported from": ({"source": "import"}, "invalid", {"source"}),
    "perhaps handled": ({"self_handled": "perhaps"}, "invalid", {"self_handled"}),
    "a list as description": ({"description": ["a"]}, "invalid", {"description"}),
    "a description too long": ({"description": "长" * 2001}, "invalid", {"description"}),
    "an address too long": ({"address": "a" * 201}, "invalid", {"address"}),
    "a NUL in the description": ({"description": "a\x00b"}, "invalid", {"description"}),
    "a NUL in the address": ({"address": "\x00"}, "invalid", {"address"}),
    "a NUL in the class": ({"class_key": "GB30428.2-2013/event/\x00"}, "invalid", {"class_key"}),
    "half a character": ({"description": "\ud83d"}, "invalid", {"description"}),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_not_right_is_refused_by_name_and_changes_nothing(town: Town, what: str) -> None:
    changes, code, fields = BAD[what]
    before = counts()
    error = refused(town.worker, town.worker.post("/incidents", report_body(**changes)), before, 422, code)
    assert set(error["fields"]) == fields
    assert all(error["fields"].values())


@pytest.mark.parametrize("field", ["id", "class_key", "lon", "lat", "occurred_at"])
def test_what_is_missing_is_named(town: Town, field: str) -> None:
    before = counts()
    body = {name: value for name, value in report_body().items() if name != field}
    error = refused(town.worker, town.worker.post("/incidents", body), before, 422, "invalid")
    assert set(error["fields"]) == {field}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
@pytest.mark.parametrize("field", ["lon", "lat"])
def test_a_coordinate_is_a_finite_number(town: Town, field: str, number: str) -> None:
    before = counts()
    raw = json.dumps(report_body(**{field: 12345})).replace("12345", number)
    error = refused(town.worker, town.worker.send("/incidents", raw), before, 422, "invalid")
    assert field in error["fields"]


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "half a body": (b'{"id": "', "application/json"),
    "no JSON": (b"id=1&lon=2", "application/x-www-form-urlencoded"),
    "XML": (b"<report/>", "application/xml"),
    "a multipart form": (
        b'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n1\r\n--x--',
        "multipart/form-data; boundary=x",
    ),
    "bytes that are no text": (b'{"description": "\xff\xfe"}', "application/json"),
    "a thousand brackets too many": (b"[" * 100_000, "application/json"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_body_that_cannot_be_read_says_so(town: Town, what: str) -> None:
    before = counts()
    refused(town.worker, town.worker.send("/incidents", *UNREADABLE[what]), before, 400, "unreadable")


@pytest.mark.parametrize("raw", ["", "null", "[]", '"report"', "7", "{}"])
def test_a_body_of_another_shape_says_what_is_missing(town: Town, raw: str) -> None:
    before = counts()
    assert refused(town.worker, town.worker.send("/incidents", raw), before, 422, "invalid")["fields"]


def test_a_body_of_three_megabytes_is_too_large(town: Town) -> None:
    before = counts()
    answer = town.worker.post("/incidents", report_body(description="a" * 3_000_000))
    refused(town.worker, answer, before, 413, "too_large")


def test_a_class_is_reported_only_while_it_is_in_force(town: Town) -> None:
    today = timezone.localdate()
    klass = IncidentClass.objects.filter(scheme="GB30428.2-2013", domain="event", code="0110")
    for force in (
        {"valid_from": date(2014, 1, 1), "valid_to": today - timedelta(days=1)},
        {"valid_from": today + timedelta(days=1), "valid_to": None},
    ):
        klass.update(**force)
        before = counts()
        refused(town.worker, town.worker.post("/incidents", report_body()), before, 422, "unknown_class")
    klass.update(valid_from=today, valid_to=today)
    assert town.worker.report()["class_key"] == LITTER


def test_a_condition_is_reported_only_while_it_is_in_force(town: Town) -> None:
    ended = timezone.localdate() - timedelta(days=1)
    ClassCondition.objects.filter(klass__code="0101", klass__domain="object", number=2).update(valid_to=ended)
    before = counts()
    body = report_body(class_key=LID, condition=2)
    refused(town.worker, town.worker.post("/incidents", body), before, 422, "unknown_condition")
    assert town.worker.report(class_key=LID, condition=1)["urgent"] is True


def test_a_worker_reports_anywhere_in_her_street_and_sees_what_became_of_it(town: Town) -> None:
    card = town.worker.report(cell=NEXT_CELL)
    assert card["area"] == NEXT_CELL
    assert town.worker.detail(card)["id"] == card["id"]
    assert card["id"] in [item["id"] for item in town.worker.get("/incidents?mine=reported").json()["items"]]


@pytest.mark.parametrize("who", ["planner", "auditor", "administrator", "handler", "stranger"])
def test_who_may_not_report_is_told_so_and_changes_nothing(town: Town, who: str) -> None:
    before = counts()
    caller = town.callers[who]
    refused(caller, caller.post("/incidents", report_body()), before, 403, "forbidden")


def test_a_dispatcher_reports_but_handles_nothing_herself(town: Town) -> None:
    before = counts()
    answer = town.dispatcher.post("/incidents", report_body(self_handled=True))
    refused(town.dispatcher, answer, before, 403, "forbidden")


# --- once ---


def test_a_repeat_gets_the_first_answer_and_makes_nothing(town: Town) -> None:
    body = report_body(description="路口")
    first = town.worker.post("/incidents", body)
    before = counts()
    again = town.worker.post("/incidents", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"replayed": True}
    assert first.json()["replayed"] is False
    assert counts() == before


def test_a_repeat_gets_the_first_answer_whatever_became_of_the_case(town: Town) -> None:
    body = report_body()
    card = town.worker.post("/incidents", body).json()
    town.acceptor.act(card, "file")
    again = town.worker.post("/incidents", body).json()
    assert (again["state"], again["version"], again["replayed"]) == ("reported", 1, True)


def test_a_repeat_gets_the_first_answer_though_it_would_not_be_taken_any_more(town: Town) -> None:
    body = report_body()
    first = town.worker.post("/incidents", body).json()
    IncidentClass.objects.filter(domain="event", code="0110").update(valid_to=date(2020, 1, 1))
    Grant.objects.filter(user=town.worker.user).update(area_code=OTHER_CELL)
    again = town.worker.post("/incidents", body)
    assert again.status_code == 200
    assert again.json() == first | {"replayed": True}


@pytest.mark.parametrize("change", [{"description": "anderes"}, {"class_key": LID}, {"self_handled": True}])
def test_an_id_used_for_another_report_is_refused(town: Town, change: dict[str, Any]) -> None:
    body = report_body()
    town.worker.post("/incidents", body)
    before = counts()
    refused(town.worker, town.worker.post("/incidents", body | change), before, 409, "id_reused")


def test_an_id_of_somebody_else_is_refused_and_tells_nothing_of_her_case(town: Town) -> None:
    body = report_body(description="geheim")
    town.worker.post("/incidents", body)
    before = counts()
    answer = town.other_director.post("/incidents", body | FAR_STREET)
    error = refused(town.other_director, answer, before, 409, "id_reused")
    assert error["detail"] == {}
    refused(town.director, town.director.post("/incidents", body), before, 409, "id_reused")


def test_the_number_of_a_case_is_the_number_of_its_event(town: Town) -> None:
    cards = [town.worker.report() for _ in range(3)]
    for card in cards:
        event = StreamEvent.objects.get(object_id=card["id"])
        assert event.payload["number"] == card["number"]
        assert card["number"].endswith(f"-{event.seq}")
        assert Incident.objects.get(pk=card["id"]).number == event.seq
        assert (Inbox.objects.get(pk=card["id"]).response or {})["number"] == card["number"]


def together(callers: list[Caller], bodies: list[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Post all bodies at the same moment; the statuses and answers in order."""

    def post(caller: Caller, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = caller.post("/incidents", body)
        return answer.status_code, answer.json()

    return at_once([partial(post, caller, body) for caller, body in zip(callers, bodies, strict=True)])


@pytest.mark.django_db(transaction=True)
def test_the_same_report_eight_times_at_once_is_one_case() -> None:
    town = factories.town()
    body = report_body()
    answers = together([town.worker] * 8, [body] * 8)
    assert sorted(status for status, _ in answers) == [200] * 7 + [201]
    assert len({answer["number"] for _, answer in answers}) == 1
    assert [answer["replayed"] for status, answer in answers if status == 200] == [True] * 7
    assert Incident.objects.count() == StreamEvent.objects.filter(kind="incident.reported").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_id_for_two_streets_at_once_is_one_case_and_one_refusal() -> None:
    town = factories.town()
    body = report_body()
    answers = together([town.worker, town.other_worker] * 3, [body, body | FAR_STREET] * 3)
    assert Incident.objects.count() == 1
    assert sorted(status for status, _ in answers) == [200, 200, 201, 409, 409, 409]
    assert {answer["code"] for status, answer in answers if status == 409} == {"id_reused"}


@pytest.mark.django_db(transaction=True)
def test_eight_reports_at_once_get_eight_numbers_without_a_gap() -> None:
    town = factories.town()
    head = StreamEvent.objects.filter(stream=factories.STREET).count()
    answers = together([town.worker] * 8, [report_body() for _ in range(8)])
    numbers = sorted(int(answer["number"].split("-")[1]) for _, answer in answers)
    assert numbers == list(range(head + 1, head + 9))


# --- anything at all ---

NASTY = [
    "", "\x00", "a\x00b", "1e999", "NaN", "-0", "\ud800", 10**30, -(10**30), 2**63, 2**31, 1e308, float("nan"), float("inf"),
    LITTER, LID, "2025-02-30T00:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
]  # fmt: skip
scalars = st.one_of(
    st.sampled_from(NASTY), st.none(), st.booleans(), st.integers(), st.floats(), st.text(),
    st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()), st.uuids().map(str),
)  # fmt: skip
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
fields = st.sampled_from([
    "id", "class_key", "condition", "lon", "lat", "description", "address", "occurred_at", "source", "level", "self_handled",
])  # fmt: skip
changed = st.dictionaries(fields, anything, min_size=1, max_size=3)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=changed, dropped=st.sets(fields, max_size=1))
def test_no_body_brings_the_server_down(town: Town, changes: dict[str, Any], dropped: set[str]) -> None:
    body = {name: value for name, value in (report_body() | changes).items() if name not in dropped}
    before = counts()
    answer = town.worker.post("/incidents", body)
    assert answer.status_code in (200, 201, 400, 409, 422), (body, answer.content.decode())
    if answer.status_code != 201:
        assert counts() == before
        return
    stored = Incident.objects.get(pk=answer.json()["id"])
    assert stored.area_code == CELL or "lon" in changes or "lat" in changes
    assert uuid.UUID(answer.json()["id"]) == stored.pk


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=200) | anything.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_bring_the_server_down(town: Town, raw: bytes) -> None:
    before = counts()
    assert town.worker.send("/incidents", raw).status_code in (400, 422)
    assert counts() == before
