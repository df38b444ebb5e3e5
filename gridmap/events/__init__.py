"""The log: every change is one typed event, numbered without gaps per street, written in the transaction of the change.

Raising a stream's counter locks its row until the commit, so the order of numbers is the order of commits; that is why
`record` comes last in a transaction. The bell rings exactly when the commit does (NOTIFY), or just after it (Redis).
"""

import secrets
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, reduce
from operator import or_
from typing import Any, cast

import redis
from django.conf import settings
from django.db import connection, transaction
from django_tasks.base import Task
from ninja import Schema

from gridmap import areacode
from gridmap.events.base import EventBase, Nothing
from gridmap.events.kinds import (
    AreaEvent,
    CellsEvent,
    DepartmentEvent,
    DepartmentNow,
    EndOfLooks,
    FormEvent,
    FormExported,
    FormExportEvent,
    GrantEvent,
    HookEvent,
    HookNow,
    ImportEvent,
    ImportNow,
    LooksEvent,
    PersonEvent,
    PersonNow,
    PlanNow,
    PledgeEvent,
    PledgeNow,
    RecordEvent,
    RecordNow,
)  # fmt: skip
from gridmap.models import User

__all__ = [
    "BELL",
    "EVENT",
    "HEAD",
    "RING",
    "AreaEvent",
    "CellsEvent",
    "DepartmentEvent",
    "DepartmentNow",
    "Draft",
    "EndOfLooks",
    "EventBase",
    "FormEvent",
    "FormExportEvent",
    "FormExported",
    "GrantEvent",
    "HookEvent",
    "HookNow",
    "ImportEvent",
    "ImportNow",
    "LooksEvent",
    "Nothing",
    "PersonEvent",
    "PersonNow",
    "PlanNow",
    "PledgeEvent",
    "PledgeNow",
    "RecordEvent",
    "RecordNow",
    "execute",
    "kinds",
    "on",
    "record",
    "record_all",
    "record_many",
    "register",
    "ring",
    "union",
]  # fmt: skip

BELL = "gridmap"
MUTE_S = 2.0  # the hubs poll every second while they have no bell

# Parts of one statement: `head` is the raised counter, `event` the stored entry. Hot writes add their own part.
HEAD = """head as (
    insert into gridmap_streamhead (stream, epoch, seq, min_seq) values (%(stream)s, %(epoch)s, 1, 1)
    on conflict (stream) do update set seq = gridmap_streamhead.seq + 1 returning stream, seq)"""
EVENT = """event as (
    insert into gridmap_streamevent
        (stream, seq, kind, area_code, departments, persons, object_id, object_version, payload, actor_id, created_at)
    select stream, seq, %(kind)s, %(area_code)s, %(departments)s::bigint[], %(persons)s::bigint[], %(object_id)s,
        %(version)s, {payload}, %(actor)s, coalesce(%(at)s, clock_timestamp()) from head returning stream, seq)"""
# NOTIFY makes commits wait for each other; with Redis as the bell it is left out.
NOTIFY = "null" if settings.REDIS_URL else "pg_notify(%(bell)s, stream || ':' || seq)"
RING = f"select {NOTIFY}, stream, seq from event"
# Many events of one stream: the counter is raised once by their number.
MANY = f"""with head as (
    insert into gridmap_streamhead (stream, epoch, seq, min_seq) values (%(stream)s, %(epoch)s, %(count)s, 1)
    on conflict (stream) do update set seq = gridmap_streamhead.seq + %(count)s returning stream, seq),
    stored as (insert into gridmap_streamevent
        (stream, seq, kind, area_code, departments, persons, object_id, object_version, payload, actor_id, created_at)
    select stream, seq - %(count)s + e.number, e.kind, e.area_code, '{{}}', '{{}}', e.object_id, e.version, e.payload::jsonb, %(actor)s,
        statement_timestamp()
    from head, unnest(%(kinds)s::text[], %(areas)s::text[], %(objects)s::text[], %(versions)s::int[], %(payloads)s::text[])
        with ordinality as e (kind, area_code, object_id, version, payload, number))
    select {NOTIFY}, stream, seq from head"""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An event before it has its number. `departments` and `persons` are told besides the area and its ancestors."""

    kind: str
    area_code: str
    object_id: str
    version: int = 0
    payload: Schema
    departments: tuple[int, ...] = ()
    persons: tuple[int, ...] = ()
    at: datetime | None = None

    def params(self, actor: User | None) -> dict[str, Any]:
        """The named parameters of HEAD, EVENT and RING."""
        if not isinstance(self.payload, _payload_type(self.kind)):
            raise TypeError(f"{self.kind} takes {_payload_type(self.kind).__name__}, not {type(self.payload).__name__}")
        return {
            "stream": areacode.stream_of(self.area_code),
            "epoch": secrets.token_hex(6),
            "kind": self.kind,
            "area_code": self.area_code,
            "departments": list(self.departments),
            "persons": list(self.persons),
            "object_id": self.object_id,
            "version": self.version,
            "payload": self.payload.model_dump_json(),
            "actor": actor.pk if actor else None,
            "at": self.at,
            "bell": BELL,
        }


_classes: dict[str, type[EventBase]] = {}
_jobs: defaultdict[str, list[Task[..., Any]]] = defaultdict(list)


def register(*classes: type[EventBase]) -> None:
    """Make event classes known, by every kind that their `kind` names."""
    for cls in classes:
        for kind in cls.model_fields["kind"].annotation.__args__:  # type: ignore[union-attr]  # Literal of kinds
            _classes[kind] = cls


def on(kind: str, task: Task[..., Any]) -> None:
    """Run `task(stream, seq, object_id)` for every event of this kind: the commit that stores the event queues it."""
    if task not in _jobs[kind]:
        _jobs[kind].append(task)


def union() -> Any:
    """The union of all event classes: what the catch-up endpoint returns and the client's types are made from."""
    return reduce(or_, dict.fromkeys(_classes.values()))


