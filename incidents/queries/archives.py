"""What goes into the archive of a matter, and the archive itself."""

from pathlib import Path
from uuid import UUID

from django.conf import settings

from gridmap import areacode
from gridmap.errors import ProblemError
from gridmap.models import User
from gridmap.queries import area_names
from incidents import store
from incidents.dossier import Dossier, Moment, Paper, Signed
from incidents.events import KINDS
from incidents.labels import ACTION_LABELS, STATE_LABELS
from incidents.models import Archive, Incident
from incidents.queries.case import timeline
from incidents.queries.visible import get
from incidents.workflow import State

_DONE = {kind: ACTION_LABELS[action]["zh"] for (action, _), kind in KINDS.items()}  # type: ignore[index]  # names of actions


def dossier(incident_id: UUID) -> Dossier:
    """The whole of a finished matter, for its archive. Asked by the job alone, which has no user."""
    incident = Incident.objects.select_related("klass", "procedure").get(pk=incident_id)
    moments = timeline(None, incident)
    office = areacode.stream_of(incident.area_code)
    names = area_names([incident.area_code, office])
    guide = incident.procedure.guide if incident.procedure else {}
    return Dossier(
        number=incident.label, kind=incident.klass.name, area=names.get(incident.area_code, incident.area_code),
        office=names.get(office, office), description=incident.description, basis=guide.get("basis", ""),
        outcome=STATE_LABELS[State(incident.state)]["zh"], registered_at=incident.reported_at,
        ended_at=incident.closed_at or moments[-1].event.created_at,
        moments=[
            Moment(
                at=m.event.created_at, what=_DONE.get(m.event.kind, m.event.kind), words=m.text,
                who=m.event.actor.name if m.event.actor else "", stage=m.event.payload.get("stage_name") or "",
            )
            for m in moments
        ],
        signatures=[Signed(s.stage_name, s.user.name, s.at) for s in incident.signatures.select_related("user")],
        papers=_papers(incident),
    )  # fmt: skip


def _papers(incident: Incident) -> list[Paper]:
    root = Path(settings.MEDIA_ROOT)
    photos = enumerate(incident.attachments.all(), 1)
    return [Paper(f"{number:02}.jpg", store.path_of(root, photo.sha256).read_bytes()) for number, photo in photos]


def archive_file(user: User, incident_id: UUID) -> Path:
    """The signed PDF of a case that the user may see; `not_found` where there is none (yet)."""
    incident = get(user, incident_id)
    path = store.archive_of(Path(settings.MEDIA_ROOT), incident.pk)
    if not Archive.objects.filter(incident=incident).exists() or not path.exists():
        raise ProblemError("not_found")
    return path
