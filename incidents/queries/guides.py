"""Guides to the kinds of matter, made from the procedures in force: what everyone may read without an account."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from gridmap import areacode
from gridmap.errors import ProblemError
from gridmap.queries import area_names
from incidents import guides
from incidents.models import Domain, Incident, IncidentClass, ProcedureVersion
from incidents.queries.catalogue import classes_in_force
from incidents.queries.people import calendar
from incidents.queries.procedures import version_for


def guide_kinds(area_code: str = "") -> list[dict[str, Any]]:
    """The kinds of matter that can be applied for in an area today, or anywhere where none is named."""
    found = ((klass, _version(klass, area_code)) for klass in _matters())
    return [
        {"kind": klass.code, "name": klass.name, "name_en": klass.name_en, "major": klass.major}
        for klass, version in found
        if version
    ]


def guide(kind: str, area_code: str = "") -> dict[str, Any]:
    """Basis, conditions, materials, stages and limits of a kind of matter; `no_guide` where there is none in the area."""
    klass, version = guided(kind, area_code)
    table, days = version.table, calendar()
    last = guides.end_by(timezone.now(), [table.first, *guides.ahead(table, table.first.key)], days)
    area = version.procedure.area_code
    return {
        "kind": klass.code, "name": klass.name, "name_en": klass.name_en, "major": klass.major,
        "area_name": area_names([area]).get(area, ""), "valid_from": version.valid_from, "guide": version.guide,
        "stages": [
            {"key": s.key, "name": s.name, "name_en": s.name_en, "level": str(s.level), "limit": str(s.limit or "")}
            for s in table.stages
        ],
        "may_come": guides.may_come(table), "end_by": timezone.localdate(last) if last else None,
    }  # fmt: skip


def guided(kind: str, area_code: str = "") -> tuple[IncidentClass, ProcedureVersion]:
    """A kind of matter by its code with the version in force in an area; `no_guide` where there is none."""
    for klass in _matters():
        if klass.code == kind and (version := _version(klass, area_code)):
            return klass, version
    raise ProblemError("no_guide")


def _matters() -> list[IncidentClass]:
    return list(classes_in_force().filter(domain=Domain.MATTER))


def _version(klass: IncidentClass, area_code: str) -> ProcedureVersion | None:
    """Of the area, or where none is named that of the widest area that has one."""
    if area_code:
        return version_for(klass, area_code) if areacode.is_valid(area_code) else None
    today = timezone.localdate()
    found = ProcedureVersion.objects.filter(procedure__klass=klass, valid_from__lte=today).select_related("procedure")
    return min(
        found, key=lambda v: (len(v.procedure.area_code), v.procedure.area_code, -_day(v), -v.number), default=None
    )


def _day(version: ProcedureVersion) -> int:
    assert version.valid_from
    return version.valid_from.toordinal()


def expected_end(incident: Incident) -> datetime | None:
    """When a matter is at its end at the latest, if nothing is missing and nothing extended; None where nobody can say."""
    if incident.procedure is None or incident.due_at is None:
        return None
    after = guides.ahead(incident.procedure.table, incident.stage)
    return guides.end_by(max(incident.due_at, timezone.now()), after, calendar())
