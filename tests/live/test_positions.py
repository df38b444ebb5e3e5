"""Where workers are: only while on duty, once a second, as a whole to who comes new, and only to who may see it."""

import asyncio
import json
import time
import uuid
from typing import Any

from websockets.asyncio.client import connect

from tests.factories import NEXT_CELL, PLACES
from tests.live.site import Client, Site, in_loop, now

LON, LAT = PLACES[NEXT_CELL]


async def set_duty(worker: Client, *, on: bool) -> None:
    await worker.api.post("/duty", {"mutation_id": str(uuid.uuid4()), "on": on})


async def walk(worker: Client, lon: float) -> None:
    await worker.api.post("/position", {"lon": lon, "lat": LAT, "accuracy_m": 5, "at": now()})


def lon_of(watcher: Client, worker: int) -> float | None:
    found: float | None = watcher.live.workers.get(worker, {}).get("lon")
    return found


@in_loop
async def test_a_worker_is_seen_by_her_street_office_while_on_duty_and_by_nobody_after(site: Site) -> None:
    people = ["worker", "dispatcher", "director", "other_director", "community", "handler", "second_worker"]
    who = site.town.worker.user.pk
    async with site.clients(*people) as [worker, dispatcher, director, *others]:
        await set_duty(worker, on=True)
        await walk(worker, LON)
        for watcher in (dispatcher, director):
            await watcher.live.until(lambda: lon_of(watcher, who) == LON, "position", 3)  # noqa: B023
        async with site.clients("director") as [late]:
            await late.live.until(lambda: lon_of(late, who) == LON, "the whole at connect", 3)
        await set_duty(worker, on=False)
        for watcher in (dispatcher, director):
            await watcher.live.until(lambda: who not in watcher.live.workers, "gone", 3)  # noqa: B023
        assert all(who not in other.live.workers for other in others)
        async with site.clients("director") as [later]:
            await asyncio.sleep(1.5)
            assert later.live.workers == {}


@in_loop
async def test_fixes_of_a_second_are_one_frame_and_the_last_one_counts(site: Site) -> None:
    async with site.clients("worker") as [worker]:
        await set_duty(worker, on=True)
        headers = {"authorization": f"Bearer {site.town.director.token}"}
        async with connect(site.server.live, additional_headers=headers, proxy=None) as socket:
            frames: list[tuple[float, dict[str, Any]]] = []

            async def listen() -> None:
                async for message in socket:
                    frames.extend((time.monotonic(), f) for f in json.loads(message) if f["type"] == "positions")

            listening = asyncio.create_task(listen())
            started = time.monotonic()
            for step in range(60):
                await walk(worker, LON + step * 1e-5)
            last = LON + 59e-5
            while not any(w["lon"] == last for _, frame in frames for w in frame["workers"]):
                assert time.monotonic() - started < 15
                await asyncio.sleep(0.05)
            listening.cancel()
        assert frames[0][1]["whole"]
        assert not any(frame["whole"] for _, frame in frames[1:])
        times = [at for at, _ in frames]
        assert len(times) <= time.monotonic() - started + 2
        await set_duty(worker, on=False)


@in_loop
async def test_who_comes_back_forgets_those_who_left_meanwhile(site: Site) -> None:
    who = site.town.worker.user.pk
    async with site.clients("worker", "director") as [worker, director]:
        await set_duty(worker, on=True)
        await walk(worker, LON)
        await director.live.until(lambda: who in director.live.workers, "position", 3)
        director.live.cut()
        await set_duty(worker, on=False)
        await director.live.until(lambda: who not in director.live.workers, "gone", 5)
        assert director.live.connections == 2
