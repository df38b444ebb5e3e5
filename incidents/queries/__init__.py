"""Reads of incidents. All start from `visible_to`: what a user may not see does not exist for her."""

from incidents.queries.case import detail, photo, timeline
from incidents.queries.catalogue import catalogue, class_by_key, condition_for, condition_of, questions_of
from incidents.queries.lists import Filters, matching, page, summary, tile
from incidents.queries.nearby import RECURRENCE, Near, nearby, recurrence_params, recurs
from incidents.queries.people import calendar, may, nearest_worker
from incidents.queries.recurrence import RepeatRate, repeat_rates
from incidents.queries.rules import GUARDS, roles_at
from incidents.queries.together import (
    above,
    concerned,
    family,
    lock_together,
    may_see_photo,
    photos_of,
    relations,
    reports_of,
)
from incidents.queries.visible import card, card_of, cards, get, lock, newly_overdue, visible_to

__all__ = [
    "GUARDS", "RECURRENCE", "Filters", "Near", "RepeatRate", "above", "calendar", "card", "card_of", "cards", "catalogue", "class_by_key",
    "concerned", "condition_for", "condition_of", "detail", "family", "get", "lock", "lock_together", "matching", "may",
    "may_see_photo", "nearby", "nearest_worker", "newly_overdue", "page", "photo", "photos_of", "questions_of",
    "recurrence_params", "recurs",
    "relations", "repeat_rates", "reports_of", "roles_at", "summary", "tile", "timeline", "visible_to",
]  # fmt: skip
