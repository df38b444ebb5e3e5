"""The signed archive of a finished matter, stored once."""

import hashlib
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from gridmap import events
from incidents import queries, store
from incidents.actions.drafts import draft_of
from incidents.models import Archive, Incident


@transaction.atomic
def put_archive(incident_id: UUID, pdf: bytes) -> bool:
    """Keep the PDF and say so by an event; false if there is one already, which then stays as it is."""
    incident = queries.lock(incident_id)
    if Archive.objects.filter(incident=incident).exists():
        return False
    path = store.archive_of(Path(settings.MEDIA_ROOT), incident_id)
    path.unlink(missing_ok=True)  # of a try that was killed before its row was there
    store.write(path, pdf)
    Archive.objects.create(incident=incident, sha256=hashlib.sha256(pdf).hexdigest(), size=len(pdf))
    Incident.objects.filter(pk=incident_id).update(version=F("version") + 1)
    after = Incident.objects.select_related("klass", "department").get(pk=incident_id)
    events.record(draft_of(after, "incident.archived"), None)
    return True
