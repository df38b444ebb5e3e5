"""Every endpoint of the OpenAPI document × every role × inside and outside: what opens follows from the table of roles alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from gridmap import access
from gridmap.models import Role
from gridmap.urls import PUBLIC
from incidents import workflow
from incidents.workflow import Guard, State, Step
from tests.departments import department_bodies, managed_in
from tests.doors import RULES as PARTS
from tests.doors import bodies_of_parts
from tests.endpoints import endpoints, step_names
from tests.factories import CELL, COMMUNITY, DISTRICT, LID, LITTER, MATTER, PLACES, STREET, photo, report_body
from tests.gate import demand_for, gate_bodies, gate_statuses
from tests.incidents.residents import NO_RECEIPT, nothing_there
from tests.persons import person_of, served_statuses
from tests.plans import SIZES, plan_statuses
from tests.register_doors import IDS
from tests.world import STAGES, Who, World, body_of, bulk_body, rolled_back, rules_body, step_body

pytestmark = pytest.mark.django_db


class Door(Enum):
    """How an endpoint is shut to those whom the table does not let through."""

    OPEN = auto()  # to everyone, signed in or not
    PUBLIC = auto()  # the same to everyone: no session is read (tests/incidents/test_public.py)
    SIGNED_IN = auto()  # to nobody who is signed in: it is about herself, or the same for all
    LIST = auto()  # never, but what is not hers is not in it (tests/test_leaks.py)
    ROLE = auto()  # 403 without the role, wherever
    PLACE = auto()  # 403 without the role; 422 where she has it, but in another street
    AREA = auto()  # 404 for areas she may not see
    HERE = auto()  # 403 without the role at the place of the request
    PROCEDURE = auto()  # 404 for procedures of other areas; 403 without the role where the procedure holds
    RECORD = auto()  # 404 for records of areas she may not see; 403 without the right there
    ROW = auto()  # 404 for rows she may not see
    OWN = auto()  # 404 for everyone but the one whose it is
    STEP = auto()  # 404 for rows she may not see; 403 without the role there
    PLAN = auto()  # 404 for plans of cells that she may not see; 403 without the role there
    MANAGED = auto()  # 404 for departments and people that are not hers to manage
    DISTRICT = auto()  # 403 without the role for the whole district
    DEMAND = auto()  # 404 for demands that do not concern her area; 403 without the role where it is asked for
    SERVED = auto()  # 404 for people of a service whom she may not see; 403 without the right there
    RULES = auto()  # 404 without the right to see rules of the district; to change them 403 without that for all of it


# The one table beside access.TABLE: which action opens an endpoint, and how. `{action}` stands for each of them.
RULES: dict[str, tuple[str, Door]] = {
    "POST /api/login": ("", Door.OPEN),
    "POST /api/logout": ("", Door.SIGNED_IN),
    "GET /api/me": ("", Door.SIGNED_IN),
    "PATCH /api/me": ("", Door.SIGNED_IN),
    "GET /api/catalogue": ("", Door.SIGNED_IN),
    "GET /api/areas": ("area.view", Door.LIST),
    "GET /api/areas.geojson": ("area.view", Door.LIST),
    **{endpoint: (action, Door[door]) for endpoint, (action, door) in PARTS.items()},
    "GET /api/events": ("area.view", Door.LIST),
    "GET /api/locate": ("area.view", Door.ROLE),
    "GET /api/basemap": ("basemap.view", Door.ROLE),
    "GET /api/tiles/base/{z}/{x}/{y}": ("basemap.view", Door.ROLE),
    "GET /api/tiles/areas/{z}/{x}/{y}": ("area.view", Door.ROLE),
    "GET /api/incidents": ("incident.view", Door.LIST),
    "GET /api/matters/earlier": ("incident.view", Door.LIST),
    "GET /api/incidents/summary": ("incident.view", Door.LIST),
    "GET /api/incidents/nearby": ("incident.view", Door.LIST),
    "GET /api/tiles/incidents/{z}/{x}/{y}": ("incident.view", Door.LIST),
    "GET /api/incidents/{incident_id}": ("incident.view", Door.ROW),
    "GET /api/incidents/{incident_id}/archive": ("incident.view", Door.ROW),
    "POST /api/archives/check": ("", Door.PUBLIC),
    "GET /api/incidents/{incident_id}/deadline": ("incident.view", Door.ROW),
    "GET /api/photos/{photo_id}": ("incident.view", Door.ROW),
    "GET /api/photos/{photo_id}/thumb": ("incident.view", Door.ROW),
    "GET /api/incidents/{incident_id}/routing": ("incident.view", Door.ROW),
    "GET /api/routing/sets": ("routing.view", Door.ROLE),
    "POST /api/routing/sets": ("routing.manage", Door.DISTRICT),
    "GET /api/routing/sets/{set_id}": ("routing.view", Door.RULES),
    "GET /api/routing/sets/{set_id}/trial": ("routing.view", Door.RULES),
    "POST /api/routing/sets/{set_id}/rules": ("routing.manage", Door.RULES),
    "POST /api/routing/sets/{set_id}/in-force": ("routing.manage", Door.RULES),
    "POST /api/routing/sets/{set_id}/discard": ("routing.manage", Door.RULES),
    "POST /api/incidents": ("incident.report", Door.PLACE),
    "POST /api/incidents/{incident_id}/photos": ("incident.photo", Door.STEP),
    "POST /api/incidents/{incident_id}/{action}": ("incident.{action}", Door.STEP),
    "GET /api/matters/kinds": ("procedure.view", Door.LIST),
    "POST /api/matters": ("incident.register", Door.HERE),
    "GET /api/procedures": ("procedure.view", Door.LIST),
    "POST /api/procedures": ("procedure.manage", Door.HERE),
    "POST /api/procedures/check": ("procedure.manage", Door.ROLE),
    "PUT /api/procedures/{procedure_id}/draft": ("procedure.manage", Door.PROCEDURE),
    "POST /api/procedures/{procedure_id}/force": ("procedure.manage", Door.PROCEDURE),
    "GET /api/procedures/{procedure_id}/trial": ("procedure.manage", Door.PROCEDURE),
    "POST /api/incidents/bulk": ("incident.view", Door.LIST),
    "GET /api/incidents/{incident_id}/texts": ("incident.view", Door.ROW),
    "PUT /api/incidents/{incident_id}/presence": ("incident.presence", Door.STEP),
    "DELETE /api/incidents/{incident_id}/presence": ("incident.view", Door.ROW),
    "GET /api/filters": ("", Door.SIGNED_IN),
    "POST /api/filters": ("", Door.SIGNED_IN),
    "PUT /api/filters/order": ("", Door.SIGNED_IN),
    "PATCH /api/filters/{filter_id}": ("", Door.OWN),
    "DELETE /api/filters/{filter_id}": ("", Door.OWN),
    "GET /api/statistics": ("statistics.view", Door.ROLE),
    "GET /api/statistics/heat.geojson": ("statistics.view", Door.ROLE),
    "GET /api/statistics/repeats": ("statistics.view", Door.ROLE),
    "GET /api/brief": ("statistics.view", Door.ROLE),
    "POST /api/exports": ("incident.export", Door.ROLE),
    "POST /api/duty": ("duty.set", Door.ROLE),
    "GET /api/duty": ("duty.view", Door.LIST),
    "POST /api/position": ("position.share", Door.ROLE),
    "GET /api/areas/{code}/qr.svg": ("area.view", Door.AREA),
    "GET /api/bookings": ("booking.view", Door.LIST),
}
# Actions that no endpoint opens: they are the admin's, or say who reads the log.
NOT_IN_THE_API = {"area.manage", "catalogue.manage", "audit.view", "text.manage", "household.view"}
RESIDENTS = {"incident.answer", "incident.rate"}  # no role has them: they open by a receipt
ALSO = {"POST /api/incidents": "incident.self_handle"}  # what else an endpoint opens, by its body
UPLOADS = {endpoint for endpoint in RULES if endpoint.startswith("POST") and endpoint.endswith(("/photos", "/imports"))}


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


def tries() -> list[Try]:
    found = [Try(endpoint) for endpoint in endpoints() if "{action}" not in endpoint]
    rows = [row for row in workflow.STEPS if row.action in step_names()]
    steps = [endpoint for endpoint in endpoints() if "{action}" in endpoint]
    found += [Try(endpoint, row, state) for endpoint in steps for row in rows for state in row.sources if state]
    return [*found, Try("POST /api/incidents", self_handled=True)]


def asked_for(world: World) -> dict[str, str]:
    """What addresses ask besides themselves."""
    (lon, lat) = PLACES[CELL]
    return {
        "/api/locate": f"?lon={lon}&lat={lat}",
        "/api/areas.geojson": "?level=6",
        "/api/communities/resizing": f"?area={STREET}&{SIZES}",
        "/api/incidents/nearby": f"?lon={lon}&lat={lat}&class_key={LITTER}",
        "/api/public/bookings/slots": f"?area={CELL}&mode=counter",
        f"/api/procedures/{world.procedure.pk}/trial": "?version=2",
        f"/api/gate/demands/{world.demands['in_force'].pk}/form": f"?area={COMMUNITY}",
    }


def fill(world: World, trial: Try) -> tuple[str, str, Any]:
    """Method, path and body of a request that is right in every respect but, perhaps, who makes it."""
    method, path = trial.endpoint.split(" ")
    (lon, lat), today = PLACES[CELL], str(timezone.localdate())
    path = path.format(incident_id=world.cases[trial.state].pk, action=trial.row.action if trial.row else "", photo_id=world.photo,
                       procedure_id=world.procedure.pk, set_id=world.rules.pk, filter_id=world.filter, code=CELL, kind=MATTER[-3:],
                       **person_of(world, path), hook_id=world.hook, plan_id=world.plan, **IDS,
                       demand_id=demand_for(world, trial.endpoint), z=12,
                       x=int((lon + 180) / 360 * 2**12), y=1712)  # fmt: skip
    bodies: dict[str, Any] = {
        "POST /api/login": {"username": "nobody", "password": "wrong"},
        "PATCH /api/me": {"language": "en"},
        "POST /api/incidents": report_body(self_handled=trial.self_handled),
        "POST /api/matters": {"id": str(uuid4()), "class_key": MATTER, "area": CELL},
        "POST /api/procedures": {"mutation_id": str(uuid4()), "class_key": LID, "area": STREET},
        "POST /api/procedures/check": {"area": STREET, "stages": STAGES},
        "PUT /api/procedures/{procedure_id}/draft": {"mutation_id": str(uuid4()), "stages": STAGES, "guide": {}},
        "POST /api/procedures/{procedure_id}/force": {"mutation_id": str(uuid4()), "valid_from": today},
        "POST /api/duty": {"mutation_id": str(uuid4()), "on": True},
        "POST /api/filters": {"id": str(uuid4()), "name": "超时", "filter": {"overdue": True}},
        "PUT /api/filters/order": {"ids": []},
        "PATCH /api/filters/{filter_id}": {"name": "新名"},
        "POST /api/exports": {
            "mutation_id": str(uuid4()),
            "what": "cases",
            "purpose": "check",
            "first": today,
            "last": today,
        },
        "POST /api/incidents/bulk": bulk_body(world, trial.state),
        "POST /api/position": {"lon": lon, "lat": lat, "accuracy_m": 5, "at": report_body()["occurred_at"]},
    }
    bodies |= bodies_of_parts() | gate_bodies(world, trial.endpoint) | department_bodies(world)
    bodies |= {trial.endpoint: rules_body(world)} if method == "POST" and "/routing/" in trial.endpoint else {}
    body = step_body(world, trial.row, trial.state) if trial.row else bodies.get(trial.endpoint)
    return method, path + asked_for(world).get(path, ""), body


# Of doors that are shut to nobody: a login with a wrong password gets that far.
OPEN_TO_ALL = {Door.OPEN: {401}, Door.SIGNED_IN: {200, 201, 204}, Door.LIST: {200, 201, 204}}


def expected(world: World, trial: Try, who: Who) -> set[int]:
    """The statuses that the table of roles, the workflow and the door allow."""
    answers: set[int] = set()
    held, sees = who.holds(trial.action) if trial.action else True, who.may("incident.view", world.departments)
    if RULES[trial.endpoint][1] in OPEN_TO_ALL:
        return OPEN_TO_ALL[RULES[trial.endpoint][1]]
    match RULES[trial.endpoint][1]:
        case Door.OWN:
            answers = {200, 204} if who.name == world.OWNER else {404}
        case Door.ROLE:
            answers = {200, 204, 409} if held else {403}  # 409: off duty no position is taken
        case Door.PLACE:
            # Whoever reports may do so anywhere in the street of her area.
            answers = ({201} if CELL.startswith(who.area[:9]) else {422}) if held else {403}
        case Door.PUBLIC:
            answers = for_anyone(trial.endpoint)
        case Door.AREA | Door.HERE | Door.PROCEDURE | Door.RECORD:
            answers = allowed_at(trial, who)
        case Door.ROW:
            answers = {200, 204} if sees else {404}
        case Door.STEP:
            answers = allowed_step(world, trial, who) if sees else {404}
        case Door.DISTRICT | Door.RULES | Door.DEMAND | Door.MANAGED | Door.SERVED | Door.PLAN:
            answers = allowed_wider(world, trial, who)
    return answers


def for_anyone(endpoint: str) -> set[int]:
    """What a page without an account answers: of cells all; nothing of nobody's receipt; that there was no file."""
    return {422} if "archives" in endpoint else {404} if nothing_there(endpoint) else {200, 201}


