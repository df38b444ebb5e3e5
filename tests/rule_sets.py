"""Rules of the tiny town, and how tests change and read versions of them through the API."""

from typing import Any
from uuid import uuid4

import pytest

from gridmap import actions
from gridmap.models import Department, Role
from incidents.routing import Rule
from tests import factories
from tests.factories import DISTRICT, LITTER, STREET, Caller, Town


@pytest.fixture
def manager(town: Town) -> Caller:
    """An administrator of the whole district."""
    return Caller(factories.user("mei", Role.ADMINISTRATOR, DISTRICT))


@pytest.fixture
def street(town: Town) -> Department:
    return actions.put_department("street", name="街道", name_en="Street office", area_code=STREET)


def rules(town: Town, street: Department) -> tuple[Rule, ...]:
    """Gardens take everything, sanitation litter, the street what is left."""
    return (
        Rule(1, DISTRICT, town.gardens.pk),
        Rule(2, DISTRICT, town.sanitation.pk, LITTER),
        Rule(3, STREET, street.pk, territory=True),
    )


def routing(caller: Caller, card: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = caller.get(f"/incidents/{card['id']}/routing").json()
    return found


def send(caller: Caller, path: str, expect: int = 200, **body: Any) -> dict[str, Any]:
    answer = caller.post(f"/routing/sets{path}", {"mutation_id": str(uuid4()), **body})
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def row(department: int, **changes: Any) -> dict[str, Any]:
    return {"area": DISTRICT, "department": department, **changes}


def shown(caller: Caller, set_id: str) -> dict[str, Any]:
    answer = caller.get(f"/routing/sets/{set_id}")
    assert answer.status_code == 200, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found
