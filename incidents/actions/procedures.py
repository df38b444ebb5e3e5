"""Procedures as data: a draft is written, tried, and put in force from a day on; what was in force is never changed."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from gridmap import access, actions, events
from gridmap.actions import Answer, Done
from gridmap.errors import ProblemError
from gridmap.models import User
from incidents import queries
from incidents.matters import Kind
from incidents.models import Domain, IncidentClass, Procedure, ProcedureVersion


def put_draft(
    actor: User, procedure_id: int, *, mutation_id: UUID, stages: list[dict[str, Any]], guide: dict[str, Any]
) -> Answer:
    """Store the draft of a procedure, as it is, flaws and all: only a table without flaws can be put in force."""
    found = queries.procedure_of(actor, procedure_id, manage=True)
    request = {"procedure": procedure_id, "stages": stages, "guide": guide}
    return actions.once(actor, mutation_id, request, lambda: _put_draft(found, stages, guide))


def _put_draft(procedure: Procedure, stages: list[dict[str, Any]], guide: dict[str, Any]) -> Done:
    Procedure.objects.select_for_update().get(pk=procedure.pk)
    draft = procedure.versions.filter(valid_from__isnull=True).first()
    if draft is None:
        last = procedure.versions.aggregate(last=Max("number"))["last"] or 0
        draft = ProcedureVersion(procedure=procedure, number=last + 1)
    draft.stages, draft.guide = stages, guide
    draft.save()
    return Done({"procedure": procedure.pk, "number": draft.number}, _event(procedure))


def put_in_force(actor: User, procedure_id: int, *, mutation_id: UUID, valid_from: date) -> Answer:
    """Let new cases follow the draft from a day on. Cases that are under way keep the version they began with."""
    found = queries.procedure_of(actor, procedure_id, manage=True)
    request = {"procedure": procedure_id, "valid_from": valid_from}
    return actions.once(actor, mutation_id, request, lambda: _put_in_force(found, valid_from))


def _put_in_force(procedure: Procedure, valid_from: date) -> Done:
    Procedure.objects.select_for_update().get(pk=procedure.pk)
    draft = procedure.versions.filter(valid_from__isnull=True).first()
    if draft is None:
        raise ProblemError("no_draft")
    if valid_from < timezone.localdate():
        raise ProblemError("past_date", fields={"valid_from": "past_date"})
    if flaws := queries.flaws(draft.stages, procedure.area_code):
        raise ProblemError("procedure_flawed", detail={"flaws": flaws})
    draft.valid_from = valid_from
    draft.save(update_fields=["valid_from"])
    return Done({"procedure": procedure.pk, "number": draft.number}, _event(procedure))


def begin_procedure(actor: User, *, mutation_id: UUID, class_key: str, area_code: str) -> Answer:
    """Give a class a procedure of its own in an area, with an empty draft; `exists` if it has one there."""
    access.require(actor, "procedure.manage", area_code)
    klass = queries.class_by_key(class_key)

    def work() -> Done:
        procedure, made = Procedure.objects.get_or_create(klass=klass, area_code=area_code)
        if not made:
            raise ProblemError("exists")
        ProcedureVersion.objects.create(procedure=procedure, number=1, stages=[])
        return Done({"procedure": procedure.pk, "number": 1}, _event(procedure))

    return actions.once(actor, mutation_id, {"class": class_key, "area": area_code}, work)


def _event(procedure: Procedure) -> events.Draft:
    return events.Draft(
        kind="procedure.changed", area_code=procedure.area_code, object_id=str(procedure.pk), payload=events.Nothing()
    )


@transaction.atomic
def put_matters(kinds: Iterable[Kind], area_code: str) -> int:
    """Store the shipped kinds of matter, each with its procedure in force; what is there stays. Returns how many are new."""
    made = 0
    for kind in kinds:
        klass, fresh = IncidentClass.objects.get_or_create(
            scheme=kind.key.scheme, domain=Domain.MATTER, code=kind.key.code,
            defaults={"major": kind.major, "name": kind.name, "name_en": kind.name_en, "valid_from": kind.valid_from},
        )  # fmt: skip
        procedure, _ = Procedure.objects.get_or_create(klass=klass, area_code=area_code)
        if not procedure.versions.exists():
            ProcedureVersion.objects.create(
                procedure=procedure, number=1, valid_from=kind.valid_from, stages=kind.stages, guide=kind.guide
            )
            events.record(_event(procedure), None)
        made += fresh
    return made
