"""Writes of incidents: report, every step of the workflow by one door, photos, what residents send, what the clock does."""

from incidents.actions.door import act
from incidents.actions.effects import Given
from incidents.actions.limits import forget
from incidents.actions.photos import attach, make_thumbs
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
from incidents.actions.upkeep import mark_overdue, put_calendar, put_classes

__all__ = [
    "Given", "Held", "Report", "Seen", "act", "answer_question", "attach", "attach_by_resident", "expire_questions", "forget",
    "make_thumbs", "mark_overdue", "open_receipt", "put_calendar", "put_classes", "rate", "report", "report_by_resident",
]  # fmt: skip
