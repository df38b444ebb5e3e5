"""Bodies against the real server: slow ones hold up nobody, too large ones are refused in the one shape."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gridmap.body import MOST_BYTES
from scripts.support.processes import Server, granian
from tests.factories import photo


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Without a database: what is tried here ends before one is asked, or says that there is none."""
    nowhere: Path = tmp_path_factory.mktemp("nowhere")
    env = {"DATABASE_URL": f"postgres://app@{str(nowhere).replace('/', '%2F')}/none", "GRIDMAP_ENV": "test"}
    started = granian(env, health="/login")
    yield started
    started.stop()


def ask(server: Server, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request(
            method, path, body, headers | {"Content-Type": headers.get("Content-Type", "application/json")}
        )
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")
    finally:
        connection.close()


def test_unfinished_bodies_hold_up_nobody(server: Server) -> None:
    with ExitStack() as stack:
        for _ in range(12):  # three times as many as there are threads
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            slow.sendall(
                b"POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
            )
        begun = time.monotonic()
        status, _ = ask(server, "GET", "/healthz")
        assert status == 503  # it answers: there is no database here
        assert time.monotonic() - begun < 10


def test_a_body_that_comes_in_pieces_arrives_whole(server: Server) -> None:
    text = json.dumps({"username": "alice", "password": "x" * 300_000}).encode()
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
                       b"Content-Length: %d\r\n\r\n" % len(text))  # fmt: skip
        for start in range(0, len(text), 50_000):
            client.sendall(text[start : start + 50_000])
            time.sleep(0.02)
        client.settimeout(20)
        answer = client.recv(400)
    assert answer.startswith((b"HTTP/1.1 503", b"HTTP/1.1 403"))  # read and understood


def test_too_much_is_refused_in_the_one_shape(server: Server) -> None:
    status, error = ask(
        server, "POST", "/api/incidents/018f0000-0000-7000-8000-000000000000/photos", bytes(MOST_BYTES + 1)
    )
    assert (status, error["code"]) == (413, "too_large")
    assert set(error) == {"code", "message", "fields", "detail"}


def test_a_photo_of_the_usual_size_is_read(server: Server) -> None:
    picture = photo((4000, 3000)).read()
    status, error = ask(server, "POST", "/api/login", picture)
    assert (status, error["code"]) in ((400, "unreadable"), (403, "csrf"), (413, "too_large"))