def allowed_wider(world: World, trial: Try, who: Who) -> set[int]:
    """What does not hang on one case: rules and departments of a district, demands on its communities, people."""
    if RULES[trial.endpoint][1] is Door.DEMAND:
        return gate_statuses(world, trial.endpoint, trial.action, who)
    if RULES[trial.endpoint][1] is Door.PLAN:
        return plan_statuses(trial.endpoint, trial.action, who)
    if RULES[trial.endpoint][1] is Door.SERVED:
        return served_statuses(trial.action, who)
    if RULES[trial.endpoint][1] is Door.MANAGED:
        return {200} if who.may(trial.action, place=managed_in(trial.endpoint)) else {404}
    return allowed_rules(trial, who)


def allowed_at(trial: Try, who: Who) -> set[int]:
    """By her area alone."""
    door, hers = RULES[trial.endpoint][1], who.may(trial.action)
    if door is Door.AREA:
        return {200, 204} if hers else {404}
    if door is Door.HERE:
        return {201} if hers else {403}
    if door is Door.RECORD:
        return ({200} if hers else {403}) if who.may("register.view") else {404}
    near = who.role is not None and (who.area.startswith(STREET) or STREET.startswith(who.area))
    return ({200} if hers else {403}) if near else {404}


def allowed_rules(trial: Try, who: Who) -> set[int]:
    """Her area lies in the district, and so she reads its rules; changing them takes the whole district."""
    whole = who.may(trial.action, place=DISTRICT)
    if RULES[trial.endpoint][1] is Door.DISTRICT:
        return {200, 201} if whole else {403}
    if not who.holds("routing.view"):
        return {404}
    return {200} if whole or trial.action == "routing.view" else {403}


