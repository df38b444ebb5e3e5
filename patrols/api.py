"""HTTP of people on the ground."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from gridmap.http import Moment, Problem, caller
from gridmap.models import Duty
from gridmap.queries import on_duty
from patrols import actions

router = Router(tags=["patrols"])


class DutyIn(Schema):
    on: bool


class DutyState(Schema):
    on_duty: bool


class PositionIn(Schema):
    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    accuracy_m: Annotated[float, Field(ge=0, le=100_000)]
    at: Moment


class WorkerOut(Schema):
    id: int
    name: str
    area: str
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    fixed_at: AwareDatetime | None


@router.post("/duty", response={200: DutyState, 403: Problem, 409: Problem})
def set_duty(request: HttpRequest, body: DutyIn) -> DutyState:
    """Go on or off duty; the position is shared only while on."""
    return DutyState(on_duty=actions.set_duty(caller(request), on=body.on))


@router.post("/position", response={204: None, 403: Problem, 409: Problem, 422: Problem})
def share_position(request: HttpRequest, body: PositionIn) -> Status[None]:
    """The last position of the caller, while on duty. Only the newest counts, so a repeat has no second effect."""
    actions.share_position(caller(request), **body.dict())
    return Status(204, None)


@router.get("/duty", response=list[WorkerOut])
def workers_on_duty(request: HttpRequest) -> list[WorkerOut]:
    """Workers on duty whom the caller may see; a worker sees herself as her supervisors see her."""
    return [_worker(duty) for duty in on_duty(caller(request))]


def _worker(duty: Duty) -> WorkerOut:
    return WorkerOut(
        id=duty.user_id, name=duty.user.name, area=duty.area_code, accuracy_m=duty.accuracy_m, fixed_at=duty.fixed_at,
        lon=duty.point.x if duty.point else None, lat=duty.point.y if duty.point else None,
    )  # fmt: skip
