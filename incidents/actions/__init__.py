"""Writes of incidents: report, every step of the workflow by one door, photos, what residents send, what the clock does."""

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
from incidents.actions.effects import Given
from incidents.actions.gate import expire_demands, warn_of_ending
from incidents.actions.limits import forget, take
from incidents.actions.photos import attach, make_thumbs
from incidents.actions.procedures import begin_procedure, put_draft, put_in_force, put_matters
from incidents.actions.report import Report, report
from incidents.actions.residents import (
    Held,
    Seen,
    answer_question,
    attach_by_resident,
    expire_questions,
    open_receipt,
    rate,
    report_by_resident,
)
from incidents.actions.stages import Registration, register
from incidents.actions.upkeep import put_calendar, put_classes, put_texts

__all__ = [
    "Chosen",
    "Given",
    "Held",
    "Registration",
    "Report",
    "Seen",
    "act",
    "answer_question",
    "attach",
    "attach_by_resident",
    "begin_procedure",
    "bulk",
    "change_filter",
    "delete_filter",
    "end_day",
    "expire_demands",
    "expire_questions",
    "forget",
    "forget_presence",
    "look",
    "look_away",
    "make_thumbs",
    "mark_due_soon",
    "mark_overdue",
    "mark_overdue_again",
    "move_deadlines",
    "open_receipt",
    "order_filters",
    "put_archive",
    "put_calendar",
    "put_classes",
    "put_day",
    "put_draft",
    "put_in_force",
    "put_matters",
    "put_texts",
    "rate",
    "register",
    "report",
    "report_by_resident",
    "save_filter",
    "take",
    "warn_of_ending",
]
