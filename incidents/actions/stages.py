"""Matters: registered at the counter, then from stage to stage of their procedure. The door is that of every case."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from gridmap import access, actions, areacode
from gridmap.actions import Answer
from gridmap.errors import ProblemError
from gridmap.models import Area, Department, Inbox, User
from gridmap.queries import area_names
from incidents import queries
from incidents.actions import clocks, parts
from incidents.actions.booked import taken_up
from incidents.actions.clocks import CLEARED, Cause, Changes
from incidents.actions.effects import Taking
from incidents.actions.handing import hand_out
from incidents.actions.report import INBOX, insert
from incidents.events import Card
from incidents.models import Deadline, Domain, Incident, Origin, Signature
from incidents.models import Stage as Whose
from incidents.procedure import Required, Result, Stage
from incidents.workflow import Action, State


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A matter as the counter takes it. No person stands in it: what the applicant holds is the receipt."""

    id: UUID
    class_key: str
    area_code: str
    description: str
    address: str = ""
    source: str = Origin.COUNTER
    urgent: bool = False
    booking: UUID | None = None  # that it comes from: its receipt and its address are this matter's too
    key: UUID | None = None  # random and made by the counter: the password of the receipt follows from it
    earlier: str = ""  # number of an earlier matter of the applicant


def register(actor: User, matter: Registration) -> Answer:
    """Register a matter and put it into the first stage of the procedure in force; a repeat gets the first answer."""
    digest = actions.digest_of(asdict(matter))
    if Inbox.objects.filter(pk=matter.id).exists():
        return actions.replay(actor, matter.id, digest)
    try:
        with transaction.atomic():
            card, seq = open_matter(actor, _with_receipt(actor, matter), digest)
    except IntegrityError:  # the same registration at the same moment
        try:
            return actions.replay(actor, matter.id, digest)
        except Inbox.DoesNotExist:
            raise ProblemError("id_reused") from None
    number = f"{card.number.rpartition('-')[0]}-{seq}"
    return Answer(card.model_copy(update={"number": number}).model_dump(mode="json"), replayed=False)


def _with_receipt(actor: User, matter: Registration) -> Incident:
    """The matter with the receipt of the booking that it comes from, or with one of its own if the counter made a key."""
    incident = _new_matter(actor, matter)
    if matter.booking:
        taken_up(actor, incident, matter.booking)
    elif matter.key:
        incident.receipt = hand_out(incident.pk, matter.key, incident.reported_at)
    return incident


def open_matter(actor: User | None, incident: Incident, digest: str) -> tuple[Card, int]:
    """Store the case with the clock of its first stage; its card, and its number in the street. A resident has no inbox."""
    assert incident.procedure
    first = incident.procedure.table.first
    own = _clock_of(incident, first)
    begun = clocks.started(own, Cause("register", incident.reported_at, 1)) if own else None
    changes = _placed(incident, first, [])
    if own and begun:
        changes |= clocks.running(own, [begun], clocks.calendar())
    for name, value in changes.items():
        setattr(incident, name, value)
    card = queries.card(incident, area_names([incident.area_code]).get(incident.area_code, incident.area_code))
    seq = insert(actor, incident, card, "incident.registered", INBOX if actor else "", {"digest": digest})
    if incident.earlier_id:
        Incident.objects.filter(pk=incident.pk).update(earlier=incident.earlier_id)
    if own and begun:
        own.save()
        begun.save()
    return card, seq


def _new_matter(actor: User, matter: Registration) -> Incident:
    klass = queries.class_by_key(matter.class_key)
    area_code = matter.area_code
    if (
        not areacode.is_valid(area_code)
        or len(area_code) < 9
        or not Area.objects.filter(pk=area_code, valid_to__isnull=True).exists()
    ):
        raise ProblemError("unknown_area", fields={"area": "unknown_area"})
    access.require(actor, "incident.register", area_code)
    version = queries.version_for(klass, area_code) if klass.domain == Domain.MATTER else None
    if version is None:
        raise ProblemError("no_procedure", fields={"class_key": "no_procedure"})
    now = timezone.now()
    return Incident(
        id=matter.id, earlier=_earlier(actor, matter),
        street=areacode.stream_of(area_code), number=0, area_code=area_code, address=matter.address, klass=klass,
        description=matter.description, source=matter.source, state=State.PROCESSING, urgent=matter.urgent, reporter=actor,
        occurred_at=now, reported_at=now, procedure=version,
    )  # fmt: skip


def _earlier(actor: User, matter: Registration) -> Incident | None:
    if not matter.earlier:
        return None
    found = queries.matter_by_number(actor, matter.earlier, matter.area_code)
    if found is None:
        raise ProblemError("unknown_earlier", fields={"earlier": "unknown_earlier"})
    return found