def allowed_step(world: World, trial: Try, who: Who) -> set[int]:
    if not who.may(trial.action, world.departments):
        return {403}
    if trial.row is None:
        return {200, 201}
    same = [
        r for r in workflow.steps_from(trial.state) if (r.action, r.outcome) == (trial.row.action, trial.row.outcome)
    ]
    if trial.row.action in workflow.BY_STAGE and who.role is not Role.DIRECTOR:
        return {403}  # the stage of that case is the director's
    hers = [row for row in same if workflow.may(row, {str(who.role)})]
    if not hers or (Guard.OWN_PART in hers[0].guards and who.department != world.now.pk):
        return {409}  # her action, but not from this state, or a part that her department does not owe
    kept_out = {
        Guard.DISTRICT_LEADER: len(who.area) >= len(STREET),  # who serves a street alone does not have the second word
        Guard.OWN_DEPARTMENT: who.department != world.now.pk,  # it was her department's, but is not now
    }
    if any(kept_out.get(guard) for guard in hers[0].guards):
        return {403}
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
    return sent(caller.client, method, path, body, upload=upload, authorization=f"Bearer {caller.token}")


def sent(client: Any, method: str, path: str, body: Any, *, upload: bool, **headers: str) -> Any:
    if upload:
        form = {"id": str(uuid4()), "file": photo((64, 48)), **NO_RECEIPT, **(body or {})}
        return client.post(path, form, headers=headers)
    return client.generic(method, path, as_json(body), content_type="application/json", headers=headers)


