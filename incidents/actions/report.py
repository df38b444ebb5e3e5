"""Opening a case: the hot write, in one statement."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.utils import timezone

from gridmap import access, actions, areacode, events, geo
from gridmap.actions import Answer
from gridmap.errors import ProblemError
from gridmap.models import Inbox, Role, User
from gridmap.queries import area_names
from incidents import queries, questions
from incidents.events import KINDS, Card
from incidents.models import ClassCondition, Domain, Incident, IncidentClass, Origin
from incidents.workflow import Action, Level, State

CLOCK_TOLERANCE = timedelta(minutes=5)  # how far a tablet's clock may run ahead
OLDEST = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a worker saw. Degrees in EPSG:4326; `id` is made by the client and names the case for ever."""

    id: UUID
    class_key: str
    condition: int | None
    lon: float
    lat: float
    description: str
    address: str
    occurred_at: datetime
    source: str
    level: str
    self_handled: bool
    answers: Mapping[str, str] = field(default_factory=dict)  # to the questions of the class


def report(actor: User, seen: Report) -> Answer:
    """Open a case, or record one that was solved on the spot (closed at once); a repeat gets the first answer.

    Case, number, event, bell and the note of the answer are one statement, so the street's counter is held shortest.
    """
    digest = actions.digest_of({name: value for name, value in asdict(seen).items() if name != "answers" or value})
    action = Action.SELF_HANDLE if seen.self_handled else Action.REPORT
    try:
        incident = _checked(actor, seen, action)
    except ProblemError:
        if Inbox.objects.filter(pk=seen.id).exists():  # taken before: what was right then stays answered
            return actions.replay(actor, seen.id, digest)
        raise
    area_code = incident.area_code
    card = queries.card(incident, area_names([area_code]).get(area_code, area_code))
    try:
        with transaction.atomic():
            seq = insert(actor, incident, card, KINDS[action, None], INBOX, {"digest": digest})
    except IntegrityError:
        return _repeated(actor, seen.id, digest)
    return Answer(
        card.model_copy(update={"number": f"{incident.day}-{seq}"}).model_dump(mode="json"),
        replayed=False,
    )


def _checked(actor: User, seen: Report, action: Action) -> Incident:
    """The case as it would be opened now, not stored; raises what is wrong with the report."""
    klass = queries.class_by_key(seen.class_key)
    if klass.domain == Domain.MATTER:  # those are registered at the counter
        raise ProblemError("unknown_class", fields={"class_key": "unknown_class"})
    condition = queries.condition_of(klass, seen.condition)
    area_code = _place(actor, seen, f"incident.{action}")
    incident = _new_case(actor, seen, action, klass, condition, area_code)
    incident.answers = _answers(klass, seen)
    return incident


def _answers(klass: IncidentClass, seen: Report) -> list[dict[str, str]] | None:
    """What is kept of the answers. Rule 10 of the domain: what belongs elsewhere is told its channel and not opened."""
    try:
        return questions.checked(queries.questions_of(klass), seen.answers) or None
    except questions.CallError as call:
        detail = {"channel": call.channel, "question": call.question.key}
        raise ProblemError("call_first", detail=detail, channel=call.channel) from call
    except questions.AnswersError as error:
        raise ProblemError("answers_wrong", fields={f"answers.{k}": v for k, v in error.wrong.items()}) from error


def _repeated(actor: User, mutation_id: UUID, digest: str) -> Answer:
    try:
        return actions.replay(actor, mutation_id, digest)
    except Inbox.DoesNotExist:
        raise ProblemError("id_reused") from None


def checked_time(occurred_at: datetime) -> None:
    """Raises future_time or too_old for a moment at which nobody can have seen what she reports now."""
    now = timezone.now()
    if occurred_at > now + CLOCK_TOLERANCE:
        raise ProblemError("future_time", fields={"occurred_at": "future_time"})
    if occurred_at < now - OLDEST:
        raise ProblemError("too_old", fields={"occurred_at": "too_old"})


def _place(actor: User, seen: Report, permission: str) -> str:
    """The cell of the report. A worker may report anywhere in her street: trouble does not end at a cell's border."""
    checked_time(seen.occurred_at)
    area_code = geo.locate(seen.lon, seen.lat)
    if area_code is None:
        raise ProblemError("point_outside", fields={"lon": "point_outside", "lat": "point_outside"})
    clauses = access.scope_of(actor, permission).clauses
    if not clauses:
        raise ProblemError("forbidden")
    if seen.source != Origin.PATROL and access.grants_of(actor).roles <= {Role.WORKER}:
        raise ProblemError("own_eyes", fields={"source": "own_eyes"})
    if not any(area_code.startswith(areacode.stream_of(clause.prefix)) for clause in clauses):
        raise ProblemError("other_street", fields={"lon": "other_street", "lat": "other_street"})
    return area_code


