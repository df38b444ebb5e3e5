"""Writes of incidents: report, every step of the workflow by one door, photos, what the clock does."""

from incidents.actions.door import act
from incidents.actions.effects import Correction, Given, Seen
from incidents.actions.photos import attach, make_thumbs
from incidents.actions.report import Report, report
from incidents.actions.upkeep import mark_overdue, put_calendar, put_classes, put_questions

__all__ = [
    "Correction",
    "Given",
    "Report",
    "Seen",
    "act",
    "attach",
    "make_thumbs",
    "mark_overdue",
    "put_calendar",
    "put_classes",
    "put_questions",
    "report",
]
