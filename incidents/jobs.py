"""What runs after a change, in the worker: the commit that stores the event queues it."""

from datetime import date
from uuid import UUID

from django_tasks import task

from gridmap import events
from incidents import actions


@task()
def small_pictures(stream: str, seq: int, incident_id: str) -> int:
    """Make the small pictures of a case's photos."""
    return actions.make_thumbs(UUID(incident_id))


@task()
def deadlines_of_the_day(stream: str, seq: int, day: str) -> int:
    """Count the deadlines anew that a changed day of the working calendar touches."""
    return actions.move_deadlines(date.fromisoformat(day))


def subscribe() -> None:
    events.on("calendar.changed", deadlines_of_the_day)
    events.on("incident.photo_added", small_pictures)
