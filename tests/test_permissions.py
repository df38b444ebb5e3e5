"""Every endpoint of the OpenAPI document × every role × inside and outside: what opens follows from the table of roles alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from gridmap import access
from gridmap.models import Role
from gridmap.urls import api
from incidents import workflow
from incidents.workflow import Action, Guard, State, Step
from tests.factories import CELL, LITTER, PLACES, photo, report_body
from tests.world import Who, World, body_of, rolled_back

pytestmark = pytest.mark.django_db


class Door(Enum):
    """How an endpoint is shut to those whom the table does not let through."""

    OPEN = auto()  # to everyone, signed in or not
    SIGNED_IN = auto()  # to nobody who is signed in: it is about herself, or the same for all
    LIST = auto()  # never, but what is not hers is not in it (tests/test_leaks.py)
    ROLE = auto()  # 403 without the role, wherever
    PLACE = auto()  # 403 without the role; 422 where she has it, but in another street
    ROW = auto()  # 404 for rows she may not see
    STEP = auto()  # 404 for rows she may not see; 403 without the role there


# The one table beside access.TABLE: which action opens an endpoint, and how. `{action}` stands for each of them.
RULES: dict[str, tuple[str, Door]] = {
    "POST /api/login": ("", Door.OPEN),
    "POST /api/logout": ("", Door.SIGNED_IN),
    "GET /api/me": ("", Door.SIGNED_IN),
    "PATCH /api/me": ("", Door.SIGNED_IN),
    "GET /api/catalogue": ("", Door.SIGNED_IN),
    "GET /api/areas": ("area.view", Door.LIST),
    "GET /api/areas.geojson": ("area.view", Door.LIST),
    "GET /api/departments": ("area.view", Door.LIST),
    "GET /api/events": ("area.view", Door.LIST),
    "GET /api/locate": ("area.view", Door.ROLE),
    "GET /api/basemap": ("basemap.view", Door.ROLE),
    "GET /api/tiles/base/{z}/{x}/{y}": ("basemap.view", Door.ROLE),
    "GET /api/tiles/areas/{z}/{x}/{y}": ("area.view", Door.ROLE),
    "GET /api/incidents": ("incident.view", Door.LIST),
    "GET /api/incidents/summary": ("incident.view", Door.LIST),
    "GET /api/incidents/nearby": ("incident.view", Door.LIST),
    "GET /api/tiles/incidents/{z}/{x}/{y}": ("incident.view", Door.LIST),
    "GET /api/incidents/{incident_id}": ("incident.view", Door.ROW),
    "GET /api/photos/{photo_id}": ("incident.view", Door.ROW),
    "GET /api/photos/{photo_id}/thumb": ("incident.view", Door.ROW),
    "POST /api/incidents": ("incident.report", Door.PLACE),
    "POST /api/incidents/{incident_id}/photos": ("incident.photo", Door.STEP),
    "POST /api/incidents/{incident_id}/{action}": ("incident.{action}", Door.STEP),
    "POST /api/duty": ("duty.set", Door.ROLE),
    "GET /api/duty": ("duty.view", Door.LIST),
    "POST /api/position": ("position.share", Door.ROLE),
}
# Actions that no endpoint opens: they are the admin's, or say who reads the log.
NOT_IN_THE_API = {"area.manage", "catalogue.manage", "grant.manage", "audit.view"}
ALSO = {"POST /api/incidents": "incident.self_handle"}  # what else an endpoint opens, by its body


@dataclass(frozen=True)
class Try:
    """A request to make: an endpoint, and for a step of the workflow the row of its table and the state to start from."""

    endpoint: str
    row: Step | None = None
    state: State = State.REPORTED
    self_handled: bool = False

    @property
    def action(self) -> str:
        if self.self_handled:
            return ALSO[self.endpoint]
        return RULES[self.endpoint][0].format(action=self.row.action if self.row else "")

    def __str__(self) -> str:
        how = f" {self.row.action} {self.row.outcome or ''} from {self.state}" if self.row else ""
        return self.endpoint.replace("/api", "") + how + (" self_handled" if self.self_handled else "")


def endpoints() -> list[str]:
    paths: dict[str, dict[str, Any]] = api.get_openapi_schema()["paths"]
    return [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]


def step_names() -> list[str]:
    """The values that `{action}` takes, as the OpenAPI document has them."""
    path = api.get_openapi_schema()["paths"]["/api/incidents/{incident_id}/{action}"]["post"]
    names: list[str] = next(p["schema"]["enum"] for p in path["parameters"] if p["name"] == "action")
    return names


def tries() -> list[Try]:
    found = [Try(endpoint) for endpoint in endpoints() if "{action}" not in endpoint]
    rows = [row for row in workflow.STEPS if row.action in step_names()]
    steps = [endpoint for endpoint in endpoints() if "{action}" in endpoint]
    found += [Try(endpoint, row, state) for endpoint in steps for row in rows for state in row.sources if state]
    return [*found, Try("POST /api/incidents", self_handled=True)]


def fill(world: World, trial: Try) -> tuple[str, str, Any]:
    """Method, path and body of a request that is right in every respect but, perhaps, who makes it."""
    method, path = trial.endpoint.split(" ")
    lon, lat = PLACES[CELL]
    path = path.format(incident_id=world.cases[trial.state].pk, action=trial.row.action if trial.row else "", photo_id=world.photo,
                       z=12, x=int((lon + 180) / 360 * 2**12), y=1712)  # fmt: skip
    queries = {
        "/api/locate": f"?lon={lon}&lat={lat}", "/api/areas.geojson": "?level=6",
        "/api/incidents/nearby": f"?lon={lon}&lat={lat}&class_key={LITTER}",
    }  # fmt: skip
    bodies: dict[str, Any] = {
        "POST /api/login": {"username": "nobody", "password": "wrong"},
        "PATCH /api/me": {"language": "en"},
        "POST /api/incidents": report_body(self_handled=trial.self_handled),
        "POST /api/duty": {"mutation_id": str(uuid4()), "on": True},
        "POST /api/position": {"lon": lon, "lat": lat, "accuracy_m": 5, "at": report_body()["occurred_at"]},
    }
    body = step_body(world, trial.row, trial.state) if trial.row else bodies.get(trial.endpoint)
    return method, path + queries.get(path, ""), body


def step_body(world: World, row: Step, state: State) -> dict[str, Any]:
    lon, lat = PLACES[CELL]
    other = world.joined[state] if row.action is Action.SPLIT_OFF else world.parent.pk
    return {
        "other": str(other), "seen": {"lon": lon, "lat": lat, "occurred_at": report_body()["occurred_at"]},
        "correction": {"description": "更正"},
        "mutation_id": str(uuid4()), "version": 1, "reason": "说明", "text": "说明", "outcome": row.outcome,
        "department": world.now.pk if row.action is Action.ASSIGN else None,
    }  # fmt: skip


def expected(world: World, trial: Try, who: Who) -> set[int]:
    """The statuses that the table of roles, the workflow and the door allow."""
    answers: set[int] = set()
    held, sees = who.holds(trial.action) if trial.action else True, who.may("incident.view", world.departments)
    match RULES[trial.endpoint][1]:
        case Door.OPEN:
            answers = {401}  # of a login with a wrong password; everyone gets that far
        case Door.SIGNED_IN | Door.LIST:
            answers = {200, 204}
        case Door.ROLE:
            answers = {200, 204, 409} if held else {403}  # 409: off duty no position is taken
        case Door.PLACE:
            # Whoever reports may do so anywhere in the street of her area.
            answers = ({201} if CELL.startswith(who.area[:9]) else {422}) if held else {403}
        case Door.ROW:
            answers = {200} if sees else {404}
        case Door.STEP:
            answers = allowed_step(world, trial, who) if sees else {404}
    return answers


def allowed_step(world: World, trial: Try, who: Who) -> set[int]:
    if not who.may(trial.action, world.departments):
        return {403}
    if trial.row is None:
        return {201}
    same = [
        r for r in workflow.steps_from(trial.state) if (r.action, r.outcome) == (trial.row.action, trial.row.outcome)
    ]
    hers = [row for row in same if workflow.may(row, {str(who.role)})]
    if not hers:
        return {409}  # her action, but not from this state
    if Guard.OWN_DEPARTMENT in hers[0].guards and who.department != world.now.pk:
        return {403}  # it was her department's, but is not now
    return own_report(set(hers[0].guards), own=who.name == "reporter")


def own_report(guards: set[Guard], *, own: bool) -> set[int]:
    """One's own report is looked at by another and not made again; nobody else corrects it or takes it back."""
    if own:
        return {409} if guards & {Guard.NOT_THE_REPORTER, Guard.NEW_TO_HER} else {200}
    return {403} if Guard.THE_REPORTER in guards else {200}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


