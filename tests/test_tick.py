"""`manage.py tick`: what time does, safe to run again."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from gridmap.models import Duty
from incidents.jobs import small_pictures
from tests.factories import CELL, Town


@pytest.mark.parametrize(("tries", "expected"), [(1, "READY"), (5, "RUNNING")])
def test_a_job_whose_worker_was_killed_is_put_back_five_times_at_most(db: None, tries: int, expected: str) -> None:
    queued = small_pictures.enqueue("990101001", 1, "018f0000-0000-7000-8000-000000000000")
    row = DBTaskResult.objects.filter(pk=queued.id)
    row.update(status="RUNNING", started_at=timezone.now() - timedelta(hours=1), worker_ids=["x"] * tries)
    call_command("tick")
    call_command("tick")
    assert row.get().status == expected


def test_a_job_that_runs_is_left_alone(db: None) -> None:
    queued = small_pictures.enqueue("990101001", 1, "018f0000-0000-7000-8000-000000000000")
    DBTaskResult.objects.filter(pk=queued.id).update(status="RUNNING", started_at=timezone.now(), worker_ids=["x"])
    call_command("tick")
    assert DBTaskResult.objects.get(pk=queued.id).status == "RUNNING"


def test_a_duty_that_nobody_ended_ends_after_twelve_hours_and_the_position_with_it(town: Town) -> None:
    town.worker.post("/duty", {"mutation_id": "018f0000-0000-7000-8000-000000000001", "on": True})
    call_command("tick")
    assert Duty.objects.filter(area_code=CELL).exists()
    Duty.objects.update(changed_at=timezone.now() - timedelta(hours=13))
    call_command("tick")
    assert not Duty.objects.exists()
