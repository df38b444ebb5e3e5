"""The one door to every step of the workflow: look the step up, check who and what, change the row, write the event."""

from dataclasses import asdict
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from gridmap import actions, events
from gridmap.actions import Answer, Done
from gridmap.errors import ProblemError
from gridmap.models import User
from incidents import queries, workflow
from incidents.actions import effects, extensions, reopening, requests, stages
from incidents.actions.effects import Given, Taking, no_effect
from incidents.events import KINDS
from incidents.models import Incident, Remark
from incidents.workflow import Action, Outcome, State, Step

EFFECTS = effects.EFFECTS | stages.EFFECTS | extensions.EFFECTS | reopening.EFFECTS


def act(actor: User, incident_id: UUID, action: Action, *, mutation_id: UUID, given: Given) -> Answer:
    """Take one step of the workflow; answers the card after it.

    Raises not_found, forbidden, wrong_state, stale (someone else was faster), or what the step needs and did not get.
    """
    request = {"incident": incident_id, "action": action, **asdict(given)}
    return actions.once(actor, mutation_id, request, lambda: _act(actor, incident_id, action, given))


def _act(actor: User, incident_id: UUID, action: Action, given: Given) -> Done:
    incident = queries.get(actor, incident_id, lock=True)
    step = _allowed_step(actor, incident, action, given)
    now = timezone.now()
    taking = Taking(actor, incident, given, step, now)
    changes = EFFECTS.get(action, no_effect)(taking)
    if step.target:
        changes["state"] = step.target
        if step.target not in workflow.IN_TURN:
            requests.void(incident, taking.cause)
    said = "" if action in workflow.TO_THE_RESIDENT else "\n".join(filter(None, (given.reason, given.text)))
    return change(incident, (action, step.outcome), changes, said=said)


def _allowed_step(actor: User, incident: Incident, action: Action, given: Given) -> Step:
    seen = incident.version if given.version is None else given.version
    if not incident.step_version <= seen <= incident.version and action is not Action.NOTE:
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


def change(incident: Incident, done: tuple[Action, Outcome | None], changes: dict[str, Any], *, said: str = "") -> Done:
    """Change the row, which the caller has locked, keep what was said, and draft the event of it."""
    action, _ = done
    stepped = {} if action in workflow.STEPLESS else {"step_version": incident.version + 1}
    Incident.objects.filter(pk=incident.pk).update(**changes, **stepped, version=incident.version + 1)
    after = Incident.objects.select_related("klass", "department").get(pk=incident.pk)
    if said:
        Remark.objects.create(id=uuid4(), incident=after, version=after.version, text=said)
    return Done(queries.card_of(after).model_dump(mode="json"), draft_of(after, KINDS[done]))


def draft_of(incident: Incident, kind: str) -> events.Draft:
    """The event that tells everyone concerned how the case stands now."""
    persons = {p for p in (incident.reporter_id, incident.verifier_id) if p}
    return events.Draft(
        kind=kind, area_code=incident.area_code, object_id=str(incident.pk), version=incident.version,
        payload=queries.card_of(incident), departments=tuple(incident.departments), persons=tuple(sorted(persons)),
    )  # fmt: skip


def _stale(incident: Incident, given: Given) -> ProblemError:
    yours = {k: v for k, v in asdict(given).items() if v}
    return ProblemError("stale", detail={"current": queries.card_of(incident).model_dump(mode="json"), "yours": yours})


def _wrong_state(actor: User, incident: Incident, error: workflow.WrongStateError) -> ProblemError:
    hers = [a for a in error.possible if queries.roles_at(actor, f"incident.{a}", incident)]
    possible = [workflow.ACTION_LABELS[a] for a in hers]
    return ProblemError(
        "wrong_state",
        state=workflow.STATE_LABELS[State(error.state or State.REPORTED)],
        action=workflow.ACTION_LABELS[error.action],
        possible={"zh": "、".join(p["zh"] for p in possible), "en": ", ".join(p["en"] for p in possible)},
    )
