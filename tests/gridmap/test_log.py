"""The log: typed, numbered without gaps per street in the order of the commits, and the bell rings with the commit alone."""

import random
import select
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import InternalError, connection, connections, transaction

from gridmap import actions, events
from gridmap.events import Draft, Nothing
from gridmap.models import Area, Role, StreamEvent, StreamHead
from incidents.events import Imported
from tests import factories
from tests.factories import OTHER_STREET, STREET
from tests.threads import at_once

STREETS = ("990101001", "990101002", "990101003")


def draft(area: str = STREET, **changes: Any) -> Draft:
    return Draft(**{"kind": "area.changed", "area_code": area, "object_id": area, "payload": Nothing(), **changes})


def write(area: str = STREET, pause: float = 0) -> int:
    with transaction.atomic():
        _, seq = events.record(draft(area), None)
        time.sleep(pause)
    return seq


# --- typed ---


def test_an_event_takes_the_payload_of_its_kind_alone(db: None) -> None:
    with pytest.raises(TypeError, match=r"area\.changed takes Nothing, not Imported"):
        events.record(draft(payload=Imported(accepted=1, refused=0)), None)
    assert StreamEvent.objects.count() == StreamHead.objects.count() == 0


def test_an_event_of_an_unknown_kind_is_refused(db: None) -> None:
    with pytest.raises(KeyError):
        events.record(draft(kind="area.vanished"), None)


def test_a_payload_has_no_further_fields() -> None:
    with pytest.raises(ValueError, match="Extra inputs"):
        Imported.model_validate({"accepted": 1, "refused": 0, "name": "张三"})


def test_every_kind_of_the_log_begins_with_a_domain_that_somebody_may_see() -> None:
    from gridmap.queries import VIEWS

    domains = {kind.split(".")[0] for kind in events.kinds()}
    # Told to its user alone; heard as the deadlines that move; read in the log alone.
    assert domains - set(VIEWS) == {"grant", "calendar", "export"}
    assert len(events.kinds()) > 20


def test_an_event_is_recorded_in_a_transaction_or_not_at_all(transactional_db: None) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        events.record(draft(), None)
    assert StreamEvent.objects.count() == 0


def test_what_the_log_keeps_of_an_event(db: None) -> None:
    user = actions.put_user("alice", name="Alice")
    stream, seq = events.record(draft("990101001001", departments=(3, 4), persons=(5,), version=2), user)
    event = StreamEvent.objects.get(stream=stream, seq=seq)
    assert (stream, event.area_code, event.object_version) == (STREET, "990101001001", 2)
    assert (event.departments, event.persons, event.actor, event.payload) == ([3, 4], [5], user, {})
    assert StreamHead.objects.get(pk=STREET).seq == seq == 1


def test_rule_8_the_record_of_actions_is_never_edited(db: None) -> None:
    write()
    before = StreamEvent.objects.values().get()
    with pytest.raises(InternalError, match="record a new event instead"), transaction.atomic():
        StreamEvent.objects.update(kind="area.vanished")
    assert StreamEvent.objects.values().get() == before


# --- numbers ---


def without_gaps(stream: str) -> bool:
    numbers = list(StreamEvent.objects.filter(stream=stream).order_by("seq").values_list("seq", flat=True))
    return numbers == list(range(1, len(numbers) + 1)) and StreamHead.objects.get(pk=stream).seq == len(numbers)


@pytest.mark.django_db(transaction=True)
def test_eight_writers_on_one_street_leave_no_gap() -> None:
    def many() -> list[int]:
        return [write() for _ in range(25)]

    given = sorted(seq for numbers in at_once([many] * 8) for seq in numbers)
    assert given == list(range(1, 201))
    assert without_gaps(STREET)


