"""Every rule of an incident's life and of the clocks is shown by a test that names it: `test_rule_<number>_…`."""

import re
from pathlib import Path

import pytest

RULES = {
    "1": "Every return has a reason; a department withdraws its own assignment before it returns.",
    "2": "Returned: the handling clock pauses; the same department goes on with what was left, another one starts anew.",
    "3": "While a verification task is out, who waits is paused; the task has 30 minutes and goes to the nearest worker.",
    "4": "Each extension adds one original limit, at most two, approved at two levels. A suspension: once, a year at most.",
    "5": "Nobody's duty: the territory takes it first.",
    "6": "Overdue by one more limit: the department's head and the street director are told.",
    "7": "An objection goes to review; the first receiver keeps working until it is decided.",
    "8": "The record of actions is never edited.",
    "9": "Repeated reports join one incident; a new one at the place of a closed one is linked to it.",
    "10": "What belongs elsewhere is told the right channel and not opened.",
    "clocks_1": "Urgent limits run day and night.",
    "clocks_2": "Working time runs 8-12 and 14-18 on working days, make-up days among them; 1 working day is 8 such hours.",
    "clocks_3": "The calendar is data, seeded from the yearly notice, that an administrator edits.",
    "clocks_4": "Limits belong to class and condition and have effective dates: configuration, never code.",
    "clocks_5": "The known due dates.",
}
NAMED = set(
    re.findall(
        r"^(?:async )?def test_rule_(\d+|clocks_\d+)_",
        "\n".join(path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parents[1].rglob("test_*.py"))),
        re.MULTILINE,
    )
)


@pytest.mark.parametrize("number", RULES)
def test_every_rule_is_shown_by_a_test_that_names_it(number: str) -> None:
    assert number in NAMED, RULES[number]


def test_no_test_names_a_rule_that_does_not_exist() -> None:
    assert set(RULES) >= NAMED
