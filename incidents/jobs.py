"""What runs after a change, in the worker: the commit that stores the event queues it."""

from uuid import UUID

from django_tasks import task

from gridmap import events
from incidents import actions


@task()
def small_pictures(stream: str, seq: int, incident_id: str) -> int:
    """Make the small pictures of a case's photos."""
    return actions.make_thumbs(UUID(incident_id))


def subscribe() -> None:
    events.on("incident.photo_added", small_pictures)
