"""Routing that explains itself: which department takes a case, and why. Pure: no Django, no database."""

from incidents.routing.check import Facts, Gap, Office, Overlap, Report, Trouble, check
from incidents.routing.rules import ALWAYS, By, Case, Considered, Decision, Rule, Verdict, When, decide

__all__ = [
    "ALWAYS", "By", "Case", "Considered", "Decision", "Facts", "Gap", "Office", "Overlap", "Report", "Rule", "Trouble",
    "Verdict", "When", "check", "decide",
]  # fmt: skip
