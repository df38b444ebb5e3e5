"""No name and no number of a resident leaves but by a look with a purpose: not in a dump, an answer, an export, a tile, a log line."""

import json
import logging
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.db.backends.utils import CursorWrapper
from django.test.utils import CaptureQueriesContext

from gridmap import actions as kernel
from gridmap import events
from gridmap.denylist import forbidden
from gridmap.models import Inbox, Role, ServedPerson, StreamEvent
from gridmap.queries import hooks
from gridmap.services import PURPOSES, SERVICES
from tests import factories
from tests.factories import CELL, DISTRICT, PLACES, STREET, Caller, Town
from tests.incidents.residents import Resident
from tests.persons import AT_ROW, NAME, NEED, PHONE, REASON, body, change, listed, register, reveal, step
from tests.test_leaks import reads
from tests.world import body_of

BIRTH = 1941
SECRETS = (NAME, PHONE, NEED, "13900002222", "zhao@example.org", "赵六郎", "李慕白")


def lived(town: Town) -> Any:
    """All that can happen to somebody but her end, and a report whose reporter says who he is; her row as it is then."""
    made = register(town.worker, need=NEED, birth_year=BIRTH)
    reveal(town.worker, made)
    town.worker.post("/persons/care/search", {"name": NAME, "phone": PHONE})
    step(town.community, made, "copy", **REASON)
    made = change(town.worker, made, phone="13900002222")
    made = change(town.worker, made, phone=PHONE, name="李慕白")
    made = change(town.worker, made, name=NAME)
    made = step(town.worker, made, "withdrawal")
    made = step(town.worker, made, "consent", **body()["consent"])
    with_contact(town)
    return made


def with_contact(town: Town) -> None:
    """Reports with name, telephone and e-mail of who reports: by another system, and by a resident on her phone."""
    Resident().send(name="李慕白", phone="13900002222", contact="zhao@example.org")
    lon, lat = PLACES[CELL]
    system = Caller(factories.user("hotline", Role.ACCEPTOR, STREET))
    asked = {
        "api_key": system.token, "service_code": "GB30428.2-2013:event:0110", "lat": lat, "long": lon, "description": "路口有垃圾",
        "first_name": "赵", "last_name": "六郎", "phone": "13900002222", "email": "zhao@example.org",
    }  # fmt: skip
    answer = system.client.post("/open311/v2/requests.json", asked)
    assert answer.status_code == 200, answer.content


def found_in(text: str) -> list[str]:
    """Which secrets stand in a text, be it JSON that writes signs as numbers."""
    return [secret for secret in SECRETS if secret in text or json.dumps(secret).strip('"') in text]


# --- the database


def dump() -> str:
    """The database of this test as pg_dump writes it."""
    program = shutil.which("pg_dump") or str(next(Path("/usr/lib/postgresql").glob("*/bin/pg_dump")))
    name = connections["default"].settings_dict["NAME"]
    address = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"
    return subprocess.run([program, address], capture_output=True, text=True, check=True).stdout


@pytest.mark.django_db(transaction=True)
def test_a_dump_of_the_database_shows_no_resident_and_no_reporter() -> None:
    town = factories.town()
    made = lived(town)
    ended = register(town.community, "disability", name="李慕白")
    step(town.community, ended, "deletion", "disability", why="request")
    text = dump()
    assert made["id"] in text  # she is in it
    assert "路口有垃圾" in text
    assert ended["id"] in text
    assert found_in(text) == []
    lon, lat = PLACES[CELL]
    assert str(BIRTH) not in str(ServedPerson.objects.values().get())
    assert f"{lon}, {lat}" not in text
    for secret in SECRETS:
        for coded in (secret.encode().hex(), *(secret.encode(one).hex() for one in ("utf-16-le", "gb18030"))):
            assert coded not in text


def test_what_is_noted_of_a_write_cannot_be_guessed_from_its_digest(town: Town) -> None:
    """The note of a write is kept for a year: with a bare digest of name and number one could try them all."""
    sent = body()
    town.worker.post("/persons/care", sent)
    note = Inbox.objects.get(pk=sent["id"])
    assert set(note.response or {}) == {"id", "version"}
    given = {"form": 1, "how": "written", "on": sent["consent"]["given_on"]}
    for values in ({"name": NAME, "phone": PHONE}, {"name": NAME, "phone": PHONE, "birth_year": None, "need": ""}):
        assert note.digest != kernel.digest_of({"service": "care", "values": values, **given})


