"""The counts of days: after any history they are what the facts say, whatever failed on the way."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from gridmap.models import Role, User
from incidents import actions, counting
from incidents.actions import facts
from incidents.actions.sums import SUMS_LOCK
from incidents.models import CaseFact, DayCount, FactCursor
from incidents.queries import Period, statistics, sums
from tests import factories
from tests.factories import CELL, LID, LITTER, NEXT_CELL, OTHER_CELL, OTHER_STREET, STREET, Town, user
from tests.incidents.test_correct import correct
from tests.incidents.test_life import through
from tests.incidents.test_samecase import EAST_40M, LAT, LON
from tests.lives import Life, at

NOW = at("2026-03-20 12:00")  # in the midst of the limits


class Wander:
    """Cases that go on at random, an hour after the other."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town, self.random, self.hours, self.lives = town, random.Random(seed), 0, list[Life]()

    @property
    def when(self) -> str:
        self.hours += 5
        return f"2026-03-{1 + self.hours // 24:02} {self.hours % 24:02}:00"

    def go(self) -> None:
        if self.lives and self.random.random() < 0.7:
            return self.step(self.random.choice(self.lives))
        choose = self.random.choice
        self.lives.append(
            Life(
                self.when, cell=choice_of(choose), klass=choose([LITTER, LID]), source=choose(["patrol", "citizen"]),
                east=choose([0.0, 0.0001, 0.003]), imported=choose([None, {"on_time": True, "dissatisfied": True}]),
            )
        )  # fmt: skip
        return None

    def step(self, life: Life) -> None:
        department = self.random.choice([self.town.sanitation, self.town.gardens])
        steps = {
            "reported": [lambda: life.filed(self.when), lambda: life.declined(self.when)],
            "filed": [lambda: life.assigned(self.when, department, self.when)],
            "assigned": [lambda: life.handled(self.when)],
            "to_verify": [lambda: life.closed(self.when), lambda: life.refused(self.when, self.when)],
        }  # fmt: skip
        self.random.choice(steps.get(life.row.state, [lambda: life]))()


def choice_of(choose: Any) -> str:
    cell: str = choose([CELL, CELL, NEXT_CELL, OTHER_CELL])
    return cell


def counted(who: User, area: str, *, summed: bool) -> dict[str, Any]:
    return counted_in(who, area, date(2026, 3, 2), date(2026, 3, 30), summed=summed)


def counted_in(who: User, area: str, first: date, last: date, *, summed: bool) -> dict[str, Any]:
    """All figures of a period, without the groups that are nothing."""
    found = asdict(statistics(who, Period(first, last, area), unit="day", now=NOW, summed=summed))
    for name, groups in found["by"].items():
        found["by"][name] = {key: one for key, one in groups.items() if any(one["counts"].values())}
    return found


@pytest.mark.parametrize("seed", range(3))
def test_after_any_history_the_counts_of_days_are_what_the_facts_say(town: Town, seed: int) -> None:
    wander = Wander(town, seed)
    for _ in range(60):
        wander.go()
        if wander.random.random() < 0.3:
            actions.refresh_facts()
    actions.refresh_facts()
    auditor, above = user("auditor", Role.AUDITOR, "990101"), user("above", Role.AUDITOR, "99")
    for who, area in ((auditor, ""), (above, ""), (above, STREET), (town.director.user, ""), (auditor, OTHER_STREET)):
        assert sums.areas_of(who, area) is not None
        for days in (
            (date(2026, 3, 2), date(2026, 3, 30)),
            (date(2026, 2, 1), date(2026, 3, 31)),
            (date(2026, 1, 9), date(2026, 4, 5)),
        ):
            assert counted_in(who, area, *days, summed=True) == counted_in(who, area, *days, summed=False)
    kept = rows()
    actions.remake_facts(STREET)
    assert rows() == kept


def rows() -> set[tuple[Any, ...]]:
    return {
        row
        for row in DayCount.objects.values_list("dimension", "area_code", "month", "day", "key", *sums.COLUMNS)
        if any(row[5:])
    }


def test_counted_again_everything_is_as_the_facts_say_whatever_it_was(town: Town) -> None:
    Life("2026-03-02 08:00").filed("2026-03-02 09:00")
    actions.refresh_facts()
    kept = rows()
    DayCount.objects.update(reported=7)
    DayCount.objects.filter(dimension="class").delete()
    call_command("count_again")
    assert rows() == kept


