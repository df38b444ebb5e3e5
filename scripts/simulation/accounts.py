"""Who takes part: the accounts of the demo town, signed in as a browser does it."""

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import django
import httpx

from scripts.support.api import Api

CONNECTIONS = 32  # at once, for everyone together
ANSWER_S = 10.0
SIGN_INS = 4  # at once: checking a password is slow on purpose


class NotReadyError(Exception):
    """The simulation cannot begin; the text says in one sentence what to do."""


@dataclass
class Account:
    """Someone signed in, and what the server says of her."""

    api: Api
    me: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.me["username"])

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The codes of the areas she serves."""
        return tuple(grant["area_code"] for grant in self.me["grants"])

    @property
    def departments(self) -> set[int]:
        return {grant["department"]["id"] for grant in self.me["grants"] if grant["department"]}


@dataclass(frozen=True)
class Staff:
    """User names of the demo, by what they do."""

    workers: list[str]
    acceptors: list[str]
    dispatchers: list[str]
    handlers: list[str]
    password: str


def demo_staff() -> Staff:
    """The people that the seed of the demo town makes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridmap.settings")
    django.setup()
    from gridmap.management import demo  # noqa: PLC0415  # it imports models, which need Django set up
    from gridmap.models import Role  # noqa: PLC0415

    def names(role: Role) -> list[str]:
        return [person.username for person in demo.PEOPLE if person.role == role]

    workers = sorted(demo.cells_of_workers([]))
    return Staff(workers, names(Role.ACCEPTOR), names(Role.DISPATCHER), names(Role.HANDLER), demo.PASSWORD)


def shared_client() -> httpx.AsyncClient:
    """One bounded pool of connections for everybody. It keeps no cookies: each account sends its own."""
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    # Waiting for a free connection is no failure of the server.
    client = httpx.AsyncClient(limits=limits, timeout=httpx.Timeout(ANSWER_S, pool=None), trust_env=False)
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
    return client


class Session(Api):
    """Calls with the cookies of a browser; the socket of the same user sends them, too."""

    def __init__(self, url: str, cookies: dict[str, str], client: httpx.AsyncClient) -> None:
        super().__init__(url, "", client=client)
        self.headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-CSRFToken": cookies["csrftoken"],
            "Origin": url,
        }


async def sign_in_all(url: str, names: Iterable[str], password: str, client: httpx.AsyncClient) -> dict[str, Account]:
    """Sign everyone in, by user name; raises NotReadyError."""
    gate = asyncio.Semaphore(SIGN_INS)

    async def one(name: str) -> Account:
        async with gate:
            return await _sign_in(url, name, password, client)

    try:
        signed_in = await asyncio.gather(*map(one, names))
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise NotReadyError(f"{url} is no address: write it like http://127.0.0.1:8000") from None
    except httpx.TransportError as error:
        raise NotReadyError(
            f"No server answers at {url} ({type(error).__name__}): start one with scripts/run, or name another with --url."
        ) from None
    return {account.name: account for account in signed_in}


async def _sign_in(url: str, name: str, password: str, client: httpx.AsyncClient) -> Account:
    page = await client.get(f"{url}/login")
    token = page.cookies.get("csrftoken")
    if token is None:
        raise NotReadyError(f"What answers at {url} has no sign-in page: name another address with --url.")
    answer = await client.post(
        f"{url}/api/login",
        json={"username": name, "password": password},
        headers={"Cookie": f"csrftoken={token}", "X-CSRFToken": token, "Origin": url},
    )
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise NotReadyError(f"The demo account {name} is missing at {url}: fill the demo town with manage.py seed.")
    if answer.is_error:
        raise NotReadyError(f"Signing in as {name} at {url} answers {answer.status_code}: look at the server's log.")
    return Account(Session(url, dict(answer.cookies), client), answer.json())
