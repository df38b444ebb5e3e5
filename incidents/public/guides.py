"""HTTP of guides: what each kind of matter needs, how it goes and how long it takes, as its procedure in force says."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from gridmap.http import Problem, Words
from incidents import queries
from incidents.schemas.matters import Guide

router = Router(tags=["residents"])
Kind = Annotated[Words, Field(max_length=12)]
Place = Annotated[Words, Field(max_length=15)]


class GuideKind(Schema):
    kind: str
    name: str
    name_en: str
    major: str


class GuideStage(Schema):
    key: str
    name: str
    name_en: str
    level: str
    limit: str


class GuidePage(Schema):
    kind: str
    name: str
    name_en: str
    major: str
    area_name: str = Field(description="where this procedure holds")
    valid_from: date = Field(description="since when it is as it is")
    guide: Guide
    stages: list[GuideStage]
    may_come: list[str] = Field(description="which of supplement, extend and refuse some stage offers")
    end_by: date | None = Field(description="of an application of today, if every stage takes all its time")


@router.get("/public/guides", auth=None, response=list[GuideKind])
def guide_kinds(request: HttpRequest, area: Place = "") -> list[dict[str, Any]]:
    """The kinds of matter with a procedure in force, in an area (its code) or anywhere."""
    return queries.guide_kinds(area)


@router.get("/public/guides/{kind}", auth=None, response={200: GuidePage, 404: Problem})
def guide(request: HttpRequest, kind: Kind, area: Place = "") -> dict[str, Any]:
    """The guide to one kind of matter, made from the procedure in force."""
    return queries.guide(kind, area)
