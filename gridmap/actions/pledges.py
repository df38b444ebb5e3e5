"""双向认领: a community says what it needs, organisations what they can share; one takes on what the other asks for, and it is done."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from gridmap import access, areacode, events
from gridmap.actions import Answer, Done, once
from gridmap.errors import ProblemError
from gridmap.models import Area, Organisation, Pledge, PledgeKind, User
from gridmap.queries import pledges as reads
from gridmap.queries import register


def offer(
    actor: User, pledge_id: UUID, *, area: str, kind: str, text: str, by: UUID | None, mutation_id: UUID
) -> Answer:
    """Write down a need of a community, or what an organisation of it offers; an offer names who makes it."""
    request = {"area": area, "kind": kind, "text": text, "by": by}
    return once(actor, mutation_id, request, lambda: _offer(actor, pledge_id, area, PledgeKind(kind), text, by))


def _offer(actor: User, pledge_id: UUID, area: str, kind: PledgeKind, text: str, by: UUID | None) -> Done:
    access.require(actor, "register.edit", area)
    if not Area.objects.filter(pk=area, valid_to=None, level__gte=areacode.COMMUNITY).exists():
        raise ProblemError("invalid", fields={"area": "unknown_area"})
    if (kind is PledgeKind.OFFER) != (by is not None):
        raise ProblemError("invalid", fields={"by": "missing" if by is None else "unknown_field"})
    made = Pledge(pk=pledge_id, area_code=area, kind=kind, text=text, by=_organisation(actor, by))
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise ProblemError("id_reused") from None
    return _done(made, "pledged")


def take(actor: User, pledge_id: UUID, *, version: int, by: UUID | None, mutation_id: UUID) -> Answer:
    """Take on: an organisation a need, the community an offer. Of two who take the same one wins, the other is told."""
    request = {"take": pledge_id, "version": version, "by": by}
    return once(actor, mutation_id, request, lambda: _take(actor, pledge_id, version, by))


def _take(actor: User, pledge_id: UUID, version: int, by: UUID | None) -> Done:
    row = _held(actor, pledge_id, version)
    if row.taken_at:
        raise ProblemError("pledge_taken")
    if (row.kind == PledgeKind.NEED) != (by is not None):
        raise ProblemError("invalid", fields={"by": "missing" if by is None else "unknown_field"})
    row.taken_by, row.taken_at = _organisation(actor, by), timezone.now()
    return _kept(row, "pledge_taken")


def finish(actor: User, pledge_id: UUID, *, version: int, mutation_id: UUID) -> Answer:
    """It is done, or no longer wanted."""
    return once(
        actor, mutation_id, {"finish": pledge_id, "version": version}, lambda: _finish(actor, pledge_id, version)
    )


def _finish(actor: User, pledge_id: UUID, version: int) -> Done:
    row = _held(actor, pledge_id, version)
    row.done_at = timezone.now()
    return _kept(row, "pledge_done")


def _held(actor: User, pledge_id: UUID, version: int) -> Pledge:
    found = reads.one(actor, pledge_id)
    access.require(actor, "register.edit", found.area_code)
    row = Pledge.objects.select_for_update(of=("self",)).get(pk=pledge_id)
    if row.version != version or row.done_at:
        raise ProblemError("record_changed", detail={"current": reads.shown([row])[0]})
    return row


def _organisation(actor: User, wanted: UUID | None) -> Organisation | None:
    """An organisation in force, held so that it does not end before this is written."""
    if wanted is None:
        return None
    held = register.visible(actor, "organisation").select_for_update(of=("self",), no_key=True)
    found: Organisation | None = held.filter(pk=wanted).first()
    if found is None:
        raise ProblemError("invalid", fields={"by": "unknown_record"})
    return found


def _kept(row: Pledge, verb: str) -> Done:
    row.version += 1
    row.save()
    return _done(row, verb)


def _done(row: Pledge, verb: str) -> Done:
    payload = events.PledgeNow.model_validate({"kind": row.kind})
    told = events.Draft(
        kind=f"register.{verb}", area_code=row.area_code, object_id=str(row.pk), version=row.version, payload=payload
    )
    return Done({"id": str(row.pk), "version": row.version}, told)
