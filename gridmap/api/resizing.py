"""HTTP of the sizes of communities: profiles, and proposals of what could be merged and divided. Nothing is changed by them."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from gridmap import access
from gridmap.communitysizes import profiles
from gridmap.http import Problem, caller
from gridmap.queries import resizing as queries

router = Router(tags=["cells"])
Measure = Literal["households", "persons"]
Kind = Literal["stay", "merge", "split", "recut"]
Why = Literal[
    "", "unknown", "no_neighbour", "too_large_together", "arithmetic", "no_cells", "no_pieces", "others_first"
]
Number = Annotated[int, Field(ge=1, le=1_000_000)]


class SizeProfile(Schema):
    """How large a community should be, where that stands written, and from when to when it holds."""

    key: str
    measure: Measure
    least: int
    most: int
    since: date
    until: date | None
    zh: str
    en: str
    source_zh: str
    source_en: str


class ResizingIn(Schema):
    area: str = Field(pattern=r"^[0-9]{6}([0-9]{3})?$", description="a district or a street")
    least: Number
    most: Number
    measure: Measure = "households"
    across: bool = Field(False, description="whether communities of two streets may become one")


class ResizedCommunity(Schema):
    number: int = Field(description="of those afterwards, as read from north to south and west to east; 0 before")
    code: str = Field(description="empty where the district has yet to give one")
    name: str
    name_en: str
    kind: Kind
    of: list[str] = Field(description="the communities that it is made of")
    cells: list[str] = Field(description="the cells that it is made of; none if it is made of whole communities")
    heir: str = Field(description="the community that goes on in it, empty if none does")
    households: int | None
    persons: int | None = Field(description="as far as the register goes")
    over_60: int | None
    fits: Literal["yes", "small", "large", "unknown"]
    why: Why = Field(description="what keeps it out of the range")
    path: str = Field(description="of SVG, in metres")
    x: int
    y: int


class ResizedSide(Schema):
    communities: list[ResizedCommunity]
    yes: int
    small: int
    large: int
    unknown: int


class ResizingChange(Schema):
    kind: Kind
    members: list[str]
    numbers: list[int] = Field(description="of the communities that come of it")
    moved: int = Field(description="how many come to another community")
    proven: bool = Field(description="no division of these cells is better")
    why: Why
    alone: dict[str, Why] = Field(
        description="why each member that is out of range cannot be brought there alone; empty: it could"
    )


class Resizing(Schema):
    """A proposal: what could become of the communities of an area. The district decides."""

    area: str
    proven: bool = Field(description="no choice leaves fewer out of range, or as few and touches fewer")
    width: int
    height: int
    main: str = Field(description="main roads and waters as a path of SVG, in metres")
    before: ResizedSide
    after: ResizedSide
    changes: list[ResizingChange]


@router.get("/communities/sizes", response={200: list[SizeProfile], 403: Problem})
def sizes(request: HttpRequest) -> list[dict[str, Any]]:
    """The sizes that are written down somewhere."""
    access.require(caller(request), "cells.view")
    return [asdict(one) for one in profiles().values()]


@router.get("/communities/resizing", response={200: Resizing, 403: Problem, 404: Problem, 409: Problem, 422: Problem})
def resizing(request: HttpRequest, asked: Query[ResizingIn]) -> dict[str, Any]:
    """What could be merged and divided so that communities have a size. It is worked out anew each time and stored nowhere."""
    wanted = queries.Wanted(asked.least, asked.most, asked.measure, asked.across)
    return queries.proposal(caller(request), asked.area, wanted)
