"""Hears the bell in a thread of its own, and reads from the log what it rang for.

A hint may be lost: the connection breaks, Redis restarts. So the heads of all streams are read again after every break
and every `POLL_S`; while there is no bell at all, every second. The database may be away: the ear waits for it.
"""

import contextlib
import logging
import select
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg2
import psycopg2.extensions
import redis
from django.conf import settings
from django.db import connection as django_connection

from gridmap.events import BELL
from gridmap.queries import EVENT_JSON

log = logging.getLogger(__name__)

TICK_S = 0.05  # frames of this long are sent as one batch: 3 to 8 times less work per delivery than one by one
POLL_S = 15.0
RETRY_S = 1.0
READ_LIMIT = 2000  # entries read at a time; more follow in the next tick


@dataclass(frozen=True)
class Entry:
    """One event as the hub needs it: where it belongs, and its JSON made once by the database."""

    stream: str
    epoch: str
    seq: int
    kind: str
    area_code: str
    departments: tuple[int, ...]
    persons: tuple[int, ...]
    object_id: str
    text: str


@dataclass(frozen=True)
class Worker:
    """A worker on duty with her last position (degrees, metres)."""

    id: int
    name: str
    area: str
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    fixed_at: str | None


Heads = dict[str, tuple[str, int]]


class Bell(Protocol):
    def wait(self, seconds: float) -> bool:
        """Whether it rang within the time; raises when it broke."""

    def close(self) -> None: ...


class NotifyBell:
    """LISTEN on the ear's own connection: it rings exactly when a commit does."""

    def __init__(self, conn: Any) -> None:
        self.conn = conn
        with conn.cursor() as cursor:
            cursor.execute(f"listen {BELL}")

    def wait(self, seconds: float) -> bool:
        if not self.conn.notifies:
            select.select([self.conn], [], [], seconds)
            self.conn.poll()
        rang = bool(self.conn.notifies)
        self.conn.notifies.clear()
        return rang

    def close(self) -> None:
        """The connection is the ear's."""


class RedisBell:
    def __init__(self, url: str) -> None:
        # No time limit on an idle socket: redis-py 8 closes one after five seconds of silence by default.
        self.pubsub = redis.Redis.from_url(url, socket_timeout=None, socket_connect_timeout=1).pubsub(  # type: ignore[no-untyped-call]
            ignore_subscribe_messages=True
        )
        self.pubsub.subscribe(BELL)

    def wait(self, seconds: float) -> bool:
        rang = self.pubsub.get_message(timeout=seconds) is not None
        while rang and self.pubsub.get_message(timeout=0) is not None:
            pass
        return rang

    def close(self) -> None:
        with contextlib.suppress(redis.RedisError):
            self.pubsub.close()


class Ear(threading.Thread):
    """Calls `heard(heads, entries, workers)` from its thread; `workers` is None while nobody looks at positions."""

    def __init__(self, heard: Callable[[Heads, list[Entry], list[Worker] | None], None]) -> None:
        super().__init__(name="ear", daemon=True)
        self.heard = heard
        self.seen: Heads = {}
        self.wants_positions = False
        self.ready = threading.Event()

    def run(self) -> None:
        while True:
            try:
                self._listen()
            except (psycopg2.Error, OSError) as broken:
                log.warning("the ear lost the database and tries again: %s", str(broken).strip())
                time.sleep(RETRY_S / 2)
            except Exception:
                log.exception("the ear failed and starts again")
                time.sleep(RETRY_S)

    def _listen(self) -> None:
        with contextlib.closing(_connect()) as conn:
            bell: Bell | None = NotifyBell(conn) if not settings.REDIS_URL else None
            if not self.ready.is_set():
                self.seen = _heads(conn)  # after LISTEN: what commits from here on rings or is already counted
                self.ready.set()
            polled = positions = 0.0
            while True:
                if bell is None:
                    bell = _redis_bell()
                    polled = 0.0
                started = time.monotonic()
                rang = self._wait(bell)
                if rang is None and bell:
                    bell.close()
                    bell = None
                now = time.monotonic()
                if rang or now - polled >= (POLL_S if bell else RETRY_S):
                    polled = now if not rang else polled
                    self._read(conn)
                if self.wants_positions and now - positions >= 1.0:
                    positions = now
                    self.heard({}, [], _workers(conn))
                time.sleep(max(0.0, TICK_S - (time.monotonic() - started)) if rang else 0)

    def _wait(self, bell: Bell | None) -> bool | None:
        """Whether the bell rang; None when it broke (Redis), an error when the database did."""
        if bell is None:
            time.sleep(RETRY_S / 4)
            return False
        try:
            return bell.wait(0.25 if self.wants_positions else 1.0)
        except redis.RedisError as broken:
            log.warning("the Redis bell broke, the heads are polled meanwhile: %s", broken)
            return None

    def _read(self, conn: Any) -> None:
        heads = _heads(conn)
        behind = {
            s: (0 if self.seen.get(s, (epoch, 0))[0] != epoch else self.seen.get(s, ("", 0))[1])
            for s, (epoch, _) in heads.items()
        }
        moved = [s for s, (_, seq) in heads.items() if seq > behind[s]]
        while moved:
            entries = _entries(conn, {s: behind[s] for s in moved}, heads)
            for entry in entries:
                behind[entry.stream] = entry.seq
            full = len(entries) >= READ_LIMIT
            reached = {s: (heads[s][0], behind[s] if full else heads[s][1]) for s in moved}
            self.seen.update(reached)
            self.heard(reached, entries, None)
            moved = [s for s in moved if behind[s] < heads[s][1]] if full else []


def _redis_bell() -> RedisBell | None:
    try:
        return RedisBell(settings.REDIS_URL)
    except redis.RedisError:
        return None


def _connect() -> Any:
    params = {
        k: v for k, v in django_connection.get_connection_params().items() if k not in ("cursor_factory", "context")
    }
    conn = psycopg2.connect(**params, connect_timeout=5)
    conn.set_session(autocommit=True)
    psycopg2.extensions.register_type(psycopg2.extensions.UNICODE, conn)
    return conn


def _heads(conn: Any) -> Heads:
    with conn.cursor() as cursor:
        cursor.execute("select stream, epoch, seq from gridmap_streamhead")
        return {stream: (epoch, seq) for stream, epoch, seq in cursor.fetchall()}


def _entries(conn: Any, after: dict[str, int], heads: Heads) -> list[Entry]:
    """Entries of each stream after a number and up to its head, in order."""
    sql = f"""select e.stream, h.epoch, e.seq, e.kind, e.area_code, e.departments, e.persons, e.object_id, {EVENT_JSON}
        from unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[]) as h (stream, epoch, after, until)
        join gridmap_streamevent e on e.stream = h.stream and e.seq > h.after and e.seq <= h.until
        order by e.stream, e.seq limit {READ_LIMIT}"""
    streams = list(after)
    with conn.cursor() as cursor:
        cursor.execute(
            sql, [streams, [heads[s][0] for s in streams], [after[s] for s in streams], [heads[s][1] for s in streams]]
        )
        return [Entry(s, ep, q, k, a, tuple(d), tuple(p), o, t) for s, ep, q, k, a, d, p, o, t in cursor.fetchall()]


def _workers(conn: Any) -> list[Worker]:
    sql = """select u.id, u.name, d.area_code, st_x(d.point), st_y(d.point), d.accuracy_m,
        to_char(d.fixed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        from gridmap_duty d join gridmap_user u on u.id = d.user_id order by u.id"""
    with conn.cursor() as cursor:
        cursor.execute(sql)
        return [Worker(*row) for row in cursor.fetchall()]
