"""Records made through the API, as tests need them."""

from typing import Any
from uuid import uuid4

from tests.factories import CELL, PLACES, Caller


def point(cell: str) -> dict[str, Any]:
    lon, lat = PLACES[cell]
    return {"lon": lon, "lat": lat}


def add(caller: Caller, record: str, values: dict[str, Any], *, expect: int = 201, **place: float) -> dict[str, Any]:
    answer = caller.post(f"/register/{record}", {"id": str(uuid4()), "values": values, **place})
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def building(caller: Caller, name: str = "3幢", cell: str = CELL) -> dict[str, Any]:
    return add(caller, "place", {"kind": "building", "name": name}, **point(cell))


def dwelling(caller: Caller, house: str, name: str = "501") -> dict[str, Any]:
    return add(caller, "place", {"kind": "dwelling", "name": name, "parent": house})


def household(caller: Caller, home: str, *, expect: int = 201, **values: Any) -> dict[str, Any]:
    counts = {"size": 3, "over_60": 1, "over_80": 0, "under_14": 1}
    return add(caller, "household", {"place": home, **counts, **values}, expect=expect)


def look(caller: Caller, record: str, one: str) -> dict[str, Any]:
    answer = caller.get(f"/register/{record}/{one}")
    assert answer.status_code == 200, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def change(
    caller: Caller, record: str, one: dict[str, Any], values: dict[str, Any], *, expect: int = 200, **place: float
) -> dict[str, Any]:
    """A change by somebody who saw the record as it was made."""
    body = {"mutation_id": str(uuid4()), "version": one["version"], "values": values, **place}
    answer = caller.patch(f"/register/{record}/{one['id']}", body)
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def verify(caller: Caller, record: str, one: dict[str, Any], *, expect: int = 200, **given: Any) -> dict[str, Any]:
    """A look by somebody who saw the record as it was made."""
    body = {"mutation_id": str(uuid4()), "version": one["version"], **given}
    answer = caller.post(f"/register/{record}/{one['id']}/verify", body)
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def end(caller: Caller, record: str, one: dict[str, Any], *, expect: int = 200) -> dict[str, Any]:
    version = caller.get(f"/register/{record}/{one['id']}").json()["version"]
    answer = caller.post(f"/register/{record}/{one['id']}/end", {"mutation_id": str(uuid4()), "version": version})
    assert answer.status_code == expect, answer.content
    found: dict[str, Any] = answer.json()
    return found


def propose(caller: Caller, record: str, one: dict[str, Any], values: dict[str, Any]) -> str:
    """Propose values; the id of the proposal."""
    proposal = str(uuid4())
    answer = caller.post(f"/register/{record}/{one['id']}/propose", {"id": proposal, "values": values})
    assert answer.status_code == 200, answer.content.decode()
    return proposal


def decide(
    caller: Caller, proposal: str, *, version: int = 1, accept: bool = True, reason: str = "", expect: int = 200
) -> dict[str, Any]:
    body = {"mutation_id": str(uuid4()), "version": version, "accept": accept, "reason": reason}
    answer = caller.post(f"/register/proposals/{proposal}", body)
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def history(caller: Caller, record: str, one: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.get(f"/register/{record}/{one['id']}/history").json()
    return found
