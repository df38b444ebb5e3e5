"""What a user may not see does not exist for her: not in a list, a count, a tile, the log, an error or the order of a list."""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gridmap import actions
from gridmap.models import Area, Grant, Role
from incidents.models import Attachment, Incident, IncidentClass, Procedure
from tests import factories, persons
from tests.endpoints import endpoints, step_names
from tests.factories import CELL, LID, LITTER, NEXT_CELL, OTHER_CELL, OTHER_STREET, PLACES, STREET, Caller, Town, ago
from tests.gridmap.register.records import building, dwelling, household
from tests.plans import SIZES
from tests.world import body_of


def tile_at(zoom: int, cell: str) -> str:
    """z/x/y of the tile that holds the place of a cell (latitude 28.01)."""
    import math

    lon, lat = PLACES[cell]
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return f"{zoom}/{int((lon + 180) / 360 * 2**zoom)}/{int(y * 2**zoom)}"


# What to ask of an endpoint besides its bare address: filters that name what lies elsewhere.
QUERIES = {
    "/areas": ["", "?level=6"],
    "/communities/resizing": [f"?area={area}&{SIZES}" for area in (STREET, STREET[:6])],
    "/areas.geojson": ["?level=4", "?level=5", "?level=6"],
    "/locate": [f"?lon={PLACES[OTHER_CELL][0]}&lat=28.01"],
    "/incidents": [
        "", "?order=due", f"?area={STREET}", "?area=99", f"?class_key={LID}", "?q=1", "?urgent=1", "?overdue=1", "?mine=todo",
        "?mine=reported", "?open=1", "?due_within=100000", "?state=reported,filed,assigned,closed",
    ],
    "/events": ["", f"?since={STREET}:x:0", f"?since={OTHER_STREET}:x:0", f"?since={STREET}:x:0&since=99:x:0"],
    "/incidents/nearby": [
        f"?lon={PLACES[cell][0]}&lat={PLACES[cell][1]}&class_key={key}" for cell in (CELL, NEXT_CELL) for key in (LITTER, LID)
    ],
    "/looks": ["?service=disability"],  # who asks for a list is noted; of this service nobody there does
    "/public/bookings/slots": [f"?area={OTHER_CELL[:12]}&mode={mode}" for mode in ("counter", "home")],
    "/matters/earlier": [f"?number=260101-1&area={area}" for area in (STREET, OTHER_STREET)],
    "/register/place": ["", "?q=3幢", f"?area={STREET}", "?due=1"],
    "/tiles/incidents/{z}/{x}/{y}": ["", "?open=1", "?urgent=1"],
}  # fmt: skip
SAME_FOR_ALL = {"/tiles/base/{z}/{x}/{y}"}  # the base map is drawn for everyone who serves


def reads() -> list[str]:
    """Every address that answers with more than one row: the GET endpoints of the OpenAPI document without an id."""
    found = []
    for endpoint in endpoints():
        method, path = endpoint.split(" /api")
        path = path.replace("{record}", "place")
        if method != "GET" or "_id}" in path or path in SAME_FOR_ALL:
            continue
        asked = QUERIES.get(path, [""])
        # Of the pages that everyone may open, that of the next street: the one of this street may well change.
        places = [path.replace("{code}", OTHER_CELL).replace("{service}", "care")]
        if "{z}" in path:
            tiles = {"0/0/0", tile_at(12, CELL), tile_at(15, CELL), tile_at(16, NEXT_CELL), tile_at(16, OTHER_CELL)}
            places = [path.replace("{z}/{x}/{y}", tile) for tile in sorted(tiles)]
        found += [place + query for place in places for query in asked]
    return found


def but_her_own_looks(address: str, body: bytes) -> bytes:
    """How long the chain of her own street is: what she reads here makes it longer."""
    if not address.startswith("/looks/chains") or b"entries" not in body:
        return body
    return json.dumps(
        [{name: part for name, part in one.items() if name != "entries"} for one in json.loads(body)]
    ).encode()


def answers(
    caller: Caller, addresses: list[str], seen: Callable[[str, bytes], bytes] = but_her_own_looks
) -> dict[str, bytes]:
    found = {}
    for address in addresses:
        answer = caller.get(address)
        assert answer.status_code in (200, 204, 403, 404), (address, answer.content)
        found[address] = seen(address, answer.content)
    return found


