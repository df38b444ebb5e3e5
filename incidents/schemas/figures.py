"""Shapes of statistics, briefs and exports."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from gridmap.http import Mutation, Number, Words
from incidents.schemas.base import StateName


class FiguresOut(Schema):
    """Counts of cases and limits; what each one counts stands in `definitions`. None of them is of a person."""

    reported: int
    filed: int
    declined: int
    closed: int
    open: int
    overdue: int
    unsolved: int = Field(description="closed but not solved, each case once, for whichever of the next three reasons")
    failed_repair: int
    came_again: int
    dissatisfied: int
    to_close: int = Field(description="reported in the period and a case of its own: not declined, merged or retracted")
    closed_of_them: int = Field(description="of these, closed now")
    refused: int = Field(description="matters refused in the period")
    refused_of_them: int = Field(description="of those to close, refused now: finished, not solved")
    due: int = Field(description="handling limits that ended")
    on_time: int
    median_h: float | None = Field(description="hours from report to close")


class GroupOut(FiguresOut):
    key: str
    name: str
    name_en: str


class MatterGroupOut(Schema):
    """Matters of one kind registered in the period."""

    key: str
    name: str
    name_en: str
    registered: int
    approved: int = Field(description="of these, closed now with what was asked for")
    refused: int
    running: int
    supplemented: int = Field(description="of these, those whose applicant was asked for something, once or more often")
    extended: int = Field(description="of these, those that were given more time, once or more often")


class LineOut(FiguresOut):
    day: date


class SpreadOut(Schema):
    """How long it took, in hours; `bins` are the cases between the edges."""

    count: int
    p25: float | None
    median: float | None
    p75: float | None
    p90: float | None
    mean: float | None
    share: float = Field(description="of the cases that were looked at: 1, or of very many a share drawn by chance")
    bins: list[int]


class Definition(Schema):
    zh: str
    en: str


class StatisticsOut(Schema):
    first: date
    last: date
    area: str
    unit: Literal["day", "week", "month"]
    total: FiguresOut
    closing: SpreadOut
    handling: SpreadOut
    edges_h: list[int]
    classes: list[GroupOut]
    majors: list[GroupOut]
    communities: list[GroupOut]
    cells: list[GroupOut]
    departments: list[GroupOut]
    sources: list[GroupOut]
    states: list[GroupOut]
    line: list[LineOut]
    matters: list[MatterGroupOut]
    definitions: dict[str, Definition]


class DepartmentNow(GroupOut):
    oldest_due_at: AwareDatetime | None = Field(description="since when the oldest of its open cases is overdue")


class OverdueOut(Schema):
    id: UUID
    number: str
    title: str
    title_en: str
    area: str
    area_name: str
    department: int | None
    department_name: str | None
    due_at: AwareDatetime
    urgent: bool


class AgainOut(Schema):
    name: str
    name_en: str
    area: str
    area_name: str
    area_name_en: str
    community_name: str
    community_name_en: str
    cases: int


class RepeatOut(AgainOut):
    """Of `cases` of one class reported in a cell, how many were the trouble of a closed case again."""

    again: int


class BriefOut(Schema):
    first: date
    last: date
    area: str
    total: FiguresOut
    before: FiguresOut = Field(description="of as many days before")
    classes: list[GroupOut]
    communities: list[GroupOut]
    departments: list[DepartmentNow]
    overdue: list[OverdueOut]
    again: list[AgainOut]
    definitions: dict[str, Definition]


class ExportIn(Mutation):
    """What to take away, and what for; the reason stands in the log."""

    what: Literal["cases", "class", "major", "community", "cell", "department", "source", "state", "line", "matter"]
    format: Literal["csv", "xlsx"] = "csv"
    purpose: Literal["meeting", "check", "superior", "audit", "analysis"]
    first: date
    last: date
    area: Annotated[str, Field(pattern=r"^\d{0,15}$")] = ""
    unit: Literal["", "day", "week", "month"] = ""
    state: list[StateName] = []
    open: bool = False
    overdue: bool = False
    urgent: bool = False
    class_key: Words = ""
    department: Number | None = None
