"""A procedure as an ordered table of stages: who acts on which level, within what limit, what is needed, where it leads.

A case that follows a procedure is in the state `processing`; which stage it is in, and what may become of it there, the
table says. The table is data that the people who run a bureau write themselves; `flaws` refuses one that cannot work.

Pure: no Django, no database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Self

from incidents import clock
from incidents.clock import Limit, LimitError
from incidents.workflow import Level

MOST_STAGES = 30


class Result(StrEnum):
    """What a stage can come to; each is an action of the workflow of the same name."""

    APPROVE = "approve"  # 通过: on to the stage that is named
    FORWARD = "forward"  # 转办: to another stage than the usual one
    SEND_BACK = "send_back"  # 回退: to the stage it came from
    SUPPLEMENT = "supplement"  # 补办: the applicant is asked for what is missing, the clock pauses
    EXTEND = "extend"  # 延办: one more original limit, at most twice
    REFUSE = "refuse"  # 退办: the end, with a reason
    FINISH = "finish"  # 办结: the end


class Required(StrEnum):
    """What a stage asks for before it is approved, forwarded or finished."""

    TEXT = "text"
    PHOTO = "photo"
    DOCUMENT = "document"
    SIGNATURE = "signature"


LEADS_ON = (Result.APPROVE, Result.FORWARD)
MOST_EXTENSIONS = 2


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of the table. `results` maps what may become of the case here to the stage it leads to ("" where none is named)."""

    key: str
    name: str
    name_en: str
    level: Level
    role: str
    department: str = ""  # its code, where one department alone acts here
    limit: Limit | None = None
    requires: frozenset[Required] = frozenset()
    results: Mapping[Result, str] = field(default_factory=dict)

    @property
    def next(self) -> tuple[str, ...]:
        """The stages it leads on to."""
        return tuple(self.results[result] for result in LEADS_ON if result in self.results)

    def as_row(self) -> dict[str, Any]:
        """The stage as JSON; `Table.read` reads it again."""
        return {
            "key": self.key, "name": self.name, "name_en": self.name_en, "level": str(self.level), "role": self.role,
            "department": self.department, "limit": str(self.limit or ""), "requires": sorted(str(what) for what in self.requires),
            "results": {str(result): target for result, target in self.results.items()},
        }  # fmt: skip


class Flaw(NamedTuple):
    """Why a table cannot be put in force: the stage ("" for the whole), what is wrong, and the word it concerns."""

    stage: str
    code: str
    word: str = ""


@dataclass(frozen=True)
class Table:
    """The stages of one version of a procedure, the first one first."""

    stages: tuple[Stage, ...]

    @classmethod
    def read(cls, rows: Iterable[Mapping[str, Any]]) -> Self:
        """Read stored rows; ValueError (with LimitError, KeyError) for one that `flaws_of_rows` would have refused."""
        return cls(tuple(_stage(row) for row in rows))

    @property
    def first(self) -> Stage:
        return self.stages[0]

    def __getitem__(self, key: str) -> Stage:
        return next(stage for stage in self.stages if stage.key == key)

    def __contains__(self, key: object) -> bool:
        return any(stage.key == key for stage in self.stages)

    def rows(self) -> list[dict[str, Any]]:
        return [stage.as_row() for stage in self.stages]


def _stage(row: Mapping[str, Any]) -> Stage:
    return Stage(
        key=row["key"], name=row["name"], name_en=row.get("name_en", ""), level=Level(row["level"]), role=row["role"],
        department=row.get("department", ""), limit=Limit.parse(row["limit"]) if row.get("limit") else None,
        requires=frozenset(Required(what) for what in row.get("requires", ())),
        results={Result(result): target for result, target in row.get("results", {}).items()},
    )  # fmt: skip


# --- what is wrong with a table


