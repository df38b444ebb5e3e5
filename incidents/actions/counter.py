"""What a clerk does at the counter: register a matter and hand over its receipt."""

from typing import Any

from django.utils import timezone

from gridmap.actions import Answer
from gridmap.models import User
from incidents import queries
from incidents.actions.handing import booked, shown
from incidents.actions.stages import Registration, register
from incidents.models import Incident


def register_at_counter(actor: User, matter: Registration) -> Answer:
    """Register a matter; the answer holds the receipt to print, which says by when it will be done. A repeat gets the same."""
    done = register(actor, matter)
    return Answer(done.body | {"receipt": _handed(matter)}, done.replayed)


def _handed(matter: Registration) -> dict[str, Any] | None:
    incident = Incident.objects.select_related("receipt", "procedure").get(pk=matter.id)
    receipt, end = incident.receipt, queries.expected_end(incident)
    if receipt is None:
        return None
    own = shown(receipt, matter.key) if matter.key and receipt.pk == matter.id else booked(receipt)
    return own | {"end_by": timezone.localdate(end) if end else None}
