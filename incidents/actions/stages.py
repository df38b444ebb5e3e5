"""Matters: registered at the counter, then from stage to stage of their procedure. The door is that of every case."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from gridmap import access, actions, areacode
from gridmap.actions import Answer
from gridmap.errors import ProblemError
from gridmap.models import Area, Department, Inbox, User
from gridmap.queries import area_names
from incidents import clock, procedure, queries
from incidents.actions.clocks import Changes
from incidents.actions.effects import Taking
from incidents.actions.report import insert
from incidents.models import Domain, Incident, Origin, Signature
from incidents.procedure import MOST_EXTENSIONS, Required, Result, Stage
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


def register(actor: User, matter: Registration) -> Answer:
    """Register a matter and put it into the first stage of the procedure in force; a repeat gets the first answer."""
    digest = actions.digest_of(asdict(matter))
    if Inbox.objects.filter(pk=matter.id).exists():
        return actions.replay(actor, matter.id, digest)
    incident = _new_matter(actor, matter)
    card = queries.card(incident, area_names([incident.area_code]).get(incident.area_code, incident.area_code))
    try:
        with transaction.atomic():
            seq = insert(actor, incident, card, "incident.registered", digest)
    except IntegrityError:  # the same registration at the same moment
        try:
            return actions.replay(actor, matter.id, digest)
        except Inbox.DoesNotExist:
            raise ProblemError("id_reused") from None
    return Answer(card.model_copy(update={"number": f"{incident.day}-{seq}"}).model_dump(mode="json"), replayed=False)


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
    incident = Incident(
        id=matter.id, street=areacode.stream_of(area_code), number=0, area_code=area_code, address=matter.address, klass=klass,
        description=matter.description, source=matter.source, state=State.PROCESSING, urgent=matter.urgent, reporter=actor,
        occurred_at=now, reported_at=now, procedure=version,
    )  # fmt: skip
    for name, value in entering(incident, version.table.first.key, []).items():
        setattr(incident, name, value)
    return incident


def entering(incident: Incident, key: str, path: list[str]) -> Changes:
    """What changes when a case comes into a stage: who has it, until when, and the way back."""
    version = incident.procedure
    assert version
    stage = version.table[key]
    department = Department.objects.get(code=stage.department) if stage.department else None
    concerned = {*incident.departments, *([department.pk] if department else [])}
    return {
        "stage": key, "stage_name": stage.name, "stage_name_en": stage.name_en, "level": str(stage.level), "path": path,
        "stage_role": stage.role,
        "department": department, "departments": sorted(concerned), "due_at": queries.due_of(version, key, timezone.now()),
        "overdue": False, "extensions": 0, "left_s": None,
    }  # fmt: skip


def _stage(t: Taking) -> Stage:
    assert t.incident.procedure
    return t.incident.procedure.table[t.incident.stage]


def _complete(t: Taking, stage: Stage) -> None:
    """Refuse to go on without what the stage asks for; note the signature."""
    photos = t.incident.attachments
    present = {
        Required.TEXT: bool(t.given.text), Required.SIGNATURE: t.given.signed,
        Required.PHOTO: photos.exclude(kind="document").exists(), Required.DOCUMENT: photos.filter(kind="document").exists(),
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
    return entering(t.incident, target, [*t.incident.path, stage.key])


def _send_back(t: Taking) -> Changes:
    if not t.incident.path:
        raise ProblemError("first_stage")
    *path, before = t.incident.path
    return entering(t.incident, before, path)


def _supplement(t: Taking) -> Changes:
    limit, left = _stage(t).limit, None
    if limit and t.incident.due_at:
        left = round(procedure.left_of(limit, t.now, t.incident.due_at, queries.calendar()).total_seconds())
    return {"left_s": left, "due_at": None, "overdue": False}


def _resubmit(t: Taking) -> Changes:
    limit, left = _stage(t).limit, t.incident.left_s
    if limit is None or left is None:
        return {"left_s": None}
    span = timedelta(seconds=left)
    due_at = t.now + span if left < 0 else clock.add(t.now, span, limit.kind, queries.calendar())
    return {"left_s": None, "due_at": due_at, "overdue": due_at < t.now}


def _extend(t: Taking) -> Changes:
    limit = _stage(t).limit
    if t.incident.extensions >= MOST_EXTENSIONS:
        raise ProblemError("no_more_extensions")
    if limit is None or t.incident.due_at is None:
        raise ProblemError("no_limit")
    due_at = procedure.extended(t.incident.due_at, limit, queries.calendar())
    return {"due_at": due_at, "overdue": due_at < t.now, "extensions": t.incident.extensions + 1}


def _end(t: Taking) -> Changes:
    return {"closed_at": t.now, "due_at": None, "overdue": False, "left_s": None}


def _finish(t: Taking) -> Changes:
    _complete(t, _stage(t))
    return _end(t)


def _expedite(t: Taking) -> Changes:
    return {"urgent": True}


EFFECTS: dict[Action, Callable[[Taking], Changes]] = {
    Action.APPROVE: _on,
    Action.FORWARD: _on,
    Action.SEND_BACK: _send_back,
    Action.SUPPLEMENT: _supplement,
    Action.RESUBMIT: _resubmit,
    Action.EXTEND: _extend,
    Action.REFUSE: _end,
    Action.FINISH: _finish,
    Action.EXPEDITE: _expedite,
}
