"""Composed answers of the incident API: a case with all that belongs to it, the catalogue with suggestions."""

from typing import Any

from django.utils import timezone

from gridmap.models import User
from incidents import catalogue as shipped
from incidents import clock, queries, workflow
from incidents.actions.door import roles_at
from incidents.actions.effects import holds
from incidents.models import ClassCondition, Incident
from incidents.workflow import State


def catalogue(user: User) -> dict[str, Any]:
    """Classes in force with the department that usually handles each, and the quick ones."""
    departments = queries.suggested_departments(user)
    classes = [
        {
            "key": c.key, "scheme": c.scheme, "domain": c.domain, "code": c.code, "major": c.major, "name": c.name,
            "name_en": c.name_en, "pinyin": c.pinyin, "initials": c.initials, "urgent": c.urgent,
            "conditions": [condition(x) for x in c.in_force],  # type: ignore[attr-defined]  # prefetched
            "department": next((departments[h] for h in c.handlers if h in departments), None),
        }
        for c in queries.classes_in_force()
    ]  # fmt: skip
    return {"classes": classes, "quick": queries.quick_classes(user, [str(key) for key in shipped.QUICK])}


def condition(found: ClassCondition) -> dict[str, Any]:
    return {"number": found.number, "label": found.label, "label_en": found.label_en, "limit": found.limit}


def detail(user: User, incident: Incident) -> dict[str, Any]:
    """A case as its page shows it."""
    photos = [
        {
            "id": a.pk, "kind": a.kind, "width": a.width, "height": a.height,
            "url": f"/api/photos/{a.pk}", "thumb_url": f"/api/photos/{a.pk}/thumb",
        }
        for a in incident.attachments.all()
    ]  # fmt: skip
    turns = incident.assignments.select_related("department")
    return queries.card_of(incident).model_dump() | {
        "description": incident.description, "address": incident.address, "occurred_at": incident.occurred_at,
        "reporter_name": incident.reporter.name if incident.reporter else None,
        "verifier_name": incident.verifier.name if incident.verifier else None,
        "condition": condition(incident.condition) if incident.condition else None,
        "photos": photos, "timeline": [_moment(m) for m in queries.timeline(incident)],
        "actions": possible(user, incident), "clock": running_clock(incident), "imported": incident.imported,
        "assignments": [
            {
                "department": t.department_id, "department_name": t.department.name, "limit": t.limit,
                "assigned_at": t.assigned_at, "ended_at": t.ended_at,
            }
            for t in turns
        ],
    }  # fmt: skip


def _moment(moment: queries.Moment) -> dict[str, Any]:
    event = moment.event
    return {
        "at": event.created_at, "seq": event.seq, "kind": event.kind, "text": moment.text, "from_state": moment.from_state,
        "actor_name": event.actor.name if event.actor else None, "to_state": event.payload.get("state"),
        "department_name": event.payload.get("department_name"),
    }  # fmt: skip


def possible(user: User, incident: Incident) -> list[dict[str, Any]]:
    """The actions that this user may take now, with what each needs."""
    found = []
    state = State(incident.state)
    for action in workflow.actions_from(state):
        roles = roles_at(user, f"incident.{action}", incident)
        rows = [
            row for row in workflow.steps_from(state) if row.action is action and roles and workflow.may(row, roles)
        ]
        if rows and all(holds(guard, user, incident) for guard in rows[0].guards):
            found.append({"name": str(action), "needs": [str(need) for need in workflow.needs_of(action, state)]})
    return found


def running_clock(incident: Incident) -> dict[str, Any] | None:
    """The deadline of whoever must act now, and what is left of it on its own clock; None where nothing runs."""
    turn = incident.assignments.filter(ended_at__isnull=True).first()
    handling = state_of(incident) in (State.ASSIGNED, State.IN_WORK)
    stage = workflow.STAGE_LIMITS.get(state_of(incident))
    limit = clock.Limit.parse(turn.limit) if turn and handling else stage
    if limit is None or incident.due_at is None:
        return None
    left = clock.remaining(timezone.now(), incident.due_at, limit.kind, queries.calendar())
    return {
        "due_at": incident.due_at, "limit": str(limit), "left_minutes": int(left.total_seconds() // 60),
        "running": True, "kind": str(limit.kind),
    }  # fmt: skip


def state_of(incident: Incident) -> State:
    return State(incident.state)
