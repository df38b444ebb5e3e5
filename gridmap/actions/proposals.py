"""Corrections by those who may not edit: proposed with the values that should stand there, accepted or refused by who may."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from gridmap import access, events
from gridmap.actions import Answer, Done, once
from gridmap.actions.register import Wish, correct, draft
from gridmap.errors import ProblemError
from gridmap.models import Proposal, ProposalState, User
from gridmap.queries import register as reads
from gridmap.register import checks
from gridmap.register.kinds import KINDS


def propose(actor: User, kind: str, record_id: UUID, *, values: dict[str, Any], proposal_id: UUID) -> Answer:
    """Say what should stand in a record instead; it is looked at as a change is, and waits for somebody who may edit."""
    request = {"propose": record_id, "values": values}
    return once(actor, proposal_id, request, lambda: _propose(actor, kind, record_id, values, proposal_id))


def _propose(actor: User, kind: str, record_id: UUID, values: dict[str, Any], proposal_id: UUID) -> Done:
    row = reads.one(actor, kind, record_id, ended=False)
    access.require(actor, "register.propose", row.area_code)
    what = KINDS[kind]
    cleaned, faults = checks.clean(what, values, whole=False)
    faults = faults or checks.together(what, reads.values_of(what, row) | cleaned)
    if faults or not cleaned:
        raise ProblemError("invalid", fields=faults or {"values": "missing"})
    made = Proposal.objects.create(
        pk=proposal_id, kind=kind, record=row.pk, area_code=row.area_code, values=cleaned, proposed_by=actor
    )
    return Done({"id": str(made.pk), "version": row.version}, draft(kind, row, "proposed"))


def decide(actor: User, proposal_id: UUID, *, accept: bool, reason: str = "", mutation_id: UUID) -> Answer:
    """Accept a proposal, which changes the record as if the actor had, or refuse it; of two who decide one is told so."""
    request = {"proposal": proposal_id, "accept": accept, "reason": reason}
    return once(actor, mutation_id, request, lambda: _decide(actor, proposal_id, accept=accept, reason=reason))


def _decide(actor: User, proposal_id: UUID, *, accept: bool, reason: str) -> Done:
    scope = access.scope_of(actor, "register.decide")
    found = Proposal.objects.select_for_update().filter(scope.q(), pk=proposal_id).first()
    if found is None:
        raise ProblemError("not_found")
    if found.state != ProposalState.OPEN:
        raise ProblemError("proposal_decided")
    also: tuple[events.Draft, ...] = ()
    if accept:
        changed = correct(actor, found.kind, found.record, Wish(found.values))
        also = (changed.event,) if changed.event else ()
    found.state = ProposalState.ACCEPTED if accept else ProposalState.REFUSED
    found.decided_by, found.decided_at, found.reason = actor, timezone.now(), reason
    found.save()
    row = reads.one(actor, found.kind, found.record)
    return Done({"id": str(row.pk), "version": row.version}, draft(found.kind, row, "decided"), also=also)
