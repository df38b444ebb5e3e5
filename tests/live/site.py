"""A real server on a database of its own with the tiny town, and clients of its live channel."""

import asyncio
import functools
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

import httpx
from django.db import connection, connections, transaction

from gridmap import actions, events
from gridmap.models import User
from incidents.events import Card
from scripts.support.api import Api, new_client
from scripts.support.live import LiveClient
from scripts.support.processes import Server
from tests.factories import CELL, STREET, Town, report_body

P = ParamSpec("P")
T = TypeVar("T")


def in_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an async test, two minutes at most."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(limited(*args, **kwargs))

    async def limited(*args: P.args, **kwargs: P.kwargs) -> None:
        async with asyncio.timeout(120):
            await test(*args, **kwargs)

    return run


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do what asks the database in a thread, whose connection is closed again."""

    def run() -> T:
        try:
            return work(*args, **kwargs)
        finally:
            connections.close_all()

    return await asyncio.to_thread(run)


@dataclass(frozen=True)
class Site:
    """What a test of the live channel works with; the town stays from one test to the next."""

    server: Server
    town: Town

    def on(self, server: Server) -> "Site":
        """The same town, served by another server."""
        return Site(server, self.town)

    @asynccontextmanager
    async def clients(self, *who: str) -> AsyncIterator[list["Client"]]:
        """Clients of people of the town, connected and greeted; gone afterwards."""
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(new_client())
            found = [Client(self, http, token=self.town.callers[name].token) for name in who]
            for client in found:
                stack.push_async_callback(client.live.stop)
                await client.start()
            yield found

    @asynccontextmanager
    async def client(self, who: str = "", token: str = "") -> AsyncIterator["Client"]:
        """A client that was not started yet."""
        async with new_client() as http:
            client = Client(self, http, token=token or self.town.callers[who].token)
            try:
                yield client
            finally:
                await client.live.stop()


class Client:
    """One person: her calls of the API and her live channel."""

    def __init__(self, site: Site, http: httpx.AsyncClient, token: str) -> None:
        self.api = Api(site.server.url, token, client=http, retry=False)
        self.live = LiveClient(self.api, longest_pause=0.5)
        self.kinds: list[str] = []
        self.live.on_event = lambda event, live: self.kinds.append(event["kind"])

    async def start(self) -> None:
        await self.live.start()
        await self.live.until(lambda: self.live.groups, "welcome")

    async def report(self, **changes: Any) -> dict[str, Any]:
        card: dict[str, Any] = await self.api.post("/incidents", report_body(**changes))
        return card

    async def act(self, card: dict[str, Any], action: str, **given: Any) -> dict[str, Any]:
        body = {"mutation_id": str(uuid.uuid4()), "version": card["version"], **given}
        after: dict[str, Any] = await self.api.post(f"/incidents/{card['id']}/{action}", body)
        return after

    async def sees(self, card: dict[str, Any], seconds: float = 10) -> None:
        """Wait until her picture holds the case in this version or a later one."""

        def there() -> bool:
            return bool(self.live.cards.get(card["id"], {"version": 0})["version"] >= card["version"])

        await self.live.until(there, f"{card['number']} version {card['version']}", seconds)

    async def fresh(self) -> dict[str, dict[str, Any]]:
        """The picture as a snapshot shows it now."""
        page = await self.api.get("/incidents", limit=200)
        assert page["next"] is None
        return {card["id"]: card for card in page["items"]}


def filler(card: dict[str, Any]) -> events.Draft:
    """An event of the size of a real one that changes nothing."""
    payload = Card(**{name: value for name, value in card.items() if name in Card.model_fields})
    return events.Draft(
        kind="incident.noted", area_code=CELL, object_id=card["id"], version=card["version"], payload=payload
    )


def burst(card: dict[str, Any], count: int, at_once: int = 200) -> None:
    """Write `count` events into the log of the street, `at_once` in a transaction."""
    for start in range(0, count, at_once):
        with transaction.atomic():
            for _ in range(min(at_once, count - start)):
                events.record(filler(card), None)


def head() -> int:
    """The last number of the street's stream."""
    with connection.cursor() as cursor:
        cursor.execute("select seq from gridmap_streamhead where stream = %s", [STREET])
        return int(cursor.fetchone()[0])


def new_user(role: Any = None, area: str = STREET, **grant: Any) -> tuple[User, str]:
    """A user of one test alone, and her token."""
    user = actions.put_user(f"live-{uuid.uuid4().hex[:12]}", name="临时")
    if role:
        actions.grant(user, role, area, **grant)
    return user, actions.issue_token(user, label="test")


def now() -> str:
    return datetime.now(UTC).isoformat()
