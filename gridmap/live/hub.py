"""One hub per process: reads come from the ear once, each frame is encoded once per group, sockets have bounded buffers.

A group is what a grant makes visible: (domain of events, area code, department), or a person. A frame names the last
event that its group was sent before (`prev`), so a client can prove that it missed nothing; if it did, it asks
GET /api/events. Nothing here is the only copy of anything.
"""

import asyncio
import contextlib
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from gridmap import areacode, queries
from gridmap.live.ear import Ear, Entry, Heads, Worker

HEARTBEAT_S = 5.0
QUEUE_FRAMES = 200  # waiting messages of a socket; over that its payloads are dropped and it catches up from the log
QUEUE_BYTES = 512 * 1024
BEHIND_S = 30.0  # a client that has not caught up by then is closed

Groups = tuple[str, ...]  # "incident:990101001", "incident:990101001:7" (a department's), "person:12"


def group_name(domain: str, prefix: str, department: int | None = None) -> str:
    return f"{domain}:{prefix}" if department is None else f"{domain}:{prefix}:{department}"


def groups_of(entry: Entry) -> Iterable[str]:
    """The groups an event is sent to: its area and every ancestor, for all and per department, and its persons."""
    domain = entry.kind.split(".", 1)[0]
    for prefix in areacode.ancestors(entry.area_code):
        yield group_name(domain, prefix)
        for department in entry.departments:
            yield group_name(domain, prefix, department)
    for person in entry.persons:
        yield f"person:{person}"


