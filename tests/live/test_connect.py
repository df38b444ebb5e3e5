"""Who may connect, what she is told first, and that a quiet socket stays open."""

import asyncio
import json
import time
from typing import Any

import httpx
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gridmap import actions
from gridmap.models import ApiToken, Role
from tests.factories import CELL, OTHER_STREET, STREET
from tests.live.site import Site, in_loop, in_thread, new_user


async def first_message(site: Site, **headers: str) -> Any:
    """What the server says first; ConnectionClosed with its code if it says nothing."""
    async with connect(site.server.live, additional_headers=headers, proxy=None) as socket:
        return json.loads(await asyncio.wait_for(socket.recv(), 5))


async def closed_with(site: Site, **headers: str) -> int | None:
    with pytest.raises(ConnectionClosed) as closed:
        await first_message(site, **headers)
    return closed.value.rcvd.code if closed.value.rcvd else None


@in_loop
async def test_the_first_frame_names_the_groups_and_the_heads(site: Site) -> None:
    token = site.town.director.token
    [welcome] = await first_message(site, authorization=f"Bearer {token}")
    assert welcome["type"] == "welcome"
    domains, me = (
        (
            "area",
            "basemap",
            "booking",
            "department",
            "duty",
            "form",
            "gate",
            "incident",
            "looks",
            "procedure",
            "register",
            "routing",
            "statistics",
            "unadmitted",
        ),
        site.town.director.user.pk,
    )
    own = {f"person:{domain}:{me}" for domain in (*domains, "grant")}
    assert set(welcome["groups"]) == {f"{domain}:{STREET}" for domain in domains} | own
    assert set(welcome["streams"]) == {STREET}
    assert welcome["streams"][STREET]["seq"] > 0
    assert welcome["heartbeat"] == 5


@in_loop
async def test_a_handler_hears_her_department_and_a_worker_her_cell(site: Site) -> None:
    for name, group in {
        "handler": f"incident:990101:{site.town.sanitation.pk}",
        "worker": f"incident:{CELL}",
        "community": f"incident:{CELL[:12]}",
        "other_director": f"incident:{OTHER_STREET}",
    }.items():
        [welcome] = await first_message(site, authorization=f"Bearer {site.town.callers[name].token}")
        assert {g for g in welcome["groups"] if g.startswith("incident:")} == {group}, name


@in_loop
async def test_who_is_not_signed_in_is_closed_with_4401(site: Site) -> None:
    assert await closed_with(site, authorization="Bearer guess") == 4401
    assert await closed_with(site, origin=site.server.url) == 4401
    assert await closed_with(site, origin=site.server.url, cookie="sessionid=guess") == 4401


@in_loop
async def test_who_has_nothing_to_see_is_closed_with_4403(site: Site) -> None:
    _, token = await in_thread(new_user)
    assert await closed_with(site, authorization=f"Bearer {token}") == 4403


@in_loop
async def test_a_browser_connects_with_its_session_from_our_own_pages_only(site: Site) -> None:
    user, _ = await in_thread(new_user, Role.DIRECTOR)
    hashed = PBKDF2PasswordHasher().encode("long enough 123", "salt")  # by the settings of the server, not of the tests
    await in_thread(actions.put_user, user.username, name="临时", password_hash=hashed)
    async with httpx.AsyncClient(base_url=site.server.url, trust_env=False) as browser:
        await browser.get("/login")  # brings the cookie of the form
        body = {"username": user.username, "password": "long enough 123"}
        signed_in = await browser.post("/api/login", json=body, headers={"x-csrftoken": browser.cookies["csrftoken"]})
        assert signed_in.status_code == 200
        cookie = f"sessionid={browser.cookies['sessionid']}"
    [welcome] = await first_message(site, origin=site.server.url, cookie=cookie)
    assert f"person:incident:{user.pk}" in welcome["groups"]
    for origin in ("https://elsewhere.example", ""):
        with pytest.raises(InvalidStatus) as refused:
            await first_message(site, cookie=cookie, **({"origin": origin} if origin else {}))
        assert refused.value.response.status_code == 403


@in_loop
async def test_what_a_client_says_is_bounded_and_else_ignored(site: Site) -> None:
    headers = {"authorization": f"Bearer {site.town.director.token}"}
    async with connect(site.server.live, additional_headers=headers, proxy=None) as socket:
        await socket.recv()
        for nonsense in ("", "{", "[]", "7", '{"type":"events"}', b"\xff\xfe"):
            await socket.send(nonsense)
        types: list[str] = []
        while "heartbeat" not in types:
            types += [frame["type"] for frame in json.loads(await asyncio.wait_for(socket.recv(), 7))]
        assert set(types) == {"heartbeat", "positions"}
        await socket.send("x" * 5000)
        await asyncio.wait_for(socket.wait_closed(), 5)
        assert socket.close_code == 1009


@pytest.mark.slow
@in_loop
async def test_an_idle_socket_stays_open_and_hears_the_heads_every_five_seconds(site: Site) -> None:
    headers = {"authorization": f"Bearer {site.town.other_director.token}"}
    async with connect(site.server.live, additional_headers=headers, ping_interval=None, proxy=None) as socket:
        [welcome] = json.loads(await socket.recv())
        started, beats = time.monotonic(), list[Any]()
        while len(beats) < 5:
            frames = json.loads(await asyncio.wait_for(socket.recv(), 7))
            beats += [frame for frame in frames if frame["type"] == "heartbeat"]
        assert time.monotonic() - started > 20
        assert all(set(beat["streams"]) == {OTHER_STREET} for beat in beats)
        assert beats[-1]["streams"][OTHER_STREET]["epoch"] == welcome["streams"][OTHER_STREET]["epoch"]


@in_loop
async def test_a_socket_ends_with_the_token_that_opened_it(site: Site) -> None:
    _, token = await in_thread(new_user, Role.DIRECTOR)
    headers = {"authorization": f"Bearer {token}"}
    async with connect(site.server.live, additional_headers=headers, proxy=None) as socket:
        await socket.recv()
        await in_thread(ApiToken.objects.filter(digest=actions.token_digest(token)).delete)
        await asyncio.wait_for(socket.wait_closed(), 30)
    assert socket.close_code == 4401
