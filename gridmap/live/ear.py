"""Hears the bell in a thread of its own, and reads from the log what it rang for.

A hint may be lost: the connection breaks, Redis restarts. So the heads of all streams are read again after every break
and every `POLL_S`; while there is no bell at all, every second. The database may be away: the ear waits for it.
"""

import contextlib
import logging
import select
import threading
import time
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
PLACED_S = 1.0  # between two reads of the positions
POLL_S = 15.0
RETRY_S = 1.0
DEAF_S = 8.0
NAME = "gridmap ear"  # how its connection is found among those of the web server
READ_LIMIT = 500  # entries read at a time: about what a socket may have waiting


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
        self.poll = (
            select.poll()
        )  # not select(): a process with a thousand sockets has higher file numbers than that takes
        self.poll.register(conn, select.POLLIN)
        with conn.cursor() as cursor:
            cursor.execute(f"listen {BELL}")

    def wait(self, seconds: float) -> bool:
        if not self.conn.notifies:
            self.poll.poll(seconds * 1000)
            self.conn.poll()
        rang = bool(self.conn.notifies)
        self.conn.notifies.clear()
        return rang

    def close(self) -> None:
        """The connection is the ear's."""


class RedisBell:
    def __init__(self, url: str) -> None:
        # A Redis that takes the connection and says nothing more is no bell; silence between rings is asked for with a
        # time of its own and no error.
        client = redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=1)
        self.pubsub = client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]  # redis leaves it untyped
        self.pubsub.subscribe(BELL)

    def wait(self, seconds: float) -> bool:
        rang = self.pubsub.get_message(timeout=seconds) is not None
        while rang and self.pubsub.get_message(timeout=0) is not None:
            pass
        return rang

    def close(self) -> None:
        with contextlib.suppress(redis.RedisError):
            self.pubsub.close()


class Listener(Protocol):
    """What the ear tells, from its own thread."""

    def heard(self, heads: Heads, entries: list[Entry]) -> None:
        """New entries of some streams, in order, and how far they go."""

    def moved(self, workers: list[Worker]) -> None:
        """Who is on duty and where, once a second while `wants_positions`."""

    def replaced(self, heads: Heads) -> None:
        """The log is not the one that was read before: numbers begin anew."""


class Ear(threading.Thread):
    """Reads the log and the positions for one listener, whatever becomes of the database meanwhile."""

    def __init__(self, listener: Listener) -> None:
        super().__init__(name="ear", daemon=True)
        self.listener = listener
        self.seen: Heads = {}
        self.wants_positions = False
        self.ready = threading.Event()
        self.awake = time.monotonic()  # when the log was last within reach

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

    def deaf(self) -> bool:
        """Whether the log has been out of reach for longer than any wait for the bell takes."""
        return time.monotonic() - self.awake > DEAF_S

    def _listen(self) -> None:
        with contextlib.closing(_connect()) as conn:
            bell: Bell | None = None if settings.REDIS_URL else NotifyBell(conn)
            self._read(conn)  # after LISTEN: what commits from here on rings
            self.ready.set()
            polled = placed = time.monotonic()
            while True:
                self.awake = time.monotonic()
                if bell is None and (bell := _redis_bell()):
                    self._read(conn)  # what rang before it listened
                started = time.monotonic()
                rang = self._wait(bell)
                if rang is None and bell:
                    bell.close()
                    bell = None
                now = time.monotonic()
                if rang or now - polled >= (POLL_S if bell else RETRY_S):
                    polled = now
                    self._read(conn)
                if self.wants_positions and now - placed >= PLACED_S:
                    placed = now
                    self.listener.moved(_workers(conn))
                time.sleep(max(0.0, TICK_S - (time.monotonic() - started)) if rang else 0)

    def _wait(self, bell: Bell | None) -> bool | None:
        """Whether the bell rang; None when it broke (Redis), an error when the database did."""
        if bell is None:
            time.sleep(RETRY_S / 4)
            return False
        try:
            return bell.wait(PLACED_S / 4 if self.wants_positions else 1.0)
        except redis.RedisError as broken:
            log.warning("the Redis bell broke, the heads are polled meanwhile: %s", broken)
            return None

    def _read(self, conn: Any) -> None:
        heads = _heads(conn)
        if not self.ready.is_set():
            self.seen = heads
        elif any(s not in heads or heads[s][0] != epoch or heads[s][1] < seq for s, (epoch, seq) in self.seen.items()):
            self.seen = heads
            self.listener.replaced(heads)
        reached = {s: self.seen[s][1] if s in self.seen else 0 for s in heads}
        while moved := [s for s, (_, seq) in heads.items() if seq > reached[s]]:
            entries = _entries(conn, {s: reached[s] for s in moved}, heads)
            full = len(entries) >= READ_LIMIT
            reached |= {entry.stream: entry.seq for entry in entries}
            reached |= {} if full else {s: heads[s][1] for s in moved}
            now_seen = {s: (heads[s][0], reached[s]) for s in moved}
            self.seen = self.seen | now_seen  # a new one: the hub may be copying the old one
            self.listener.heard(now_seen, entries)


def _redis_bell() -> RedisBell | None:
    try:
        return RedisBell(settings.REDIS_URL)
    except redis.RedisError:
        return None


def _connect() -> Any:
    params = {
        k: v for k, v in django_connection.get_connection_params().items() if k not in ("cursor_factory", "context")
    }
    conn = psycopg2.connect(
        **params | {"application_name": NAME},
        connect_timeout=5,
        keepalives_idle=5,
        keepalives_interval=2,
        tcp_user_timeout=10_000,
    )
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
