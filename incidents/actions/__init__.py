"""Writes of incidents: report, every step of the workflow by one door, photos, what residents send, what the clock does."""

from incidents.actions.alarms import mark_due_soon, mark_overdue, mark_overdue_again
from incidents.actions.archives import put_archive
from incidents.actions.bookings import Asked, book, cancel_booking, forget_addresses, put_hours
from incidents.actions.bulk import Chosen, bulk
from incidents.actions.calendar import end_day, move_deadlines, put_day
from incidents.actions.counter import register_at_counter
from incidents.actions.departments import (
    Named,
    add_department,
    end_department,
    keep_department,
    move_department,
    rename_department,
)
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
from incidents.actions.effects import Correction, Given, Joining, SeenAgain
from incidents.actions.exports import note_export
from incidents.actions.facts import make_facts, refresh_facts, remake_facts
from incidents.actions.gate import expire_demands, warn_of_ending
from incidents.actions.handover import hand_over
from incidents.actions.limits import forget, take
from incidents.actions.online import Applied, apply_online
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
from incidents.actions.sums import sum_again
from incidents.actions.times import end_suspensions, mark_parts_overdue
from incidents.actions.upkeep import put_calendar, put_classes, put_questions, put_texts

__all__ = [
    "Applied",
    "Asked",
    "Chosen",
    "Correction",
    "Given",
    "Held",
    "Joining",
    "Named",
    "Registration",
    "Report",
    "Seen",
    "SeenAgain",
    "act",
    "add_department",
    "answer_question",
    "apply_online",
    "attach",
    "attach_by_resident",
    "begin_procedure",
    "book",
    "bulk",
    "cancel_booking",
    "change_filter",
    "delete_filter",
    "end_day",
    "end_department",
    "end_suspensions",
    "expire_demands",
    "expire_questions",
    "forget",
    "forget_addresses",
    "forget_presence",
    "hand_over",
    "keep_department",
    "look",
    "look_away",
    "make_facts",
    "make_thumbs",
    "mark_due_soon",
    "mark_overdue",
    "mark_overdue_again",
    "mark_parts_overdue",
    "move_deadlines",
    "move_department",
    "note_export",
    "open_receipt",
    "order_filters",
    "put_archive",
    "put_calendar",
    "put_classes",
    "put_day",
    "put_draft",
    "put_hours",
    "put_in_force",
    "put_matters",
    "put_questions",
    "put_texts",
    "rate",
    "refresh_facts",
    "register",
    "register_at_counter",
    "remake_facts",
    "rename_department",
    "report",
    "report_by_resident",
    "save_filter",
    "sum_again",
    "take",
    "warn_of_ending",
]
