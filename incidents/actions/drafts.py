"""The events of cases, before they have their number."""

from collections.abc import Sequence

from gridmap import events
from incidents import queries
from incidents.events import Card, Corrected
from incidents.models import Incident


def draft_of(incident: Incident, kind: str, changed: Sequence[str] = ()) -> events.Draft:
    """The event that tells everyone concerned how the case stands now; `changed` is what a correction put right."""
    persons = {p for p in (incident.reporter_id, incident.verifier_id, *incident.joined_by) if p}
    card = queries.card_of(incident)
    return events.Draft(
        kind=kind, area_code=incident.area_code, object_id=str(incident.pk), version=incident.version,
        payload=Corrected.model_validate({**card.model_dump(), "changed": changed}) if changed else card,
        departments=tuple(incident.departments), persons=tuple(sorted(persons)),
    )  # fmt: skip


def farewell(draft: events.Draft, area_code: str) -> events.Draft:
    """The same news for an area that the case has left: who works there takes it off her map, and is not told its place."""
    assert isinstance(draft.payload, Card)
    card = draft.payload.model_copy(update={"lon": None, "lat": None, "photo": None})
    return events.Draft(
        kind=draft.kind, area_code=area_code, object_id=draft.object_id, version=draft.version, payload=card
    )