def entering(t: Taking, key: str, path: list[str]) -> Changes:
    """What changes when a case comes into a stage: who has it, until when, and the way back. Its clock begins anew."""
    version = t.incident.procedure
    assert version
    clocks.stop(t.incident, t.cause)
    own = _clock_of(t.incident, version.table[key])
    running = clocks.start(own, t.cause, clocks.calendar()) if own else CLEARED
    return _placed(t.incident, version.table[key], path) | running


def _placed(incident: Incident, stage: Stage, path: list[str]) -> Changes:
    """Whose turn a stage makes it."""
    department = _department(incident, stage)
    concerned = {*incident.departments, *([department.pk] if department else [])}
    return {
        "stage": stage.key, "stage_name": stage.name, "stage_name_en": stage.name_en, "level": str(stage.level), "path": path,
        "stage_role": stage.role, "department": department, "departments": sorted(concerned),
    }  # fmt: skip


def _department(incident: Incident, stage: Stage) -> Department | None:
    """The department of a stage; where it has ended, whoever took over from it, or the one above it."""
    if not stage.department:
        return None
    return queries.acting_for(Department.objects.get(code=stage.department), incident.department_id)


def _clock_of(incident: Incident, stage: Stage) -> Deadline | None:
    """The clock of a stage that begins, not stored; None where it has no limit."""
    if stage.limit is None:
        return None
    return Deadline(
        incident=incident,
        stage=Whose.PROCESSING,
        stage_key=stage.key,
        department=_department(incident, stage),
        limit=str(stage.limit),
    )


def _proceed(t: Taking) -> Changes:
    """Put a filed case into the first stage of the procedure that its class has in force where it lies."""
    version = queries.version_for(t.incident.klass, t.incident.area_code)
    assert version  # the guard has looked
    t.incident.procedure = version
    parts.release(t.incident, t.cause, t.actor.pk)  # the stages say who has a say
    return entering(t, version.table.first.key, []) | {"procedure": version}


def _stage(t: Taking) -> Stage:
    assert t.incident.procedure
    return t.incident.procedure.table[t.incident.stage]


def _complete(t: Taking, stage: Stage) -> None:
    """Refuse to go on without what the stage asks for; note the signature. What came with a report is no photo of the work."""
    photos = t.incident.attachments
    present = {
        Required.TEXT: bool(t.given.text), Required.SIGNATURE: t.given.signed,
        Required.PHOTO: photos.filter(kind="after").exists(), Required.DOCUMENT: photos.filter(kind="document").exists(),
    }  # fmt: skip
    for required in sorted(stage.requires):
        if not present[required]:
            code = f"{required}_needed"
            raise ProblemError(code, fields={str(required): code})
    if t.given.signed:
        Signature.objects.create(
            incident=t.incident,
            version=t.incident.version + 1,
            user=t.actor,
            role=stage.role,
            stage_name=stage.name,
            at=t.now,
        )


def _on(t: Taking) -> Changes:
    stage = _stage(t)
    _complete(t, stage)
    target = stage.results[Result(t.step.action)]
    return entering(t, target, [*t.incident.path, stage.key])


def _send_back(t: Taking) -> Changes:
    if not t.incident.path:
        raise ProblemError("first_stage")
    *path, before = t.incident.path
    return entering(t, before, path)


def _supplement(t: Taking) -> Changes:
    """The applicant has the case: the clock stands still and keeps what it counted."""
    clocks.stop(t.incident, t.cause)
    return {**CLEARED}


def _resubmit(t: Taking) -> Changes:
    """The clock goes on with what was left."""
    own = queries.stage_deadline(t.incident)
    return clocks.start(own, t.cause, clocks.calendar()) if own else {**CLEARED}


def _end(t: Taking) -> Changes:
    clocks.stop(t.incident, t.cause)
    return CLEARED | {"closed_at": t.now}


def _finish(t: Taking) -> Changes:
    _complete(t, _stage(t))
    return _end(t)


def _expedite(t: Taking) -> Changes:
    return {"urgent": True}


EFFECTS: dict[Action, Callable[[Taking], Changes]] = {
    Action.PROCEED: _proceed,
    Action.APPROVE: _on,
    Action.FORWARD: _on,
    Action.SEND_BACK: _send_back,
    Action.SUPPLEMENT: _supplement,
    Action.RESUBMIT: _resubmit,
    Action.REFUSE: _end,
    Action.FINISH: _finish,
    Action.EXPEDITE: _expedite,
}