def kinds() -> list[str]:
    return sorted(_classes)


def _payload_type(kind: str) -> type[Schema]:
    return cast(type[Schema], _classes[kind].model_fields["payload"].annotation)


def record(draft: Draft, actor: User | None) -> tuple[str, int]:
    """Store the event and ring; returns (stream, seq). Call it inside the transaction of the change, last."""
    sql = f"with {HEAD}, {EVENT.format(payload='%(payload)s::jsonb')} {RING}"
    return execute(draft, sql, draft.params(actor))


def execute(draft: Draft, sql: str, params: dict[str, Any]) -> tuple[str, int]:
    """Run a statement that ends in RING; queue the jobs of the event and, with Redis, ring after the commit."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an event is recorded in the transaction of its change")
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        _, stream, seq = cursor.fetchone()
    for task in _jobs[draft.kind]:
        task.enqueue(stream, seq, draft.object_id)
    if settings.REDIS_URL:
        transaction.on_commit(lambda: ring(stream, seq), robust=True)
    return stream, seq


def record_all(drafts: Iterable[Draft], actor: User | None) -> None:
    """Store several events, streams in the order of their codes so that two such transactions never wait in a ring."""
    for draft in sorted(drafts, key=lambda d: areacode.stream_of(d.area_code)):
        record(draft, actor)


def record_many(drafts: Iterable[Draft], actor: User | None) -> list[tuple[str, int, int]]:
    """Store many events of areas with one statement per stream, in their order; (stream, first, last) of each stream.

    For what is written by the thousand. Events that departments or persons are told besides, or that jobs wait for, are not.
    """
    streams: defaultdict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.departments or draft.persons or _jobs[draft.kind]:
            raise ValueError(f"{draft.kind} is told one by one")
        streams[areacode.stream_of(draft.area_code)].append(draft)
    return [_store_many(stream, streams[stream], actor) for stream in sorted(streams)]


def _store_many(stream: str, drafts: list[Draft], actor: User | None) -> tuple[str, int, int]:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an event is recorded in the transaction of its change")
    params: dict[str, Any] = {
        "stream": stream, "epoch": secrets.token_hex(6), "count": len(drafts), "actor": actor.pk if actor else None, "bell": BELL,
        "kinds": [one.kind for one in drafts], "areas": [one.area_code for one in drafts],
        "objects": [one.object_id for one in drafts], "versions": [one.version for one in drafts],
        "payloads": [one.payload.model_dump_json() for one in drafts],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(MANY, params)
        _, stream, seq = cursor.fetchone()
    if settings.REDIS_URL:
        transaction.on_commit(lambda: ring(stream, seq), robust=True)
    return stream, seq - len(drafts) + 1, seq


@cache
def _redis() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)


_mute_until = 0.0


def ring(stream: str, seq: int) -> None:
    """Ring the Redis bell. A bell that fails never fails a write: the hubs look at the heads by themselves.

    One that failed is left alone for a while, so that a Redis that hangs does not slow down every write.
    """
    global _mute_until
    if time.monotonic() < _mute_until:
        return
    try:
        _redis().publish(BELL, f"{stream}:{seq}")
    except redis.RedisError:
        _mute_until = time.monotonic() + MUTE_S


register(
    AreaEvent,
    CellsEvent,
    DepartmentEvent,
    FormEvent,
    FormExportEvent,
    GrantEvent,
    HookEvent,
    ImportEvent,
    LooksEvent,
    PersonEvent,
    PledgeEvent,
    RecordEvent,
)
