"""Procedures as they are in force, and what they would have meant for cases that have been."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from gridmap import access
from gridmap.errors import ProblemError
from gridmap.models import Role, StreamEvent, User
from gridmap.queries import area_names, departments_in_force
from incidents.models import Domain, Incident, IncidentClass, Procedure, ProcedureVersion
from incidents.procedure import LEADS_ON, Result, Stay, Table, flaws_of_rows, try_on
from incidents.queries.deadlines import stage_deadline
from incidents.queries.people import calendar
from incidents.workflow import BY_STAGE, Action, State

TRIED_DAYS = 365
MOST_TRIED = 2000


def version_for(klass: IncidentClass, area_code: str, day: date | None = None) -> ProcedureVersion | None:
    """The version that a case of this class begins with on that day (today): of the smallest area that has one."""
    found = ProcedureVersion.objects.filter(
        procedure__klass=klass, procedure__area_code__in=_above(area_code), valid_from__lte=day or timezone.localdate()
    ).select_related("procedure")
    return max(found, key=lambda v: (len(v.procedure.area_code), v.valid_from, v.number), default=None)


def _above(area_code: str) -> list[str]:
    return [area_code[:width] for width in range(2, len(area_code) + 1)]


def procedures(user: User) -> QuerySet[Procedure]:
    """The procedures of the user's areas and of those above them."""
    scope = access.scope_of(user, "procedure.view")
    wanted = Q(pk__in=[])
    for clause in scope.clauses:
        wanted |= Q(area_code__startswith=clause.prefix) | Q(area_code__in=_above(clause.prefix))
    return (
        Procedure.objects.filter(wanted)
        .select_related("klass")
        .prefetch_related("versions")
        .order_by("klass__code", "id")
    )


def procedure_of(user: User, procedure_id: int, *, manage: bool = False) -> Procedure:
    """One procedure that the user may see, or change if asked; `not_found` or `forbidden`."""
    found = procedures(user).filter(pk=procedure_id).first()
    if found is None:
        raise ProblemError("not_found")
    if manage:
        access.require(user, "procedure.manage", found.area_code)
    return found


def in_force(procedure: Procedure, day: date | None = None) -> ProcedureVersion | None:
    """The version that new cases of this procedure begin with."""
    today = day or timezone.localdate()
    dated = [v for v in procedure.versions.all() if v.valid_from and v.valid_from <= today]
    return max(dated, key=lambda v: (v.valid_from, v.number), default=None)


def procedures_out(user: User) -> list[dict[str, Any]]:
    """The procedures with all their versions, as a list shows them."""
    rows = list(procedures(user))
    names, mine = area_names(p.area_code for p in rows), access.scope_of(user, "procedure.manage")
    return [
        {
            "id": p.pk, "class_key": p.klass.key, "name": p.klass.name, "name_en": p.klass.name_en, "area": p.area_code,
            "area_name": names.get(p.area_code, p.area_code), "in_force": version.number if (version := in_force(p)) else None,
            "versions": list(p.versions.all()), "may_manage": mine.covers(p.area_code),
        }
        for p in rows
    ]  # fmt: skip


def draft_of_procedure(procedure: Procedure) -> ProcedureVersion | None:
    return next((v for v in procedure.versions.all() if v.valid_from is None), None)


def flaws(rows: list[dict[str, Any]], area_code: str) -> list[dict[str, str]]:
    """What keeps these rows from being put in force for this area."""
    departments = [
        d.code for d in departments_in_force() if area_code.startswith(d.area_code) or d.area_code.startswith(area_code)
    ]
    found = flaws_of_rows(rows, roles=access.TABLE["incident.approve"], departments=departments)
    return [{"stage": flaw.stage, "code": flaw.code, "word": flaw.word} for flaw in found]


def matter_kinds(user: User) -> list[tuple[IncidentClass, ProcedureVersion]]:
    """The kinds of matter that can be registered in the user's areas today, with the version that would be followed."""
    pairs = ((p.klass, in_force(p)) for p in procedures(user) if p.klass.domain == Domain.MATTER)
    return [(klass, version) for klass, version in pairs if version]


def stage_allows(permission: str, role: Role, department: int | None, incident: Incident) -> bool:
    """Whether the stage that a case is in offers this action to this role, and for a handler to this department."""
    action = permission.removeprefix("incident.")
    if action not in BY_STAGE or incident.procedure is None:
        return True
    if incident.state != State.PROCESSING:
        return False
    stage = incident.procedure.table[incident.stage]
    return (
        action in stage.results
        and role == stage.role
        and (not stage.department or department == incident.department_id)
    )


def stage_needs(action: Action, incident: Incident) -> list[str]:
    """What the stage of a case asks for before it goes on by this action."""
    if incident.procedure is None or str(action) not in (*LEADS_ON, Result.FINISH):
        return []
    return sorted(str(required) for required in incident.procedure.table[incident.stage].requires)


def procedure_so_far(incident: Incident) -> dict[str, Any] | None:
    """The table that a case follows, the stage it is in, and who signed; None where it follows none."""
    if incident.procedure is None:
        return None
    signatures, own = incident.signatures.select_related("user"), stage_deadline(incident)
    return {
        "version": incident.procedure.number, "stages": incident.procedure.stages, "stage": incident.stage, "path": incident.path,
        "extensions": own.extensions if own else 0, "guide": incident.procedure.guide,
        "signatures": [{"stage_name": s.stage_name, "name": s.user.name, "at": s.at} for s in signatures],
    }  # fmt: skip


# --- a dry run


@dataclass(frozen=True)
class DryRun:
    """What a version would have meant for the cases of a year: how many were tried, by stage how many late, what it lacks."""

    tried: int
    late: dict[str, int]
    unknown: dict[str, int]
    cases: list[str]  # numbers of cases that would have been late somewhere, newest first


def dry_run(procedure: Procedure, version: ProcedureVersion) -> DryRun:
    """Hold a version against the cases of the past year that followed any version of the procedure."""
    since = timezone.now() - timedelta(days=TRIED_DAYS)
    past = Incident.objects.filter(procedure__procedure=procedure, reported_at__gt=since).order_by("-reported_at")[
        :MOST_TRIED
    ]
    table, days = Table.read(version.stages), calendar()
    late, unknown, cases, tried = Counter[str](), Counter[str](), list[str](), 0
    for incident in past:
        trial = try_on(table, stays(incident), days)
        tried += 1
        late.update(trial.late)
        unknown.update(trial.unknown)
        if trial.late:
            cases.append(incident.label)
    return DryRun(tried, dict(late), dict(unknown), cases[:50])


def stays(incident: Incident) -> Iterator[Stay]:
    """The stages that a case was in, from the log; the last one lasts until its end or until now. Waiting does not count."""
    log = StreamEvent.objects.filter(stream=incident.street, object_id=str(incident.pk)).order_by("seq")
    stage, since = "", incident.reported_at
    for at, payload in log.values_list("created_at", "payload"):
        now = payload.get("stage") or "" if payload.get("state") == State.PROCESSING else ""
        if now != stage:
            if stage:
                yield Stay(stage, since, at)
            stage, since = now, at
    if stage:
        yield Stay(stage, since, timezone.now())
