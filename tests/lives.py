"""Cases whose whole history is known to the minute: the row, the assignments and the log, as they would have become."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib.gis.geos import Point
from django.db import transaction

from gridmap import areacode, events
from gridmap.localtime import ZONE
from gridmap.models import Department
from incidents import clock, queries
from incidents.models import Assignment, Incident, IncidentClass
from incidents.queries.visible import card
from tests.factories import CELL, LITTER, PLACES

_numbers = iter(range(5_000_000, 10**9))


def at(text: str) -> datetime:
    """A local moment, such as "2026-03-02 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@dataclass
class Life:
    """A case that begins with its report; `then` says what happened next."""

    reported: str
    cell: str = CELL
    klass: str = LITTER
    source: str = "patrol"
    east: float = 0.0  # degrees from the place of the cell
    imported: dict[str, Any] | None = None
    id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        scheme, domain, code = self.klass.split("/")
        lon, lat = PLACES[self.cell]
        when = at(self.reported)
        self.row = Incident.objects.create(
            id=self.id, street=areacode.stream_of(self.cell), number=next(_numbers), area_code=self.cell, source=self.source,
            klass=IncidentClass.objects.get(scheme=scheme, domain=domain, code=code), state="reported", reported_at=when,
            occurred_at=when, point=Point(lon + self.east, lat, srid=4326), imported=self.imported,
        )  # fmt: skip
        self._event("incident.reported", when)

    def then(self, when: str, kind: str, state: str, *, due: str = "", closed: bool = False) -> "Life":
        """The next event and what the row is after it."""
        self.row.state, self.row.version = state, self.row.version + 1
        self.row.due_at = at(due) if due else None
        if closed:
            self.row.closed_at = at(when)
        self.row.save()
        self._event(f"incident.{kind}", at(when))
        return self

    def filed(self, when: str) -> "Life":
        return self.then(when, "filed", "filed", due=when)

    def assigned(self, when: str, department: Department, due: str, limit: str = "4h") -> "Life":
        self.row.department = department
        self.row.departments = sorted({*self.row.departments, department.pk})
        Assignment.objects.create(
            incident=self.row, department=department, limit=limit, assigned_at=at(when), ended_at=at(when)
        )
        return self.then(when, "assigned", "assigned", due=due)

    def handled(self, when: str) -> "Life":
        return self.then(when, "handled", "to_verify", due=when)

    def refused(self, when: str, due: str) -> "Life":
        """The repair failed its check: the department's clock goes on."""
        return self.then(when, "repair_refused", "assigned", due=due)

    def closed(self, when: str) -> "Life":
        self.then(when, "repair_verified", "verified")
        return self.then(when, "closed", "closed", closed=True)

    def declined(self, when: str) -> "Life":
        return self.then(when, "declined", "declined", closed=True)

    def _event(self, kind: str, when: datetime) -> None:
        draft = events.Draft(
            kind=kind, area_code=self.row.area_code, object_id=str(self.id), version=self.row.version,
            payload=card(self.row, self.row.area_code), departments=tuple(self.row.departments), at=when,
        )  # fmt: skip
        with transaction.atomic():
            events.record(draft, None)


def worked_hours(spans: Sequence[tuple[str, str]]) -> float:
    """The working hours in these stretches, by the calendar in force."""
    calendar = queries.calendar()
    used = [clock.elapsed(at(a), at(b), clock.Kind.WORKING, calendar).total_seconds() for a, b in spans]
    return round(sum(used) / 3600, 2)
