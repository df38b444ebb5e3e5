"""Write `incidents/data/holidays.csv` anew, after the yearly notice came with a new `chinesecalendar`."""

import csv
from datetime import date
from typing import Any

from chinese_calendar import constants
from django.core.management.base import BaseCommand

from incidents.clock import HOLIDAYS_FILE


def known_rows() -> list[tuple[date, int, str]]:
    """Every day that differs from the weekday rule or is a named holiday: date, worked (1 or 0), name."""
    names = {holiday.value: holiday.chinese for holiday in constants.Holiday}
    free = [(day, 0, names[name]) for day, name in constants.holidays.items()]
    worked = [(day, 1, names[name]) for day, name in constants.workdays.items()]
    return sorted(free + worked)


class Command(BaseCommand):
    help = "Write the shipped calendar of holidays and make-up days anew from the chinesecalendar package."

    def handle(self, *_: Any, **__: Any) -> None:
        rows = known_rows()
        with HOLIDAYS_FILE.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(("date", "working", "name"))
            writer.writerows(rows)
        self.stdout.write(f"{len(rows)} days, {rows[0][0]} to {rows[-1][0]}: {HOLIDAYS_FILE}")