# --- what leaves


@pytest.mark.parametrize("who", ["worker", "community", "director", "acceptor", "auditor", "administrator", "planner"])
def test_the_masks_hold_in_every_answer_list_and_tile(town: Town, who: str) -> None:
    lived(town)
    caller = town.callers[who]
    asked = [*reads(), f"/persons/care?area={CELL}", "/looks?service=care", f"/events?since={STREET}:x:0"]
    for address in asked:
        text = body_of(caller.get(address)).decode(errors="replace")
        assert found_in(text) == [], address
    if who in ("worker", "community"):
        assert [(row["name"], row["phone"]) for row in listed(caller)] == [("欧阳*", "138****5678")]


def test_no_write_but_a_look_answers_with_a_value(town: Town) -> None:
    made, sent = register(town.community), body(name="李慕白")
    answers = [
        town.community.post("/persons/care", sent), town.community.post("/persons/care", sent),
        town.community.post("/persons/care", body()), town.community.post("/persons/care/search", {"name": NAME}),
        town.community.put(f"/persons/care/{made['id']}", {"mutation_id": str(uuid4()), "version": 1, "need": NEED}),
        town.community.post(f"/persons/care/{made['id']}/end", {"mutation_id": str(uuid4()), "version": 2}),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [201, 200, 409, 200, 200, 200]
    assert [found_in(answer.content.decode()) for answer in answers] == [[]] * 6


@pytest.mark.parametrize("what", ["cases", "cell"])
def test_exports_hold_nobody(town: Town, what: str) -> None:
    lived(town)
    asked = {
        "what": what, "purpose": "check", "first": "2026-01-01", "last": "2027-12-31", "mutation_id": str(uuid4())
    }  # fmt: skip
    answer = town.director.post("/exports", asked)
    assert answer.status_code == 200
    assert found_in(body_of(answer).decode(errors="replace")) == []


def test_the_log_and_the_live_channel_tell_names_of_fields_at_most(town: Town) -> None:
    made = lived(town)
    told = StreamEvent.objects.filter(object_id=made["id"]).order_by("seq")
    assert len(told) == 6
    names = {field.key for service in SERVICES.values() for field in service.fields} | {"place"}
    for event in told:
        assert set(event.payload) == {"service", "fields"}
        assert set(event.payload["fields"]) <= names
        assert event.persons == []
    since = town.worker.get(f"/events?since={STREET}:{_epoch(town)}:0").json()["events"]
    assert {event["kind"] for event in since} > {"person.registered", "person.changed"}
    assert found_in(json.dumps(since, ensure_ascii=False)) == []
    assert [
        e
        for e in town.director.get(f"/events?since={STREET}:{_epoch(town)}:0").json()["events"]
        if e["kind"].startswith("person.")
    ] == []


def _epoch(town: Town) -> str:
    epoch: str = town.worker.get("/events").json()["cursors"][STREET]["epoch"]
    return epoch


def test_no_webhook_tells_of_people_by_service(town: Town) -> None:
    assert [kind for kind in events.kinds() if kind.startswith("person.")]
    assert [kind for kind in hooks.kinds() if kind.startswith("person.")] == []
    chief = Caller(factories.user("chief", Role.ADMINISTRATOR, DISTRICT))
    wanted = {
        "id": str(uuid4()),
        "name": "x",
        "url": "https://example.org/",
        "area": STREET,
        "kinds": ["person.registered"],
    }
    assert chief.post("/hooks", wanted).status_code == 422


# --- what is written beside


def test_no_log_line_of_python_and_no_statement_holds_a_value(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with CaptureQueriesContext(connection) as asked:
        made = lived(town)
        town.worker.post("/persons/care", body(phone="139000022229"))
        town.worker.post("/persons/care", body())
        ServedPerson.objects.filter(pk=made["id"]).update(sealed="AAAA")
        reveal(town.worker, made, expect=503)
    assert len(asked) > 50
    assert found_in("\n".join(query["sql"] for query in asked.captured_queries)) == []
    assert found_in(caplog.text) == []
    assert made["id"] in caplog.text  # what could not be opened is named by its id


def test_what_nobody_foresaw_is_logged_without_values(
    town: Town, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = CursorWrapper.execute

    def broken(self: Any, sql: Any, params: Any = None) -> Any:
        if "gridmap_personkey" in str(sql):
            return execute(self, "insert into gridmap_personkey values (null, null)")
        return execute(self, sql, params)

    monkeypatch.setattr(CursorWrapper, "execute", broken)
    answer = town.worker.post("/persons/care", body(need=NEED))
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "NotNullViolation" in caplog.text
    assert found_in(caplog.text + answer.content.decode()) == []


WRONG: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/api/persons/{service}", {"phone": PHONE + "99"}),
    ("POST", "/api/persons/{service}", {"name": NAME * 20}),
    ("POST", "/api/persons/{service}", {"name": NAME * 80}),
    ("POST", "/api/persons/{service}", {"name": {"first": NAME}}),
    ("POST", "/api/persons/{service}", {"birth_year": PHONE + "x"}),
    ("POST", "/api/persons/{service}", {"birth_year": NAME}),
    ("POST", "/api/persons/{service}", {"id": PHONE}),
    ("POST", "/api/persons/{service}", {"lon": PHONE}),
    ("POST", "/api/persons/{service}", {"consent": {"form": NAME, "how": NAME, "given_on": NAME}}),
    ("POST", "/api/persons/{service}", {NAME: PHONE, "name": ""}),
    ("POST", "/api/persons/{service}/search", {"phone": [PHONE]}),
    ("PUT", AT_ROW, {"phone": PHONE + "99"}),
    ("PUT", AT_ROW, {"mutation_id": PHONE}),
    ("POST", f"{AT_ROW}/reveal", {"words": f"{NAME} {PHONE}"}),
    ("POST", f"{AT_ROW}/reveal", {"fields": [NAME]}),
    ("POST", f"{AT_ROW}/copy", {"purpose": NAME}),
]


@pytest.mark.parametrize(("method", "path", "wrong"), WRONG)
def test_no_error_repeats_what_was_sent(town: Town, method: str, path: str, wrong: dict[str, Any]) -> None:
    made = register(town.community)
    sent = body() | {"mutation_id": str(uuid4()), "version": 1, "fields": ["name"], **REASON, **wrong}
    address = path.removeprefix("/api").format(service="care", person_id=made["id"])
    for raw in (json.dumps(sent), json.dumps(sent, ensure_ascii=False)):
        answer = town.community.send(address, raw, method=method)
        assert answer.status_code == 422, answer.content.decode()
        assert found_in(answer.content.decode()) == []
    cut = town.community.send(address, json.dumps(sent, ensure_ascii=False)[:-3], method=method)
    assert (cut.status_code, found_in(cut.content.decode())) == (400, [])


# --- what is not built


def test_no_service_field_purpose_or_form_carries_a_forbidden_name() -> None:
    texts = [text for pair in PURPOSES.values() for text in pair]
    for service in SERVICES.values():
        texts += [service.key, *service.name, *service.purpose, *service.ground, *service.consent]
        texts += [text for field in service.fields for text in (field.key, *field.name, *field.why)]
    assert len(texts) > 80
    assert [text for text in texts if forbidden(text)] == []


def test_every_service_says_what_for_on_what_ground_which_values_and_how_long(town: Town) -> None:
    shown = town.worker.get("/services").json()
    assert [one["key"] for one in shown["services"]] == ["care", "disability", "job_seeking", "allowance"]
    for one in shown["services"]:
        assert all(one[f"{what}_{language}"] for what in ("purpose", "ground", "consent") for language in ("zh", "en"))
        assert all(field["why_zh"] and field["why_en"] for field in one["fields"])
        assert str(one["keep_days"]) in one["consent_zh"]
        assert one["fields"][0]["required"]
        assert len(one["fields"]) <= 5
    assert len(shown["purposes"]) == len(PURPOSES)
