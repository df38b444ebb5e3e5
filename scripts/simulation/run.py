"""One run from signing in to the table at its end."""

import asyncio
import contextlib
import math
import random
import signal
import time
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, TextIO

import httpx

from scripts.simulation.accounts import Account, NotReadyError, Staff, demo_staff, shared_client, sign_in_all
from scripts.simulation.audit import Audit
from scripts.simulation.office import Acceptor, Clerk, Dispatcher, Handler
from scripts.simulation.person import Person
from scripts.simulation.pictures import pictures
from scripts.simulation.roads import roads_by_cell
from scripts.simulation.tablet import Tablet
from scripts.simulation.tally import Tally
from scripts.simulation.world import Plan, World
from scripts.support.api import RefusedError

LINE_S = 5.0
LAST_STEPS_S, CATCH_UP_S = 15.0, 20.0  # for what was begun; for screens to hear of it, and for the last questions
AT_ONCE = 16  # screens that load together
FEWEST_HANDLERS = 6  # the first ones: law enforcement, works, sanitation have most of the cases
TABLETS_OF_A_HAND = 25  # for so many tablets each department has one more pair of hands


async def simulate(plan: Plan, acknowledged: TextIO | None) -> bool:
    """Whether all went as promised; NotReadyError if it cannot begin."""
    async with shared_client() as client:
        staff = _needed(demo_staff(), plan)
        names = [*staff.workers, *staff.acceptors, *staff.dispatchers, *staff.handlers]
        print(f"Signing {len(names)} accounts in at {plan.url} …", flush=True)
        try:
            accounts = await sign_in_all(plan.url, names, staff.password, client)
            world = await _world(plan, staff, accounts, Tally(acknowledged))
        except (RefusedError, httpx.HTTPError) as error:
            raise NotReadyError(f"{plan.url} cannot be prepared ({error}): look at the server's log.") from None
        return await Run(world, staff, accounts).whole()


def _needed(staff: Staff, plan: Plan) -> Staff:
    acceptors, dispatchers = math.ceil(plan.supervisors / 2), plan.supervisors // 2
    return Staff(
        staff.workers[: plan.workers], staff.acceptors[:acceptors], staff.dispatchers[:dispatchers],
        staff.handlers[: max(FEWEST_HANDLERS, plan.workers)], staff.password,
    )  # fmt: skip


async def _world(plan: Plan, staff: Staff, accounts: dict[str, Account], tally: Tally) -> World:
    clerk = accounts[staff.acceptors[0]]
    tally.retries = lambda: sum(account.api.retried for account in accounts.values())
    catalogue = await clerk.api.get("/catalogue")
    return World(
        plan=plan,
        tally=tally,
        classes={klass["key"]: klass for klass in catalogue["classes"]},
        served=set().union(*(accounts[name].departments for name in staff.handlers)),
        roads=await roads_by_cell(clerk.api),
        walked=tuple(prefix for name in staff.workers for prefix in accounts[name].prefixes),
        pictures=pictures(random.Random(plan.seed)),  # noqa: S311  # to be repeated
    )


