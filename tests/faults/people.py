"""Who writes and who watches while things are killed: writers that repeat until they are answered, and witnesses."""

import asyncio
import random
import uuid
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

from gridmap import actions
from gridmap.models import Role, StreamEvent, User
from incidents.workflow import State
from scripts.support.api import Api
from scripts.support.cursors import Event
from scripts.support.live import LiveClient
from tests import factories
from tests.factories import CELL, COMMUNITY, NEXT_CELL, OTHER_CELL, OTHER_STREET, STREET, report_body

WRITES_PER_BLOW = 200
CELLS = (CELL, NEXT_CELL, OTHER_CELL)


@dataclass(frozen=True)
class Person:
    """A user with one grant, and her token."""

    user: User
    token: str
    area: str
    department: int | None = None

    def hears(self, event: StreamEvent) -> bool:
        """Whether an event is hers to see, said apart from the code that is tested."""
        mine = event.area_code.startswith(self.area) and (
            self.department is None or self.department in event.departments
        )
        return mine or self.user.pk in event.persons


def person(name: str, role: Role, area: str, department: Any = None) -> Person:
    user = actions.put_user(name, name=name)
    actions.grant(user, role, area, department=department)
    return Person(user, actions.issue_token(user, label="faults"), area, department.pk if department else None)


@dataclass
class Cast:
    """Everyone of a run: reporters and their offices write, and watch besides; the others only watch."""

    reporters: dict[str, list[Person]]
    office: dict[str, dict[State, Person]]
    watchers: list[Person]
    sanitation: int


def gather(watchers: int) -> Cast:
    """The tiny town and its people, `watchers` of them on the live channel."""
    town = factories.town()
    reporters = {cell: [person(f"reporter-{cell}-{n}", Role.WORKER, cell) for n in range(5)] for cell in CELLS}
    office = {}
    for street in (STREET, OTHER_STREET):
        handler = person(f"handler-{street}", Role.HANDLER, street, town.sanitation)
        director = person(f"director-{street}", Role.DIRECTOR, street)
        office[street] = {
            State.REPORTED: director, State.FILED: person(f"dispatcher-{street}", Role.DISPATCHER, street), State.ASSIGNED: handler,
            State.TO_VERIFY: director, State.VERIFIED: person(f"acceptor-{street}", Role.ACCEPTOR, street),
        }  # fmt: skip
    found = [p for group in reporters.values() for p in group] + [
        p for steps in office.values() for p in steps.values()
    ]
    kinds: list[tuple[Role, str, Any]] = [
        (Role.WORKER, CELL, None), (Role.WORKER, NEXT_CELL, None), (Role.WORKER, OTHER_CELL, None), (Role.DIRECTOR, STREET, None),
        (Role.COMMUNITY, COMMUNITY, None), (Role.HANDLER, "990101", town.sanitation), (Role.HANDLER, "990101", town.gardens),
        (Role.DIRECTOR, OTHER_STREET, None), (Role.AUDITOR, "9901", None), (Role.WORKER, CELL, None),
    ]  # fmt: skip
    for number in range(watchers - len(found)):
        role, area, department = kinds[number % len(kinds)]
        found.append(person(f"watcher-{number}", role, area, department))
    return Cast(reporters, office, found, town.sanitation.pk)


class Witness(LiveClient):
    """A client that only notes what it was told, in which order."""

    gate: asyncio.Semaphore  # so many read the log at a time; others wait here and not in the pool of connections

    async def catch_up(self) -> None:
        async with self.gate:
            await super().catch_up()

    async def snapshot(self) -> None:
        answer = await self.api.get("/events")
        self.cursors.seed(answer["cursors"])
        self.began = dict(self.cursors.base)

    def show(self, event: Event) -> None:
        """There is no picture."""


NEXT = {
    State.REPORTED: ("file", {}), State.FILED: ("assign", {}), State.ASSIGNED: ("handle", {"text": "已处理"}),
    State.TO_VERIFY: ("verify_repair", {"outcome": "pass"}), State.VERIFIED: ("close", {}),
}  # fmt: skip


@dataclass
class Ledger:
    """What was acknowledged: the versions of each case, in the order of the answers."""

    versions: dict[str, list[int]] = field(default_factory=dict)
    photos: list[str] = field(default_factory=list)
    left: int = 0
    blow: asyncio.Event = field(default_factory=asyncio.Event)  # set every so many writes
    replayed: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def take(self) -> None:
        """One write fewer to do."""
        self.left -= 1
        if self.left % WRITES_PER_BLOW == 0:
            self.blow.set()

    def note(self, card: dict[str, Any]) -> None:
        self.versions.setdefault(card["id"], []).append(card["version"])
        self.replayed += bool(card.get("replayed"))


class Writer:
    """Reports in one cell and takes its cases further, one write after the other, until the ledger says enough."""

    def __init__(self, cast: Cast, cell: str, number: int, url: str, http: httpx.AsyncClient, ledger: Ledger) -> None:
        self.cell, self.ledger, self.sanitation = cell, ledger, cast.sanitation
        self.random = random.Random(f"{cell} {number}")
        reporters = cast.reporters[cell]
        self.reporter = Api(url, reporters[number % len(reporters)].token, client=http)
        self.office = {state: Api(url, p.token, client=http) for state, p in cast.office[cell[:9]].items()}
        self.open: deque[dict[str, Any]] = deque()

    async def run(self) -> None:
        while self.ledger.left > 0:
            self.ledger.take()
            if self.open and self.random.random() < 0.3:
                card = await self._step(self.open.popleft())
            else:
                card = await self.reporter.post("/incidents", report_body(cell=self.cell))
            self.ledger.note(card)
            if card["state"] in NEXT and len(self.open) < 50:
                self.open.append(card)

    async def _step(self, card: dict[str, Any]) -> dict[str, Any]:
        action, given = NEXT[State(card["state"])]
        body = {"mutation_id": str(uuid.uuid4()), "version": card["version"], **given}
        if action == "assign":
            body["department"] = self.sanitation
        after: dict[str, Any] = await self.office[State(card["state"])].post(f"/incidents/{card['id']}/{action}", body)
        return after


async def photograph(writer: Writer, count: int) -> None:
    """Report cases with a photo, each of which gives the worker something to do."""
    for _ in range(count):
        card = await writer.reporter.post("/incidents", report_body(cell=writer.cell))
        fields = {"id": str(uuid.uuid4()), "kind": "before"}
        await writer.reporter.upload(f"/incidents/{card['id']}/photos", fields, factories.photo((320, 240)).getvalue())
        writer.ledger.versions[card["id"]] = [1, 2]
        writer.ledger.photos.append(card["id"])
        await asyncio.sleep(writer.random.uniform(0, 2))


def retried(writers: Iterable[Writer]) -> int:
    return sum(api.retried for writer in writers for api in (writer.reporter, *writer.office.values()))
