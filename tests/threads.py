"""Several things at the same moment, each in a thread with a database connection of its own."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection, connections, transaction

T = TypeVar("T")


def at_once(works: Sequence[Callable[[], T]], seconds: float = 60) -> list[T]:
    """Run all of them at the same moment; their results in order, or the first error that one of them raised."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        gate.wait(seconds)
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(run, work) for work in works]
        return [one.result(seconds) for one in running]


def meeting(hold: Callable[[], object], work: Callable[[], T], then: Callable[[], object]) -> T:
    """Let `work` run into what a transaction holds: only when it waits for that, `then` is done and the transaction ends.

    Answers what `work` came to. `hold` and `then` belong to the transaction, in the thread of the test.
    """

    def alone() -> T:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hold()
            running = pool.submit(alone)
            _until_it_waits(running)
            then()
        return running.result(60)


def until_they_wait(running: Future[Any], number: int, seconds: float = 30) -> None:
    """Go on when so many of this database wait for an advisory lock, or when the last of them is done already."""
    end = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while not running.done() and time.monotonic() < end:
            cursor.execute(
                "select count(*) from pg_locks l join pg_database d on d.oid = l.database"
                " where not granted and locktype = 'advisory' and datname = current_database()"
            )
            if cursor.fetchone() == (number,):
                return
            time.sleep(0.02)
    assert running.done(), "it neither waited nor ended"


def _until_it_waits(running: Future[Any], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while not running.done() and time.monotonic() < end:
            cursor.execute(
                "select exists(select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid)))"
            )
            if cursor.fetchone() == (True,):
                return
            time.sleep(0.02)
    raise AssertionError("it did not wait for what the transaction holds")
