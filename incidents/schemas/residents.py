"""Shapes of what residents said of a case, for those who may ask them."""

from datetime import date
from typing import Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field


class HandedOut(Schema):
    number: str
    password: str = Field(description="shown this once; empty where the holder has it from her booking")
    qr: str = Field(description="a picture of the address where number and password are asked for")
    end_by: date | None = Field(
        description="by when it is done if every stage takes all its time; null: nobody can say"
    )


class QuestionOut(Schema):
    text: str
    asked_at: AwareDatetime
    until: AwareDatetime
    answer: str
    ended_at: AwareDatetime | None = Field(description="answered then, or without an answer its time ran out")


class RatingOut(Schema):
    outcome: Literal["solved", "partly", "not_solved"]
    text: str
    rated_at: AwareDatetime
    wish: Literal["", "open", "granted", "refused"] = Field(description="what became of the wish to take it up again")
    reply: str


class CaseRef(Schema):
    id: UUID
    number: str


class ResidentOut(Schema):
    receipt: str = Field(description="the number that the resident holds")
    questions: list[QuestionOut]
    rating: RatingOut | None
    follows: CaseRef | None
    followed_by: CaseRef | None
