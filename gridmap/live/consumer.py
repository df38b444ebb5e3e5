"""The socket of one client: who it is, which groups it may hear, and what it says (only that it has caught up)."""

import asyncio
import contextlib
from typing import Any

import orjson
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth.models import AnonymousUser

from gridmap import access, queries
from gridmap.live.hub import Hub, group_name
from gridmap.live.socket import Groups, Socket
from gridmap.models import User

NOT_SIGNED_IN, NO_SCOPE, TOO_LONG = 4401, 4403, 1009
MOST_CHARS = 1000  # of what a client has to say
POLITE_S = 1.0  # a client that does not read is not told why it is closed

_hub: Hub | None = None
_consumers: set["LiveConsumer"] = set()
_tasks: set[asyncio.Task[None]] = set()  # asyncio itself holds no task


def the_hub() -> Hub:
    """The hub of this process, started with the first socket."""
    global _hub
    if _hub is None:
        _hub = Hub(_regroup_user)
    return _hub


def groups_of_user(user_id: int) -> Groups:
    """The groups a user may hear now, from her grants as they stand: the same clauses that filter her reads."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    clauses = [
        group_name(domain, clause.prefix, clause.department)
        for domain, view in queries.VIEWS.items()
        for clause in (access.scope_of(user, view).clauses if user else ())
    ]
    return tuple(sorted({*clauses, f"person:{user_id}"})) if clauses else ()


_groups = database_sync_to_async(groups_of_user)


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """`/ws/live`. Delivery goes from the hub straight to the server: no channel layer and no middleware takes part."""

    socket: Socket | None = None
    running: asyncio.Task[None] | None = None
    user_id: int | None = None
    outdated = False  # the grants changed while they were read
    ended: int | None = None  # the code with which we closed it

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.running = asyncio.current_task()
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if self.ended is None:
                raise
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.close(self.ended), POLITE_S)
        finally:
            _consumers.discard(self)
            if self.socket:
                the_hub().leave(self.socket)
            # No circle may hold the server's `send`: granian ends a connection that nobody reads when it is forgotten.
            self.socket = self.running = None

    async def connect(self) -> None:
        await self.accept()
        user = self.scope.get("user", AnonymousUser())
        if not user.is_authenticated:
            await self.close(code=NOT_SIGNED_IN)
            return
        self.user_id = user.pk
        _consumers.add(self)
        await the_hub().ready
        groups = await _groups(user.pk)
        if not groups:
            await self.close(code=NO_SCOPE)
            return
        self.socket = Socket(self.scope.get("gridmap.send", self.base_send), self.end, groups)
        the_hub().join(self.socket)
        if self.outdated:
            await self.regroup()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """{"type": "caught_up"}: the client has read the log after it fell behind."""
        if len(text_data or bytes_data or "") > MOST_CHARS:
            await self.close(code=TOO_LONG)
            return
        with contextlib.suppress(orjson.JSONDecodeError):
            said = orjson.loads(text_data or "null")
            if self.socket and isinstance(said, dict) and said.get("type") == "caught_up":
                the_hub().greet(self.socket)

    async def regroup(self) -> None:
        """Take up changed grants: join what was granted, leave what was not, close when nothing is left."""
        if self.socket is None or self.user_id is None:
            self.outdated = True
            return
        groups = await _groups(self.user_id)
        if groups:
            the_hub().regroup(self.socket, groups)
        else:
            self.end(NO_SCOPE)

    def end(self, code: int) -> None:
        """Close from our side, whether or not the client still reads. First it stops to receive: granian does not do both."""
        if self.ended is None and self.running:
            self.ended = code
            self.running.cancel()


def _regroup_user(user_id: int) -> None:
    for consumer in _consumers:
        if consumer.user_id == user_id:
            task = asyncio.ensure_future(consumer.regroup())
            _tasks.add(task)
            task.add_done_callback(_tasks.discard)
