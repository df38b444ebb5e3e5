"""Writes of people on the ground: on and off duty, the last position. Nothing of it is counted or kept."""

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.gis.geos import Point
from django.utils import timezone

from gridmap import access, actions
from gridmap.actions import Answer, Done
from gridmap.errors import ProblemError
from gridmap.models import Duty, User
from patrols import queries

FORGOTTEN = timedelta(hours=12)  # a duty that nobody ended; one long shift
CLOCK_TOLERANCE = timedelta(minutes=5)


def set_duty(actor: User, *, mutation_id: UUID, on: bool) -> Answer:
    """Go on or off duty. Off duty the position is gone at once, and the log does not say who was on for how long."""
    return actions.once(actor, mutation_id, {"duty": on}, lambda: _set_duty(actor, on=on))


def _set_duty(actor: User, *, on: bool) -> Done:
    access.require(actor, "duty.set")
    if not on:
        Duty.objects.filter(user=actor).delete()
        return Done({"on_duty": False})
    Duty.objects.get_or_create(user=actor, defaults={"area_code": queries.home_area(actor), "since": timezone.now()})
    return Done({"on_duty": True})


def share_position(actor: User, *, lon: float, lat: float, accuracy_m: float, at: datetime) -> None:
    """Keep the last position (degrees, metres) of a worker on duty; an older fix never replaces a newer one."""
    access.require(actor, "position.share")
    if at > timezone.now() + CLOCK_TOLERANCE:
        raise ProblemError("future_time", fields={"at": "future_time"})
    duty = Duty.objects.filter(user=actor)
    if not duty.exists():
        raise ProblemError("not_on_duty")
    older = duty.filter(fixed_at__lt=at) | duty.filter(fixed_at__isnull=True)
    older.update(point=Point(lon, lat, srid=4326), accuracy_m=accuracy_m, fixed_at=at, changed_at=timezone.now())


def end_forgotten_duties() -> int:
    """End duties without a sign of life for twelve hours, so that nobody's position stays; returns how many."""
    return Duty.objects.filter(changed_at__lt=timezone.now() - FORGOTTEN).delete()[0]
