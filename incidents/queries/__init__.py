"""Reads of incidents. All start from `visible_to`: what a user may not see does not exist for her."""

from incidents.queries.case import detail, photo, timeline
from incidents.queries.catalogue import catalogue, class_by_key, condition_for, condition_of
from incidents.queries.lists import Filters, matching, page, summary, tile
from incidents.queries.people import calendar, may, nearest_worker
from incidents.queries.residents import (
    cell_in_force,
    cell_map,
    cell_page,
    current_case,
    middle_of,
    receipt_page,
    viewable_cell,
)
from incidents.queries.rules import GUARDS, roles_at
from incidents.queries.visible import card, card_of, cards, get, lock, newly_overdue, visible_to

__all__ = [
    "GUARDS", "Filters", "calendar", "card", "card_of", "cards", "catalogue", "cell_in_force", "cell_map", "cell_page",
    "class_by_key", "condition_for", "condition_of", "current_case", "detail", "get", "lock", "matching", "may",
    "middle_of", "nearest_worker", "newly_overdue", "page", "photo", "receipt_page", "roles_at", "summary", "tile", "timeline",
    "viewable_cell", "visible_to",
]  # fmt: skip