def as_json(body: Any) -> bytes:
    return json.dumps(body).encode() if body is not None else b""


def test_every_endpoint_has_a_rule_and_every_action_of_the_table_an_endpoint() -> None:
    assert sorted(RULES) == sorted(endpoints())
    used = {trial.action for trial in tries()} - {""}
    assert used | NOT_IN_THE_API | RESIDENTS | {"incident.report"} == set(access.TABLE)
    assert not used & (NOT_IN_THE_API | RESIDENTS)
    assert all(not access.TABLE[action] for action in RESIDENTS)


def test_what_is_open_without_signing_in_is_a_list_that_somebody_wrote() -> None:
    assert {e for e, (_, door) in RULES.items() if door in (Door.OPEN, Door.PUBLIC)} == {
        endpoint for endpoint in PUBLIC if " /api/" in endpoint
    }


@pytest.mark.parametrize("trial", [t for t in tries() if RULES[t.endpoint][1] is Door.PUBLIC], ids=str)
def test_public_endpoints_take_no_session_and_begin_none(world: World, trial: Try) -> None:
    """A forged, an ended and a valid sign-in get what nobody gets."""
    callers = [*world.nobody().values(), next(iter(world.callers.values())).client]
    bodies = set()
    method, path, body = fill(world, trial)
    for client in callers:
        with rolled_back():
            answer = sent(client, method, path, body, upload=trial.endpoint in UPLOADS)
        assert answer.status_code in for_anyone(trial.endpoint)
        assert not answer.cookies
        bodies.add(b"" if answer.status_code == 201 else answer.content)  # a receipt's number is drawn by chance
    assert len(bodies) == 1


