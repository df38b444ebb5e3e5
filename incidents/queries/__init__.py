"""Reads of incidents. All start from `visible_to`: what a user may not see does not exist for her."""

from incidents.queries.archives import archive_file, dossier
from incidents.queries.case import detail, photo, timeline
from incidents.queries.catalogue import catalogue, class_by_key, condition_for, condition_of
from incidents.queries.deadlines import explained, on_working_clock, running_deadline, stretches
from incidents.queries.lists import Filters, matching, page, summary, tile
from incidents.queries.people import calendar, kept_calendar, may, nearest_worker
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
from incidents.queries.visible import (
    card,
    card_of,
    cards,
    get,
    lock,
    nearly_due,
    newly_overdue,
    overdue_again,
    visible_to,
)

__all__ = [
    "GUARDS",
    "Filters",
    "archive_file",
    "calendar",
    "card",
    "card_of",
    "cards",
    "catalogue",
    "class_by_key",
    "condition_for",
    "condition_of",
    "detail",
    "dossier",
    "draft_of_procedure",
    "dry_run",
    "due_of",
    "explained",
    "flaws",
    "get",
    "in_force",
    "kept_calendar",
    "lock",
    "matching",
    "matter_kinds",
    "may",
    "nearest_worker",
    "nearly_due",
    "newly_overdue",
    "on_working_clock",
    "overdue_again",
    "page",
    "photo",
    "procedure_of",
    "procedures",
    "procedures_out",
    "roles_at",
    "running_deadline",
    "stretches",
    "summary",
    "tile",
    "timeline",
    "version_for",
    "visible_to",
]  # fmt: skip
