"""What goes into the archive of a matter or of a case that followed a procedure, and the archive itself."""

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
from incidents.queries.together import family, photos_of
from incidents.queries.visible import get
from incidents.workflow import State

BESIDES = {  # what happened to a case by no step of its own
    "incident.imported": "导入", "incident.moved": "网格调整，随地点转入", "incident.due_soon": "时限将到", "incident.overdue": "超过时限",
    "incident.overdue_again": "再超一个时限", "incident.deadline_moved": "日历变动，时限重算",
    "incident.archived": "归档并签署", "incident.received": "另一案件并入", "incident.released": "并入的案件移出",
    "incident.child_added": "归入一个子案件", "incident.child_removed": "移出一个子案件",
    "incident.part_overdue": "有配合任务超过时限", "incident.question_expired": "居民没有按时回答",
    "incident.suspension_ended": "挂账到期，恢复办理",
}  # fmt: skip
DONE = BESIDES | {kind: ACTION_LABELS[action]["zh"] for (action, _), kind in KINDS.items()}  # type: ignore[index]  # names of actions


def dossier(incident_id: UUID) -> Dossier:
    """The whole of a finished case, for its archive. Asked by the job alone, which has no user."""
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
                at=m.event.created_at, what=DONE.get(m.event.kind, m.event.kind), words=m.text,
                who=m.event.actor.name if m.event.actor else "", stage=m.event.payload.get("stage_name") or "",
            )
            for m in moments
        ],
        signatures=[Signed(s.stage_name, s.user.name, s.at) for s in incident.signatures.select_related("user")],
        papers=_papers(incident),
    )  # fmt: skip


def _papers(incident: Incident) -> list[Paper]:
    root = Path(settings.MEDIA_ROOT)
    photos = enumerate(photos_of(family(incident)), 1)
    return [Paper(f"{number:02}.jpg", store.path_of(root, photo.sha256).read_bytes()) for number, photo in photos]


def archive_file(user: User, incident_id: UUID) -> Path:
    """The signed PDF of a case that the user may see; `not_found` where there is none (yet)."""
    incident = get(user, incident_id)
    path = store.archive_of(Path(settings.MEDIA_ROOT), incident.pk)
    if not Archive.objects.filter(incident=incident).exists() or not path.exists():
        raise ProblemError("not_found")
    return path
