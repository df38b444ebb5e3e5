"""Shapes of the desk in the API: saved filters, standard texts, presence, several cases at once."""

from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from gridmap.http import Mutation, Number, Words
from incidents.events import Card
from incidents.schemas.base import Text

Name = Annotated[Words, StringConstraints(strip_whitespace=True, max_length=20, pattern=r"\S")]
Short = Annotated[Words, StringConstraints(max_length=60)]
FILTER_FIELDS = Literal["state", "class_key", "department", "area"]


class StoredFilter(Schema):
    """What a list shows, as it is kept: the fields of `GET /api/incidents`; those left out do not filter."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[list[Short], Field(max_length=20)] | None = None
    open: bool | None = None
    mine: Literal["reported", "todo"] | None = None
    class_key: Short | None = None
    department: Number | None = None
    area: Annotated[str, Field(pattern=r"^\d{0,15}$")] | None = None
    q: Short | None = None
    overdue: bool | None = None
    urgent: bool | None = None
    due_within: Annotated[int, Field(ge=1, le=100_000)] | None = None


class FilterNew(Schema):
    """A filter to keep. `id` is made by the client (UUIDv7); sent again it has no second effect."""

    id: UUID
    name: Name
    filter: StoredFilter


class FilterChange(Schema):
    name: Name | None = None
    filter: StoredFilter | None = None


class FilterOrder(Schema):
    ids: Annotated[list[UUID], Field(max_length=100)]


class FilterOut(Schema):
    id: UUID
    name: str
    filter: StoredFilter
    unknown: list[FILTER_FIELDS] = Field(
        description="fields whose value is not there any more: leave them out, and say so"
    )
    replayed: bool = False


class TextOut(Schema):
    """A standard text, filled for one case: plain text to read and mend before it is sent."""

    id: UUID
    title: str
    text: str


class PresenceOut(Schema):
    others: list[str] = Field(description="names of the others at a desk who have this case open now")


class ChosenIn(Mutation):
    id: UUID
    version: Number


class BulkIn(Schema):
    """One step for several cases, each with the version that the user saw and an id that its client made."""

    action: Literal["assign", "file", "close", "note", "withdraw"]
    cases: Annotated[list[ChosenIn], Field(min_length=1, max_length=100)]
    reason: Text = ""
    department: Number | None = None


class BulkResult(Schema):
    id: UUID
    result: Literal["done", "stale", "not_possible", "failed"]
    code: str | None = Field(description="of the error, where it was not done")
    message: str | None = Field(description="why it was not done, in the caller's language")
    card: Card | None = Field(description="the case after the step; if someone was faster, as it is now")


class BulkOut(Schema):
    results: list[BulkResult]
