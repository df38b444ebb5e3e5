"""Which incidents a user may see, and the card of one. Every other read of incidents starts here."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from gridmap import access
from gridmap.errors import ProblemError
from gridmap.models import User
from gridmap.queries import area_names
from incidents.events import Card
from incidents.models import Incident
from incidents.workflow import OPEN


def visible_to(user: User) -> QuerySet[Incident]:
    """The incidents a user may see: of her areas, for a handler those her department has or had, and those
    that she reported, joined or was asked to verify."""
    scope = access.scope_of(user, "incident.view")
    if not scope.clauses:
        return Incident.objects.none()
    return Incident.objects.filter(scope.q(persons=("reporter", "verifier")) | Q(joined_by__contains=[user.pk]))


def get(user: User, incident_id: UUID, *, lock: bool = False) -> Incident:
    """One incident that the user may see, its row locked for a change if asked; `not_found` if it is not hers to see."""
    rows = visible_to(user).select_related("klass", "department", "condition", "procedure").filter(pk=incident_id)
    found = rows.select_for_update(of=("self",)).first() if lock else rows.first()
    if found is None:
        raise ProblemError("not_found")
    return found


def lock(incident_id: UUID) -> Incident:
    """The row for a change of this transaction, locked until its end."""
    return Incident.objects.select_for_update().get(pk=incident_id)


def newly_overdue() -> QuerySet[Incident]:
    """Open cases whose deadline has passed and of which nobody was told yet."""
    return Incident.objects.filter(state__in=OPEN, overdue=False, due_at__lte=timezone.now()).order_by("due_at")


def nearly_due() -> QuerySet[Incident]:
    """Open cases that are to be warned of now and were not; what is overdue already needs no warning."""
    now = timezone.now()
    return Incident.objects.filter(state__in=OPEN, overdue=False, soon_at__lte=now, due_at__gt=now).order_by("soon_at")


def overdue_again() -> QuerySet[Incident]:
    """Open cases that are overdue by one more limit than was told."""
    return Incident.objects.filter(state__in=OPEN, overdue=True, again_at__lte=timezone.now()).order_by("again_at")


def cards(incidents: Iterable[Incident]) -> list[Card]:
    """The cards of incidents whose class and department were selected with them."""
    rows = list(incidents)
    names = area_names(i.area_code for i in rows)
    return [card(i, names.get(i.area_code, i.area_code)) for i in rows]


def card(incident: Incident, area_name: str) -> Card:
    return Card.model_validate(
        {
            "id": str(incident.pk), "number": incident.label, "class_key": incident.klass.key, "title": incident.klass.name,
            "title_en": incident.klass.name_en, "domain": incident.klass.domain, "state": incident.state, "level": incident.level,
            "area": incident.area_code, "area_name": area_name,
            "lon": incident.point.x if incident.point else None, "lat": incident.point.y if incident.point else None,
            "urgent": incident.urgent, "department": incident.department_id,
            "department_name": incident.department.name if incident.department else None,
            "source": incident.source, "reported_at": incident.reported_at, "due_at": incident.due_at,
            "due_soon": incident.due_soon, "overdue": incident.overdue, "overdue_by": incident.overdue_by,
            "stage": incident.stage or None, "stage_name": incident.stage_name or None,
            "stage_name_en": incident.stage_name_en or None, "version": incident.version,
            "photo": str(incident.cover) if incident.cover else None,
            "reports": incident.reports,
        }
    )  # fmt: skip


def card_of(incident: Incident) -> Card:
    return cards([incident])[0]
