"""What the hub hears survives a lost connection, a lost Redis, another log; and high file numbers."""

import asyncio
import contextlib
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg2
import pytest
from django.db import connection

from gridmap.live.ear import NAME, NotifyBell, _connect
from gridmap.models import StreamHead
from scripts.support.processes import Redis, Server, granian
from tests import factories
from tests.factories import OTHER_CELL, OTHER_STREET, STREET
from tests.live.site import Site, in_loop, in_thread


def listeners() -> list[int]:
    """The database's side of the connection of each ear."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pid from pg_stat_activity where datname = current_database() and application_name = %s", [NAME]
        )
        return [pid for (pid,) in cursor.fetchall()]


def terminate(pids: list[int]) -> None:
    with connection.cursor() as cursor:
        for pid in pids:
            cursor.execute("select pg_terminate_backend(%s)", [pid])


@in_loop
async def test_an_ear_that_lost_its_connection_hears_what_came_meanwhile(site: Site) -> None:
    async with site.clients("worker", "director") as [worker, director]:
        await director.sees(await worker.report())
        catch_ups = director.live.catch_ups
        for _ in range(3):
            ears = await in_thread(listeners)
            assert ears
            await in_thread(terminate, ears)
            cards = [await worker.report() for _ in range(3)]
            await director.sees(cards[-1], seconds=5)
        assert director.live.connections == 1
        assert director.live.catch_ups == catch_ups
        assert director.live.applied == sorted(set(director.live.applied))


@pytest.fixture
def redis_server(site_env: dict[str, str], site_town: factories.Town, site_redis: Redis) -> Iterator[Server]:
    server = granian(site_env | {"REDIS_URL": site_redis.url})
    yield server
    server.stop()


@in_loop
async def test_with_redis_as_the_bell_its_loss_costs_a_second_and_nothing_else(
    site: Site, redis_server: Server, site_redis: Redis
) -> None:
    site = site.on(redis_server)
    async with site.clients("worker", "director") as [worker, director]:
        await director.sees(await worker.report(), seconds=1)
        await in_thread(site_redis.kill)
        started = time.monotonic()
        card = await worker.report()
        assert time.monotonic() - started < 3, "a write does not wait for the bell"
        await director.sees(card, seconds=4)
        await in_thread(site_redis.start)
        await asyncio.sleep(1)
        for _ in range(3):
            await director.sees(await worker.report(), seconds=1)
        assert director.live.connections == 1
        assert director.live.applied == sorted(set(director.live.applied))


def renew(stream: str) -> None:
    """Another log, as after a backup was put back and given a new epoch."""
    StreamHead.objects.filter(pk=stream).update(epoch="another")


@in_loop
async def test_when_the_log_is_another_one_everyone_comes_again_and_reloads(site: Site) -> None:
    async with site.clients("other_worker", "other_director", "director") as [worker, other, director]:
        await other.sees(await worker.report(cell=OTHER_CELL))
        await in_thread(renew, OTHER_STREET)
        card = await worker.report(cell=OTHER_CELL)
        await other.sees(card)
        await other.live.until(lambda: other.live.cursors.base[OTHER_STREET][0] == "another", "the new epoch", 20)
        assert other.live.resets == 1
        assert other.live.cards == await other.fresh()
        assert set(director.live.cursors.base) == {STREET}
        await other.sees(await worker.report(cell=OTHER_CELL))


@pytest.mark.parametrize(
    ("cursor", "reason"), [("old:5", "epoch"), ("{epoch}:2", "purged"), ("{epoch}:999999", "ahead"), ("{epoch}:10", "")]
)
@in_loop
async def test_a_cursor_that_the_log_cannot_continue_gets_the_reason(site: Site, cursor: str, reason: str) -> None:
    async with site.client("director") as client:
        for _ in range(6):
            await client.report()
        epoch = (await client.api.get("/events"))["cursors"][STREET]["epoch"]
        await in_thread(StreamHead.objects.filter(pk=STREET).update, min_seq=8)
        answer = await client.api.get("/events", since=f"{STREET}:{cursor.format(epoch=epoch)}")
        assert [found["reason"] for found in answer["reset"]] == ([reason] if reason else [])


@in_loop
async def test_who_is_too_far_behind_reloads_instead_of_reading_for_ever(site: Site) -> None:
    async with site.client("director") as client:
        await client.live.start()
        await client.live.until(lambda: client.live.groups, "welcome")
        await client.live.stop()
        head = await in_thread(StreamHead.objects.get, pk=STREET)
        await in_thread(StreamHead.objects.filter(pk=STREET).update, seq=head.seq + 6000)
        card = await client.report()
        await client.live.start()
        client.live.cursors.base[STREET] = (head.epoch, head.seq)
        await client.sees(card)
        await client.live.until(lambda: client.live.cursors.base[STREET][1] > head.seq + 6000, "new base")
        assert client.live.resets == 1


def test_the_bell_rings_beyond_file_number_1024(site: Site) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    with ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        while stack.enter_context(socket.socket()).fileno() < 1100:
            pass
        own = stack.enter_context(contextlib.closing(_connect()))
        assert own.fileno() > 1024
        bell = NotifyBell(own)
        assert not bell.wait(0.05)
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify('gridmap', 'x')")
        assert bell.wait(5)
        assert not bell.wait(0.05)


def test_a_bell_whose_database_is_gone_says_so(site: Site) -> None:
    with contextlib.closing(_connect()) as own:
        bell = NotifyBell(own)
        terminate([own.info.backend_pid])
        with pytest.raises(psycopg2.Error):
            wait_for_ever(bell)


def wait_for_ever(bell: NotifyBell) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        bell.wait(1)
