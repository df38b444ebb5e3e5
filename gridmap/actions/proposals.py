"""Corrections by those who may not edit: proposed with the values that should stand there, accepted or refused by who may."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from gridmap import access, events
from gridmap.actions import Answer, Done, once
from gridmap.actions.register import Wish, correct, draft, held
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
    found = reads.one(actor, kind, record_id, ended=False)
    access.require(actor, "register.propose", found.area_code)
    row = held(kind, record_id)  # so that it does not end or move before the proposal is there
    what = KINDS[kind]
    cleaned, faults = checks.clean(what, values, whole=False)
    faults = faults or checks.together(what, reads.values_of(what, row) | cleaned)
    if faults or not cleaned:
        raise ProblemError("invalid", fields=faults or {"values": "missing"})
    if Proposal.objects.filter(pk=proposal_id).exists():
        raise ProblemError("id_reused")
    made = Proposal.objects.create(
        pk=proposal_id, kind=kind, record=row.pk, area_code=row.area_code, values=cleaned, proposed_by=actor
    )
    return Done({"id": str(made.pk), "version": row.version}, draft(kind, row, "proposed"))


def decide(
    actor: User, proposal_id: UUID, *, version: int, accept: bool, reason: str = "", mutation_id: UUID
) -> Answer:
    """Accept a proposal, which changes the record as if the actor had, or refuse it; of two who decide one is told so.

    `version` is that of the record as the actor saw it: values that another changed since raise `record_changed`.
    """
    request = {"proposal": proposal_id, "version": version, "accept": accept, "reason": reason}
    return once(actor, mutation_id, request, lambda: _decide(actor, proposal_id, version, accept=accept, reason=reason))


def _decide(actor: User, proposal_id: UUID, version: int, *, accept: bool, reason: str) -> Done:
    scope = access.scope_of(actor, "register.decide")
    seen = Proposal.objects.filter(scope.q(), pk=proposal_id).first()
    if seen is None:
        raise ProblemError("not_found")
    if seen.state != ProposalState.OPEN:
        raise ProblemError("proposal_decided")
    also: tuple[events.Draft, ...] = ()
    if accept:  # the record first, as whoever ends or moves it does
        changed = correct(actor, seen.kind, seen.record, Wish(seen.values), version, looked=False)
        also = (changed.event, *changed.after) if changed.event else ()
    found = Proposal.objects.select_for_update().get(pk=proposal_id)
    if found.state != ProposalState.OPEN:
        raise ProblemError("proposal_decided")
    found.state = ProposalState.ACCEPTED if accept else ProposalState.REFUSED
    found.decided_by, found.decided_at, found.reason = actor, timezone.now(), reason
    found.save()
    row = reads.one(actor, found.kind, found.record)
    return Done({"id": str(row.pk), "version": row.version}, draft(found.kind, row, "decided"), also=also)
