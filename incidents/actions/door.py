"""The one door to every step of the workflow: look the step up, check who and what, change the row, write the event."""

from dataclasses import asdict
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from gridmap import actions, events
from gridmap.actions import Answer, Done
from gridmap.errors import ProblemError
from gridmap.models import User
from incidents import labels, queries, workflow
from incidents.actions import (
    correct,
    effects,
    extensions,
    objections,
    parts,
    reopening,
    requests,
    stages,
    suspensions,
    together,
    whistle,
)
from incidents.actions.drafts import draft_of, farewell
from incidents.actions.effects import Given, Other, Taking, Tale, no_effect
from incidents.events import KINDS
from incidents.models import CaseLink, Incident, Remark
from incidents.workflow import Action, Outcome, State, Step

EFFECTS = (
    effects.EFFECTS | stages.EFFECTS | reopening.EFFECTS | together.EFFECTS | correct.EFFECTS
    | extensions.EFFECTS | suspensions.EFFECTS | objections.EFFECTS | whistle.EFFECTS
)  # fmt: skip


def act(actor: User, incident_id: UUID, action: Action, *, mutation_id: UUID, given: Given) -> Answer:
    """Take one step of the workflow; answers the card after it.

    Raises not_found, forbidden, wrong_state, stale (someone else was faster), or what the step needs and did not get.
    """
    request = {"incident": incident_id, "action": action, **asdict(given)}
    return actions.once(actor, mutation_id, request, lambda: _act(actor, incident_id, action, given, mutation_id))


def _act(actor: User, incident_id: UUID, action: Action, given: Given, mutation_id: UUID) -> Done:
    incident_id = together.hold(actor, incident_id, action, given)
    incident = queries.get(actor, incident_id, lock=True)
    step = _allowed_step(actor, incident, action, given)
    now = timezone.now()
    taking = Taking(actor, incident, given, step, now, mutation_id)
    changes = EFFECTS.get(action, no_effect)(taking)
    if step.target:
        changes["state"] = step.target
        if step.target not in workflow.IN_TURN:
            requests.void(incident, step.target, taking.cause)
        if step.target in workflow.TERMINAL:
            parts.release(incident, taking.cause, actor.pk)
    told = () if action in workflow.TO_THE_RESIDENT else (given.reason, given.text)
    said = "\n".join(filter(None, (*told, taking.tale.said)))
    return change(incident, (action, step.outcome), changes, said=said, tale=taking.tale)


def _allowed_step(actor: User, incident: Incident, action: Action, given: Given) -> Step:
    seen = incident.version if given.version is None else given.version
    if not incident.step_version <= seen <= incident.version and action not in workflow.UNSEEN:
        raise _stale(incident, given)  # first: the step of who was faster may also have ended her turn
    roles = queries.roles_at(actor, f"incident.{action}", incident)
    if not roles:
        raise ProblemError("forbidden")
    try:
        step = workflow.step(action, State(incident.state), given.needs, given.outcome, roles)
    except workflow.WrongStateError as error:
        raise _wrong_state(actor, incident, error) from error
    except workflow.MissingError as error:
        raise ProblemError(error.code, fields={str(error.need): error.code}) from error
    for guard in step.guards:
        queries.GUARDS[guard](actor, incident)
    return step


def change(
    incident: Incident,
    done: tuple[Action, Outcome | None],
    changes: dict[str, Any],
    *,
    said: str = "",
    tale: Tale | None = None,
    kind: str = "",
) -> Done:
    """Change the row, which the caller has locked, keep what was said, and draft the event of it.

    `tale` is what the step does besides; `kind` names the event where it is not the usual one of the action.
    """
    tale = tale or Tale()
    action, _ = done
    stepped = {} if action in workflow.STEPLESS else {"step_version": incident.version + 1}
    Incident.objects.filter(pk=incident.pk).update(**changes, **stepped, version=incident.version + 1)
    after = Incident.objects.select_related("klass", "department").get(pk=incident.pk)
    if said:
        Remark.objects.create(id=uuid4(), incident=after, version=after.version, text=said)
    if tale.link:
        CaseLink.objects.create(incident=after, version=after.version, other_id=tale.link)
    event = draft_of(after, kind or KINDS[done], tale.changed)
    moved = after.area_code != incident.area_code
    return Done(
        queries.card_of(after).model_dump(mode="json"), event,
        also=(*tale.opened, *(_changed_too(other) for other in tale.others)),
        after=(farewell(event, incident.area_code),) if moved else (),
    )  # fmt: skip


def _changed_too(other: Other) -> events.Draft:
    """Another case that the step changes: like a note, it disturbs nobody who works on it."""
    done = change(other.incident, (Action.NOTE, None), other.changes, tale=Tale(link=other.link), kind=other.kind)
    assert done.event
    return done.event


def _stale(incident: Incident, given: Given) -> ProblemError:
    yours = {k: v for k, v in asdict(given).items() if v}
    return ProblemError("stale", detail={"current": queries.card_of(incident).model_dump(mode="json"), "yours": yours})


def _wrong_state(actor: User, incident: Incident, error: workflow.WrongStateError) -> ProblemError:
    hers = [a for a in error.possible if queries.roles_at(actor, f"incident.{a}", incident)]
    possible = [labels.ACTION_LABELS[a] for a in hers]
    return ProblemError(
        "wrong_state",
        state=labels.STATE_LABELS[State(error.state or State.REPORTED)],
        action=labels.ACTION_LABELS[error.action],
        possible={"zh": "、".join(p["zh"] for p in possible), "en": ", ".join(p["en"] for p in possible)},
    )
