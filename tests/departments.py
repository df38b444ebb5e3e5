"""Changing the tree of departments through the API."""

import uuid
from typing import Any

import pytest

from gridmap.models import Department, Role, StreamEvent
from tests import factories
from tests.factories import CELL, DISTRICT, STREET, Caller, Town
from tests.world import World


@pytest.fixture
def boss(town: Town) -> Caller:
    """An administrator of the district."""
    return Caller(factories.user("boss", Role.ADMINISTRATOR, DISTRICT))


@pytest.fixture
def transactional_town(transactional_db: None) -> Town:
    """The town for things that happen at the same moment, each in a transaction of its own."""
    return factories.town()


@pytest.fixture
def transactional_boss(transactional_town: Town) -> Caller:
    return Caller(factories.user("boss", Role.ADMINISTRATOR, DISTRICT))


# What opens the endpoints of departments and people, and by which door of the matrix of permissions.
RULES = {
    "GET /api/departments": ("department.view", "LIST"),
    "GET /api/departments/tree": ("department.manage", "ROLE"),
    "POST /api/departments/tree": ("department.manage", "DISTRICT"),
    **{
        f"POST /api/departments/{{department_id}}/{step}": ("department.manage", "MANAGED")
        for step in ("rename", "move", "end", "keep")
    },
    "GET /api/people": ("grant.manage", "ROLE"),
    "POST /api/people/{person_id}/move": ("grant.manage", "MANAGED"),
}


def managed_in(endpoint: str) -> str:
    """Where the row lies that an endpoint of the matrix changes."""
    return STREET if "/people/" in endpoint else DISTRICT


def ids_of(world: World) -> dict[str, int]:
    """The department and the person whom the matrix changes."""
    return {"department_id": world.former.pk, "person_id": world.reporter.pk}


def department_bodies(world: World) -> dict[str, Any]:
    """Bodies that are right: of a department without cases, and of the reporter, whose role moves to a cell."""
    seen = {"mutation_id": str(uuid.uuid4()), "version": 1, "name": "路灯", "code": "lamps", "area": DISTRICT}
    person = {"mutation_id": seen["mutation_id"], "grant": world.reporter.grants.get().pk, "area": CELL}
    return {f"POST /api/departments/{{department_id}}/{step}": seen for step in ("rename", "move", "end", "keep")} | {
        "POST /api/departments/tree": seen, "POST /api/people/{person_id}/move": person,
    }  # fmt: skip


def send(who: Caller, path: str, *, expect: int | None = 200, **body: Any) -> Any:
    """The body of the answer; the answer itself where nothing is expected of it."""
    answer = who.post(f"/departments{path}", {"mutation_id": str(uuid.uuid4()), **body})
    if expect is None:
        return answer
    assert answer.status_code == expect, answer.content.decode()
    return answer.json()


def row(who: Caller, code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in who.get("/departments/tree").json() if one["code"] == code)
    return found


def change_of(who: Caller, seen: dict[str, Any], step: str, *, expect: int | None = 200, **body: Any) -> Any:
    """Change a department as it was seen."""
    return send(who, f"/{seen['id']}/{step}", expect=expect, version=seen["version"], **body)


def change(who: Caller, code: str, step: str, *, expect: int = 200, **body: Any) -> Any:
    return change_of(who, row(who, code), step, expect=expect, **body)


def end(who: Caller, code: str, successor: Department | None = None, **changes: Any) -> Any:
    """End a department, at once if nothing else is said."""
    return change(who, code, "end", successor=successor and successor.pk, **changes)


def kinds(code: str) -> list[str]:
    """What the log says of a department, in order."""
    mine = StreamEvent.objects.filter(object_id=str(Department.objects.get(code=code).pk))
    return list(mine.filter(kind__startswith="department.").order_by("seq").values_list("kind", flat=True))