@dataclass(eq=False)
class Socket:
    """One client: its groups, and what waits to be sent to it."""

    send: Callable[[str], Awaitable[None]]
    user_id: int
    groups: Groups
    waiting: deque[str] = field(default_factory=deque)
    waiting_bytes: int = 0
    behind_since: float | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, text: str) -> None:
        """Queue a message; a client that reads too slowly loses the payloads and is told to catch up."""
        if self.behind_since is not None:
            return
        if len(self.waiting) >= QUEUE_FRAMES or self.waiting_bytes + len(text) > QUEUE_BYTES:
            self.waiting.clear()
            self.waiting_bytes = 0
            self.behind_since = time.monotonic()
            text = '[{"type":"behind"}]'
        self.waiting.append(text)
        self.waiting_bytes += len(text)
        self.wake.set()

    async def drain(self) -> None:
        """Send what waits, one message after the other, until cancelled."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            while self.waiting:
                text = self.waiting.popleft()
                self.waiting_bytes -= len(text)
                await self.send(text)


class Hub:
    """The sockets of this process by their groups; everything but `_heard` runs in the event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.cohorts: defaultdict[Groups, set[Socket]] = defaultdict(
            set
        )  # sockets with the same groups get the same bytes
        self.seen: Heads = {}
        self.start: Heads = {}
        self.last: dict[tuple[str, str], int] = {}  # (group, stream): the last seq sent to the group
        self.workers: dict[int, Worker] = {}
        self.on_grant: Callable[[int], None] = lambda user_id: None
        self.ear = Ear(self._heard)
        self.ready = asyncio.ensure_future(self._open())
        self.beat = asyncio.ensure_future(self._heartbeat())

    async def _open(self) -> None:
        self.ear.start()
        await asyncio.to_thread(self.ear.ready.wait)
        self.seen, self.start = dict(self.ear.seen), dict(self.ear.seen)

    def join(self, socket: Socket) -> None:
        """Add a socket and greet it: its groups, and the heads up to which it must catch up by itself."""
        self.cohorts[socket.groups].add(socket)
        socket.put(
            _message(
                [
                    {
                        "type": "welcome",
                        "groups": socket.groups,
                        "streams": self._streams(socket.groups),
                        "heartbeat": HEARTBEAT_S,
                    }
                ]
            )
        )
        self._watch_positions()
        seen = [w for w in self.workers.values() if _sees_worker(socket.groups, w)]
        if seen:
            socket.put(_message([{"type": "positions", "whole": True, "workers": [_position(w) for w in seen]}]))

    def leave(self, socket: Socket) -> None:
        with contextlib.suppress(KeyError):
            self.cohorts[socket.groups].remove(socket)
        if not self.cohorts[socket.groups]:
            del self.cohorts[socket.groups]
        self._watch_positions()

    def regroup(self, socket: Socket, groups: Groups) -> None:
        """Move a socket whose grants changed; it is greeted anew and told to read its scope again."""
        self.leave(socket)
        socket.groups = groups
        socket.put('[{"type":"scope"}]')
        self.join(socket)

    def _watch_positions(self) -> None:
        self.ear.wants_positions = any(g.startswith("duty:") for groups in self.cohorts for g in groups)

    def _streams(self, groups: Groups) -> dict[str, dict[str, Any]]:
        prefixes = [g.split(":")[1] for g in groups if not g.startswith("person:")]
        return {
            s: {"epoch": epoch, "seq": seq} for s, (epoch, seq) in self.seen.items() if queries.in_reach(s, prefixes)
        }

    def _heard(self, heads: Heads, entries: list[Entry], workers: list[Worker] | None) -> None:
        """From the ear's thread."""
        if workers is not None:
            self.loop.call_soon_threadsafe(self._move, workers)
        else:
            self.loop.call_soon_threadsafe(self._deliver, heads, entries)

    def _deliver(self, heads: Heads, entries: list[Entry]) -> None:
        wanted = {g for groups in self.cohorts for g in groups}
        batches: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in entries:
            for group in groups_of(entry):
                if group in wanted:
                    batches[group, entry.stream].append(entry)
        frames: defaultdict[str, list[str]] = defaultdict(list)
        for (group, stream), batch in batches.items():
            frames[group].append(self._frame(group, stream, batch))
        self.seen.update(heads)
        for groups, sockets in self.cohorts.items():
            mine = [frame for group in groups for frame in frames.get(group, ())]
            if mine:
                text = f"[{','.join(mine)}]"
                for socket in sockets:
                    socket.put(text)
        for entry in entries:
            if entry.kind == "grant.changed":
                self.on_grant(int(entry.object_id))

    def _frame(self, group: str, stream: str, batch: list[Entry]) -> str:
        epoch = batch[0].epoch
        start_epoch, start = self.start.get(stream, (epoch, 0))
        prev = self.last.get((group, stream), start if start_epoch == epoch else 0)
        self.last[group, stream] = batch[-1].seq
        events = ",".join(entry.text for entry in batch)
        return f'{{"type":"events","group":"{group}","stream":"{stream}","epoch":"{epoch}","prev":{prev},"events":[{events}]}}'

    def _move(self, workers: list[Worker]) -> None:
        """Send who moved, who came and who left since a second ago; positions are no part of the log."""
        now = {w.id: w for w in workers}
        changed = [w for w in workers if self.workers.get(w.id) != w]
        gone = [w for w in self.workers.values() if w.id not in now]
        self.workers = now
        if not changed and not gone:
            return
        for groups, sockets in self.cohorts.items():
            mine = [_position(w) for w in changed if _sees_worker(groups, w)]
            mine += [_position(w) | {"on": False, "lon": None, "lat": None} for w in gone if _sees_worker(groups, w)]
            if mine:
                text = _message([{"type": "positions", "whole": False, "workers": mine}])
                for socket in sockets:
                    socket.put(text)

    async def _heartbeat(self) -> None:
        """Tell every client up to where it was sent everything: a silent server is noticed, and an idle cursor moves on."""
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            at = datetime.now(UTC).isoformat()
            for groups, sockets in self.cohorts.items():
                text = _message([{"type": "heartbeat", "streams": self._streams(groups), "at": at}])
                for socket in sockets:
                    socket.put(text)

    def stuck(self, socket: Socket) -> bool:
        """Whether a client that fell behind has had its time to catch up."""
        return socket.behind_since is not None and time.monotonic() - socket.behind_since > BEHIND_S


def _message(frames: list[dict[str, Any]]) -> str:
    return orjson.dumps(frames).decode()


def _sees_worker(groups: Groups, worker: Worker) -> bool:
    return any(group_name("duty", prefix) in groups for prefix in areacode.ancestors(worker.area))


def _position(worker: Worker) -> dict[str, Any]:
    return {
        "id": worker.id, "name": worker.name, "area": worker.area, "lon": worker.lon, "lat": worker.lat,
        "accuracy_m": worker.accuracy_m, "fixed_at": worker.fixed_at, "on": True,
    }  # fmt: skip
