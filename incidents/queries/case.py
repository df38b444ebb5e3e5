"""One case with all that belongs to it: timeline, photos, clock, and what a user may do with it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from gridmap.errors import ProblemError
from gridmap.models import StreamEvent, User
from incidents import clock, workflow
from incidents.models import Archive, Attachment, CaseLink, Incident, Remark
from incidents.queries.catalogue import condition
from incidents.queries.deadlines import left_of, running_deadline
from incidents.queries.earlier import earlier_of
from incidents.queries.people import calendar
from incidents.queries.procedures import procedure_so_far, stage_needs
from incidents.queries.requests import requests_so_far
from incidents.queries.residents import said_by_resident
from incidents.queries.rules import holds, roles_at
from incidents.queries.together import family, may_see_photo, photos_of, relations, reports_of
from incidents.queries.visible import card_of, visible_to
from incidents.workflow import State


@dataclass(frozen=True)
class Moment:
    """One entry of a timeline: an event of the log with what was said."""

    event: StreamEvent
    text: str
    from_state: str | None
    from_title: dict[str, str] | None  # the class before, where a correction changed it
    other: Incident | None  # the case it speaks of, if the reader may see that


def timeline(user: User | None, incident: Incident) -> list[Moment]:
    """The history of a case, made from the log: oldest first; it names no other case where nobody in particular reads it."""
    said = dict(Remark.objects.filter(incident=incident).values_list("version", "text"))
    log = (
        StreamEvent.objects.filter(stream=incident.street, object_id=str(incident.pk))
        .select_related("actor")
        .order_by("seq")
    )
    others = _others(user, incident) if user else {}
    moments, before = list[Moment](), dict[str, Any]()
    for event in log:
        if before.get("version") == event.object_version:  # the same news, told in the area that the case left
            continue
        was = {"zh": before.get("title", ""), "en": before.get("title_en", "")}
        changed = "class" in event.payload.get("changed", ())
        text, other = said.get(event.object_version, ""), others.get(event.object_version)
        moments.append(Moment(event, text, before.get("state"), was if changed else None, other))
        before = event.payload
    return moments


def _others(user: User, incident: Incident) -> dict[int, Incident]:
    """The cases that the entries of a timeline speak of, by version, as far as the user may see them."""
    links = dict(CaseLink.objects.filter(incident=incident).values_list("version", "other"))
    seen = visible_to(user).in_bulk(set(links.values())) if links else {}
    return {version: seen[other] for version, other in links.items() if other in seen}


def photo(user: User, photo_id: UUID) -> Attachment:
    """A photo of an incident that the user may see; `not_found` otherwise."""
    found = Attachment.objects.filter(pk=photo_id).first()
    if found is None or not may_see_photo(user, found):
        raise ProblemError("not_found")
    return found


def detail(user: User, incident: Incident) -> dict[str, Any]:
    """A case as its page shows it."""
    members = family(incident)
    photos = [
        {
            "id": a.pk, "kind": a.kind, "width": a.width, "height": a.height,
            "url": f"/api/photos/{a.pk}", "thumb_url": f"/api/photos/{a.pk}/thumb",
        }
        for a in photos_of(members)
    ]  # fmt: skip
    turns = incident.assignments.select_related("department")
    return card_of(incident).model_dump() | {
        "description": incident.description, "address": incident.address, "occurred_at": incident.occurred_at,
        "reporter_name": incident.reporter.name if incident.reporter else None,
        "verifier_name": incident.verifier.name if incident.verifier else None,
        "condition": condition(incident.condition) if incident.condition else None,
        "photos": photos, "timeline": [_moment(m) for m in timeline(user, incident)],
        "actions": possible(user, incident), "clock": running_clock(incident), "imported": incident.imported,
        "resident": resident(user, incident), "requests": requests_so_far(incident),
        "procedure": procedure_so_far(incident), "earlier": earlier_of(user, incident),
        "archived": Archive.objects.filter(incident=incident).exists(),
        "assignments": [
            {
                "department": t.department_id, "department_name": t.department.name, "limit": t.limit,
                "assigned_at": t.assigned_at, "ended_at": t.ended_at,
            }
            for t in turns
        ],
        "answers": incident.answers or [], "joined": reports_of(incident, members), **relations(user, incident),
    }  # fmt: skip


def _moment(moment: Moment) -> dict[str, Any]:
    event = moment.event
    return {
        "at": event.created_at, "seq": event.seq, "kind": event.kind, "text": moment.text, "from_state": moment.from_state,
        "actor_name": event.actor.name if event.actor else None, "to_state": event.payload.get("state"),
        "department_name": event.payload.get("department_name"), "due_at": event.payload.get("due_at"),
        "due_was": event.payload.get("was"), "changed": event.payload.get("changed", []),
        "from_title": moment.from_title, "other": moment.other and {"id": moment.other.pk, "number": moment.other.label},
    }  # fmt: skip


def resident(user: User, incident: Incident) -> dict[str, Any] | None:
    """What the resident who reported it said since, for those who may ask her; None for others and other cases."""
    if incident.receipt_id is None or not roles_at(user, "incident.ask", incident):
        return None
    return said_by_resident(incident)


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
            needs = [str(need) for need in workflow.needs_of(action, state)]
            found.append({"name": str(action), "needs": [*needs, *stage_needs(action, incident)]})
    return found


def running_clock(incident: Incident) -> dict[str, Any] | None:
    """The deadline of whoever must act now, and what is left of it on its own clock; None where nothing runs."""
    own = running_deadline(incident)
    limit = clock.Limit.parse(own.limit) if own else workflow.STAGE_LIMITS.get(state_of(incident))
    if limit is None or incident.due_at is None:
        return None
    now, days = timezone.now(), calendar()
    left = left_of(own, now, days) if own else clock.remaining(now, incident.due_at, limit.kind, days)
    return {
        "due_at": incident.due_at, "limit": str(limit), "left_minutes": int(left.total_seconds() // 60),
        "running": True, "kind": str(limit.kind),
    }  # fmt: skip


def state_of(incident: Incident) -> State:
    return State(incident.state)
