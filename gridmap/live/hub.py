"""One hub per process: reads come from the ear once, each frame is made once per group, each message once per audience.

A group is what a grant makes visible: (domain of events, area code, department), or a person. A frame names the last
event that its group was sent before (`prev`), so a client can prove that it missed nothing; if it did, it asks
GET /api/events. Nothing here is the only copy of anything. All but what the ear calls runs in the event loop.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from gridmap import areacode, queries
from gridmap.live.ear import Ear, Entry, Heads, Worker
from gridmap.live.socket import Groups, Socket

log = logging.getLogger(__name__)
HEARTBEAT_S = 5.0
TOO_SLOW, STARTED_ANEW = 4408, 1012


def group_name(domain: str, prefix: str, department: int | None = None) -> str:
    return f"{domain}:{prefix}" if department is None else f"{domain}:{prefix}:{department}"


def person_group(domain: str, user_id: int) -> str:
    return f"person:{domain}:{user_id}"


def groups_of(entry: Entry) -> Iterable[str]:
    """The groups an event is sent to: its area and every ancestor, for all and per department, and its persons."""
    domain = entry.kind.split(".", 1)[0]
    for prefix in areacode.ancestors(entry.area_code):
        yield group_name(domain, prefix)
        for department in entry.departments:
            yield group_name(domain, prefix, department)
    for person in entry.persons:
        yield person_group(domain, person)


class Hub:
    """The sockets of this process by their groups."""

    def __init__(self, on_grant: Callable[[int], None]) -> None:
        self.on_grant = on_grant
        self.loop = asyncio.get_running_loop()
        self.sockets: set[Socket] = set()
        self.members: dict[str, set[Socket]] = {}
        self.seen: Heads = {}
        self.start: Heads = {}
        self.last: dict[tuple[str, str], int] = {}  # (group, stream): the last seq sent to the group
        self.workers: dict[int, Worker] = {}
        self.unplaced: set[Socket] = set()  # sockets that were not yet sent the positions as a whole
        self.ear = Ear(self)
        self.ready = asyncio.ensure_future(self._open())
        self.beat = asyncio.ensure_future(self._heartbeat())

    async def _open(self) -> None:
        self.ear.start()
        await asyncio.to_thread(self.ear.ready.wait)
        self._begin(dict(self.ear.seen))

    def _begin(self, heads: Heads) -> None:
        self.seen, self.start, self.last = dict(heads), dict(heads), {}

    # --- who is here ---

    def join(self, socket: Socket) -> None:
        """Add a socket and greet it."""
        self.sockets.add(socket)
        for group in socket.groups:
            self.members.setdefault(group, set()).add(socket)
        if any(group.startswith("duty:") for group in socket.groups):
            self.unplaced.add(socket)
        self.greet(socket)
        self._watch_positions()

    def greet(self, socket: Socket) -> None:
        """Say which groups it hears, and the heads up to which it must read the log by itself; from there it is sent all.

        Said again when a client has caught up: what was dropped until now lies before these heads.
        """
        socket.behind_since = None
        streams = self._streams(socket.prefixes)
        welcome = {"type": "welcome", "groups": socket.groups, "streams": streams, "heartbeat": HEARTBEAT_S}
        socket.put(_message([welcome]))

    def leave(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        self.unplaced.discard(socket)
        for group in socket.groups:
            members = self.members.get(group, set())
            members.discard(socket)
            if not members:
                self.members.pop(group, None)
        self._watch_positions()

    def regroup(self, socket: Socket, groups: Groups) -> None:
        """Move a socket whose grants changed; it is told to read its scope again and greeted anew."""
        self.leave(socket)
        socket.take(groups)
        socket.put('[{"type":"scope"}]')
        self.join(socket)

    def _streams(self, prefixes: tuple[str, ...]) -> dict[str, dict[str, Any]]:
        heads = self.seen.items()
        return {s: {"epoch": epoch, "seq": seq} for s, (epoch, seq) in heads if queries.in_reach(s, prefixes)}

    # --- from the ear's thread ---

    def heard(self, heads: Heads, entries: list[Entry]) -> None:
        self.loop.call_soon_threadsafe(self._hand_out, heads, entries)

    def moved(self, workers: list[Worker]) -> None:
        self.loop.call_soon_threadsafe(self._move, workers)

    def replaced(self, heads: Heads) -> None:
        self.loop.call_soon_threadsafe(self._start_anew, heads)

    # --- what is sent ---

    def _hand_out(self, heads: Heads, entries: list[Entry]) -> None:
        """Deliver, or let all clients come again: a heartbeat must not say that something was sent when it was not."""
        try:
            self._deliver(heads, entries)
        except Exception:
            log.exception("the hub failed to send and starts anew")
            self._start_anew(self.seen | heads)

    def _deliver(self, heads: Heads, entries: list[Entry]) -> None:
        batches: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in entries:
            for group in groups_of(entry):
                if group in self.members:
                    batches[group, entry.stream].append(entry)
        frames: defaultdict[str, list[str]] = defaultdict(list)
        for (group, stream), batch in batches.items():
            if self._in_reach(group, stream):
                frames[group].append(self._frame(group, stream, batch))
        self.seen.update(heads)
        self._send({group: ",".join(texts) for group, texts in frames.items()})
        for entry in entries:
            if entry.kind == "grant.changed":
                self.on_grant(int(entry.object_id))

    def _in_reach(self, group: str, stream: str) -> bool:
        """Whether the members' cursors cover the stream; for an area they do, a person may have lost her grant there."""
        return not group.startswith("person:") or queries.in_reach(stream, next(iter(self.members[group])).prefixes)

    def _frame(self, group: str, stream: str, batch: list[Entry]) -> str:
        epoch = batch[0].epoch
        prev = self.last.get((group, stream), self.start.get(stream, (epoch, 0))[1])
        self.last[group, stream] = batch[-1].seq
        events = ",".join(entry.text for entry in batch)
        return f'{{"type":"events","group":"{group}","stream":"{stream}","epoch":"{epoch}","prev":{prev},"events":[{events}]}}'

    def _send(self, frames: Mapping[str, str]) -> None:
        """Give every member of a group its frame; those who hear the same groups get the same text, made once."""
        heard: defaultdict[Socket, tuple[str, ...]] = defaultdict(tuple)
        for group in frames:
            for socket in self.members[group]:
                heard[socket] += (group,)
        texts: dict[tuple[str, ...], str] = {}
        for socket, groups in heard.items():
            text = texts.get(groups)
            if text is None:
                text = texts[groups] = f"[{','.join(frames[group] for group in groups)}]"
            socket.put(text)

    def _start_anew(self, heads: Heads) -> None:
        """All clients come again and compare their cursors: the log is another one (a backup was put back), or we failed."""
        self._begin(heads)
        for socket in list(self.sockets):
            socket.end(STARTED_ANEW)

    # --- positions: no part of the log ---

    def _watch_positions(self) -> None:
        watching = any(group.startswith("duty:") for group in self.members)
        self.ear.wants_positions = watching
        if not watching:
            self.workers = {}

    def _move(self, workers: list[Worker]) -> None:
        """Say who moved, came or left since a second ago; to a socket that is new, where all are."""
        before, self.workers = self.workers, {worker.id: worker for worker in workers}
        changes = [_position(w) for w in workers if before.get(w.id) != w]
        changes += [_gone(w) for w in before.values() if w.id not in self.workers]
        frames: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for change in changes:
            for group in _duty_groups(change["area"]):
                if group in self.members:
                    frames[group].append(change)
        fresh, self.unplaced = self.unplaced, set()
        for socket in fresh:
            mine = [_position(w) for w in workers if not _duty_groups(w.area).isdisjoint(socket.groups)]
            socket.put(_message([_positions(mine, whole=True)]))
        self._send({group: _json(_positions(moved, whole=False)) for group, moved in frames.items()})

    # --- signs of life ---

    async def _heartbeat(self) -> None:
        """Tell every client up to where it was sent everything: a silent server is noticed, and an idle cursor moves on."""
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            if self.ear.deaf():  # whoever hears nothing must not say that all is well: silence is a break
                continue
            at = datetime.now(UTC).isoformat()
            texts: dict[tuple[str, ...], str] = {}
            for socket in list(self.sockets):
                if socket.stuck():
                    socket.end(TOO_SLOW)
                elif (text := texts.get(socket.prefixes)) is None:
                    beat = {"type": "heartbeat", "streams": self._streams(socket.prefixes), "at": at}
                    socket.put(texts.setdefault(socket.prefixes, _message([beat])))
                else:
                    socket.put(text)


def _json(frame: dict[str, Any]) -> str:
    return orjson.dumps(frame).decode()


def _message(frames: list[dict[str, Any]]) -> str:
    return orjson.dumps(frames).decode()


def _duty_groups(area: str) -> set[str]:
    return {group_name("duty", prefix) for prefix in areacode.ancestors(area)}


def _positions(workers: list[dict[str, Any]], *, whole: bool) -> dict[str, Any]:
    return {"type": "positions", "whole": whole, "workers": workers}


def _position(worker: Worker) -> dict[str, Any]:
    return {
        "id": worker.id, "name": worker.name, "area": worker.area, "lon": worker.lon, "lat": worker.lat,
        "accuracy_m": worker.accuracy_m, "fixed_at": worker.fixed_at, "on": True,
    }  # fmt: skip


def _gone(worker: Worker) -> dict[str, Any]:
    return _position(worker) | {"on": False, "lon": None, "lat": None, "accuracy_m": None, "fixed_at": None}
