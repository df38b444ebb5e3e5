"""Writes of incidents: report, every step of the workflow by one door, photos, what the clock does."""

from incidents.actions.door import act
from incidents.actions.effects import Given
from incidents.actions.exports import note_export
from incidents.actions.facts import make_facts, refresh_facts, remake_facts
from incidents.actions.photos import attach, make_thumbs
from incidents.actions.procedures import begin_procedure, put_draft, put_in_force, put_matters
from incidents.actions.report import Report, report
from incidents.actions.stages import Registration, register
from incidents.actions.upkeep import mark_overdue, put_calendar, put_classes

__all__ = [
    "Given", "Registration", "Report", "act", "attach", "begin_procedure", "make_facts", "make_thumbs",
    "mark_overdue", "note_export", "put_calendar", "put_classes", "put_draft", "put_in_force", "put_matters",
    "refresh_facts", "register", "remake_facts", "report",
]  # fmt: skip