class Run:
    """Everybody of a run, from duty to duty's end."""

    def __init__(self, world: World, staff: Staff, accounts: dict[str, Account]) -> None:
        self.world, self.plan, self.tally = world, world.plan, world.tally
        self.workers = [accounts[name] for name in staff.workers]
        self.tablets = [Tablet(self.workers[i % len(self.workers)], world, i + 1) for i in range(self.plan.workers)]
        desks = range(self.plan.supervisors)
        self.acceptors = [Acceptor(_of(staff.acceptors, accounts, i // 2), world, f"desk {i}") for i in desks[::2]]
        self.dispatchers = [
            Dispatcher(_of(staff.dispatchers, accounts, i // 2), world, f"desk {i}") for i in desks[1::2]
        ]
        self.handlers = [Handler(accounts[name], world, name) for name in staff.handlers]
        self.people: list[Person] = [*self.tablets, *self.acceptors, *self.dispatchers, *self.handlers]
        self.witness = self.acceptors[0].screen  # it sees the whole street
        self.witness.compared = True
        self.audit = Audit(self.acceptors[0].api)
        self.failed: list[str] = []

    async def whole(self) -> bool:
        """Begin, work until the time is over or somebody ends it, end, and say what came of it."""
        self._listen_to_signals()
        await _few([person.screen.start() for person in self.people])
        await self.audit.begin()  # what the clock wrote before a screen was open came to none
        await _few([self._duty(worker, on=True) for worker in self.workers])
        screens = len(self.people)
        print(f"{len(self.tablets)} tablets on duty, {screens} screens open; Ctrl-C ends it.", flush=True)
        self.tally.begin()
        tasks = [asyncio.create_task(work) for work in self._work()]
        beside = [asyncio.create_task(self._tick()), asyncio.create_task(self._watch())]
        for task in tasks:
            task.add_done_callback(self._ended)
        await self.world.pause(self.plan.seconds)
        await self._end(tasks)
        for task in beside:
            task.cancel()
        seconds = time.monotonic() - self.tally.began
        await self._check()
        await asyncio.gather(*(person.screen.stop() for person in self.people))
        self._say(seconds)
        return not self.failed

    def _work(self) -> Iterable[Coroutine[Any, Any, None]]:
        hands = 1 + len(self.tablets) // TABLETS_OF_A_HAND
        crews: list[Clerk] = [handler for handler in self.handlers for _ in range(hands)]
        people: list[Tablet | Clerk] = [*self.tablets, *self.acceptors, *self.dispatchers, *crews]
        yield from (person.live() for person in people)
        yield from (acceptor.take_calls(1 / len(self.acceptors)) for acceptor in self.acceptors)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception():
            self.world.stopping.set()

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(sign, self._interrupted, sign)

    def _interrupted(self, sign: signal.Signals) -> None:
        """The first one ends the run, the next one ends the process."""
        print("Ending …", flush=True)
        self.world.stopping.set()
        asyncio.get_running_loop().remove_signal_handler(sign)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(LINE_S)
            print(self.tally.line(), flush=True)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LINE_S)
            with contextlib.suppress(RefusedError):
                await self.audit.read()
                self.audit.compare(self.tally, self.witness)

    async def _duty(self, worker: Account, *, on: bool) -> None:
        try:
            await worker.api.post("/duty", {"on": on})
            self.tally.wrote("duty")
        except RefusedError as no:
            self.tally.refusals[no.code] += 1

    async def _end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Let everybody finish the step she has begun, then send the workers home."""
        self.world.stopping.set()
        done, late = await asyncio.wait(tasks, timeout=LAST_STEPS_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for error in {repr(task.exception()) for task in done if task.exception()}:
            self.failed.append(f"the simulation itself failed: {error}")
        try:
            await asyncio.wait_for(_few([self._duty(worker, on=False) for worker in self.workers]), CATCH_UP_S)
        except TimeoutError:
            self.failed.append("the workers could not go off duty: the server does not answer")

    async def _check(self) -> None:
        """Compare what was confirmed with the log, and the log with a screen."""
        try:
            await asyncio.wait_for(self.audit.read(), CATCH_UP_S)
        except TimeoutError:
            self.audit.broken = "the server does not answer"
        with contextlib.suppress(TimeoutError):
            await self.witness.until(self._nothing_missing, "the screen shows the whole log", CATCH_UP_S)
        if self.audit.broken:
            self.failed.append(f"the log could not be read on ({self.audit.broken})")
        elif self.tally.confirmed:
            self.failed.append(f"{len(self.tally.confirmed)} confirmed writes were not found in the log")
        if self.audit.unseen and not self.witness.resets:
            self.failed.append(f"{len(self.audit.unseen)} events of the log did not come to a screen")
        gone = [person.screen.closed_with for person in self.people if person.screen.task and person.screen.task.done()]
        if gone:
            self.failed.append(f"{len(gone)} sockets were closed for good ({', '.join(map(str, set(gone)))})")
        if self.tally.unexpected:
            self.failed.append(f"refused without reason: {', '.join(self.tally.unexpected)}")

    def _nothing_missing(self) -> bool:
        self.audit.compare(self.tally, self.witness)
        return not self.audit.unseen or self.witness.resets > 0

    def _say(self, seconds: float) -> None:
        connections = sum(person.screen.connections for person in self.people)
        rows = [
            *self.tally.table(seconds),
            ("sockets", f"{len(self.people)}, connected {connections} times"),
            ("confirmed, not in the log", "unknown" if self.audit.broken else str(len(self.tally.confirmed))),
            (
                "in the log, not on a screen",
                "the screen began anew" if self.witness.resets else str(len(self.audit.unseen)),
            ),
        ]
        print("\n" + "\n".join(f"{name:<28} {value}" for name, value in rows), flush=True)
        for reason in self.failed:
            print(f"Failed: {reason}.", flush=True)


def _of(names: Sequence[str], accounts: dict[str, Account], place: int) -> Account:
    return accounts[names[place % len(names)]]


async def _few(calls: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All of them, not too many at a time."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(call: Coroutine[Any, Any, None]) -> None:
        async with gate:
            await call

    await asyncio.gather(*map(one, calls))