def _new_case(
    actor: User, seen: Report, action: Action, klass: IncidentClass, condition: ClassCondition | None, area_code: str
) -> Incident:
    now = timezone.now()
    done = action is Action.SELF_HANDLE
    return Incident(
        id=seen.id, street=areacode.stream_of(area_code), number=0, area_code=area_code, point=Point(seen.lon, seen.lat, srid=4326),
        address=seen.address, klass=klass, condition=condition, description=seen.description,
        source=Origin.SELF_HANDLED if done else seen.source, state=State.CLOSED if done else State.REPORTED,
        level=Level.CELL if done else seen.level, urgent=bool(condition and condition.limit.endswith("!")), reporter=actor,
        occurred_at=seen.occurred_at, reported_at=now, closed_at=now if done else None,
    )  # fmt: skip


# What a hot write stores beside the case: the note of the answer for one who is signed in.
INBOX = """
        inbox as (insert into gridmap_inbox (mutation_id, user_id, digest, response, created_at)
            select %(id)s, %(actor)s, %(digest)s, {numbered}, now() from head),"""


def insert(actor: User | None, incident: Incident, card: Card, kind: str, beside: str, more: dict[str, Any]) -> int:
    """Store a case with its event and what `beside` says in one statement that takes `more`; returns its number."""
    draft = events.Draft(
        kind=kind,
        area_code=incident.area_code,
        object_id=str(incident.pk),
        version=1,
        payload=card,
        departments=tuple(incident.departments),
        persons=(incident.reporter_id,) if incident.reporter_id else (),
    )
    numbered = "jsonb_set(%(payload)s::jsonb, '{number}', to_jsonb(%(day)s || '-' || seq))"
    sql = f"""with {events.HEAD},
        incident as (insert into incidents_incident (id, street, number, area_code, point, address, klass_id, condition_id,
                description, source, state, level, urgent, reporter_id, departments, verified_report, occurred_at, reported_at,
                overdue, closed_at, due_at, soon_at, department_id, procedure_id, stage, stage_name, stage_name_en, stage_role,
                receipt_id, version, step_version, reports, joined_by, answers, recurrence_of_id)
            select %(id)s, stream, seq, %(area_code)s, st_setsrid(st_makepoint(%(lon)s, %(lat)s), 4326), %(address)s, %(klass)s,
                %(condition)s, %(description)s, %(source)s, %(state)s, %(level)s, %(urgent)s, %(reporter)s, %(departments)s, false,
                %(occurred_at)s, %(reported_at)s, false, %(closed_at)s, %(due_at)s, %(soon_at)s, %(department)s, %(procedure)s,
                %(stage)s, %(stage_name)s, %(stage_name_en)s, %(stage_role)s, %(receipt)s, 1, 1, 1, '{{}}', %(answers)s::jsonb,
                {queries.RECURRENCE} from head),{beside.format(numbered=numbered)}
        {events.EVENT.format(payload=numbered)} {events.RING}"""
    fields = {
        "id": incident.pk, "lon": card.lon, "lat": card.lat, "address": incident.address,
        "klass": incident.klass_id, "condition": incident.condition_id, "description": incident.description,
        "source": incident.source, "state": incident.state, "level": incident.level, "urgent": incident.urgent,
        "occurred_at": incident.occurred_at, "reported_at": incident.reported_at, "closed_at": incident.closed_at,
        "reporter": incident.reporter_id, "receipt": incident.receipt_id, "day": incident.day, "due_at": incident.due_at,
        "soon_at": incident.soon_at, "answers": json.dumps(incident.answers) if incident.answers else None,
        "department": incident.department_id, "procedure": incident.procedure_id, "stage": incident.stage,
        "stage_name": incident.stage_name, "stage_name_en": incident.stage_name_en, "stage_role": incident.stage_role,
        **queries.recurrence_params(incident.klass, card.lon, card.lat),
    }  # fmt: skip
    _, seq = events.execute(draft, sql, draft.params(actor) | fields | more)
    return seq