def flaws_of_rows(rows: Sequence[Mapping[str, Any]], *, roles: Iterable[str], departments: Iterable[str]) -> list[Flaw]:
    """Everything that keeps these rows from being put in force; an empty list for a table that works."""
    if not rows:
        return [Flaw("", "no_stages")]
    if len(rows) > MOST_STAGES:
        return [Flaw("", "too_many_stages", str(MOST_STAGES))]
    stages, found = list[Stage](), list[Flaw]()
    for number, row in enumerate(rows, 1):
        key = str(row.get("key") or number)
        try:
            stages.append(_stage(row))
        except LimitError:
            found.append(Flaw(key, "bad_limit", str(row["limit"])))
        except (KeyError, ValueError) as error:
            found.append(Flaw(key, "unreadable", str(error)))
    return found or flaws(Table(tuple(stages)), roles=roles, departments=departments)


def flaws(table: Table, *, roles: Iterable[str], departments: Iterable[str]) -> list[Flaw]:
    """Keys given twice, people who do not exist, ways that lead nowhere, stages that nothing leads to or that never end."""
    known_roles, known_departments = set(roles), set(departments)
    found, seen = list[Flaw](), set[str]()
    for stage in table.stages:
        if stage.key in seen:
            found.append(Flaw(stage.key, "key_twice"))
        seen.add(stage.key)
        found += _flaws_of(stage, table, known_roles, known_departments)
    if found:
        return found
    return [*_unreached(table), *_endless(table)]


def _flaws_of(stage: Stage, table: Table, roles: set[str], departments: set[str]) -> list[Flaw]:
    checks = [
        (not stage.name, "no_name", ""),
        (stage.role not in roles, "unknown_role", stage.role),
        (bool(stage.department) and stage.department not in departments, "unknown_department", stage.department),
        (stage.role == "handler" and not stage.department, "handler_without_department", ""),
        (stage.role != "handler" and bool(stage.department), "department_without_handler", ""),
        (not stage.results, "no_results", ""),
        (stage is table.first and Result.SEND_BACK in stage.results, "first_sent_back", ""),
        (Result.EXTEND in stage.results and stage.limit is None, "extended_without_limit", ""),
    ]
    found = [Flaw(stage.key, code, word) for wrong, code, word in checks if wrong]
    return found + [
        flaw for result, target in stage.results.items() for flaw in _flaws_of_way(stage, result, target, table)
    ]


def _flaws_of_way(stage: Stage, result: Result, target: str, table: Table) -> list[Flaw]:
    if result in LEADS_ON and (target not in table or target == stage.key):
        return [Flaw(stage.key, "leads_nowhere", f"{result}: {target}")]
    return [Flaw(stage.key, "leads_by_itself", str(result))] if result not in LEADS_ON and target else []


def _unreached(table: Table) -> list[Flaw]:
    reached, waiting = set[str](), [table.first.key]
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting += table[key].next
    return [Flaw(stage.key, "unreached") for stage in table.stages if stage.key not in reached]


def _endless(table: Table) -> list[Flaw]:
    """Stages from which no way leads to `finish`: dead ends, and rounds that are never left."""
    ending = {stage.key for stage in table.stages if Result.FINISH in stage.results}
    while more := {s.key for s in table.stages if s.key not in ending and ending.intersection(s.next)}:
        ending |= more
    return [Flaw(stage.key, "dead_end") for stage in table.stages if stage.key not in ending]


# --- a dry run on cases that have been


class Stay(NamedTuple):
    """How long a past case was in a stage."""

    stage: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Trial:
    """What a table would have meant for one past case: stages it does not have, and stages whose limit was not kept."""

    unknown: tuple[str, ...]
    late: tuple[str, ...]


def try_on(table: Table, stays: Iterable[Stay], calendar: clock.Calendar) -> Trial:
    """Hold the limits of a table against the stays of a past case."""
    unknown, late = list[str](), list[str]()
    for stay in stays:
        if stay.stage not in table:
            unknown.append(stay.stage)
        elif (limit := table[stay.stage].limit) and clock.due(stay.since, limit, calendar) < stay.until:
            late.append(stay.stage)
    return Trial(tuple(dict.fromkeys(unknown)), tuple(dict.fromkeys(late)))