@pytest.mark.django_db(transaction=True)
def test_writers_that_give_up_leave_no_gap() -> None:
    def some(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(20):
            with transaction.atomic():
                events.record(draft(), None)
                transaction.set_rollback(chance.random() < 0.4)

    at_once([partial(some, seed) for seed in range(8)])
    assert 40 < StreamEvent.objects.count() < 150
    assert without_gaps(STREET)


@pytest.mark.django_db(transaction=True)
def test_writers_of_several_streets_neither_wait_in_a_ring_nor_leave_a_gap() -> None:
    def many(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(15):
            streets = chance.sample(STREETS, k=3)
            with transaction.atomic():
                events.record_all([draft(street) for street in streets], None)

    at_once([partial(many, seed) for seed in range(8)])
    assert all(without_gaps(street) for street in STREETS)
    assert StreamEvent.objects.count() == 8 * 15 * 3


@pytest.mark.django_db(transaction=True)
def test_whoever_reads_meanwhile_never_sees_a_number_before_a_smaller_one() -> None:
    """What 'id greater than my last' gets wrong: a number must not be seen while one below it is still to come."""
    done = threading.Event()
    seen: list[tuple[int, int]] = []

    def read() -> None:
        while not done.is_set():
            with connection.cursor() as cursor:
                cursor.execute(
                    "select coalesce(max(seq), 0), count(*) from gridmap_streamevent where stream = %s", [STREET]
                )
                seen.append(cursor.fetchone())
        connections.close_all()

    def write_slowly(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(12):
            write(pause=chance.random() * 0.004)

    reader = threading.Thread(target=read)
    reader.start()
    at_once([partial(write_slowly, seed) for seed in range(6)])
    done.set()
    reader.join(10)
    assert len({highest for highest, _ in seen}) > 10  # it did look in between
    assert [(highest, count) for highest, count in seen if highest != count] == []
    assert [highest for highest, _ in seen] == sorted(highest for highest, _ in seen)


@pytest.mark.django_db(transaction=True)
def test_one_street_does_not_wait_for_another() -> None:
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            events.record(draft(STREET), None)
            held.set()
            release.wait(10)

    def pass_by() -> float:
        held.wait(10)
        started = time.monotonic()
        write(OTHER_STREET)
        release.set()
        return time.monotonic() - started

    _, took = at_once([hold, pass_by])
    assert took is not None
    assert took < 2
    assert without_gaps(STREET)


@pytest.mark.django_db(transaction=True)
def test_areas_and_grants_written_together_by_many_leave_no_gap() -> None:
    people = [actions.put_user(f"user{i}", name="x") for i in range(6)]

    def work(i: int) -> None:
        actions.put_areas([Area(code=street + f"{i:03}", name="x") for street in reversed(STREETS)])
        actions.revoke(actions.grant(people[i], Role.WORKER, STREETS[i % 3]))

    at_once([partial(work, i) for i in range(6)])
    assert all(without_gaps(street) for street in STREETS)


# --- the bell ---


class Listener:
    """A connection that hears the bell, as the live channel does."""

    def __init__(self) -> None:
        params = connection.get_connection_params()
        self.conn = psycopg2.connect(**{k: v for k, v in params.items() if k not in ("cursor_factory", "context")})
        self.conn.set_session(autocommit=True)
        with self.conn.cursor() as cursor:
            cursor.execute(f"listen {events.BELL}")

    def heard(self, wait: float = 0.3) -> list[str]:
        """What rang until now, and until `wait` seconds have passed in silence."""
        while select.select([self.conn], [], [], wait)[0]:
            self.conn.poll()
        found = [notice.payload for notice in self.conn.notifies]
        self.conn.notifies.clear()
        return found


@pytest.fixture
def bell(transactional_db: None) -> Any:
    listener = Listener()
    yield listener
    listener.conn.close()


def test_the_bell_rings_with_the_commit_and_not_before(bell: Listener) -> None:
    with transaction.atomic():
        events.record(draft(), None)
        assert bell.heard() == []
    assert bell.heard() == [f"{STREET}:1"]


def test_what_is_rolled_back_rings_nothing(bell: Listener) -> None:
    with transaction.atomic():
        events.record(draft(), None)
        transaction.set_rollback(True)
    assert bell.heard() == []
    assert StreamEvent.objects.count() == 0


def test_a_refused_write_rings_nothing(bell: Listener) -> None:
    town = factories.town()
    bell.heard()
    town.worker.report(expect=422, class_key="unknown")
    card = town.worker.report()
    assert len(bell.heard()) == 1
    town.worker.act(card, "file", expect=403)
    town.dispatcher.act(card, "assign", department=town.sanitation.pk, expect=409)
    assert bell.heard() == []


@pytest.mark.parametrize("write_it", [write, lambda: actions.put_areas([Area(code=STREET, name="x")])])
def test_each_event_rings_once(bell: Listener, write_it: Callable[[], Any]) -> None:
    for _ in range(3):
        write_it()
    assert bell.heard() == [f"{STREET}:{n}" for n in (1, 2, 3)]


def test_a_redis_that_is_not_there_fails_no_write(bell: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "unix:///nonexistent/redis.sock")
    events._redis.cache_clear()
    try:
        assert write() == 1
    finally:
        events._redis.cache_clear()
    assert StreamEvent.objects.count() == 1


def test_a_job_is_queued_by_the_commit_that_stores_its_event(transactional_db: None) -> None:
    from django_tasks_db.models import DBTaskResult

    from tests.factories import photo

    town = factories.town()
    card = town.worker.report()
    queued = DBTaskResult.objects.count()
    assert queued == 0
    identity = "018f0000-0000-7000-8000-000000000001"
    town.worker.upload(f"/incidents/{card['id']}/photos", id=identity, kind="before", file=photo())
    assert [row.args_kwargs["args"][2] for row in DBTaskResult.objects.all()] == [card["id"]]
    with transaction.atomic():
        town.worker.upload(f"/incidents/{card['id']}/photos", id=identity[:-1] + "2", kind="before", file=photo())
        transaction.set_rollback(True)
    assert DBTaskResult.objects.count() == 1
