"""The socket of one client: who it is, which groups it may hear, and what it says (only that it has caught up)."""

import asyncio
import contextlib
import os
from types import SimpleNamespace
from typing import Any, cast

import orjson
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db import Error
from django.http import HttpRequest

from gridmap import access, queries
from gridmap.http import bearer_of, user_of_token
from gridmap.live.hub import Hub, group_name, person_group
from gridmap.live.socket import Groups, Socket
from gridmap.models import User

NOT_SIGNED_IN, NO_SCOPE, TOO_LONG = 4401, 4403, 1009
MOST_CHARS = 1000  # of what a client has to say
RECHECK_S = float(os.environ.get("GRIDMAP_RECHECK_S", "60"))  # how long a socket may outlive its session or token
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
    groups = {person_group("grant", user_id)}
    for domain, view in queries.VIEWS.items():
        for clause in access.scope_of(user, view).clauses if user else ():
            groups |= {group_name(domain, clause.prefix, clause.department), person_group(domain, user_id)}
    return tuple(sorted(groups)) if len(groups) > 1 else ()


def _known(scope: dict[str, Any]) -> int | None:
    """The user whom the credentials of a connection name now: a session ends, a token is taken back."""
    token = bearer_of(scope)
    if token is not None:
        user = user_of_token(token)
        return user.pk if user else None
    session = SessionStore(scope["session"].session_key)
    return get_user(cast(HttpRequest, SimpleNamespace(session=session))).pk


_groups = database_sync_to_async(groups_of_user)
_who = database_sync_to_async(_known)


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """`/ws/live`. Delivery goes from the hub straight to the server: no channel layer and no middleware takes part."""

    socket: Socket | None = None
    running: asyncio.Task[None] | None = None
    user_id: int | None = None
    outdated = False  # the grants changed while they were read
    ended: int | None = None  # the code with which we closed it

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.running = asyncio.current_task()
        watch = asyncio.ensure_future(self._watch(scope))
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if self.ended is None:
                raise
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.close(self.ended), POLITE_S)
        finally:
            watch.cancel()
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

    async def _watch(self, scope: dict[str, Any]) -> None:
        """Close what outlives its session, its token or its user; a database that is away decides nothing."""
        while True:
            await asyncio.sleep(RECHECK_S)
            with contextlib.suppress(Error):
                if self.user_id is not None and await _who(scope) != self.user_id:
                    self.end(NOT_SIGNED_IN)

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