def ask(caller: Any, method: str, path: str, body: Any, *, upload: bool = False) -> Any:
    headers = {"authorization": f"Bearer {caller.token}"}
    if upload:
        form = {"id": str(uuid4()), "file": photo((64, 48))}
        return caller.client.post(path, form, headers=headers)
    return caller.client.generic(method, path, as_json(body), content_type="application/json", headers=headers)


def as_json(body: Any) -> bytes:
    return json.dumps(body).encode() if body is not None else b""


def test_every_endpoint_has_a_rule_and_every_action_of_the_table_an_endpoint() -> None:
    assert sorted(RULES) == sorted(endpoints())
    used = {trial.action for trial in tries()} - {""}
    assert used | NOT_IN_THE_API | {"incident.report"} == set(access.TABLE)
    assert not used & NOT_IN_THE_API


def test_every_role_is_tried_inside_and_outside(world: World) -> None:
    tried = {(who.role, CELL.startswith(who.area)) for who in world.callers}
    assert tried >= {(role, inside) for role in Role for inside in (True, False)}


@pytest.mark.parametrize("trial", tries(), ids=str)
def test_what_opens_is_what_the_table_says(world: World, trial: Try) -> None:
    world.lay_out_photo()
    found, wanted = {}, {}
    for who, caller in world.callers.items():
        with rolled_back():
            answer = ask(caller, *fill(world, trial), upload=trial.endpoint.endswith("/photos"))
            found[who.name], wanted[who.name] = answer.status_code, expected(world, trial, who)
            body_of(answer)
    wrong = {name: (status, wanted[name]) for name, status in found.items() if status not in wanted[name]}
    assert wrong == {}
    if RULES[trial.endpoint][1] in (Door.ROLE, Door.PLACE, Door.ROW, Door.STEP):
        assert len(set(found.values())) > 1  # somebody got in and somebody did not, or nothing was tried


@pytest.mark.parametrize("trial", tries(), ids=str)
def test_nothing_opens_to_who_is_not_signed_in(world: World, trial: Try) -> None:
    method, path, body = fill(world, trial)
    for why, client in world.nobody().items():
        with rolled_back():
            answer = client.generic(method, path, as_json(body), content_type="application/json")
        assert answer.status_code == 401, why
        assert answer.json()["code"] == ("bad_login" if RULES[trial.endpoint][1] is Door.OPEN else "not_signed_in"), why
