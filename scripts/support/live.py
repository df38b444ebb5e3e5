"""A client of the live channel that keeps its rule: nothing missed, nothing twice, everything in order."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from typing import Any

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from scripts.support.api import Api, RefusedError
from scripts.support.cursors import Cursors, Event, Frame

SILENCE_S = 8.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 20.0
GOODBYE = frozenset({4401, 4403})  # not signed in, nothing to see: coming again is no use


class LiveClient:
    """Keeps a picture of the incidents of one user by snapshot and events, over any number of connections.

    `on_event(event, live)` is called once for each event, in order; `live` is false for those that a catch-up brought.
    """

    def __init__(
        self, api: Api, *, on_event: Callable[[Event, bool], None] | None = None, longest_pause: float = LONGEST_PAUSE_S
    ) -> None:
        self.api = api
        self.on_event = on_event
        self.longest_pause = longest_pause
        self.cursors = Cursors()
        self.cards: dict[str, dict[str, Any]] = {}
        self.workers: dict[int, dict[str, Any]] = {}
        self.applied: list[tuple[str, int]] = []
        self.groups: list[str] = []
        self.closed_with: int | None = None
        self.connections = self.catch_ups = self.resets = self.scopes = self.behinds = 0
        self.heard_at = 0.0
        self.drop: Callable[[Frame], bool] = lambda frame: False  # frames that a test loses on purpose
        self.connection: ClientConnection | None = None
        self.task: asyncio.Task[None] | None = None

    # --- life ---

    async def start(self) -> None:
        """Load the snapshot, then connect and stay connected."""
        await self.snapshot()
        self.task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self.task:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task

    def cut(self) -> None:
        """Break the connection without a word, as a tunnel does."""
        if self.connection:
            self.connection.transport.abort()

    async def until(self, holds: Callable[[], object], what: str, seconds: float = 10) -> None:
        """Wait for something; raise TimeoutError with what was awaited."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {seconds:g} s: {what}")
            if self.task and self.task.done() and self.closed_with is None:
                await self.task
            await asyncio.sleep(0.01)

    async def _run(self) -> None:
        attempt = 0
        while self.closed_with not in GOODBYE:
            before = self.heard_at
            with contextlib.suppress(OSError, WebSocketException, TimeoutError, RefusedError, httpx.HTTPError):
                await self._connection()
            attempt = 0 if self.heard_at > before else attempt + 1
            most = min(self.longest_pause, FIRST_PAUSE_S * 2**attempt)
            await asyncio.sleep(random.uniform(0, most))  # noqa: S311  # full jitter: not all at once

    async def _connection(self) -> None:
        address = self.api.url.replace("http", "ws", 1).removesuffix("/api") + "/ws/live"
        async with connect(
            address, additional_headers=self.api.headers, compression=None, ping_interval=None, proxy=None
        ) as socket:
            self.connection = socket
            self.connections += 1
            try:
                while True:
                    async with asyncio.timeout(SILENCE_S):  # not wait_for(), which may swallow that we are stopped
                        message = await socket.recv()
                    self.heard_at = time.monotonic()
                    await self._take([f for f in orjson.loads(message) if not self.drop(f)])
            finally:
                self.connection = None
                self.closed_with = socket.close_code

    # --- the rule ---

    async def _take(self, frames: list[Frame]) -> None:
        events = self.cursors.take(frames)
        while events is None:
            await self.catch_up()
            events = self.cursors.take(frames, again=True)
        self._apply(events, live=True)
        for frame in frames:
            match frame["type"]:
                case "welcome":
                    self.groups = frame["groups"]
                case "behind":
                    self.behinds += 1
                    await self.catch_up()
                    await self._say({"type": "caught_up"})
                case "scope":
                    self.scopes += 1
                    await self.snapshot()
                case "positions":
                    self._place(frame)

    async def _say(self, what: dict[str, Any]) -> None:
        if self.connection:
            await self.connection.send(orjson.dumps(what).decode())

    async def catch_up(self) -> None:
        """Read the log from the base to its head; where it cannot be continued, load the snapshot."""
        self.catch_ups += 1
        more = True
        while more:
            answer = await self.api.get("/events", since=self.cursors.since())
            if answer["reset"]:
                self.resets += 1
                await self.snapshot()
                return
            self._apply(self.cursors.answered(answer), live=False)
            more = answer["more"]

    async def snapshot(self) -> None:
        """All open and closed cases of the scope, and the cursors read before them."""
        page = await self.api.get("/incidents", limit=200)
        cursors, cards = page["cursors"], page["items"]
        while page["next"]:
            page = await self.api.get("/incidents", limit=200, cursor=page["next"])
            cards += page["items"]
        self.cards = {card["id"]: card for card in cards}
        self.cursors.seed(cursors)

    def _apply(self, events: list[Event], *, live: bool) -> None:
        for event in events:
            self.applied.append((event["stream"], event["seq"]))
            self.show(event)
            if self.on_event:
                self.on_event(event, live)

    def show(self, event: Event) -> None:
        """Take an event into the picture."""
        card = event["payload"]
        if event["kind"].startswith("incident.") and "id" in card:
            known = self.cards.get(card["id"])
            if known is None or known["version"] < card["version"]:
                own = ("changed", "was")  # of the news, not of the card
                self.cards[card["id"]] = {name: value for name, value in card.items() if name not in own}

    def _place(self, frame: Frame) -> None:
        if frame["whole"]:
            self.workers = {}
        for worker in frame["workers"]:
            if worker["on"]:
                self.workers[worker["id"]] = worker
            else:
                self.workers.pop(worker["id"], None)
