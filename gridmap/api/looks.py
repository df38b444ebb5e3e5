"""HTTP of the access log: who looked at the people of one's areas, and whether that log is whole."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from gridmap import access
from gridmap.api.persons import REFUSALS, Code
from gridmap.http import Number, Words, caller
from gridmap.queries import looks as look_queries
from gridmap.queries import persons as queries

router = Router(tags=["people by service"])


class LookOut(Schema):
    id: int
    at: AwareDatetime
    user: str = Field(description="empty: the clock")
    action: str
    service: str
    fields: list[str]
    purpose: str
    words: str
    area: str
    area_name: str
    count: int = Field(description="how many people were shown")


class LooksOut(Schema):
    looks: list[LookOut] = Field(description="the newest first, a hundred at most")


class LooksIn(Schema):
    area: Code = ""
    service: Annotated[Words, Field(max_length=16)] = ""
    month: Annotated[str, Field(pattern=r"^(20\d\d-(0[1-9]|1[0-2]))?$")] = Field("", description="2026-01")
    before: Number | None = Field(None, description="the id of the last one shown")


class ManyOut(Schema):
    """Unusually many looks by one account in an hour: a reason to ask what for."""

    user: str
    hour: AwareDatetime
    what: list[Literal["opened", "searched", "refused"]]


class ChainOut(Schema):
    stream: str
    whole: bool
    entries: int = Field(
        description="how many were reckoned anew, the latest; `manage.py verify_looks` does so with all"
    )
    broken_at: int | None = Field(description="number of the first entry that was changed or is missing")


@router.get("/looks", response={200: LooksOut, **REFUSALS})
def looks(request: HttpRequest, filters: Query[LooksIn]) -> dict[str, Any]:
    """Who looked at the people of the caller's areas: when, at how many of which cell, what for."""
    user = _auditor(request)
    span = _month(filters.month) if filters.month else None
    found = look_queries.listed(user, area=filters.area, service=filters.service, span=span, before=filters.before)
    return {"looks": found}


@router.get("/looks/many", response={200: list[ManyOut], **REFUSALS})
def many_looks(request: HttpRequest) -> list[dict[str, Any]]:
    """Who opened, searched or tried unusually many of the people of the caller's areas within an hour, in the last 30 days."""
    return look_queries.too_many(_auditor(request), timezone.now() - timedelta(days=30))


@router.get("/looks/chains", response={200: list[ChainOut], **REFUSALS})
def chains(request: HttpRequest) -> list[dict[str, Any]]:
    """Whether the chains of the caller's streets are whole, reckoned anew over their latest entries."""
    found = look_queries.chains_of(_auditor(request))
    return [
        {"stream": c.stream, "whole": c.broken_at is None, "entries": c.entries, "broken_at": c.broken_at}
        for c in found
    ]


def _auditor(request: HttpRequest) -> Any:
    queries.require_on()
    access.require(caller(request), "looks.view")
    return caller(request)


def _month(text: str) -> tuple[datetime, datetime]:
    first = datetime(int(text[:4]), int(text[5:]), 1, tzinfo=timezone.get_current_timezone())
    return first, (first + timedelta(days=32)).replace(day=1)
