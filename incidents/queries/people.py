"""Who is near enough to look, and the calendar they work by."""

from django.contrib.gis.db.models.functions import Distance
from django.db.models import F

from gridmap import access, areacode
from gridmap.models import Duty, Role, User
from incidents import clock
from incidents.models import Holiday, Incident


def nearest_worker(incident: Incident) -> User | None:
    """The nearest worker on duty who serves the incident's cell; one without a fix comes last, None if nobody is on duty."""
    here = areacode.ancestors(incident.area_code)
    serving = Duty.objects.filter(
        user__is_active=True, user__grants__role=Role.WORKER, user__grants__area_code__in=here
    ).select_related("user")
    if incident.handled_by_id:
        serving = serving.exclude(user=incident.handled_by_id)
    if incident.point:
        serving = serving.annotate(away=Distance("point", incident.point)).order_by(F("away").asc(nulls_last=True))
    found = serving.first()
    return found.user if found else None


def may(person: User, permission: str, incident: Incident) -> bool:
    """Whether a person's grants give her this permission at the place of the incident."""
    return access.scope_of(person, permission).covers(incident.area_code)


def kept_calendar() -> clock.Calendar | None:
    """The working calendar as administrators keep it; None before it was seeded."""
    rows = [clock.Holiday(*row) for row in Holiday.objects.values_list("date", "working", "name")]
    return clock.Calendar.of(rows) if rows else None


def calendar() -> clock.Calendar:
    """The working calendar as administrators keep it; the shipped one before it was seeded."""
    return kept_calendar() or clock.Calendar.shipped()
