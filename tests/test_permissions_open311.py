"""Every endpoint of the Open311 document × every role × inside and outside, as tests/test_permissions.py has it for the API."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client

from gridmap.urls import PUBLIC, open311
from incidents.workflow import State
from tests.factories import CELL, LITTER, PLACES
from tests.world import Who, World, rolled_back

pytestmark = pytest.mark.django_db
ENDPOINTS = [
    f"{method.upper()} {path}"
    for path, methods in open311.get_openapi_schema()["paths"].items()
    for method in methods
]  # fmt: skip
OPEN = {
    "GET /open311/v2/discovery.{form}", "GET /open311/v2/services.{form}", "GET /open311/v2/services/{service_code}.{form}",
}  # fmt: skip
# With a key: the list never is refused, but holds what its account may see; a case it may not see is a 404.
LIST = {"GET /open311/v2/requests.{form}"}
ROW = {"GET /open311/v2/requests/{service_request_id}.{form}", "GET /open311/v2/tokens/{token}.{form}"}
REPORT = {"POST /open311/v2/requests.{form}"}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


def ask(world: World, client: Client, key: str, endpoint: str) -> Any:
    method, path = endpoint.split(" ")
    case = world.cases[State.FILED].pk
    code = LITTER.replace("/", ":")
    path = path.format(form="json", service_code=code, service_request_id=case, token=case)
    lon, lat = PLACES[CELL]
    if method == "POST":
        sent = urlencode({"api_key": key, "service_code": code, "lat": lat, "long": lon})
        return client.post(path, sent, content_type="application/x-www-form-urlencoded")
    return client.get(path, {"api_key": key} if key else {})


def expected(world: World, endpoint: str, who: Who) -> int:
    if endpoint in ROW:
        return 200 if who.may("incident.view", world.departments) else 404
    if endpoint in REPORT:
        # A worker reports what she saw herself, not what others tell; anyone else anywhere in the street of her area.
        held = who.holds("incident.report") and who.role != "worker"
        return 200 if held and CELL.startswith(who.area[:9]) else 403
    return 200


def test_every_endpoint_has_a_rule_and_those_without_a_key_are_named() -> None:
    assert set(ENDPOINTS) == OPEN | LIST | ROW | REPORT
    assert {endpoint for endpoint in PUBLIC if "/open311/" in endpoint} == OPEN


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_what_opens_is_what_the_grants_of_the_keys_account_say(world: World, endpoint: str) -> None:
    found, wanted = {}, {}
    for who, caller in world.callers.items():
        with rolled_back():
            answer = ask(world, caller.client, caller.token, endpoint)
            found[who.name], wanted[who.name] = answer.status_code, expected(world, endpoint, who)
            if endpoint in LIST:
                sees = who.may("incident.view", world.departments) or who.name == "handler formerly"
                assert bool(answer.json()) == sees, who
    assert found == wanted


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_nothing_but_what_can_be_reported_opens_without_a_key(world: World, endpoint: str) -> None:
    for why, client in world.nobody().items():
        answer = ask(world, client, "" if why == "nobody" else "guess", endpoint)
        assert answer.status_code == (200 if endpoint in OPEN else 403), why
        assert not answer.cookies
