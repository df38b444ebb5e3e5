"""The socket of one client: who it is, which groups it may hear, and what it says (only that it has caught up)."""

import asyncio
import contextlib
from typing import Any

import orjson
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth.models import AnonymousUser

from gridmap import access, queries
from gridmap.live.hub import Groups, Hub, Socket, group_name
from gridmap.models import User

NOT_SIGNED_IN, NO_SCOPE, TOO_SLOW = 4401, 4403, 4408
_hub: Hub | None = None


def the_hub() -> Hub:
    """The hub of this process, started with the first socket."""
    global _hub
    if _hub is None:
        _hub = Hub()
    return _hub


def groups_for(user_id: int) -> Groups:
    """The groups a user may hear now, from her grants as they stand: the same clauses that filter her reads."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return ()
    clauses = (
        group_name(domain, clause.prefix, clause.department)
        for domain, view in queries.VIEWS.items()
        for clause in access.scope_of(user, view).clauses
    )
    return tuple(sorted({*clauses, f"person:{user.pk}"}))


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """`/ws/live`. Delivery goes from the hub straight to `send`: no channel layer takes part."""

    socket: Socket | None = None
    tasks: list[asyncio.Task[Any]]

    async def connect(self) -> None:
        await self.accept()
        user = self.scope.get("user", AnonymousUser())
        groups = await database_sync_to_async(groups_for)(user.pk) if user.is_authenticated else ()
        if not groups:
            await self.close(code=NO_SCOPE if user.is_authenticated else NOT_SIGNED_IN)
            return
        hub = the_hub()
        hub.on_grant = _regroup_user
        await hub.ready
        self.socket = Socket(self._send_text, user.pk, groups)
        self.tasks = [asyncio.create_task(self._drain()), asyncio.create_task(self._watch())]
        hub.join(self.socket)
        _consumers.add(self)

    async def disconnect(self, code: int) -> None:
        _consumers.discard(self)
        if self.socket:
            the_hub().leave(self.socket)
            for task in self.tasks:
                task.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """{"type": "caught_up"}: the client has read the log after it fell behind."""
        with contextlib.suppress(orjson.JSONDecodeError):
            said = orjson.loads(text_data or "null")
            if self.socket and isinstance(said, dict) and said.get("type") == "caught_up":
                self.socket.behind_since = None

    async def regroup(self) -> None:
        """Take up changed grants: join what was granted, leave what was not, close when nothing is left."""
        if self.socket is None:
            return
        groups = await database_sync_to_async(groups_for)(self.socket.user_id)
        if groups:
            the_hub().regroup(self.socket, groups)
        else:
            await self.close(code=NO_SCOPE)

    async def _send_text(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text})

    async def _drain(self) -> None:
        assert self.socket
        with contextlib.suppress(Exception):  # the peer is gone; disconnect() follows
            await self.socket.drain()

    async def _watch(self) -> None:
        """Close a client that cannot keep up: it connects again and starts from its cursor."""
        assert self.socket
        while not the_hub().stuck(self.socket):
            await asyncio.sleep(5)
        await self.close(code=TOO_SLOW)


_consumers: set[LiveConsumer] = set()
_regrouping: set[asyncio.Task[None]] = set()


def _regroup_user(user_id: int) -> None:
    for consumer in [c for c in _consumers if c.socket and c.socket.user_id == user_id]:
        task = asyncio.ensure_future(consumer.regroup())
        _regrouping.add(task)
        task.add_done_callback(_regrouping.discard)
