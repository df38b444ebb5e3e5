"""Who is asking: a browser by its session with CSRF, a program by its token; and what a user is told of herself."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from gridmap import actions
from gridmap.models import ApiToken, Grant, Role, User
from tests.factories import CELL, STREET, Town

PASSWORD = "correct horse battery"


@pytest.fixture
def alice(town: Town) -> User:
    return actions.put_user("alice", name="Alice", password_hash=make_password(PASSWORD))


@pytest.fixture
def browser() -> Client:
    """A browser that is held to CSRF, as real ones are."""
    return Client(enforce_csrf_checks=True, headers={"host": "localhost"})


def post(client: Client, path: str, body: Any = None, **headers: str) -> Any:
    data = json.dumps(body if body is not None else {})
    return client.post(f"/api{path}", data, content_type="application/json", headers=headers)


def sign_in(browser: Client, username: str = "alice", password: str = PASSWORD, **headers: str) -> Any:
    browser.get("/login")  # the page brings the token that signing in is sent with
    return post(browser, "/login", {"username": username, "password": password}, **csrf(browser), **headers)


def csrf(browser: Client) -> dict[str, str]:
    return {"X-CSRFToken": browser.cookies["csrftoken"].value}


# --- browsers ---


def test_a_browser_signs_in_works_and_signs_out(alice: User, browser: Client) -> None:
    me = sign_in(browser)
    assert me.status_code == 200
    assert me.json()["username"] == "alice"
    assert browser.get("/api/me").json() == me.json()
    assert (
        browser.patch(
            "/api/me", json.dumps({"language": "en"}), content_type="application/json", headers=csrf(browser)
        ).status_code
        == 200
    )
    assert post(browser, "/logout", **csrf(browser)).status_code == 204
    assert browser.get("/api/me").json()["code"] == "not_signed_in"


def test_the_session_cannot_be_read_by_a_script_nor_sent_from_elsewhere(alice: User, browser: Client) -> None:
    cookie = sign_in(browser).cookies["sessionid"]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert 3600 <= int(cookie["max-age"]) <= 24 * 3600


@pytest.mark.parametrize(
    ("username", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("alice", ""), ("", ""), ("ALICE", PASSWORD)]
)
def test_a_wrong_name_and_a_wrong_password_are_told_the_same(
    alice: User, browser: Client, username: str, password: str
) -> None:
    answer = sign_in(browser, username, password)
    assert answer.status_code == 401
    assert answer.json()["code"] == "bad_login"
    assert "sessionid" not in answer.cookies


def test_who_left_does_not_sign_in_and_is_out_at_once(alice: User, browser: Client) -> None:
    sign_in(browser)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert browser.get("/api/me").status_code == 401
    assert sign_in(browser).json()["code"] == "bad_login"


def test_a_user_without_a_password_does_not_sign_in(town: Town, browser: Client) -> None:
    for password in ("", "x", "!"):
        assert sign_in(browser, "bob", password).status_code == 401


@pytest.mark.parametrize("token", [None, "", "wrong", "a" * 64])
def test_a_write_by_session_needs_the_csrf_token(alice: User, browser: Client, token: str | None) -> None:
    sign_in(browser)
    headers = {} if token is None else {"X-CSRFToken": token}
    answer = post(browser, "/logout", **headers)
    assert answer.status_code == 403
    assert answer.json()["code"] == "csrf"
    assert browser.get("/api/me").status_code == 200  # still signed in: nothing was done


def test_a_csrf_token_of_somebody_else_is_refused(alice: User, browser: Client) -> None:
    sign_in(browser)
    other = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    sign_in(other)
    assert post(browser, "/logout", **csrf(other)).json()["code"] == "csrf"


def test_every_visit_gets_a_csrf_token_to_write_with(alice: User, browser: Client) -> None:
    sign_in(browser)
    del browser.cookies["csrftoken"]
    browser.get("/api/me")
    assert post(browser, "/logout", **csrf(browser)).status_code == 204


def test_signing_in_as_somebody_else_is_a_new_session(alice: User, browser: Client) -> None:
    sign_in(browser)
    first = browser.cookies["sessionid"].value
    bob = actions.put_user("bob", name="Bob", password_hash=make_password(PASSWORD))
    sign_in(browser, "bob")
    assert browser.cookies["sessionid"].value != first
    assert browser.get("/api/me").json()["id"] == bob.pk


# --- programs ---


def program(token: str) -> Client:
    return Client(enforce_csrf_checks=True, headers={"host": "localhost", "authorization": f"Bearer {token}"})


def test_a_program_writes_with_its_token_alone(alice: User) -> None:
    client = program(actions.issue_token(alice, label="robot"))
    assert client.get("/api/me").json()["username"] == "alice"
    assert post(client, "/duty", {"on": True}).json() == {"on_duty": True}


def test_only_the_digest_of_a_token_is_kept(alice: User) -> None:
    token = actions.issue_token(alice, label="robot")
    row = ApiToken.objects.filter(user=alice).latest("created_at")
    assert token not in {str(getattr(row, field.name)) for field in ApiToken._meta.fields}
    assert row.digest == actions.token_digest(token)
    assert len(token) >= 40


@pytest.mark.parametrize("spoil", ["expired", "inactive", "deleted", "cut", "other case", "empty"])
def test_a_token_that_does_not_hold_opens_nothing(alice: User, spoil: str) -> None:
    token = actions.issue_token(alice, label="robot")
    rows = ApiToken.objects.filter(digest=actions.token_digest(token))
    if spoil == "expired":
        rows.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif spoil == "inactive":
        User.objects.filter(pk=alice.pk).update(is_active=False)
    elif spoil == "deleted":
        rows.delete()
    shown = {"cut": token[:-1], "other case": token.swapcase(), "empty": ""}.get(spoil, token)
    answer = program(shown).get("/api/me")
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"


def test_a_wrong_token_is_not_saved_by_a_session(alice: User, browser: Client) -> None:
    sign_in(browser)
    assert browser.get("/api/me", headers={"authorization": "Bearer wrong"}).status_code == 401


def test_the_command_makes_a_token_that_works(alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    from django.core.management import CommandError, call_command

    call_command("token", "alice", "robot", "--days", "1")
    token = capsys.readouterr().out.strip()
    assert program(token).get("/api/me").status_code == 200
    with pytest.raises(CommandError, match="nobody"):
        call_command("token", "nobody", "robot")


# --- what she is told of herself ---


def test_me_says_what_a_user_may_do_where_and_where_she_works(town: Town) -> None:
    me = town.worker.get("/me").json()
    assert me["grants"] == [{"role": "worker", "area_code": CELL, "area_name": "第一网格", "department": None}]
    assert (me["roles"], me["home"], me["on_duty"]) == (["worker"], "/worker", False)
    assert "duty.set" in me["actions"]
    assert "incident.file" not in me["actions"]
    assert me["bounds"] == pytest.approx([105.0, 28.0, 105.01, 28.02])


def test_a_handler_is_told_her_department(town: Town) -> None:
    me = town.handler.get("/me").json()
    assert me["grants"][0]["department"] == {"id": town.sanitation.pk, "name": "环卫"}
    assert me["home"] == "/handle"


def test_who_has_no_grant_is_told_so_and_no_more(town: Town) -> None:
    me = town.stranger.get("/me").json()
    assert (me["grants"], me["roles"], me["actions"], me["bounds"]) == ([], [], [], None)


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_home_that_is_served(town: Town, role: Role) -> None:
    from django.urls import resolve

    from gridmap.api import HOMES

    assert resolve(HOMES[role])


def test_a_grant_counts_from_the_next_request(town: Town) -> None:
    assert "incident.file" not in town.stranger.get("/me").json()["actions"]
    given = actions.grant(town.stranger.user, Role.ACCEPTOR, STREET)
    assert "incident.file" in town.stranger.get("/me").json()["actions"]
    actions.revoke(Grant.objects.get(pk=given.pk))
    assert town.stranger.get("/me").json()["actions"] == []


def test_a_language_is_one_of_two(town: Town) -> None:
    def change(language: Any) -> int:
        headers = {"authorization": f"Bearer {town.worker.token}"}
        body = json.dumps({"language": language})
        status: int = town.worker.client.patch(
            "/api/me", body, content_type="application/json", headers=headers
        ).status_code
        return status

    assert [change(language) for language in ("en", "zh", "de", "", None, 1)] == [200, 200, 422, 422, 422, 422]
    assert User.objects.get(pk=town.worker.user.pk).language == "zh"
