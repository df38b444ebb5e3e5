"""Shapes of the register of demands in the API."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field, StrictFloat, StrictInt, StringConstraints

from gridmap.http import Mutation, Number, Words
from incidents.schemas.base import Line, Text

KindName = Literal["form", "duty", "plate", "check"]
StandingName = Literal["proposed", "in_force", "refused", "withdrawn", "ended", "expired"]
TabName = Literal["in_force", "proposed", "refused", "expired"]
RhythmName = Literal["year", "quarter", "month"]
FieldType = Literal["text", "number", "date", "choice"]
StepName = Literal["approve", "refuse", "end", "withdraw", "answer", "export"]
Title = Annotated[Words, StringConstraints(strip_whitespace=True, min_length=2, max_length=60)]
Short = Annotated[Words, StringConstraints(strip_whitespace=True, max_length=60)]
Said = Annotated[Words, StringConstraints(strip_whitespace=True, min_length=2, max_length=2000)]
Number100 = Annotated[Words, StringConstraints(strip_whitespace=True, min_length=2, max_length=100)]
Code = Annotated[str, Field(pattern=r"^[0-9]{0,15}$")]
Money = Annotated[int, Field(ge=0, le=10**12, description="yuan that come with it, 0: none")]
Staff = Annotated[int, Field(ge=0, le=10**6, description="people that come with it, 0: none")]
Value = str | int | float | None


class FormFieldIn(Schema):
    """A field of a form: a figure of the records (`figure`), or a question (`label`, `type`)."""

    figure: Short = ""
    class_key: Short = ""
    department: Number | None = None
    label: Short = ""
    type: FieldType = "text"
    choices: Annotated[list[Short], Field(max_length=20)] = []


class DemandIn(Schema):
    """A demand to propose. `id` is made by the client (UUIDv7); sent again it has no second effect."""

    id: UUID
    area: Code = Field(description="a street, or a district for all of its communities")
    department: Number
    kind: KindName
    title: Title
    what: Said
    ground: Said = Field(description="the law or notice that it stands on, in words")
    ground_number: Number100
    since: date
    until: date = Field(description="its last day, within a year")
    money: Money
    staff: Staff
    rhythm: RhythmName = "year"
    fields: Annotated[list[FormFieldIn], Field(max_length=60)] = []


class DemandChanged(Schema):
    id: UUID
    state: StandingName
    version: int
    replayed: bool = False


class DemandDecisionIn(Mutation):
    version: Number
    outcome: Literal["approve", "refuse", "end"]
    reason: Text = ""


class DemandWithdrawalIn(Mutation):
    version: Number
    reason: Text = ""


class FormAnswerIn(Mutation):
    """Answers by the keys of the questions; what other forms asked before for this period may be left out."""

    area: Code
    period: Annotated[str, Field(max_length=7)] = ""
    version: Number = Field(default=0, description="of the answer that was seen, 0 for none")
    values: Annotated[
        dict[Annotated[Words, StringConstraints(max_length=80)], Words | StrictInt | StrictFloat | None],
        Field(max_length=60),
    ]


class FormExportIn(Schema):
    reason: Line


class UnadmittedIn(Schema):
    """What a community was asked for without admission. No person is named in it."""

    id: UUID
    area: Code
    asked_by: Title
    department: Number | None = None
    kind: KindName
    what: Said


class GateArea(Schema):
    code: str
    name: str
    name_en: str


class GateBody(Schema):
    id: int
    name: str
    name_en: str


class DemandOut(Schema):
    id: UUID
    area: str
    area_name: str
    department: GateBody
    kind: KindName
    title: str
    what: str
    ground: str
    ground_number: str
    since: date
    until: date
    money: int
    staff: int
    rhythm: RhythmName
    fields: int = Field(description="how many fields its form has")
    state: StandingName
    reason: str
    proposed_at: AwareDatetime
    decided_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    version: int
    may: list[StepName] = Field(description="what the caller may do with it now")
    refusable: bool = Field(description="it is not in force: a community may refuse it")
    ends_soon: bool


class ProposeOut(Schema):
    departments: list[GateBody]
    areas: list[GateArea]


class RegisterOut(Schema):
    items: list[DemandOut]
    counts: dict[TabName, int]
    more: bool
    propose: ProposeOut
    communities: list[GateArea] = Field(
        description="those for which the caller may record what was asked without admission"
    )


class FormField(Schema):
    key: str
    figure: str
    class_key: str
    department: int | None
    label: str
    type: FieldType
    choices: list[str]
    name: str
    name_en: str
    unit: str
    unit_en: str


class CollectedField(Schema):
    key: str
    by: Literal["record", "form"]
    form: str = Field(description="title of the form in force that asks it already")


class Collected(Schema):
    count: int
    of: int
    fields: list[CollectedField]


class DemandDetail(DemandOut):
    form: list[FormField]
    collected: Collected
    periods: list[str]
    communities: list[GateArea] = Field(description="those for which the caller answers")
    answered: list[tuple[str, str]] = Field(description="(community, period) of the caller's that are answered")


class FormRow(FormField):
    value: Value
    source: Literal["record", "own", "earlier", "asked"]
    at: AwareDatetime | None
    from_form: str = Field(description="the form in which it was answered before")


class FormOut(Schema):
    demand: UUID
    area: str
    area_name: str
    period: str
    version: int
    given_at: AwareDatetime | None
    rows: list[FormRow]


class RecordFigureOut(Schema):
    figure: str
    name: str
    name_en: str
    unit: str
    unit_en: str
    narrow: bool


class KnownQuestionOut(Schema):
    label: str
    type: FieldType
    choices: list[str]


class KnownFields(Schema):
    figures: list[RecordFigureOut]
    asked: list[KnownQuestionOut]


class UnadmittedOut(Schema):
    id: UUID
    area: str
    area_name: str
    asked_by: str
    department: GateBody | None
    kind: KindName
    what: str
    recorded_at: AwareDatetime


class UnadmittedDone(Schema):
    id: UUID
    replayed: bool = False
