"""The register in the matrix of permissions: which right opens an endpoint, by which door, and requests that are right."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib.gis.geos import Point
from django.utils import timezone

from gridmap.models import Place, Pledge, Proposal, User
from tests import form_doors, import_doors
from tests.factories import CELL, PLACES

ONE = "/api/register/{record}/{record_id}"
RULES = {
    "GET /api/areas/{code}/page": ("area.view", "AREA"),
    "GET /api/pledges": ("register.view", "LIST"),
    "POST /api/pledges": ("register.edit", "HERE"),
    "POST /api/pledges/{pledge_id}/take": ("register.edit", "RECORD"),
    "POST /api/pledges/{pledge_id}/finish": ("register.edit", "RECORD"),
    "GET /api/register/kinds": ("", "SIGNED_IN"),
    "GET /api/register/proposals": ("register.decide", "LIST"),
    "GET /api/register/proposals/own": ("", "SIGNED_IN"),
    "POST /api/register/proposals/{proposal_id}": ("register.decide", "AREA"),
    "GET /api/register/{record}": ("register.view", "LIST"),
    "POST /api/register/{record}": ("register.edit", "HERE"),
    f"GET {ONE}": ("register.view", "AREA"),
    f"GET {ONE}/history": ("register.view", "AREA"),
    f"PATCH {ONE}": ("register.edit", "RECORD"),
    f"POST {ONE}/verify": ("register.edit", "RECORD"),
    f"POST {ONE}/end": ("register.edit", "RECORD"),
    f"POST {ONE}/propose": ("register.propose", "RECORD"),
    **form_doors.RULES,
    **import_doors.RULES,
}
RECORD, PROPOSAL, PLEDGE = UUID(int=7), UUID(int=8), UUID(int=9)
IDS = {
    "record": "place", "record_id": RECORD, "proposal_id": PROPOSAL, "pledge_id": PLEDGE, **form_doors.IDS, **import_doors.IDS,
}  # fmt: skip


def put_record(owner: User) -> None:
    """A building in the first cell, and a proposal about it."""
    lon, lat = PLACES[CELL]
    usual = {"area_code": CELL, "title": "3幢", "natural_key": "x|building|3", "due_on": timezone.localdate()}
    Place.objects.create(id=RECORD, kind="building", name="3幢", point=Point(lon, lat, srid=4326), **usual)
    Proposal.objects.create(
        id=PROPOSAL,
        kind="place",
        record=RECORD,
        area_code=CELL,
        values={"floors": 3},
        proposed_by=owner,
    )
    Pledge.objects.create(id=PLEDGE, area_code=CELL, kind="offer", text="会议室可借")
    form_doors.put_form(owner)
    import_doors.put_import(owner)


def pledge_bodies() -> dict[str, Any]:
    once = {"mutation_id": str(uuid4())}
    need = {"id": str(uuid4()), "kind": "need", "text": "周末借用操场", "area": CELL}
    return {
        "POST /api/pledges": once | need,
        "POST /api/pledges/{pledge_id}/take": once | {"version": 1},
        "POST /api/pledges/{pledge_id}/finish": once | {"version": 1},
    }


def register_bodies() -> dict[str, Any]:
    once = {"mutation_id": str(uuid4())}
    lon, lat = PLACES[CELL]
    return (
        form_doors.form_bodies()
        | import_doors.import_bodies()
        | pledge_bodies()
        | {
            "POST /api/register/proposals/{proposal_id}": once | {"version": 1, "accept": False},
            "POST /api/register/{record}": {
                "id": str(uuid4()),
                "values": {"kind": "building", "name": "4幢"},
                "lon": lon,
                "lat": lat,
            },
            f"PATCH {ONE}": once | {"version": 1, "values": {"floors": 6}},
            f"POST {ONE}/verify": once | {"version": 1},
            f"POST {ONE}/end": once | {"version": 1},
            f"POST {ONE}/propose": {"id": str(uuid4()), "values": {"floors": 6}},
        }
    )
