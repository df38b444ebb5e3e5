"""What is open in a cell, for its page."""

from typing import Any

from gridmap.models import User
from incidents.queries.visible import cards, visible_to
from incidents.workflow import OPEN

LATEST = 8
SHOWN = {"id", "number", "title", "title_en", "state", "due_at", "overdue"}


def section(user: User, code: str) -> dict[str, Any] | None:
    """How many cases of an area are open and overdue, as far as the user may see them, and those due first."""
    rows = visible_to(user).filter(area_code__startswith=code, state__in=OPEN)
    open_ = rows.count()
    first = rows.select_related("klass", "department").order_by("due_at", "pk")[:LATEST]
    listed = [card.model_dump(include=SHOWN) for card in cards(first)]
    return {"open": open_, "overdue": rows.filter(overdue=True).count(), "first": listed}
