"""No endpoint fails on what it is sent: every parameter and every field of the OpenAPI document × what nobody meant to send."""

import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from gridmap.urls import api
from tests.factories import CELL, Caller, Town, photo
from tests.rows import counts

NASTY: list[Any] = [
    "", "\x00", "a\x00b", "x" * 3000, "'; drop table x --", "%", "%s", "{0}", "²", "٣", "NaN", "inf", "-1", "1e400", "null", "[]",
    str(2**31), str(2**63), str(10**40), "|", "a|b", "|018f0000-0000-7000-8000-000000000001", "2025-13-45|x", "../../etc/passwd",
    "0001-01-01T00:00:00+14:00|018f0000-0000-7000-8000-000000000001", "2025-01-01|018f0000-0000-7000-8000-000000000001", "：", "😀",
]  # fmt: skip
NASTY_JSON: list[Any] = [*NASTY, None, True, 0, -1, 2**31, 2**63, 10**40, 1e308, [], {}, [None], {"a": [1]}, "\ud800"]
IDENTITY = "018f0000-0000-7000-8000-000000000001"

document = api.get_openapi_schema()


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path.removeprefix("/api"), operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def names(operation: dict[str, Any], where: str) -> list[str]:
    return [parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == where]


def fields(operation: dict[str, Any]) -> list[str]:
    """The fields of the JSON body, by the schema it refers to."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if not content:
        return []
    schema = document["components"]["schemas"][content["schema"]["$ref"].rsplit("/", 1)[1]]
    return list(schema["properties"])


def in_place(path: str, **values: str) -> str:
    defaults = {
        "incident_id": IDENTITY,
        "photo_id": IDENTITY,
        "filter_id": IDENTITY,
        "set_id": IDENTITY,
        "hook_id": IDENTITY,
        "plan_id": IDENTITY,
        "demand_id": IDENTITY,
        "service": "care",
        "record_id": IDENTITY,
        "pledge_id": IDENTITY,
        "proposal_id": IDENTITY,
        "import_id": IDENTITY,
        "form_id": IDENTITY,
        "result_id": "1",
        "step": "check",
        "record": "place",
        "procedure_id": "1",
        "department_id": "1",
        "person_id": "1",
        "code": CELL,
        "kind": "001",
        "action": "note",
        "z": "12",
        "x": "3242",
        "y": "1712",
    }
    if path.startswith("/persons/"):
        defaults["person_id"] = IDENTITY
    return path.format(**{name: quote(value, safe="") for name, value in (defaults | values).items()})


def send(caller: Caller, method: str, path: str, body: bytes = b"") -> Any:
    headers = {"authorization": f"Bearer {caller.token}"}
    return caller.client.generic(method, f"/api{path}", body, content_type="application/json", headers=headers)


BY_QUERY = [(path, name) for method, path, o in operations() if method == "GET" for name in names(o, "query")]
BY_PATH = [(method, path, name) for method, path, o in operations() for name in names(o, "path")]
BY_FIELD = [(method, path, name) for method, path, o in operations() for name in fields(o)]


def test_there_is_something_to_try() -> None:
    assert min(len(BY_QUERY), len(BY_PATH), len(BY_FIELD)) >= 12


@pytest.mark.parametrize(("path", "name"), BY_QUERY)
def test_no_parameter_of_a_question_brings_an_answer_down(town: Town, path: str, name: str) -> None:
    town.worker.report()
    needed = {"/locate": "lon=105.005&lat=28.01", "/areas.geojson": "level=6"}.get(path, "")
    for order in ("", "&order=due") if name == "cursor" else ("",):
        for value in NASTY:
            who = {"/people": town.administrator, "/persons/{service}": town.community}.get(path, town.director)
            answer = send(who, "GET", f"{in_place(path)}?{needed}{order}&{name}={quote(value)}")
            nowhere = {404} if "{" in path else set()  # the address names what is not there
            assert answer.status_code in {200, 204, 422} | nowhere, (name, value, answer.content)


@pytest.mark.parametrize(
    "path",
    ["/statistics?first=9998-01-01&last=9999-12-31", "/statistics?first=9998-01-01", "/statistics?last=0001-01-05",
     "/brief?day=9999-12-31&span=week", "/brief?day=0001-01-01&span=week"],
)  # fmt: skip
def test_no_day_at_an_end_of_the_calendar_brings_an_answer_down(town: Town, path: str) -> None:
    assert send(town.director, "GET", path).status_code == 422


@pytest.mark.parametrize(("method", "path", "name"), BY_PATH)
def test_no_part_of_an_address_brings_an_answer_down(town: Town, method: str, path: str, name: str) -> None:
    before = counts()
    body = json.dumps({"mutation_id": str(uuid4()), "version": 1, "text": "x"}).encode()
    for value in NASTY:
        answer = send(town.director, method, in_place(path, **{name: value}), body)
        assert answer.status_code in (200, 204, 404, 405, 422), (name, value, answer.status_code, answer.content)
    assert counts() == before


@pytest.mark.parametrize(("method", "path", "name"), BY_FIELD)
def test_no_field_of_a_body_brings_an_answer_down(town: Town, method: str, path: str, name: str) -> None:
    card = town.worker.report()
    good = {
        "mutation_id": str(uuid4()), "version": 1, "text": "x", "reason": "x", "on": True, "lon": 105.005, "lat": 28.01,
        "accuracy_m": 5, "at": "2025-01-01T00:00:00Z", "language": "zh", "username": "alice", "password": "x", "id": str(uuid4()),
        "class_key": card["class_key"], "occurred_at": card["reported_at"],
    }  # fmt: skip
    for action in ("note", "request_verification", "file") if "{action}" in path else ("",):
        for value in NASTY_JSON:
            body = json.dumps(good | {"mutation_id": str(uuid4()), "id": str(uuid4()), name: value}).encode()
            answer = send(town.acceptor, method, in_place(path, incident_id=card["id"], action=action), body)
            assert answer.status_code < 500, (name, value, answer.content)


@pytest.mark.parametrize("name", ["id", "kind"])
def test_no_field_of_an_upload_brings_an_answer_down(town: Town, name: str) -> None:
    card = town.worker.report()
    before = counts()
    for value in NASTY:
        form = {"id": str(uuid4()), "kind": "before", "file": photo((8, 8)), name: value}
        answer = town.worker.upload(f"/incidents/{card['id']}/photos", **form)
        assert answer.status_code == 422, (name, value, answer.content)
    assert counts() == before


@pytest.mark.parametrize("what", ["cut off", "no boundary", "a thousand fields", "nothing"])
def test_no_broken_upload_brings_an_answer_down(town: Town, what: str) -> None:
    card = town.worker.report()
    before = counts()
    part = '--x\r\nContent-Disposition: form-data; name="f{}"\r\n\r\n1\r\n'
    raw, kind = {
        "cut off": (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n\xff\xd8',
            "multipart/form-data; boundary=x",
        ),
        "no boundary": (b"--x--", "multipart/form-data"),
        "a thousand fields": (
            "".join(part.format(i) for i in range(1100)).encode() + b"--x--",
            "multipart/form-data; boundary=x",
        ),
        "nothing": (b"", "multipart/form-data; boundary=x"),
    }[what]
    answer = town.worker.send(f"/incidents/{card['id']}/photos", raw, kind)
    assert answer.status_code in (400, 413, 422), answer.content
    assert set(answer.json()) == {"code", "message", "fields", "detail"}
    assert counts() == before