def test_a_crash_between_the_facts_and_the_cursor_counts_nothing_twice(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = Life("2026-03-02 08:00").filed("2026-03-02 09:00")
    actions.refresh_facts()
    before = rows(), list(FactCursor.objects.values())
    life.declined("2026-03-02 10:00")
    with monkeypatch.context() as patch:
        patch.setattr(facts, "_mark_recurrences", lambda ids: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            actions.refresh_facts()
    assert (rows(), list(FactCursor.objects.values())) == before
    actions.refresh_facts()
    total = statistics(town.director.user, Period(date(2026, 3, 1), date(2026, 3, 31)), unit="month").total.counts
    assert (total["reported"], total["filed"], total["declined"], total["open"]) == (1, 1, 1, 0)


@pytest.mark.parametrize(
    "wrong",
    [{"class_key": LID}, {"lon": EAST_40M, "lat": LAT}, {"lon": LON + 0.003, "lat": LAT}],
    ids=["another class", "40 m away, in one square of the map perhaps", "far away"],
)
def test_what_is_corrected_to_another_class_or_place_did_not_come_again(town: Town, wrong: dict[str, Any]) -> None:
    closed, again = through(town, town.worker.report(), "closed"), town.worker.report()
    for count in (actions.refresh_facts, lambda: actions.remake_facts(STREET)):
        count()
        assert marked() == {closed["id"]}
        again = correct(town.worker, again, **wrong)
        count()
        assert marked() == set()
        kept = rows()
        actions.sum_again()
        assert rows() == kept
        again = correct(town.worker, again, class_key=LITTER, lon=LON, lat=LAT)


def marked() -> set[str]:
    return {str(key) for key in CaseFact.objects.filter(came_again=True).values_list("pk", flat=True)}


@pytest.mark.django_db(transaction=True)
def test_a_recount_waits_for_the_cursor_before_it_takes_the_counts() -> None:
    """As whoever reads the log does: otherwise each of the two could wait for the other."""
    factories.town()
    Life("2026-03-02 08:00")
    actions.refresh_facts()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            FactCursor.objects.select_for_update().get(stream=STREET)
            recount = pool.submit(in_thread, lambda: actions.remake_facts(STREET))
            waits = "exists (select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid)))"
            assert any(asked(cursor, f"{waits}, pg_sleep(0.02)") for _ in range(1000))
            assert asked(cursor, f"pg_try_advisory_xact_lock({SUMS_LOCK})")
        assert recount.result(60) == 1


def asked(cursor: Any, what: str) -> Any:
    cursor.execute(f"select {what}")
    return cursor.fetchone()[0]


def in_thread(work: Callable[[], int]) -> int:
    try:
        return work()
    finally:
        connections.close_all()


def test_a_share_of_a_department_and_an_area_within_a_street_are_counted_from_facts(town: Town) -> None:
    assert sums.areas_of(town.director.user, "") == [STREET]
    assert sums.areas_of(town.director.user, "990101") == [STREET]
    assert sums.areas_of(town.director.user, CELL) is None
    assert sums.areas_of(town.handler.user, "") is None
    assert sums.areas_of(town.director.user, OTHER_STREET) == []


def test_times_of_very_many_cases_are_those_of_a_share_drawn_by_chance(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hour in range(16):
        Life("2026-03-02 00:00", east=hour * 0.0006).filed("2026-03-02 00:00").closed(f"2026-03-02 {hour + 1:02}:00")
    actions.refresh_facts()
    assert {fact.lot for fact in CaseFact.objects.all()} <= set(range(counting.LOTS))
    for place, fact in enumerate(CaseFact.objects.order_by("closing_s")):
        CaseFact.objects.filter(pk=fact.pk).update(lot=place)
    monkeypatch.setattr(counting, "TIMED", 4)
    monkeypatch.setattr(counting, "LOTS", 16)
    found = statistics(town.director.user, Period(date(2026, 3, 1), date(2026, 3, 31)), unit="day")
    assert (found.closing.share, found.closing.count, found.closing.quartiles[1]) == (0.25, 16, 2.5)
    assert found.total.median_h == 2.5
    assert sum(found.closing.bins) == 16
