"""What the log of a case comes to: the fold that statistics are counted from."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from incidents import clock, facts
from incidents.clock import Kind
from incidents.facts import Entry, Turn
from tests.lives import at

CALENDAR = clock.Calendar.shipped()


def entry(when: str, kind: str, state: str, due: str = "", department: int | None = 7) -> Entry:
    return Entry(at(when), f"incident.{kind}", state, department, at(due) if due else None)


FILED = entry("2026-03-02 08:30", "filed", "filed", department=None)
ASSIGNED = entry("2026-03-02 09:00", "assigned", "assigned", "2026-03-02 15:00")


def of(*log: Entry, kinds: tuple[Kind, ...] = (Kind.WORKING,)) -> facts.Facts:
    return facts.of(log, kinds, CALENDAR)


def test_a_case_that_no_department_had_has_no_handling_time_and_no_limit() -> None:
    assert of(FILED) == facts.Facts(FILED.at, 0, None, ())
    assert of() == facts.Facts(None, 0, None, ())


def test_a_limit_that_still_runs_is_neither_kept_nor_missed() -> None:
    assert of(FILED, ASSIGNED).turns == (Turn(0, 7, at("2026-03-02 15:00"), None),)


def test_the_limit_is_kept_when_the_department_feeds_back_before_it_ends() -> None:
    taken = entry("2026-03-02 10:00", "taken", "in_work", "2026-03-02 15:00")
    found = of(FILED, ASSIGNED, taken, entry("2026-03-02 14:30", "handled", "to_verify", "2026-03-02 15:00"))
    assert found.turns == (Turn(0, 7, at("2026-03-02 15:00"), True),)
    assert found.handling == timedelta(hours=3.5)  # 9-12 and 14-14:30: the midday break does not count


def test_urgent_limits_are_counted_day_and_night() -> None:
    found = of(ASSIGNED, entry("2026-03-02 14:30", "handled", "to_verify"), kinds=(Kind.CONTINUOUS,))
    assert found.handling == timedelta(hours=5.5)


def test_waiting_for_a_check_is_not_the_departments_time() -> None:
    found = of(
        ASSIGNED,
        entry("2026-03-02 10:00", "handled", "to_verify", "2026-03-02 10:30"),
        entry("2026-03-02 11:00", "repair_refused", "assigned", "2026-03-02 16:00"),
        entry("2026-03-02 11:30", "handled", "to_verify", "2026-03-02 12:00"),
    )
    assert found.handling == timedelta(hours=1.5)
    assert found.failed_repairs == 1
    assert found.turns == (Turn(0, 7, at("2026-03-02 16:00"), True),)


def test_a_limit_missed_once_is_missed_whatever_follows() -> None:
    found = of(
        ASSIGNED,
        entry("2026-03-02 16:00", "handled", "to_verify"),
        entry("2026-03-02 17:00", "repair_refused", "assigned", "2026-03-02 16:00"),
        entry("2026-03-02 17:10", "handled", "to_verify"),
    )
    assert found.turns == (Turn(0, 7, at("2026-03-02 15:00"), False),)


def test_a_limit_given_back_in_time_did_not_end_and_one_given_back_late_is_missed() -> None:
    early = of(ASSIGNED, entry("2026-03-02 10:00", "returned", "filed", "2026-03-02 10:15", None))
    late = of(ASSIGNED, entry("2026-03-02 15:30", "returned", "filed", "2026-03-02 15:45", None))
    assert early.turns == ()
    assert late.turns == (Turn(0, 7, at("2026-03-02 15:00"), False),)


def test_each_department_has_a_limit_of_its_own() -> None:
    found = of(
        ASSIGNED,
        entry("2026-03-02 15:30", "returned", "filed", "2026-03-02 15:45", None),
        entry("2026-03-02 15:40", "assigned", "assigned", "2026-03-03 11:40", 8),
        entry("2026-03-03 09:00", "handled", "to_verify", "2026-03-03 09:30", 8),
        kinds=(Kind.WORKING, Kind.WORKING),
    )
    assert found.turns == (Turn(0, 7, at("2026-03-02 15:00"), False), Turn(1, 8, at("2026-03-03 11:40"), True))


@given(st.lists(st.sampled_from(["assigned", "in_work", "to_verify", "filed", "verified", "closed"]), max_size=12))
def test_any_log_gives_times_that_add_up(states: list[str]) -> None:
    start = datetime(2026, 3, 2, 1, tzinfo=UTC)
    log = [
        Entry(
            start + timedelta(hours=n),
            "incident.assigned" if state == "assigned" else f"incident.{state}",
            state,
            7,
            start,
        )
        for n, state in enumerate(states)
    ]
    found = facts.of(log, [Kind.CONTINUOUS] * len(log), CALENDAR)
    running = sum(a in facts.RUNNING and n + 1 < len(states) for n, a in enumerate(states))
    before = next((n for n, state in enumerate(states) if state == "assigned"), len(states))
    idle = sum(a in facts.RUNNING for a in states[:before])
    if found.handling is not None:
        assert timedelta(0) <= found.handling <= timedelta(hours=running - idle)
    assert len({turn.number for turn in found.turns}) == len(found.turns) <= states.count("assigned")
