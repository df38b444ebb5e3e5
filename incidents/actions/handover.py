"""A department ended and another takes over: cases, rules, public objects and people, all in one transaction, each with its event.

New cases cannot come to it meanwhile: whoever gives a department something to do holds its row (`hold_department`).
"""

import logging

from django.db import transaction
from django.utils import timezone

from gridmap import actions, events
from gridmap.actions.register_departments import objects_to
from gridmap.models import Department
from gridmap.queries import lock_tree
from incidents import queries
from incidents.actions import clocks, parts
from incidents.actions.clocks import Cause, Changes
from incidents.actions.door import change
from incidents.actions.routing import rules_to
from incidents.models import Assignment, Incident, Part, PartEnd
from incidents.workflow import Action, State

log = logging.getLogger(__name__)


def hand_over() -> int:
    """Let successors take over from departments whose last day has passed; returns from how many. Safe to run twice.

    One that could not be handed over stays as it was, is told in the log of the server and keeps no other waiting.
    """
    return sum(_tried(one) for one in queries.departments_to_hand_over())


def _tried(department: int) -> bool:
    try:
        return _hand_over(department)
    except Exception:
        log.exception("department %s was not handed over", department)
        return False


@transaction.atomic
def _hand_over(department: int) -> bool:
    lock_tree()
    one = Department.objects.select_for_update(no_key=True).get(pk=department)
    if one.handed_at or not one.successor:
        return False
    heir = queries.heir_of(one)
    if heir is None:
        log.error("department %s is not handed over: the last of its successors ended and needs one itself", one.pk)
        return False
    one.version += 1
    drafts = take_over(one, heir)
    one.save()
    events.record_all([*drafts, drafted(one, "handed_over")], None)
    return True


def drafted(one: Department, kind: str) -> events.Draft:
    """The event of a change of the tree, not stored."""
    now = events.DepartmentNow(
        name=one.name, name_en=one.name_en, parent=one.parent_id, ended=one.valid_to, successor=one.successor_id
    )
    return events.Draft(
        kind=f"department.{kind}", area_code=one.area_code, object_id=str(one.pk), version=one.version, payload=now
    )


def take_over(one: Department, heir: Department) -> list[events.Draft]:
    """Hand over what lies with a department that ended, its row locked; the events of it, not stored."""
    led, joined = queries.cases_with(one).values_list("pk", flat=True), queries.parts_with(one)
    queries.lock_together([*led, *joined.values_list("incident", flat=True)])
    # Read only now: what was finished while this waited for the locks stays with whoever finished it (rule 8).
    told = [_case_to(incident, one, heir) for incident in queries.cases_with(one).order_by("pk")]
    told += [_part_to(part, one, heir) for part in queries.parts_with(one)]
    one.handed_at = timezone.now()
    Department.objects.filter(pk=one.pk).update(handed_at=one.handed_at)
    given = rules_to(one, heir, _words(one, heir))
    return [*told, *given, *objects_to(one, heir), *actions.move_members(one, heir)]


def _words(one: Department, heir: Department) -> str:
    return f"“{one.name}”已停用,由“{heir.name}”接办。"


def _case_to(incident: Incident, one: Department, heir: Department) -> events.Draft:
    """The successor steps into the turn: the clock runs on, for the resident waits all the same."""
    changes: Changes = {"department": heir, "departments": sorted({*incident.departments, heir.pk})}
    step = Action.ASSIGN
    parts.release_lead(incident, heir, Cause(str(step), timezone.now(), incident.version + 1), None)
    if incident.procedure_id:
        step = Action.FORWARD
        incident.deadlines.filter(department=one, stage_key=incident.stage).update(department=heir)
    else:
        _turn_to(incident, heir)
    if incident.state == State.IN_WORK:
        changes["state"] = State.ASSIGNED
    event = change(incident, (step, None), changes, said=_words(one, heir)).event
    assert event
    return event


def _part_to(part: Part, one: Department, heir: Department) -> events.Draft:
    """The successor owes the part, on the same clock; not twice, and not to a case that it leads. The lead is not disturbed."""
    incident = queries.lock(part.incident_id)  # as the passes before have left it
    cause = Cause(str(Action.NOTE), timezone.now(), incident.version + 1)
    if incident.department_id == heir.pk or queries.parts_with(heir).filter(incident=incident).exists():
        parts.finish(part, PartEnd.RELEASED, cause, None)
    else:
        part.department = part.deadline.department = heir
        part.deadline.save(update_fields=["department"])
        part.save(update_fields=["department"])
    concerned = {"departments": sorted({*incident.departments, heir.pk})}
    event = change(incident, (Action.NOTE, None), concerned, said=_words(one, heir)).event
    assert event
    return event


def _turn_to(incident: Incident, heir: Department) -> None:
    """The open turn ends, and the successor's goes on with the same clock, running or not."""
    turn = incident.assignments.filter(ended_at__isnull=True).first()
    if turn is None:
        return
    own, due_at = clocks.of_turn(turn), turn.due_at
    own.department = heir
    own.save(update_fields=["department"])
    Assignment.objects.filter(pk=turn.pk).update(ended_at=timezone.now(), due_at=None)
    Assignment.objects.create(
        incident=incident, department=heir, limit=turn.limit, deadline=own, due_at=due_at, assigned_at=timezone.now()
    )
