"""Shapes of matters in the API: procedures, guides, registering, signatures, the archive."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from gridmap.http import Mutation, Words
from incidents.schemas.base import Line, StateName, Text


class StageRow(Schema):
    """One row of a procedure's table; what may be wrong with it is said by its flaws, not refused."""

    key: Annotated[Words, Field(max_length=40)]
    name: Annotated[Words, Field(max_length=60)]
    name_en: Annotated[Words, Field(max_length=60)] = ""
    level: Annotated[Words, Field(max_length=10)]
    role: Annotated[Words, Field(max_length=14)]
    department: Annotated[Words, Field(max_length=50)] = ""
    limit: Annotated[Words, Field(max_length=20)] = ""
    requires: Annotated[list[Annotated[Words, Field(max_length=20)]], Field(max_length=10)] = []
    results: dict[Annotated[Words, Field(max_length=20)], Annotated[Words, Field(max_length=40)]] = {}


class Material(Schema):
    name: Line
    name_en: Line = ""


class Guide(Schema):
    """What an applicant is told before: basis, conditions, materials (依据、条件、材料)."""

    basis: Text = ""
    basis_en: Text = ""
    conditions: Text = ""
    conditions_en: Text = ""
    materials: Annotated[list[Material], Field(max_length=30)] = []


class VersionOut(Schema):
    number: int
    valid_from: date | None
    stages: list[StageRow]
    guide: Guide


class ProcedureOut(Schema):
    id: int
    class_key: str
    name: str
    name_en: str
    area: str
    area_name: str
    in_force: int | None = Field(description="number of the version that new cases begin with")
    versions: list[VersionOut] = Field(description="oldest first; a draft has no date")
    may_manage: bool


class FlawOut(Schema):
    stage: str
    code: str
    word: str


class FlawsOut(Schema):
    flaws: list[FlawOut]


class CheckIn(Schema):
    area: Annotated[str, Field(pattern=r"^\d{2,15}$")]
    stages: Annotated[list[StageRow], Field(max_length=40)]


class DraftIn(Mutation):
    stages: Annotated[list[StageRow], Field(max_length=40)]
    guide: Guide


class ForceIn(Mutation):
    valid_from: date


class BeginIn(Mutation):
    class_key: Words
    area: Annotated[str, Field(pattern=r"^\d{2,15}$")]


class VersionDone(Schema):
    procedure: int
    number: int
    replayed: bool = False


class DryRunOut(Schema):
    tried: int
    late: dict[str, int] = Field(
        description="stage -> how many of the tried cases were in it for longer than its limit"
    )
    unknown: dict[str, int] = Field(
        description="stage of the past -> how many cases were in it, though the version has none of that key"
    )
    cases: list[str]


class MatterKindOut(Schema):
    class_key: str
    name: str
    name_en: str
    major: str
    area: str
    guide: Guide
    stages: list[StageRow]


class MatterIn(Schema):
    """A matter as the counter takes it. No name and no number of a person: the applicant holds the receipt."""

    id: UUID
    class_key: Words
    area: Annotated[str, Field(pattern=r"^\d{9,15}$")]
    description: Text = ""
    address: Line = ""
    urgent: bool = False
    booking: UUID | None = Field(None, description="the booking that it comes from: its receipt becomes the matter's")
    key: UUID | None = Field(None, description="random; with it the applicant gets a receipt: number and password")
    earlier: Line = Field(
        default="", description="number of an earlier matter, from a receipt that the applicant shows"
    )


class EarlierOut(Schema):
    """A matter of the same applicant that came before."""

    id: UUID
    number: str
    title: str
    title_en: str
    state: StateName
    registered_at: AwareDatetime
    closed_at: AwareDatetime | None


class SignatureOut(Schema):
    stage_name: str
    name: str
    at: AwareDatetime


class VerdictOut(Schema):
    """What the signature of a PDF is worth here; `valid` only if it is signed, unchanged and by an office trusted here."""

    valid: bool
    signed: bool
    intact: bool
    trusted: bool
    signer: str
    signed_at: AwareDatetime | None


class ProcedureSoFar(Schema):
    version: int
    stages: list[StageRow]
    stage: str
    path: list[str]
    extensions: int
    guide: Guide
    signatures: list[SignatureOut]
