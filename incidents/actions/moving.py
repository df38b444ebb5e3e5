"""Cells were cut anew: open cases go to the cell that they lie in now; closed ones keep the code of their time."""

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
    cases = Incident.objects.filter(area_code__in=list(successors), state__in=OPEN).order_by("pk")
    locked = list(cases.select_for_update(of=("self",)).values_list("pk", flat=True))
    drafts = []
    for pk in locked:
        incident = queries.lock(pk)
        code = _now_in(incident, successors)
        if code != incident.area_code:
            done = change(incident, (Action.NOTE, None), {"area_code": code}, kind=KIND)
            assert done.event
            drafts.append(done.event)
    events.record_all(drafts, User.objects.filter(pk=actor).first())
    return len(drafts)


def _now_in(incident: Incident, successors: Successors) -> str:
    after = successors[incident.area_code]
    found = geo.locate(incident.point.x, incident.point.y) if incident.point else None
    street = incident.area_code[:9]
    return found if found and found.startswith(street) else after[0] if after else incident.area_code[:12]