def busy(town: Town) -> list[dict[str, Any]]:
    """A day's work in the first street: cases in several states, photos, notes, people on duty, new cells, people, departments."""
    home = dwelling(town.worker, building(town.worker)["id"])
    household(town.worker, home["id"])
    need = {"mutation_id": str(uuid4()), "id": str(uuid4()), "kind": "need", "text": "借操场", "area": CELL}
    town.community.post("/pledges", need)
    town.acceptor.post(f"/register/place/{home['id']}/propose", {"id": str(uuid4()), "values": {"use": "mixed"}})
    litter, lid = (
        town.worker.report(description="垃圾"),
        town.second_worker.report(cell=NEXT_CELL, class_key=LID, condition=1),
    )
    citizens = town.acceptor.report(source="citizen", address="望江路1号")
    town.worker.report(self_handled=True)
    town.acceptor.act(citizens, "request_verification", person=town.worker.user.pk)
    lid = town.dispatcher.act(town.acceptor.act(lid, "file"), "assign", department=town.sanitation.pk)
    litter = town.acceptor.act(litter, "file")
    Incident.objects.filter(pk=litter["id"]).update(overdue=True)
    town.worker.act(litter, "note", text="住户在家")
    town.worker.upload(f"/incidents/{litter['id']}/photos", id=str(uuid4()), kind="before", file=factories.photo())
    town.worker.post("/duty", {"mutation_id": str(uuid4()), "on": True})
    town.worker.post("/position", {"lon": 105.005, "lat": 28.01, "accuracy_m": 5, "at": ago(seconds=1)})
    usual = next(row.handlers[0] for row in factories.class_rows() if row.handlers)
    actions.put_department("street-team", name=usual, name_en="Street team", area_code=STREET)
    factories.user("newcomer", Role.WORKER, CELL)
    actions.put_areas([Area(code=CELL[:12] + "003", name="第三网格", geom=factories.box(105.018, 105.02))])
    someone = persons.register(town.worker, "disability", name="张三")
    persons.reveal(town.worker, someone, "disability", fields=["phone"])
    persons.register(town.worker)
    return [litter, lid, citizens]


@pytest.mark.parametrize("who", ["other_director", "other_worker", "stranger"])
def test_the_next_street_answers_the_same_bytes_whatever_happens_here(town: Town, who: str) -> None:
    town.other_worker.report(cell=OTHER_CELL)
    watcher = town.callers[who]
    before = answers(watcher, reads())
    busy(town)
    assert answers(watcher, reads()) == before


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.HANDLER])
def test_no_role_of_the_next_street_sees_anything_of_this_one(town: Town, role: Role) -> None:
    watcher = Caller(factories.user("next", role, OTHER_STREET))
    before = answers(watcher, reads())
    busy(town)
    assert answers(watcher, reads()) == before


def without_cursors(address: str, body: bytes) -> bytes:
    """An answer without the heads of the log: a street's numbering is common to all who work in it."""
    if not address.startswith(("/events", "/incidents?", "/incidents")) or address.startswith("/incidents/"):
        return body
    return json.dumps({name: part for name, part in json.loads(body).items() if name != "cursors"}).encode()


@pytest.mark.parametrize("who", ["gardener", "planner", "administrator"])
def test_other_departments_and_who_has_no_part_in_cases_see_none_of_them(town: Town, who: str) -> None:
    def cases() -> None:
        for card in [town.worker.report(), town.worker.report(class_key=LID, condition=1)] * 2:
            town.worker.act(card, "note", text="看过")
        card = town.acceptor.act(town.worker.report(), "file")
        town.handler.act(town.dispatcher.act(card, "assign", department=town.sanitation.pk), "take")

    watcher = town.callers[who]
    addresses = [*reads(), f"/incidents?department={town.sanitation.pk}"]
    before = answers(watcher, addresses, without_cursors)
    cases()
    assert answers(watcher, addresses, without_cursors) == before


def test_a_department_sees_what_is_or_was_its_own_and_nothing_before(town: Town) -> None:
    mine, theirs = (town.acceptor.act(town.worker.report(), "file") for _ in range(2))
    assert ids(town.handler) == ids(town.gardener) == set()
    assigned = town.dispatcher.act(mine, "assign", department=town.sanitation.pk)
    town.dispatcher.act(theirs, "assign", department=town.gardens.pk)
    assert (ids(town.handler), ids(town.gardener)) == ({mine["id"]}, {theirs["id"]})
    returned = town.handler.act(assigned, "return", reason="不属本部门")
    town.dispatcher.act(returned, "assign", department=town.gardens.pk)
    assert ids(town.handler) == {mine["id"]}
    assert ids(town.gardener) == {mine["id"], theirs["id"]}
    assert "take" not in [action["name"] for action in town.handler.detail(mine)["actions"]]


def test_a_worker_sees_her_cells_and_what_concerns_her_by_name(town: Town) -> None:
    own_elsewhere = town.worker.report(cell=NEXT_CELL)
    not_hers = town.second_worker.report(cell=NEXT_CELL)
    hers_to_look_at = town.acceptor.report(cell=NEXT_CELL, source="citizen")
    in_her_cell = town.second_worker.report(cell=CELL)
    assert ids(town.worker) == {own_elsewhere["id"], in_her_cell["id"]}
    town.acceptor.act(hers_to_look_at, "request_verification", person=town.community.user.pk)
    assert hers_to_look_at["id"] not in ids(town.worker)
    Incident.objects.filter(pk=hers_to_look_at["id"]).update(verifier=town.worker.user)
    assert ids(town.worker) == {own_elsewhere["id"], in_her_cell["id"], hers_to_look_at["id"]}
    assert not_hers["id"] in ids(town.second_worker)
    assert town.worker.get("/incidents/summary").json()["open"] == len(ids(town.worker)) == total(town.worker)


