"""What an applicant can expect of a procedure: the usual way to its end, and by when that is.

Pure: no Django, no database.
"""

from collections.abc import Iterable
from datetime import datetime

from incidents import clock
from incidents.procedure import Result, Stage, Table

TOLD = (Result.SUPPLEMENT, Result.EXTEND, Result.REFUSE)  # what an applicant should know may come of it


def ahead(table: Table, key: str) -> list[Stage]:
    """The stages after this one if every stage approves; where a stage does not, it finishes or passes on."""
    way = [key]
    while (after := _after(table[way[-1]])) and after not in way:
        way.append(after)
    return [table[one] for one in way[1:]]


def _after(stage: Stage) -> str:
    if Result.APPROVE in stage.results:
        return stage.results[Result.APPROVE]
    return "" if Result.FINISH in stage.results else stage.results.get(Result.FORWARD, "")


def end_by(since: datetime, stages: Iterable[Stage], calendar: clock.Calendar) -> datetime | None:
    """When the last of these stages ends if each takes all its time from then on; None if one of them has no limit."""
    for stage in stages:
        if stage.limit is None:
            return None
        since = clock.due(since, stage.limit, calendar)
    return since


def may_come(table: Table) -> list[str]:
    """Which of supplement, extend and refuse some stage offers."""
    return [str(result) for result in TOLD if any(result in stage.results for stage in table.stages)]
