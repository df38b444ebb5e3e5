"""The street whistles (吹哨): departments come together for a case, one leads, each that joins has a task and a clock."""

from collections.abc import Callable
from dataclasses import replace

from gridmap.errors import ProblemError
from gridmap.models import Department
from gridmap.queries import hold_department
from incidents import queries
from incidents.actions import effects, parts
from incidents.actions.clocks import Changes
from incidents.actions.effects import Taking
from incidents.models import Part, PartEnd
from incidents.workflow import Action, State


def _whistle(t: Taking) -> Changes:
    """The lead is the department that has the case, or the first that ever had it (首接负责), or the one that is named."""
    changes = _lead(t)
    lead = changes.get("department") or t.incident.department
    joining = _joining(t, lead)
    turn = queries.open_turns(t.incident).get()
    for one in t.given.parts:
        parts.begin(t.incident, one.department, one.task, turn.limit, t.cause)
    concerned = {*changes.get("departments", t.incident.departments), *joining}
    return changes | {"departments": sorted(concerned)}


def _lead(t: Taking) -> Changes:
    named = t.given.department
    if t.step.target is State.ASSIGNED:
        first = t.incident.assignments.values_list("department", flat=True).first()
        if named is None and first is None:
            raise ProblemError("department_needed", fields={"department": "department_needed"})
        return effects.assign(replace(t, given=replace(t.given, department=named or first)))
    if named not in (None, t.incident.department_id):
        raise ProblemError("other_lead")
    return {}


def _joining(t: Taking, lead: Department | None) -> set[int]:
    """The departments that are called; each serves the place, joins once and does not lead."""
    wanted = [one.department for one in t.given.parts]
    joined = t.incident.parts.filter(end=PartEnd.OPEN, department__in=wanted).exists()
    if len({*wanted}) < len(wanted) or joined or (lead and lead.pk in wanted):
        raise ProblemError("joined_twice", fields={"parts": "joined_twice"})
    for pk in sorted(wanted):
        department = hold_department(pk)
        if department is None or not t.incident.area_code.startswith(department.area_code):
            raise ProblemError("unknown_department", fields={"parts": "unknown_department"})
    return {*wanted}


def _own(t: Taking) -> Part:
    return queries.own_parts(t.actor, t.incident)[0]  # guarded by the table


def _finish(t: Taking) -> Changes:
    parts.finish(_own(t), PartEnd.DONE, t.cause, t.actor.pk)
    return {}


def _decline(t: Taking) -> Changes:
    parts.finish(_own(t), PartEnd.DECLINED, t.cause, t.actor.pk)
    return {}


EFFECTS: dict[Action, Callable[[Taking], Changes]] = {
    Action.WHISTLE: _whistle,
    Action.FINISH_PART: _finish,
    Action.DECLINE_PART: _decline,
}
