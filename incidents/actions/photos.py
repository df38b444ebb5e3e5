"""Photos of a case: re-encoded, kept once, named by the id their client made."""

import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from gridmap import actions
from gridmap.actions import Answer, Done
from gridmap.errors import ProblemError
from gridmap.models import User
from incidents import photos, queries, store
from incidents.actions.door import change
from incidents.models import Attachment, Incident, JoinedReport
from incidents.workflow import Action

MOST_PHOTOS = 30


def attach(
    actor: User, incident_id: UUID, *, photo_id: UUID, kind: str, data: bytes, report: UUID | None = None
) -> Answer:
    """Add a photo to a case; a repeat of the same upload gets the first answer.

    `report` is the actor's own report that joined the case, to which the photo belongs; it follows where that went.
    """
    _writable(actor, incident_id)
    photo = clean(data)
    request: dict[str, Any] = {"incident": incident_id, "kind": kind, "sha256": hashlib.sha256(data).hexdigest()}
    if report:
        request["report"] = report
    return actions.once(actor, photo_id, request, lambda: _attach(actor, incident_id, photo_id, kind, photo, report))


def clean(data: bytes) -> photos.Photo:
    """The photo re-encoded, its file stored; raises the PhotoError of what is none as a problem of the field `file`."""
    try:
        photo = photos.clean(data)
    except photos.PhotoError as error:
        raise ProblemError(error.code, fields={"file": error.code}) from error
    store.write(store.path_of(Path(settings.MEDIA_ROOT), photo.sha256), photo.jpeg)
    return photo


def stored(incident: Incident, photo_id: UUID, kind: str, photo: photos.Photo) -> dict[str, Any]:
    """The fields of a photo's row."""
    return {
        "id": photo_id, "incident": incident, "kind": kind, "sha256": photo.sha256, "width": photo.width,
        "height": photo.height, "size": len(photo.jpeg), "created_at": timezone.now(),
    }  # fmt: skip


def _writable(actor: User, incident_id: UUID) -> None:
    incident = queries.get(actor, incident_id)
    if not queries.roles_at(actor, "incident.photo", incident):
        raise ProblemError("forbidden")


def _home_of(actor: User, incident_id: UUID, report: UUID | None) -> tuple[UUID, UUID | None]:
    """The case that keeps the photo, and the joined report it belongs to, which may be a case of its own by now."""
    if report is None:
        return incident_id, None
    joined = JoinedReport.objects.filter(pk=report, user=actor).first()
    if joined:
        return joined.incident_id, joined.pk
    if Incident.objects.filter(pk=report, reporter=actor).exists():
        return report, None
    raise ProblemError("unknown_report", fields={"report": "unknown_report"})


def _attach(
    actor: User, incident_id: UUID, photo_id: UUID, kind: str, photo: photos.Photo, report: UUID | None
) -> Done:
    home, joined = _home_of(actor, incident_id, report)
    incident = queries.lock(home)
    if incident.attachments.count() >= MOST_PHOTOS:
        raise ProblemError("too_many_photos", most=MOST_PHOTOS)
    Attachment.objects.create(uploaded_by=actor, joined_id=joined, **stored(incident, photo_id, kind, photo))
    done = change(incident, (Action.PHOTO, None), {} if incident.cover else {"cover": photo_id})
    return Done({"id": str(photo_id), "kind": kind, "width": photo.width, "height": photo.height}, done.event)


def make_thumbs(incident_id: UUID) -> int:
    """Make the small pictures that are still missing; returns how many. Safe to run twice."""
    made = 0
    root = Path(settings.MEDIA_ROOT)
    for attachment in Attachment.objects.filter(incident=incident_id):
        small = store.path_of(root, attachment.sha256, thumb=True)
        if not small.exists():
            store.write(small, photos.thumb(store.path_of(root, attachment.sha256).read_bytes()))
            made += 1
    return made
