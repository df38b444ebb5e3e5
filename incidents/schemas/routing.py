"""Shapes of routing in the API: why a case goes to a department, versions of the rules, the check, the dry run."""

from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field, StringConstraints

from gridmap.http import Mutation, Number, Words
from incidents.schemas.base import Line


class Both(Schema):
    """A text in both languages."""

    zh: str
    en: str


class RoutingStepOut(Schema):
    number: int
    verdict: str
    department: int
    text: Both


class RoutingKept(Schema):
    """What an assignment kept of the rules that were in force then."""

    assigned_at: AwareDatetime
    department: int
    department_name: Both
    suggested: int | None
    otherwise: bool = Field(description="the dispatcher chose another department than the rules suggested")
    rule_set: UUID
    number: int = Field(description="number of the version of the rules")
    line: Both


class CaseRouting(Schema):
    """The department that the rules in force suggest for a case, and why; without rules all but `kept` is empty."""

    rule_set: UUID | None
    number: int | None
    department: int | None
    by: Literal["maintainer", "rule", "territory", "nobody"] | None
    line: Both | None
    steps: list[RoutingStepOut] = Field(description="the rules for the class in the area, in the order considered")
    kept: list[RoutingKept]


RuleSetStateName = Literal["draft", "in_force", "retired"]


class RuleSetHead(Schema):
    id: UUID
    area: str
    number: int
    state: RuleSetStateName
    version: int
    effective_from: AwareDatetime | None
    effective_to: AwareDatetime | None
    reason: str
    editable: bool


class RoutingDistrict(Schema):
    code: str
    name: str
    name_en: str
    editable: bool


class RoutingOverview(Schema):
    districts: list[RoutingDistrict]
    sets: list[RuleSetHead]


class RuleOut(Schema):
    number: int
    area: str
    department: int
    class_key: str
    major: str = Field(description="domain/name of a major class")
    months: list[int]
    hours: list[int] | None
    answers: dict[str, str]
    territory: bool
    trouble: str | None = Field(description="why the rule cannot do its work")
    area_name: Both
    concern: Both
    time: Both
    department_name: Both


class GapOut(Schema):
    area: str
    area_name: str
    cells: int
    classes: list[str]
    always: bool
    months: list[int]


class RuleOverlapOut(Schema):
    first: int
    second: int
    area: str
    concern: str


class TroubleOut(Schema):
    number: int
    trouble: str


class RulesCheckOut(Schema):
    clean: bool
    cells: int
    classes: int
    gaps: list[GapOut]
    left: list[GapOut] = Field(description="no fault: what only the territory takes")
    overlaps: list[RuleOverlapOut]
    troubles: list[TroubleOut]


class RuleSetOut(RuleSetHead):
    rules: list[RuleOut]
    check: RulesCheckOut


class TrialCase(Schema):
    id: UUID
    number: str


class TrialMove(Schema):
    class_key: str
    from_department: int | None
    to_department: int | None
    count: int
    cases: list[TrialCase]


class RulesTrialOut(Schema):
    """What would go elsewhere of the last month's cases that the caller may see, by class and departments."""

    tried: int
    moved: int
    complete: bool = Field(description="false: there were more cases than are tried at once")
    sees_cases: bool
    moves: list[TrialMove]


Month = Annotated[int, Field(ge=1, le=12)]
Hour = Annotated[int, Field(ge=0, le=24)]


class RuleIn(Schema):
    area: Annotated[str, Field(pattern=r"^\d{6}(\d{3}){0,3}$")]
    department: Number
    class_key: Annotated[Words, Field(max_length=60)] = ""
    major: Annotated[Words, Field(max_length=60)] = ""
    months: Annotated[list[Month], Field(max_length=12)] = []
    hours: tuple[Hour, Hour] | None = None
    answers: Annotated[dict[Line, Line], Field(max_length=10)] = {}
    territory: bool = False


class RulesDraftIn(Mutation):
    area: Annotated[str, Field(pattern=r"^\d{6}$")]


class RuleSetChange(Mutation):
    version: Number = Field(description="the version of the draft that the user saw")


class RulesIn(RuleSetChange):
    rules: Annotated[list[RuleIn], Field(max_length=2000)]


class RulesInForceIn(RuleSetChange):
    reason: Annotated[Words, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class RuleSetChanged(Schema):
    id: UUID
    version: int | None = None
    replayed: bool = False
