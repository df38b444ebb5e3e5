"""Whatever is killed during thousands of writes: nothing acknowledged is lost, nothing is doubled, everyone saw all of it."""

import asyncio
import itertools
import random
import time
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connections
from django.db.models import F
from django_tasks_db.models import DBTaskResult

from gridmap import actions
from gridmap.models import Inbox, StreamEvent, StreamHead
from incidents import store
from incidents.models import Attachment, Incident
from scripts.support.api import Api, new_client
from scripts.support.processes import wait_until
from tests.faults.conftest import NewRig
from tests.faults.people import CELLS, Cast, Ledger, Witness, Writer, gather, photograph, retried
from tests.faults.rig import Rig

WATCHERS, READERS, WRITERS, PHOTOS = 200, 8, 12, 20


@pytest.mark.parametrize(("bell", "writes", "seed"), [("notify", 10_000, 20261122), ("redis", 10_000, 20261123)])
def test_nothing_is_lost_or_doubled_and_everyone_sees_all_of_it_in_order(
    new_rig: NewRig, bell: str, writes: int, seed: int
) -> None:
    rig = new_rig(with_redis=bell == "redis", seed=seed)
    cast = gather(WATCHERS)
    connections.close_all()
    rig.start()
    ledger = Ledger(left=writes)
    try:
        witnesses = asyncio.run(_run(rig, cast, ledger))
        _check_log()
        _check_writes(ledger)
        _check_witnesses(cast, witnesses)
        _check_jobs(ledger, rig.cluster.folder / "media")
    except BaseException:
        print(f"seed {seed}, killed: {rig.killed}\n{rig.said()[-20_000:]}")
        raise


async def _run(rig: Rig, cast: Cast, ledger: Ledger) -> list[Witness]:
    """Write and watch while things are killed; returns the witnesses when all of them have seen the end."""
    started = time.monotonic()
    async with new_client(connections=WRITERS + 4) as http, new_client(connections=READERS) as readers:
        Witness.gate = asyncio.Semaphore(READERS)
        witnesses = [
            Witness(Api(rig.url, p.token, client=readers, retry=False), longest_pause=4) for p in cast.watchers
        ]
        await asyncio.gather(*(witness.start() for witness in witnesses))
        writers = [
            Writer(cast, cell, n, rig.url, http, ledger) for n, cell in zip(range(WRITERS), itertools.cycle(CELLS))
        ]
        striking = asyncio.create_task(_strike(rig, witnesses, ledger))
        await asyncio.gather(*(writer.run() for writer in writers), photograph(writers[0], PHOTOS))
        striking.cancel()
        took = time.monotonic() - started
        await asyncio.to_thread(wait_until, rig.healthy, "healthy after the last blow", 60)
        heads = await asyncio.to_thread(_heads)
        for witness in witnesses:
            await witness.until(lambda w=witness: _reached(w, heads), "the end seen", 60)  # type: ignore[misc]
            await witness.stop()
    print(
        f"{sum(map(len, ledger.versions.values()))} writes in {took:.0f} s, {retried(writers)} repeated, {ledger.replayed} answered"
        f" from the first; {sum(w.connections for w in witnesses)} connections, {sum(w.catch_ups for w in witnesses)} catch-ups;"
        f" killed: {dict(Counter(rig.killed))}"
    )
    return witnesses


async def _strike(rig: Rig, witnesses: list[Witness], ledger: Ledger) -> None:
    """A blow every so many writes, and with it some clients that lose their connection."""
    chance = random.Random(1)
    while True:
        await ledger.blow.wait()
        ledger.blow.clear()
        for witness in chance.sample(witnesses, 10):
            witness.cut()
        await asyncio.to_thread(rig.strike)


def _heads() -> dict[str, int]:
    try:
        return dict(StreamHead.objects.values_list("stream", "seq"))
    finally:
        connections.close_all()


def _reached(witness: Witness, heads: dict[str, int]) -> bool:
    return all(seq >= heads[stream] for stream, (_, seq) in witness.cursors.base.items())


def _check_log() -> None:
    """Every stream counts from 1 to its head without a gap."""
    numbers = defaultdict(list)
    for stream, seq in StreamEvent.objects.order_by("stream", "seq").values_list("stream", "seq"):
        numbers[stream].append(seq)
    assert numbers == {head.stream: list(range(1, head.seq + 1)) for head in StreamHead.objects.all()}


def _check_writes(ledger: Ledger) -> None:
    """Each acknowledged write is there once, and nothing else is."""
    logged = defaultdict(list)
    for event in StreamEvent.objects.filter(kind__startswith="incident.").order_by("stream", "seq"):
        logged[event.object_id].append(event.object_version)
    acknowledged = {case: sorted(versions) for case, versions in ledger.versions.items()}
    assert {case: versions for case, versions in logged.items() if versions != acknowledged.get(case)} == {}
    assert logged.keys() == acknowledged.keys()
    assert {str(pk): version for pk, version in Incident.objects.values_list("pk", "version")} == {
        c: v[-1] for c, v in logged.items()
    }
    assert Inbox.objects.filter(response__isnull=True).count() == 0


def _check_witnesses(cast: Cast, witnesses: list[Witness]) -> None:
    """Each witness applied exactly the events of her scope since she came, in the order of the log."""
    log = list(StreamEvent.objects.order_by("stream", "seq").defer("payload"))
    wrong = []
    for who, witness in zip(cast.watchers, witnesses, strict=True):
        expected = [
            (e.stream, e.seq)
            for e in log
            if e.stream in witness.began and e.seq > witness.began[e.stream][1] and who.hears(e)
        ]
        by_stream = sorted(witness.applied, key=lambda pair: pair[0])  # stable: the order within a stream stays
        if by_stream != expected:
            missed, extra = sorted(set(expected) - set(by_stream))[:3], sorted(set(by_stream) - set(expected))[:3]
            wrong.append(f"{who.user}: {len(by_stream)} of {len(expected)}, missed {missed}, extra {extra}")
    assert wrong == []
    assert sum(len(witness.applied) for witness in witnesses) > 50 * len(log)


def _check_jobs(ledger: Ledger, media: Path) -> None:
    """What the worker was killed over is done in the end: the clock puts it back when it is old enough."""
    DBTaskResult.objects.exclude(status="SUCCESSFUL").update(started_at=F("enqueued_at") - timedelta(hours=1))
    actions.put_stale_jobs_back()
    wait_until(lambda: not DBTaskResult.objects.exclude(status="SUCCESSFUL").exists(), "all jobs done", 30)
    photos = Attachment.objects.filter(incident__in=list(map(UUID, ledger.photos)))
    assert len(photos) == PHOTOS
    assert all(store.path_of(media, photo.sha256, thumb=True).exists() for photo in photos)