def test_every_role_is_tried_inside_and_outside(world: World) -> None:
    tried = {(who.role, CELL.startswith(who.area)) for who in world.callers}
    assert tried >= {(role, inside) for role in Role for inside in (True, False)}


@pytest.mark.parametrize("trial", tries(), ids=str)
def test_what_opens_is_what_the_table_says(world: World, trial: Try) -> None:
    world.lay_out_photo()
    found, wanted = {}, {}
    for who, caller in world.callers.items():
        with rolled_back():
            world.prepare(trial.row, trial.state)
            answer = ask(caller, *fill(world, trial), upload=trial.endpoint in UPLOADS)
            found[who.name], wanted[who.name] = answer.status_code, expected(world, trial, who)
            body_of(answer)
    wrong = {name: (status, wanted[name]) for name, status in found.items() if status not in wanted[name]}
    assert wrong == {}
    if RULES[trial.endpoint][1] not in {Door.PUBLIC, *OPEN_TO_ALL}:
        assert len(set(found.values())) > 1  # somebody got in and somebody did not, or nothing was tried


@pytest.mark.parametrize("trial", [t for t in tries() if RULES[t.endpoint][1] is not Door.PUBLIC], ids=str)
def test_nothing_opens_to_who_is_not_signed_in(world: World, trial: Try) -> None:
    method, path, body = fill(world, trial)
    for why, client in world.nobody().items():
        with rolled_back():
            answer = client.generic(method, path, as_json(body), content_type="application/json")
        assert answer.status_code == 401, why
        assert answer.json()["code"] == ("bad_login" if RULES[trial.endpoint][1] is Door.OPEN else "not_signed_in"), why
