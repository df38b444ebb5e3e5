"""Reads of incidents. All start from `visible_to`: what a user may not see does not exist for her."""

from incidents.queries.case import detail, photo, timeline
from incidents.queries.catalogue import catalogue, class_by_key, condition_for, condition_of
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
from incidents.queries.routing import (
    as_rule,
    check_rules,
    explained,
    rule_set,
    rule_sets,
    rules_in_force,
    rules_of,
    suggester,
    unsound,
)
from incidents.queries.routing_view import rules_overview, rules_trial, rules_version
from incidents.queries.rules import GUARDS, roles_at
from incidents.queries.visible import card, card_of, cards, get, lock, newly_overdue, visible_to

__all__ = [
    "GUARDS", "Filters", "as_rule", "calendar", "card", "card_of", "cards", "catalogue", "check_rules",
    "class_by_key", "condition_for", "condition_of", "detail", "draft_of_procedure", "dry_run", "due_of", "explained",
    "flaws", "get", "in_force", "lock", "matching", "matter_kinds", "may", "nearest_worker", "newly_overdue", "page",
    "photo", "procedure_of", "procedures", "procedures_out", "roles_at", "rule_set", "rule_sets", "rules_in_force",
    "rules_of", "rules_overview", "rules_trial", "rules_version", "suggester", "summary", "tile", "timeline",
    "unsound", "version_for", "visible_to",
]  # fmt: skip
