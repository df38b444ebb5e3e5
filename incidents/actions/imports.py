"""Cases of another system, stored as they were said: areas without a border, classes that are ended, closed cases."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from gridmap import actions, areacode, events
from gridmap.models import Area, User
from incidents import imports
from incidents.events import Imported
from incidents.models import Incident, IncidentClass
from incidents.workflow import State

FIRST_NUMBER = 1_000_000_001  # imported cases count from here in each street, apart from the numbers of its own reports
BATCH = 500


def put_missing_areas(areas: Iterable[imports.PlannedArea], *, actor: User | None = None) -> int:
    """Store the areas that are not known yet, without a border; known ones stay as they are. Returns how many."""
    planned = {area.code: area for area in areas}
    known = Area.objects.filter(pk__in=planned).values_list("pk", flat=True)
    missing = [planned[code] for code in planned.keys() - set(known)]
    rows = [Area(code=a.code, name=a.name, name_en=a.name_en, provisional=a.provisional) for a in missing]
    actions.put_areas(sorted(rows, key=lambda row: row.code), actor)
    return len(rows)


@transaction.atomic
def import_street(
    street: str,
    cases: Sequence[imports.Accepted],
    *,
    mapping: imports.MappingFile,
    refused: int,
    actor: User | None = None,
) -> int:
    """Store the cases of one street, all or none, with one event for them; returns how many were new.

    A case that is there already (same scheme and record number) stays as it is, whatever became of it since.
    """
    known = set(Incident.objects.filter(pk__in=[case.id for case in cases]).values_list("pk", flat=True))
    fresh = sorted((case for case in cases if case.id not in known), key=lambda case: (case.at, case.record))
    if not fresh:
        return 0
    classes = dict(IncidentClass.objects.filter(scheme=mapping.scheme).values_list("code", "pk"))
    first = _next_number(street)
    rows = [
        Incident(number=number, klass_id=classes[case.class_code], **_fields(street, case, mapping.name))
        for number, case in enumerate(fresh, start=first)
    ]
    Incident.objects.bulk_create(rows, batch_size=BATCH)
    payload = Imported(accepted=len(rows), refused=refused)
    events.record(events.Draft(kind="incident.imported", area_code=street, object_id=street, payload=payload), actor)
    return len(rows)


def _next_number(street: str) -> int:
    imported = Incident.objects.filter(street=street, number__gte=FIRST_NUMBER)
    highest: int | None = imported.aggregate(highest=Max("number"))["highest"]
    return (highest or FIRST_NUMBER - 1) + 1


def _fields(street: str, case: imports.Accepted, source: str) -> dict[str, Any]:
    """Archived cases are closed, though nobody says when; one without the flag of an archived case is still filed."""
    if areacode.stream_of(case.area_code) != street:
        raise ValueError(f"{case.area_code} does not lie in {street}")
    return {
        "id": case.id,
        "street": street,
        "area_code": case.area_code,
        "source": case.origin,
        "state": State.FILED if case.on_time is None else State.CLOSED,
        "occurred_at": case.at,
        "reported_at": case.at,
        "imported": case.as_said(source),
    }
