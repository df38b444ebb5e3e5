"""Reads of incidents. All start from `visible_to`: what a user may not see does not exist for her."""

from incidents.queries.case import detail, photo, timeline
from incidents.queries.catalogue import catalogue, class_by_key, condition_for, condition_of
from incidents.queries.desk import LOOKS, described, filters_of, others_looking, own_filter, texts_for
from incidents.queries.lists import Filters, matching, page, summary, tile
from incidents.queries.people import calendar, may, nearest_worker
from incidents.queries.procedures import (
    draft_of_procedure,
    dry_run,
    due_of,
    flaws,
    in_force,
    matter_kinds,
    procedure_of,
    procedures,
    procedures_out,
    version_for,
)
from incidents.queries.rules import GUARDS, roles_at
from incidents.queries.visible import card, card_of, cards, get, lock, newly_overdue, visible_to

__all__ = [
    "GUARDS",
    "LOOKS",
    "Filters",
    "calendar",
    "card",
    "card_of",
    "cards",
    "catalogue",
    "class_by_key",
    "condition_for",
    "condition_of",
    "described",
    "detail",
    "draft_of_procedure",
    "dry_run",
    "due_of",
    "filters_of",
    "flaws",
    "get",
    "in_force",
    "lock",
    "matching",
    "matter_kinds",
    "may",
    "nearest_worker",
    "newly_overdue",
    "others_looking",
    "own_filter",
    "page",
    "photo",
    "procedure_of",
    "procedures",
    "procedures_out",
    "roles_at",
    "summary",
    "texts_for",
    "tile",
    "timeline",
    "version_for",
    "visible_to",
]  # fmt: skip
