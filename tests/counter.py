"""The people of a matter, from the counter to the bureau, and what they do first."""

import uuid
from typing import Any

import pytest

from gridmap import actions
from gridmap.models import Role
from incidents import actions as incident_actions
from incidents import matters
from tests.factories import COMMUNITY, RELIEF, STREET, Caller, Town, user


@pytest.fixture
def counter(town: Town) -> dict[str, Caller]:
    """Those who deal with a matter of relief."""
    civil = actions.put_department("civil", name="民政", name_en="Civil affairs", area_code="990101")
    incident_actions.put_matters(matters.read_matters(), "990101")
    return {
        "clerk": Caller(user("clerk", Role.COMMUNITY, COMMUNITY)),
        "acceptor": Caller(user("takes", Role.ACCEPTOR, STREET)),
        "director": Caller(user("heads", Role.DIRECTOR, STREET)),
        "leader": Caller(user("leads", Role.DIRECTOR, "990101")),
        "bureau": Caller(user("bureau", Role.HANDLER, "990101", civil)),
        "other_bureau": Caller(user("other", Role.HANDLER, "990101", town.sanitation)),
    }


def register(who: Caller, *, expect: int = 201, **changes: Any) -> Any:
    """Register a matter of relief in the community, or what `changes` says; the card, or the error that is expected."""
    body = {"id": str(uuid.uuid4()), "class_key": RELIEF, "area": COMMUNITY, "description": "房屋失火", **changes}
    answer = who.post("/matters", body)
    assert answer.status_code == expect, answer.content.decode()
    return answer.json()
