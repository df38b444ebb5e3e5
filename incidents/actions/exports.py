"""That somebody took a table away stands in the log: what, how many rows, what for."""

from uuid import UUID

from gridmap import actions, events
from gridmap.actions import Answer, Done
from gridmap.models import User
from incidents.events import Exported


def note_export(actor: User, mutation_id: UUID, area_code: str, made: Exported) -> Answer:
    """Note an export in the log of its area before its first row leaves; the same request again is noted once."""
    request = {"area": area_code, **made.model_dump(exclude={"rows"}, mode="json")}
    draft = events.Draft(kind="export.made", area_code=area_code, object_id=str(mutation_id), payload=made)
    return actions.once(actor, mutation_id, request, lambda: Done(made.model_dump(mode="json"), draft))
