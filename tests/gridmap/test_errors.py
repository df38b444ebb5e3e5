"""Errors: one shape, in the caller's language, also when what fails is the server."""

import json
import os
import re
import string
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from gridmap.errors import MESSAGES, ProblemError, sentence
from incidents.photos import PhotoError
from incidents.procedure import Required
from incidents.workflow import Need
from tests.factories import Town
from tests.sources import ROOT, sources

SHAPE = {"code", "message", "fields", "detail"}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", MESSAGES)
def test_both_languages_say_the_same_with_the_same_words_left_open(code: str) -> None:
    status, chinese, english = MESSAGES[code]
    assert 400 <= status < 600
    assert placeholders(chinese) == placeholders(english)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    assert english.isascii() or set(english) - set(string.printable) <= set("“”’…")
    assert chinese[-1] == "。"
    assert english[-1] == "."


def raised() -> set[str]:
    """The codes that the sources name where they raise a problem or fill a field."""
    import ast

    found = set()
    for source in sources():
        for call in source.calls():
            if isinstance(call.func, ast.Name) and call.func.id in ("ProblemError", "PhotoError") and call.args:
                found |= {
                    n.value for n in ast.walk(call.args[0]) if isinstance(n, ast.Constant) and isinstance(n.value, str)
                }
    return found


def test_every_code_that_is_raised_has_its_sentences() -> None:
    assert len(raised()) > 20
    assert raised() <= set(MESSAGES)
    assert set(PhotoError.CODES) <= set(MESSAGES)
    assert {f"{need}_needed" for need in (*Need, *Required)} <= set(MESSAGES)


def test_a_sentence_is_filled_in_in_both_languages() -> None:
    words = {
        "state": {"zh": "待受理", "en": "Reported"},
        "action": {"zh": "派遣", "en": "assign"},
        "possible": {"zh": "立案", "en": "file"},
    }
    problem = ProblemError("wrong_state", **words)
    assert problem.body("zh")["message"] == "案件现在是“待受理”,不能派遣;现在可以:立案。"
    assert "assign" in problem.body("en")["message"]
    assert sentence("too_many_photos", "en", most=30).endswith("30 photos.")


@pytest.mark.parametrize(
    ("asked", "english"),
    [("en", True), ("en-GB,zh;q=0.5", True), ("EN", True), ("zh-CN", False), ("de", False), ("", False)],
)
def test_the_language_is_the_callers_and_chinese_otherwise(town: Town, asked: str, english: bool) -> None:
    message = town.stranger.get("/incidents/018f0000-0000-7000-8000-000000000001", asked).json()["message"]
    assert message == MESSAGES["not_found"][2 if english else 1]


def test_fields_are_told_in_the_callers_language_too(town: Town) -> None:
    from tests.factories import report_body

    body = report_body(lon=110, lat=40)
    assert town.worker.post("/incidents", body, language="en").json()["fields"]["lon"] == MESSAGES["point_outside"][2]
    assert town.worker.post("/incidents", body).json()["fields"]["lon"] == MESSAGES["point_outside"][1]


@pytest.mark.parametrize("path", ["/api/nothing", "/api/incidents/not-a-uuid/", "/elsewhere"])
def test_what_is_not_served_is_a_404(db: None, path: str) -> None:
    assert Client(headers={"host": "localhost"}).get(path).status_code == 404


def test_an_error_nobody_foresaw_has_the_shape_and_says_nothing_of_itself(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from incidents import queries

    def breaks(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(queries, "summary", breaks)
    answer = town.director.get("/incidents/summary")
    assert answer.status_code == 500
    assert set(answer.json()) == SHAPE
    assert answer.json()["code"] == "internal"
    assert b"secret" not in answer.content


# --- without a database ---

ASK = """
import django, json, sys
django.setup()
from django.test import Client
client = Client(headers={"host": "localhost", "authorization": "Bearer x"}, raise_request_exception=False)
for path in ("/healthz", "/api/me", "/api/incidents", "/api/events"):
    answer = client.get(path)
    print(json.dumps([path, answer.status_code, answer.json()]))
answer = client.post("/api/login", json.dumps({"username": "a", "password": "b"}), content_type="application/json")
print(json.dumps(["/api/login", answer.status_code, answer.json()]))
"""


@pytest.fixture(scope="module")
def without_database(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, dict[str, Any]]]:
    """What a server says whose database is not there: a socket in an empty folder."""
    nowhere = str(tmp_path_factory.mktemp("pg")).replace("/", "%2F")
    environment = os.environ | {
        "DATABASE_URL": f"postgres://app@{nowhere}/gridmap", "GRIDMAP_ENV": "test", "DJANGO_SETTINGS_MODULE": "gridmap.settings",
    }  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return {path: (status, body) for path, status, body in map(json.loads, run.stdout.splitlines())}


@pytest.mark.parametrize("path", ["/api/me", "/api/incidents", "/api/events", "/api/login"])
def test_without_a_database_every_answer_is_a_503_of_the_one_shape(
    without_database: dict[str, tuple[int, dict[str, Any]]], path: str
) -> None:
    status, body = without_database[path]
    assert status == 503
    assert set(body) == SHAPE
    assert body["code"] == "unavailable"
    assert "socket" not in body["message"]


def test_without_a_database_the_server_is_not_healthy(without_database: dict[str, tuple[int, dict[str, Any]]]) -> None:
    status, body = without_database["/healthz"]
    assert status == 503
    assert body["status"] == "no database"


def test_with_a_database_it_is(db: None) -> None:
    answer = Client(headers={"host": "localhost"}).get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_dies_between_two_requests_is_replaced() -> None:
    """The pool of threads keeps connections: one that the server closed must not spoil a request."""
    from django.db import connection

    from tests.threads import at_once

    def terminated() -> int:
        client = Client(headers={"host": "localhost"})
        assert client.get("/healthz").status_code == 200
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            (pid,) = cursor.fetchone()
        at_once([lambda: kill(pid)])
        from django.core.signals import request_started

        request_started.send(sender=None)  # what a real server sends, and the test client holds back
        return client.get("/healthz").status_code

    assert at_once([terminated]) == [200]


def kill(pid: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", [pid])


def test_the_page_of_the_frontend_is_served_or_says_what_to_do(settings: Any, tmp_path: Path) -> None:
    settings.FRONTEND_DIST = tmp_path
    answer = Client(headers={"host": "localhost"}).get("/street")
    assert answer.status_code == 503
    assert b"scripts/setup" in answer.content


def test_no_part_of_the_table_takes_a_code_of_another() -> None:
    """The parts are put together by `**`: of two entries with one code the first would be gone without a word."""
    files = sorted((ROOT / "gridmap").glob("*errors*.py"))
    codes = [code for file in files for code in re.findall(r'^    "(\w+)": \(', file.read_text(), re.MULTILINE)]
    assert len(codes) > 150
    assert [code for code, times in Counter(codes).items() if times > 1] == []
    assert set(codes) == set(MESSAGES)
