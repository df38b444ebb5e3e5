"""Steps at the gate for demands, as tests take them; what the matrix of permissions asks there, and what must come of it."""

from typing import Any
from uuid import UUID, uuid4

from gridmap.models import Role, StreamEvent
from tests import factories
from tests.factories import COMMUNITY, DISTRICT, STREET, Caller, Town, demand_body
from tests.world import Who, World

ASKED = "asked:分类亭数量"

RULES = {
    "GET /api/gate/demands": ("gate.view", "LIST"),
    "POST /api/gate/demands": ("gate.propose", "DEMAND"),
    "GET /api/gate/fields": ("gate.view", "ROLE"),
    "GET /api/gate/demands/{demand_id}": ("gate.view", "DEMAND"),
    "POST /api/gate/demands/{demand_id}/decision": ("gate.decide", "DEMAND"),
    "POST /api/gate/demands/{demand_id}/withdrawal": ("gate.propose", "DEMAND"),
    "GET /api/gate/demands/{demand_id}/form": ("gate.answer", "DEMAND"),
    "POST /api/gate/demands/{demand_id}/answers": ("gate.answer", "DEMAND"),
    "POST /api/gate/demands/{demand_id}/export": ("gate.export", "DEMAND"),
    "GET /api/gate/unadmitted": ("unadmitted.view", "LIST"),
    "POST /api/gate/unadmitted": ("unadmitted.record", "HERE"),
}


def chief() -> Caller:
    """Who decides for the district."""
    return Caller(factories.user("chief", Role.DIRECTOR, DISTRICT))


def propose(caller: Caller, department: Any, *, expect: int = 201, **changes: Any) -> dict[str, Any]:
    answer = caller.post("/gate/demands", demand_body(department, **changes))
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def step(caller: Caller, demand: dict[str, Any], outcome: str, *, expect: int = 200, **given: Any) -> dict[str, Any]:
    body = {"mutation_id": str(uuid4()), "version": demand["version"], "outcome": outcome, **given}
    answer = caller.post(f"/gate/demands/{demand['id']}/{'withdrawal' if outcome == 'withdraw' else 'decision'}", body)
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def in_force(town: Town, decider: Caller, **changes: Any) -> dict[str, Any]:
    return step(decider, propose(town.handler, town.sanitation, **changes), "approve")


def tab(caller: Caller, name: str = "in_force", more: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.get(f"/gate/demands?tab={name}{more}").json()["items"]
    return found


def form_of(caller: Caller, demand: dict[str, Any], period: str = "") -> dict[str, Any]:
    answer = caller.get(f"/gate/demands/{demand['id']}/form?area={COMMUNITY}&period={period}")
    assert answer.status_code == 200, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def fill(caller: Caller, demand: dict[str, Any], *, expect: int = 201, **changes: Any) -> dict[str, Any]:
    body = {"mutation_id": str(uuid4()), "area": COMMUNITY, "version": 0, "values": {}, **changes}
    answer = caller.post(f"/gate/demands/{demand['id']}/answers", body)
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def kinds(demand: dict[str, Any]) -> list[str]:
    rows = StreamEvent.objects.filter(object_id=demand["id"]).order_by("stream", "seq")
    return list(rows.values_list("kind", flat=True))


def demand_for(world: World, endpoint: str) -> UUID:
    """A demand in the state in which it can come to what is tried."""
    return world.demands["proposed" if endpoint.endswith("/decision") else "in_force"].pk


def gate_bodies(world: World, endpoint: str) -> dict[str, Any]:
    """The body of every write at the gate: a new demand, a step with one, an answer to one, what was not admitted."""
    if endpoint == "POST /api/gate/unadmitted":
        asked = {"asked_by": "某某办", "kind": "form", "what": "每天报一次台账"}
        return {endpoint: {"id": str(uuid4()), "area": COMMUNITY, **asked}}
    if not endpoint.startswith("POST /api/gate/"):
        return {}
    answers = endpoint.endswith("/answers")
    step = {"mutation_id": str(uuid4()), "version": 0 if answers else 1, "reason": "说明", "outcome": "approve"}
    place = {"area": COMMUNITY if answers else STREET, "values": {"asked:分类亭数量": 3}}
    return {endpoint: demand_body(world.now) | step | place}


def gate_statuses(world: World, endpoint: str, action: str, who: Who) -> set[int]:
    """A demand on the street is seen below and above it; it is decided for the district, and answered for a community."""
    sees = who.holds("gate.view") and (STREET.startswith(who.area) or who.area.startswith(STREET))
    if not sees and "demand_id" in endpoint:
        return {404}
    if action == "gate.view":
        return {200}
    place = {"gate.decide": DISTRICT, "gate.answer": COMMUNITY}.get(action, STREET)
    return {200, 201} if who.may(action, (world.now.pk,), place) else {403}
