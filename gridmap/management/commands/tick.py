"""`manage.py tick`: everything that time does. Safe to run twice, and any number of them at once."""

import time
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from gridmap import actions, jobs
from gridmap.actions import cells, persons_end, plans
from gridmap.actions.forms import ask_due
from gridmap.actions.imports import forget_files
from gridmap.actions.looks import purge_looks, seal_ends
from gridmap.jobs.imports import resume_imports
from incidents.actions import (
    end_suspensions,
    expire_demands,
    expire_questions,
    forget,
    forget_addresses,
    forget_presence,
    hand_over,
    mark_due_soon,
    mark_overdue,
    mark_overdue_again,
    mark_parts_overdue,
    refresh_facts,
    warn_of_ending,
)
from patrols.actions import end_forgotten_duties

INBOX_DAYS = 400  # longer than any tablet stays away with a report that is still taken


class Command(BaseCommand):
    help = "Say what deadlines have to say, count what happened, end forgotten duties, have webhooks told; --loop does so for ever."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on, every few seconds")
        parser.add_argument("--seconds", type=float, default=5.0, help="time between two rounds of --loop")

    def handle(self, *args: Any, loop: bool, seconds: float, **options: Any) -> None:
        while True:
            try:
                tick()
            except (OperationalError, InterfaceError) as error:
                if not loop:
                    raise
                self.stderr.write(f"no database, trying again: {str(error).strip()}")
                close_old_connections()
            if not loop:
                return
            time.sleep(seconds)


def tick() -> None:
    """One round."""
    mark_overdue()
    mark_overdue_again()
    mark_due_soon()
    mark_parts_overdue()
    end_suspensions()
    expire_demands()
    warn_of_ending()
    forget_presence()
    hand_over()
    expire_questions()
    forget()
    forget_addresses()
    persons_end.purge()
    seal_ends()
    purge_looks()
    end_forgotten_duties()
    plans.put_due_in_force()
    plans.give_up_late()
    cells.move_late()
    jobs.start_deliveries()
    resume_imports()
    forget_files()
    ask_due()
    actions.put_stale_jobs_back()
    actions.purge_inbox(timezone.now() - timedelta(days=INBOX_DAYS))
    refresh_facts()
