"""One message: its signature is the standard's, and it goes nowhere but to a public address that was looked at."""

import asyncio
import json
import threading
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from gridmap import sending
from tests.gridmap.conftest import Receiver

HERE = [ip_network("127.0.0.0/8"), ip_network("::1")]
BODY = '{"kind":"incident.reported","标题":"垃圾"}'.encode()


def send(receiver: Receiver, **changes: Any) -> sending.Told:
    given: dict[str, Any] = {
        "secrets": [sending.new_secret()],
        "message": "evt_1",
        "body": BODY,
        "inside": HERE,
    } | changes
    return sending.send(given.pop("url", receiver.url), **given)


def test_the_standards_own_verifier_accepts_the_signature_and_no_other(receiver: Receiver) -> None:
    secret = sending.new_secret()
    assert send(receiver, secrets=[secret]).ok
    headers, body = receiver.got[0]
    assert body == BODY
    assert Webhook(secret).verify(body, headers) == json.loads(BODY)
    for wrong in (Webhook(sending.new_secret()), Webhook(secret)):
        with pytest.raises(WebhookVerificationError):
            wrong.verify(body.replace(b"incident", b"accident"), headers)


@pytest.mark.parametrize("status", [301, 307, 400, 404, 410, 500])
def test_only_a_success_counts_and_no_redirect_is_followed(receiver: Receiver, status: int) -> None:
    receiver.answer, receiver.location = status, receiver.url
    assert (send(receiver).status, send(receiver).trouble) == (status, "refused")
    assert len(receiver.got) == 2  # each once


def test_one_that_hangs_is_left_after_a_time(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    receiver.answer = lambda handler: 204 if ended.wait(20) else 500
    monkeypatch.setattr(sending, "SECONDS", 0.3)
    assert send(receiver).trouble == "timeout"
    ended.set()


def test_one_that_is_not_there_is_told_apart(receiver: Receiver) -> None:
    assert send(receiver, url="http://127.0.0.1:1/").trouble == "unreachable"
    assert send(receiver, url="https://127.0.0.1:1/").trouble == "unreachable"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "https://", "https:///x", "https://user:secret@example.org/", "javascript:1",
        "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest",
        "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://[2002:a00:1::]/", "https://[fe80::1]/",
        "https://0.0.0.0/", "https://100.64.0.1/", "https://224.0.0.1/", "https://example.org:0/", "https://example.org:99999/",
        "https://exa mple.org/", "https://example.org/\r\nX: y", "https://例子.org/", "https://example.org/#part", "http://127.0.0.1/",
    ],
)  # fmt: skip
def test_an_address_of_an_inner_network_or_none_at_all_is_refused(url: str) -> None:
    with pytest.raises(sending.AddressError):
        sending.checked(url)
    assert sending.send(url, secrets=[sending.new_secret()], message="x", body=BODY).trouble == "forbidden_address"


def test_a_name_that_leads_inside_is_refused_when_it_is_resolved(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One public address of two is not enough: which of them is taken would be the name's choice."""

    async def resolved(self: Any, host: str, port: int, **_: Any) -> list[Any]:
        return [(0, 0, 6, "", (address, port)) for address in ("93.184.216.34", "10.0.0.8")]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", resolved)
    assert send(receiver, url="https://inside.example/").trouble == "forbidden_address"
    assert send(receiver, url=receiver.url.replace("127.0.0.1", "localhost")).trouble == "forbidden_address"
    assert receiver.got == []


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_looked_at(receiver: Receiver) -> None:
    assert send(receiver, url=receiver.url.replace("127.0.0.1", "localhost")).ok
    assert receiver.got[0][0]["host"].startswith("localhost:")


PUBLIC = ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]


@pytest.mark.parametrize(
    ("address", "public"), [*((one, True) for one in PUBLIC), ("fc00::1", False), ("fec0::1", False), ("::", False)]
)
def test_what_is_public(address: str, public: bool) -> None:
    assert sending.is_public(ip_address(address)) is public


def test_waits_grow_and_have_a_longest() -> None:
    waits = [sending.wait_after(tries) for tries in range(1, 40)]
    assert waits == sorted(waits)
    assert waits[-1] < sending.GIVE_UP
