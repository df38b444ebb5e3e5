"""Shapes of the tree of departments in the API."""

from datetime import date
from typing import Annotated

from ninja import Schema
from pydantic import Field

from gridmap.http import Mutation, Words

Name = Annotated[Words, Field(min_length=1, max_length=60)]
NameEn = Annotated[Words, Field(max_length=60)]
Id = Annotated[int, Field(ge=1, lt=2**63)]


class DepartmentHead(Schema):
    """A department with its place in the tree."""

    id: int
    code: str
    name: str
    name_en: str
    area: str
    area_name: str
    parent: int | None
    successor: int | None
    successor_name: str | None
    ended: date | None = Field(description="its last day")
    over: bool = Field(description="that day has passed")
    version: int


class Member(Schema):
    """Somebody of a department, by the grant that makes her so; `movable` by the caller."""

    grant: int
    user: int
    name: str
    area: str
    area_name: str
    movable: bool


class DepartmentRow(DepartmentHead):
    """A department with what lies with it: open cases, rules in force, stages of procedures, people."""

    cases: int
    rules: int
    stages: int
    people: list[Member]


class DepartmentDone(DepartmentHead):
    replayed: bool = False


class DepartmentIn(Mutation):
    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,49}$")]
    name: Name
    name_en: NameEn = ""
    area: Annotated[str, Field(pattern=r"^\d{2,15}$")]
    parent: Id | None = None


class KeepIn(Mutation):
    version: Annotated[int, Field(ge=1, lt=2**31)]


class RenameIn(KeepIn):
    name: Name
    name_en: NameEn = ""


class MoveIn(KeepIn):
    parent: Id | None = None


class EndIn(KeepIn):
    last_day: date | None = Field(default=None, description="none: it ends at once")
    successor: Id | None = None
