"""Writes of incidents: report, every step of the workflow by one door, photos, what the clock does."""

from incidents.actions.alarms import mark_due_soon, mark_overdue, mark_overdue_again
from incidents.actions.archives import put_archive
from incidents.actions.bulk import Chosen, bulk
from incidents.actions.calendar import end_day, move_deadlines, put_day
from incidents.actions.desk import (
    change_filter,
    delete_filter,
    forget_presence,
    look,
    look_away,
    order_filters,
    save_filter,
)
from incidents.actions.door import act
from incidents.actions.effects import Correction, Given, Seen
from incidents.actions.photos import attach, make_thumbs
from incidents.actions.procedures import begin_procedure, put_draft, put_in_force, put_matters
from incidents.actions.report import Report, report
from incidents.actions.stages import Registration, register
from incidents.actions.upkeep import put_calendar, put_classes, put_questions, put_texts

__all__ = [
    "Chosen",
    "Correction",
    "Given",
    "Registration",
    "Report",
    "Seen",
    "act",
    "attach",
    "begin_procedure",
    "bulk",
    "change_filter",
    "delete_filter",
    "end_day",
    "forget_presence",
    "look",
    "look_away",
    "make_thumbs",
    "mark_due_soon",
    "mark_overdue",
    "mark_overdue_again",
    "move_deadlines",
    "order_filters",
    "put_archive",
    "put_calendar",
    "put_classes",
    "put_day",
    "put_draft",
    "put_in_force",
    "put_matters",
    "put_questions",
    "put_texts",
    "register",
    "report",
    "save_filter",
]  # fmt: skip
