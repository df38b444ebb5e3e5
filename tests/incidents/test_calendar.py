"""The working calendar as administrators edit it, and the deadlines that follow."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from gridmap.localtime import ZONE
from gridmap.models import StreamEvent
from incidents import actions, jobs
from incidents.actions import clocks
from incidents.models import Assignment, Holiday, Incident
from tests import factories
from tests.factories import LID, LITTER, Town, as_if_ago
from tests.incidents.test_deadlines_api import deadlines, holds, said, tick

ROOT = "99"  # the topmost area of the tiny town


@pytest.fixture
def card(town: Town) -> dict[str, Any]:
    """Litter, four working hours, assigned."""
    filed = town.acceptor.act(town.worker.report(class_key=LITTER), "file")
    return town.dispatcher.act(filed, "assign", department=town.sanitation.pk)


def due_day(card: dict[str, Any]) -> date:
    return datetime.fromisoformat(card["due_at"]).astimezone(ZONE).date()


def day_after(day: date) -> date:
    return day + timedelta(days=1)


@pytest.fixture
def administrator(town: Town) -> Client:
    user = town.administrator.user
    user.is_staff = True
    user.save()
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def put(town: Town, day: date, *, working: bool) -> int:
    actions.put_day(town.administrator.user, day, working=working, name="停电日")
    return actions.move_deadlines(day)


def test_a_holiday_moves_the_deadlines_that_it_touches_and_the_timeline_keeps_the_old_one(
    town: Town, card: dict[str, Any]
) -> None:
    day = due_day(card)
    assert put(town, day, working=False) == 1
    moved = town.director.detail(card)
    assert due_day(moved) > day
    last = moved["timeline"][-1]
    assert (last["kind"], last["due_was"], last["due_at"]) == (
        "incident.deadline_moved", card["due_at"], moved["due_at"],
    )  # fmt: skip
    assert Assignment.objects.get(incident=card["id"]).due_at == datetime.fromisoformat(moved["due_at"])
    running = deadlines(town, card)["running"]
    assert running["due_at"] == moved["due_at"]
    assert ("holiday", "停电日") in {(piece["why"], piece["name"]) for piece in running["pieces"]}
    holds(running)


def test_counting_anew_twice_says_nothing_twice(town: Town, card: dict[str, Any]) -> None:
    day = due_day(card)
    put(town, day, working=False)
    assert actions.move_deadlines(day) == 0
    assert said(card) == ["deadline_moved"]


def test_the_rule_of_the_weekday_again_moves_it_back(town: Town, card: dict[str, Any]) -> None:
    day = due_day(card)
    put(town, day, working=False)
    actions.put_day(town.administrator.user, day, working=True, name="")
    assert actions.move_deadlines(day) == 1
    assert town.director.detail(card)["due_at"] == card["due_at"]


def test_a_day_after_the_deadline_moves_nothing(town: Town, card: dict[str, Any]) -> None:
    assert put(town, day_after(due_day(card)), working=False) == 0


def test_limits_round_the_clock_do_not_ask_the_calendar(town: Town) -> None:
    filed = town.acceptor.act(town.worker.report(class_key=LID, condition=1), "file")
    card = town.dispatcher.act(filed, "assign", department=town.sanitation.pk)
    assert put(town, timezone.localdate(), working=False) == 0
    assert town.director.detail(card)["due_at"] == card["due_at"]


def test_what_was_told_of_a_time_that_lies_ahead_again_is_void(town: Town, card: dict[str, Any]) -> None:
    as_if_ago(card, timedelta(days=20))
    late = town.director.detail(card)
    tick()
    assert town.director.detail(card)["overdue"]
    first = datetime.fromisoformat(late["due_at"]).astimezone(ZONE).date() - timedelta(days=8)
    every = [first + timedelta(days=n) for n in range(60)]
    for day in every:
        actions.put_day(town.administrator.user, day, working=False, name="停工")
    actions.move_deadlines(first)
    shown = town.director.detail(card)
    assert datetime.fromisoformat(shown["due_at"]) > timezone.now()
    assert (shown["overdue"], shown["overdue_by"], shown["due_soon"]) == (False, 0, False)


def test_a_change_stands_in_the_log_of_the_topmost_area_and_queues_the_job(town: Town) -> None:
    day = date(2031, 5, 6)
    actions.put_day(town.administrator.user, day, working=False, name="停电日")
    actions.end_day(town.administrator.user, day)
    actions.end_day(town.administrator.user, day)  # nothing to end any more
    log = StreamEvent.objects.filter(kind="calendar.changed").order_by("seq")
    assert [(e.stream, e.area_code, e.object_id, e.payload, e.actor) for e in log] == [
        (ROOT, ROOT, "2031-05-06", {"working": False, "was": None}, town.administrator.user),
        (ROOT, ROOT, "2031-05-06", {"working": None, "was": False}, town.administrator.user),
    ]
    assert DBTaskResult.objects.filter(task_path="incidents.jobs.deadlines_of_the_day").count() == 2
    assert not Holiday.objects.filter(pk=day).exists()


def test_rule_clocks_3_an_administrator_edits_the_calendar_through_the_action(
    town: Town, administrator: Client
) -> None:
    add = {"date": "2031-05-06", "name": "停电日"}
    assert administrator.post("/admin/incidents/holiday/add/", add).status_code == 302
    assert not Holiday.objects.get(pk=date(2031, 5, 6)).working
    page = "/admin/incidents/holiday/2031-05-06/"
    assert administrator.post(f"{page}change/", {"working": "on", "name": "补班"}).status_code == 302
    assert administrator.post(f"{page}delete/", {"post": "yes"}).status_code == 302
    administrator.post("/admin/incidents/holiday/add/", add)
    bulk = {"action": "delete_selected", "_selected_action": ["2031-05-06"], "post": "yes"}
    assert administrator.post("/admin/incidents/holiday/", bulk).status_code == 302
    payloads = StreamEvent.objects.filter(kind="calendar.changed").order_by("seq").values_list("payload", flat=True)
    assert [(p["was"], p["working"]) for p in payloads] == [
        (None, False), (False, True), (True, None), (None, False), (False, None),
    ]  # fmt: skip


def test_many_deadlines_move_in_batches(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incidents.actions.calendar.BATCH", 2)
    cards = []
    for _ in range(5):
        filed = town.acceptor.act(town.worker.report(class_key=LITTER), "file")
        cards.append(town.dispatcher.act(filed, "assign", department=town.sanitation.pk))
    assert put(town, due_day(cards[0]), working=False) == 5
    assert Incident.objects.filter(pk__in=[c["id"] for c in cards], version=4).count() == 5


@pytest.mark.django_db(transaction=True)
def test_whoever_changes_the_calendar_waits_for_deadlines_that_are_being_counted_by_it() -> None:
    town = factories.town()

    def change() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = 200")
        try:
            actions.put_day(town.administrator.user, date(2031, 5, 6), working=False, name="停电日")
        except OperationalError:  # waited in vain
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            clocks.calendar()
            assert not other.submit(change).result()
        assert other.submit(change).result()


def test_the_deadlines_of_the_day_are_counted_anew_by_the_job(town: Town, card: dict[str, Any]) -> None:
    actions.put_day(town.administrator.user, due_day(card), working=False, name="停电日")
    assert jobs.deadlines_of_the_day.func(ROOT, 1, due_day(card).isoformat()) == 1
