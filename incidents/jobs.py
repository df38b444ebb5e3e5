"""What runs after a change, in the worker: the commit that stores the event queues it."""

from datetime import date
from uuid import UUID

from django.conf import settings
from django_tasks import task

from gridmap import events
from incidents import actions, queries


@task()
def small_pictures(stream: str, seq: int, incident_id: str) -> int:
    """Make the small pictures of a case's photos."""
    return actions.make_thumbs(UUID(incident_id))


@task()
def archive(stream: str, seq: int, incident_id: str) -> bool:
    """Make and sign the archive of a matter that has ended; false where no office can sign here."""
    from incidents import archive, seal  # noqa: PLC0415  # large, and needed by this job alone

    case = UUID(incident_id)
    folder = settings.SEAL_ROOT
    if not seal.exists(folder):
        return False
    dossier = queries.dossier(case)
    pdf = seal.sign(archive.render(dossier), folder, reason=f"{dossier.number} 办结归档")
    return actions.put_archive(case, pdf)


@task()
def deadlines_of_the_day(stream: str, seq: int, day: str) -> int:
    """Count the deadlines anew that a changed day of the working calendar touches."""
    return actions.move_deadlines(date.fromisoformat(day))


def subscribe() -> None:
    events.on("calendar.changed", deadlines_of_the_day)
    events.on("incident.finished", archive)
    events.on("incident.refused", archive)
    events.on("incident.photo_added", small_pictures)