def ids(caller: Caller) -> set[str]:
    return {item["id"] for item in caller.get("/incidents").json()["items"]}


def total(caller: Caller) -> int:
    count: int = caller.get("/incidents").json()["total"]
    return count


def heard(caller: Caller) -> set[str]:
    """The cases of which the log tells a caller, from the beginning."""
    heads = caller.get("/events").json()["cursors"]
    since = "&".join(f"since={stream}:{cursor['epoch']}:0" for stream, cursor in heads.items())
    events = caller.get(f"/events?{since}").json()["events"]
    return {event["object"] for event in events if event["kind"].startswith("incident.")}


def test_nobody_hears_of_a_case_that_she_may_not_see(town: Town) -> None:
    busy(town)
    town.other_worker.report(cell=OTHER_CELL)
    for who, caller in town.callers.items():
        assert heard(caller) <= ids(caller), who
    assert heard(town.director) == ids(town.director) != set()


def test_who_changes_her_work_hears_no_more_of_what_she_reported(town: Town) -> None:
    card = town.worker.report()
    assert heard(town.worker) == ids(town.worker) == {card["id"]}
    actions.revoke(Grant.objects.get(user=town.worker.user))
    assert heard(town.worker) == ids(town.worker) == set()
    actions.grant(town.worker.user, Role.PLANNER, STREET)
    assert heard(town.worker) == ids(town.worker) == set()


def test_a_grant_is_heard_by_its_user_alone(town: Town) -> None:
    actions.grant(town.worker.user, Role.WORKER, NEXT_CELL)

    def told(caller: Caller) -> list[str]:
        heads = caller.get("/events").json()["cursors"]
        since = "&".join(f"since={stream}:{cursor['epoch']}:0" for stream, cursor in heads.items())
        events = caller.get(f"/events?{since}").json()["events"]
        return [event["object"] for event in events if event["kind"] == "grant.changed"]

    me = str(town.worker.user.pk)
    assert told(town.worker) == [me, me]
    assert me not in told(town.director) + told(town.second_worker) + told(town.administrator)


@pytest.fixture
def hidden(town: Town) -> dict[str, str]:
    """A case of the first street with a photo and a saved filter of its director, by the names of the path parameters."""
    card = town.worker.report()
    photo = str(uuid4())
    answer = town.worker.upload(f"/incidents/{card['id']}/photos", id=photo, kind="before", file=factories.photo())
    assert answer.status_code == 201
    assert Attachment.objects.filter(pk=photo).exists()
    klass = IncidentClass.objects.filter(valid_to__isnull=True)[0]
    procedure = Procedure.objects.create(klass=klass, area_code="990102")  # of a district where none of them serves
    kept = {"id": str(uuid4()), "name": "紧急", "filter": {"urgent": True}}
    assert town.director.post("/filters", kept).status_code == 201
    return {
        "incident_id": card["id"], "photo_id": photo, "procedure_id": str(procedure.pk), "filter_id": kept["id"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "endpoint", [endpoint for endpoint in endpoints() if re.search(r"(incident|photo)_id}", endpoint)]
)
@pytest.mark.parametrize("who", ["other_director", "second_worker", "gardener", "planner", "stranger"])
def test_a_guessed_id_is_answered_like_one_that_does_not_exist(
    town: Town, hidden: dict[str, str], endpoint: str, who: str
) -> None:
    unknown = dict.fromkeys(hidden, str(uuid4())) | {"procedure_id": "999999"}
    method, path = endpoint.split(" /api")
    for action in step_names() if "{action}" in path else [""]:
        there, nowhere = (
            ask(town.callers[who], method, path.format(**names, action=action)) for names in (hidden, unknown)
        )
        assert there[0] == nowhere[0] == 404
        assert there[1] == nowhere[1]


def ask(caller: Caller, method: str, path: str) -> tuple[int, bytes]:
    if method == "GET":
        answer = caller.get(path + ("?version=1" if path.endswith("/trial") else ""))
    elif "/filters/" in path or path.endswith("/presence"):
        answer = caller.send(path, "{}", method=method)
    elif path.endswith("/photos"):
        upload = SimpleUploadedFile("photo.jpg", factories.photo().getvalue())
        answer = caller.upload(path, id=str(uuid4()), kind="before", file=upload)
    else:
        body = {
            "mutation_id": str(uuid4()),
            "version": 1,
            "reason": "x",
            "text": "x",
            "outcome": "pass",
            "department": 1,
            "stages": [],
            "guide": {},
            "valid_from": "2099-01-01",
        }
        answer = caller.send(path, json.dumps(body), method=method)
    return answer.status_code, body_of(answer)
