"""Cells were cut anew: open cases go to the cell that they lie in now; closed ones keep the code of their time."""

from collections.abc import Iterable
from uuid import UUID

from gridmap import events, geo
from gridmap.models import User
from gridmap.registry import Successors
from incidents import queries
from incidents.actions.door import change
from incidents.models import Incident
from incidents.workflow import OPEN, Action

KIND = "incident.moved"


def move_open(successors: Successors, actor: int | None) -> int:
    """Give every open case of a cell that ended the code of the cell around its place, or of the first that follows it."""
    drafts = []
    for pk in hold_open(successors):
        incident = queries.lock(pk)
        code = _now_in(incident, successors)
        if code != incident.area_code:
            done = change(incident, (Action.NOTE, None), {"area_code": code}, kind=KIND)
            assert done.event
            drafts.append((done.event, *done.after))
    events.record_all(
        [one for said in drafts for one in said], User.objects.filter(pk__in=[actor] if actor else []).first()
    )
    return len(drafts)


def hold_open(cells: Iterable[str]) -> list[UUID]:
    """Lock the open cases of these cells, in the order in which several cases are always locked."""
    cases = Incident.objects.filter(area_code__in=list(cells), state__in=OPEN).order_by("pk")
    return list(cases.select_for_update(of=("self",)).values_list("pk", flat=True))


def _now_in(incident: Incident, successors: Successors) -> str:
    after = successors[incident.area_code]
    found = geo.locate(incident.point.x, incident.point.y) if incident.point else None
    street = incident.area_code[:9]
    return found if found and found.startswith(street) else after[0] if after else incident.area_code[:12]
