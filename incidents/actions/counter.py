"""What a clerk does at the counter: register a matter and hand over its receipt."""

from typing import Any

from django.utils import timezone

from gridmap.actions import Answer
from gridmap.models import User
from incidents import queries
from incidents.actions.handing import shown
from incidents.actions.stages import Registration, register
from incidents.models import Incident


def register_at_counter(actor: User, matter: Registration) -> Answer:
    """Register a matter; the answer holds the receipt to print, which says by when it will be done. A repeat gets the same."""
    done = register(actor, matter)
    return Answer(done.body | {"receipt": _handed(matter)}, done.replayed)


def _handed(matter: Registration) -> dict[str, Any] | None:
    incident = Incident.objects.select_related("receipt", "procedure").get(pk=matter.id)
    if incident.receipt is None or matter.key is None:
        return None
    end = queries.expected_end(incident)
    return shown(incident.receipt, matter.key) | {"end_by": timezone.localdate(end) if end else None}
