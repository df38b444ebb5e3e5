"""HTTP of map data: what the base map is made of, and its vector tiles."""

import gzip
import hashlib
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Schema
from pydantic import Field

from gridmap import geo
from gridmap.access import require
from gridmap.errors import ProblemError
from gridmap.http import Problem, caller
from layers import queries
from layers.zoom import MOST

router = Router(tags=["map"])

MVT = "application/vnd.mapbox-vector-tile"
TILE = {
    "responses": {
        200: {"description": "a vector tile", "content": {MVT: {}}},
        204: {"description": "nothing is drawn here"},
        304: {"description": "as the caller has it"},
    }
}

Number = Annotated[int, Path(ge=-(2**31), lt=2**31)]


class BasemapOut(Schema):
    bounds: tuple[float, float, float, float] | None = Field(description="west, south, east, north in degrees")
    center: tuple[float, float] | None
    attributions: list[str] = Field(description="to be shown on every map")
    version: str = Field(description="changes with the data")
    maxzoom: int = Field(description="tiles of this zoom hold everything; enlarge them beyond it")


@router.get("/basemap", response=BasemapOut)
def basemap(request: HttpRequest) -> dict[str, Any]:
    """Where the base map lies, and whom to name on it."""
    user = caller(request)
    require(user, "basemap.view")
    found = queries.basemap(user)
    return {
        "bounds": found.bounds,
        "center": found.center,
        "attributions": found.attributions,
        "version": found.version,
        "maxzoom": MOST,
    }


@router.get("/tiles/base/{z}/{x}/{y}", response={200: Any, 404: Problem}, openapi_extra=TILE)
def base_tile(request: HttpRequest, z: Number, x: Number, y: Number) -> HttpResponse:
    """A tile of the base map: layers road, building, water, green, compound, place."""
    require(caller(request), "basemap.view")
    _check(z, x, y)
    etag = f'W/"{queries.data_version()}"'
    if request.headers.get("If-None-Match") == etag:
        return _fresh(HttpResponse(status=304), etag)
    return _tile(request, queries.base_tile(z, x, y), etag)


@router.get("/tiles/areas/{z}/{x}/{y}", response={200: Any, 404: Problem}, openapi_extra=TILE)
def area_tile(request: HttpRequest, z: Number, x: Number, y: Number) -> HttpResponse:
    """Borders in the caller's scope: layers community and cell, with code, name and `mine`."""
    user = caller(request)
    require(user, "area.view")
    _check(z, x, y)
    tile = queries.area_tile(user, z, x, y)
    etag = f'W/"{hashlib.md5(tile, usedforsecurity=False).hexdigest()}"'
    if request.headers.get("If-None-Match") == etag:
        return _fresh(HttpResponse(status=304), etag)
    return _tile(request, tile, etag)


def _check(z: int, x: int, y: int) -> None:
    if not geo.tile_exists(z, x, y):
        raise ProblemError("not_found")


def _tile(request: HttpRequest, tile: bytes, etag: str) -> HttpResponse:
    if not tile:
        return _fresh(HttpResponse(status=204), etag)
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return _fresh(HttpResponse(tile, content_type=MVT), etag)
    response = HttpResponse(gzip.compress(tile, 1, mtime=0), content_type=MVT)
    response["Content-Encoding"] = "gzip"
    return _fresh(response, etag)


def _fresh(response: HttpResponse, etag: str) -> HttpResponse:
    """A browser may keep a tile, but asks each time whether it still holds."""
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Accept-Encoding"
    return response
