"""People by service as tests meet them: made-up values, steps through the API, and what the matrix of permissions asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.contrib.gis.geos import Point
from django.test import override_settings
from django.utils import timezone

from gridmap import keyfile
from gridmap.actions import persons as actions
from gridmap.models import How, Place, ServedPerson, User
from gridmap.services import SERVICES
from tests.departments import ids_of
from tests.factories import CELL, PLACES, Caller
from tests.world import Who, World

NAME, PHONE, NEED = "欧阳紫萱", "13812345678", "每周二上午送餐"
REASON: dict[str, Any] = {"purpose": "visit", "words": "约周二上门"}


AT_PLACE: dict[str, Any] = {"area_code": CELL, "due_on": "2026-01-01", "natural_key": "x|101"}


def put_place() -> Place:
    lon, lat = PLACES[CELL]
    kept = AT_PLACE | {"natural_key": "x|3"}
    return Place.objects.create(
        id=uuid4(), kind="building", name="3幢", title="3幢", point=Point(lon, lat, srid=4326), **kept
    )


@contextmanager
def person_data(folder: Path) -> Iterator[Path]:
    """Person data turned on, with keys of its own."""
    path = folder / "keys" / "persons"
    keyfile.make(path)
    with override_settings(PERSON_DATA=True, KEYS_FILE=path):
        yield path


def body(**changes: Any) -> dict[str, Any]:
    """Somebody of the first cell who agreed to be registered for care."""
    lon, lat = PLACES[changes.pop("cell", CELL)]
    return {
        "id": str(uuid4()), "name": NAME, "phone": PHONE, "lon": lon, "lat": lat,
        "consent": {"form": 1, "how": "written", "given_on": str(timezone.localdate())}, **changes,
    }  # fmt: skip


def register(caller: Caller, service: str = "care", *, expect: int = 201, **changes: Any) -> dict[str, Any]:
    """What registering answers; the id and version of who was registered."""
    answer = caller.post(f"/persons/{service}", body(**changes))
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def step(
    caller: Caller, person: dict[str, Any], name: str, service: str = "care", *, expect: int = 200, **given: Any
) -> Any:
    """Take a step with a person as she was seen: consent, withdrawal, end, deletion, reveal, copy."""
    sent = {"mutation_id": str(uuid4()), "version": person["version"], **given}
    answer = caller.post(f"/persons/{service}/{person['id']}/{name}", sent)
    assert answer.status_code == expect, answer.content.decode()
    return answer.json()


def change(caller: Caller, person: dict[str, Any], *, expect: int = 200, **given: Any) -> Any:
    sent = {"mutation_id": str(uuid4()), "version": person["version"], **given}
    answer = caller.put(f"/persons/care/{person['id']}", sent)
    assert answer.status_code == expect, answer.content.decode()
    return answer.json()


def reveal(caller: Caller, person: dict[str, Any], service: str = "care", **given: Any) -> Any:
    """Open values of a person, for a visit if nothing else is said."""
    asked = {"fields": ["name", "phone"], **REASON, **given}
    return step(caller, person, "reveal", service, **asked)


def listed(caller: Caller, service: str = "care", query: str = "") -> list[dict[str, Any]]:
    answer = caller.get(f"/persons/{service}{query}")
    assert answer.status_code == 200, answer.content.decode()
    found: list[dict[str, Any]] = answer.json()["people"]
    return found


def put_person(actor: User, service: str = "care", cell: str = CELL, **values: Any) -> ServedPerson:
    """Somebody registered by the action itself."""
    lon, lat = PLACES[cell]
    agreed = actions.Agreed(form=1, how=How.WRITTEN, given_on=date(2026, 1, 5))
    where = actions.Where(lon=lon, lat=lat)
    done = actions.register(actor, SERVICES[service], uuid4(), {"name": NAME, "phone": PHONE, **values}, where, agreed)
    return ServedPerson.objects.get(pk=done.body["id"])


# --- the matrix of permissions

AT_ROW = "/api/persons/{service}/{person_id}"
RULES = {
    "GET /api/services": ("", "SIGNED_IN"),
    "GET /api/persons/{service}": ("person.view", "ROLE"),
    "POST /api/persons/{service}/search": ("person.view", "ROLE"),
    "POST /api/persons/{service}": ("person.edit", "HERE"),
    f"GET {AT_ROW}": ("person.view", "SERVED"),
    f"PUT {AT_ROW}": ("person.edit", "SERVED"),
    f"POST {AT_ROW}/consent": ("person.edit", "SERVED"),
    f"POST {AT_ROW}/withdrawal": ("person.edit", "SERVED"),
    f"POST {AT_ROW}/end": ("person.edit", "SERVED"),
    f"POST {AT_ROW}/reveal": ("person.reveal", "SERVED"),
    f"POST {AT_ROW}/copy": ("person.export", "SERVED"),
    f"POST {AT_ROW}/deletion": ("person.delete", "SERVED"),
    "GET /api/looks": ("looks.view", "ROLE"),
    "GET /api/looks/chains": ("looks.view", "ROLE"),
    "GET /api/looks/many": ("looks.view", "ROLE"),
}


def person_bodies() -> dict[str, Any]:
    seen = {"mutation_id": str(uuid4()), "version": 1}
    agreed = body()["consent"]
    return {
        "POST /api/persons/{service}/search": {"name": NAME}, "POST /api/persons/{service}": body(name="诸葛明月"),
        f"PUT {AT_ROW}": seen | {"phone": "13900001111"}, f"POST {AT_ROW}/consent": seen | agreed,
        f"POST {AT_ROW}/withdrawal": seen, f"POST {AT_ROW}/end": seen, f"POST {AT_ROW}/reveal": REASON | {"fields": ["phone"]},
        f"POST {AT_ROW}/copy": REASON, f"POST {AT_ROW}/deletion": seen | {"why": "request"},
    }  # fmt: skip


def served_statuses(action: str, who: Who) -> set[int]:
    """Who may not see people of that cell meets nobody; who may see her and not do this is told so."""
    if not who.may("person.view"):
        return {404}
    return {200} if who.may(action) else {403}


def person_of(world: World, path: str) -> dict[str, Any]:
    """What stands for the names in an address."""
    staff = path.startswith("/api/people/")
    return ids_of(world) | {"service": "care", **({} if staff else {"person_id": world.served})}
