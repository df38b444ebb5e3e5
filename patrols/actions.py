"""Writes of people on the ground: on and off duty, the last position. Nothing of it is counted or kept."""

from datetime import datetime, timedelta

from django.contrib.gis.geos import Point
from django.utils import timezone

from gridmap import access
from gridmap.errors import ProblemError
from gridmap.models import Duty, User
from patrols import queries

FORGOTTEN = timedelta(hours=12)  # a duty that nobody ended; one long shift
CLOCK_TOLERANCE = timedelta(minutes=5)
OLDEST_FIX = timedelta(hours=1)  # a position is where somebody is, not where she was


def set_duty(actor: User, *, on: bool) -> bool:
    """Go on or off duty; returns the state. Off duty the position is gone at once.

    A state that is set twice is the same state, so this needs no note of what was answered: nothing in the database,
    neither log nor inbox, says who was on duty for how long.
    """
    access.require(actor, "duty.set")
    if on:
        Duty.objects.get_or_create(
            user=actor, defaults={"area_code": queries.home_area(actor), "since": timezone.now()}
        )
    else:
        Duty.objects.filter(user=actor).delete()
    return on


def share_position(actor: User, *, lon: float, lat: float, accuracy_m: float, at: datetime) -> None:
    """Keep the last position (degrees, metres) of a worker on duty; an older fix never replaces a newer one."""
    access.require(actor, "position.share")
    if at > timezone.now() + CLOCK_TOLERANCE:
        raise ProblemError("future_time", fields={"at": "future_time"})
    if at < timezone.now() - OLDEST_FIX:
        raise ProblemError("old_fix", fields={"at": "old_fix"})
    duty = Duty.objects.filter(user=actor)
    if not duty.exists():
        raise ProblemError("not_on_duty")
    older = duty.filter(fixed_at__lt=at) | duty.filter(fixed_at__isnull=True)
    older.update(point=Point(lon, lat, srid=4326), accuracy_m=accuracy_m, fixed_at=at, changed_at=timezone.now())


def end_forgotten_duties() -> int:
    """End duties without a sign of life for twelve hours, so that nobody's position stays; returns how many."""
    return Duty.objects.filter(changed_at__lt=timezone.now() - FORGOTTEN).delete()[0]
