"""What the log of one case comes to: when it was filed, how long its departments had it, which limits were kept.

Statistics are counted from these. They follow from the log and the calendar alone, so they can be made anew at any time.

Pure: no Django, no database. Moments are aware datetimes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents import clock
from incidents.workflow import State

RUNNING = frozenset({State.ASSIGNED, State.IN_WORK})  # states in which a department's clock runs
PUT_OFF = (State.FILED, State.SUSPENDED)  # states in which a limit that was not missed waits, or begins anew


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the case, as the log has it; `due_at` is that of the state after it."""

    at: datetime
    kind: str
    state: str
    department: int | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Turn:
    """A handling limit of a department: when it ends, and whether it was kept (None: it still runs)."""

    number: int
    department: int
    ends_at: datetime
    on_time: bool | None


@dataclass(frozen=True, slots=True)
class Facts:
    """`handling` is what departments used, each on the clock of its limit; None where no department had the case.

    A `matter` was registered at a counter; it was `supplemented` when the applicant was asked for something, `extended` when it was
    given more time, once or more often.
    """

    filed_at: datetime | None
    failed_repairs: int
    handling: timedelta | None
    turns: tuple[Turn, ...]
    matter: bool = False
    supplemented: bool = False
    extended: bool = False


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A time in which one department's clock ran; `end` and `after` are None while it runs."""

    begin: datetime
    end: datetime | None
    due_at: datetime | None
    after: str | None


def of(log: Sequence[Entry], kinds: Sequence[clock.Kind], calendar: clock.Calendar) -> Facts:
    """The facts of a case from its events, oldest first; `kinds` are the clocks of its assignments, in their order."""
    used, turns = timedelta(0), []
    assigned = list(_turns(log))
    for number, events in enumerate(assigned):
        kind = kinds[number] if number < len(kinds) else clock.Kind.WORKING
        stretches = list(_stretches(events))
        used += sum(
            (clock.elapsed(s.begin, s.end, kind, calendar) for s in stretches if s.end is not None), timedelta(0)
        )
        turn = _limit(number, events[0].department, stretches)
        turns += [turn] if turn else []
    seen = {entry.kind for entry in log}
    return Facts(
        filed_at=next((entry.at for entry in log if entry.kind == "incident.filed"), None),
        failed_repairs=sum(entry.kind == "incident.repair_refused" for entry in log),
        handling=used if assigned else None,
        turns=tuple(turns),
        matter="incident.registered" in seen,
        supplemented="incident.supplement_asked" in seen,
        extended="incident.extension_granted" in seen,
    )


def _turns(log: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """The events of each assignment, up to that of the next one. A whistle to a filed case assigns it too."""
    before = ["", *(entry.state for entry in log)]
    starts = [
        place
        for place, entry in enumerate(log)
        if entry.kind == "incident.assigned"
        or (entry.kind == "incident.whistled" and (before[place], entry.state) == (State.FILED, State.ASSIGNED))
    ]
    for start, end in zip(starts, [*starts[1:], len(log)], strict=False):
        yield log[start:end]


def _stretches(events: Iterable[Entry]) -> Iterator[_Stretch]:
    begin: datetime | None = None
    due_at: datetime | None = None
    for entry in events:
        if entry.state in RUNNING:
            begin, due_at = begin or entry.at, entry.due_at
        elif begin is not None:
            yield _Stretch(begin, entry.at, due_at, entry.state)
            begin = None
    if begin is not None:
        yield _Stretch(begin, None, due_at, None)


def _limit(number: int, department: int | None, stretches: Sequence[_Stretch]) -> Turn | None:
    """How the limit of a turn ended: missed once is missed; given back or suspended in time, it did not end."""
    known = [s for s in stretches if s.due_at is not None]
    if department is None or not known:
        return None
    missed = next((s for s in known if s.end is not None and s.due_at is not None and s.end > s.due_at), None)
    last = missed or known[-1]
    assert last.due_at is not None  # of `known`
    if last.after in PUT_OFF and not missed:
        return None
    on_time = None if last.end is None else not missed
    return Turn(number, department, last.due_at, on_time)
