"""Reads of incidents. All start from `visible_to`: what a user may not see does not exist for her."""

from incidents.queries.case import detail, photo, timeline
from incidents.queries.catalogue import catalogue, class_by_key, condition_for, condition_of
from incidents.queries.exports import Table, export_area, table
from incidents.queries.facts import (
    came_again,
    came_again_marked,
    came_before,
    changed,
    for_facts,
    kinds,
    logs,
    streets_behind,
)
from incidents.queries.figures import answer, brief
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
from incidents.queries.statistics import Period, Statistics, heat, statistics
from incidents.queries.visible import card, card_of, cards, get, lock, newly_overdue, visible_to

__all__ = [
    "GUARDS", "Filters", "Period", "Statistics", "Table", "answer", "brief", "calendar", "came_again",
    "came_again_marked", "came_before", "card", "card_of", "cards", "catalogue", "changed", "class_by_key",
    "condition_for", "condition_of", "detail", "draft_of_procedure", "dry_run", "due_of", "export_area", "flaws",
    "for_facts", "get", "heat", "in_force", "kinds", "lock", "logs", "matching", "matter_kinds", "may",
    "nearest_worker", "newly_overdue", "page", "photo", "procedure_of", "procedures", "procedures_out", "roles_at",
    "statistics", "streets_behind", "summary", "table", "tile", "timeline", "version_for", "visible_to",
]  # fmt: skip
