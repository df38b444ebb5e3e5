"""What becomes of the files of imports: given up, called off, deleted; who asked for what, what is kept of refused rows."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from gridmap import actions
from gridmap.actions.imports import forget_files
from gridmap.jobs.imports import resume_imports, work_import
from gridmap.models import Grant, ImportRun, StreamEvent
from tests.factories import CELL, COMMUNITY, Town
from tests.gridmap.intake.runs import LID_CODE, LIDS, lon, look, step, taken, upload, work


def test_a_file_is_deleted_when_its_import_is_over_and_what_was_refused_of_it_a_week_later(
    town: Town, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    folder = Path(settings.MEDIA_ROOT) / "imports"
    with django_capture_on_commit_callbacks(execute=True):
        done = taken(town.community, LIDS.replace(LID_CODE, "1"), record="object")
        refused = upload(town.community, "小区,房号,人数,民族\n锦绣花园,501,3,x\n", record="household")
        work()
    assert look(town.community, refused)["state"] == "failed"
    assert list(folder.iterdir()) == []
    assert (forget_files(), len(look(town.community, done)["refusals"])) == (0, 1)
    ImportRun.objects.update(touched_at=timezone.now() - timedelta(days=8))
    assert (forget_files(), forget_files(), look(town.community, done)["refusals"]) == (1, 0, [])


def test_a_file_that_no_import_knows_is_swept_away(town: Town, settings: Any) -> None:
    run = upload(town.community, LIDS, record="object")
    folder = Path(settings.MEDIA_ROOT) / "imports"
    lost, fresh = folder / ("a" * 32), folder / ("b" * 32)
    for path in (lost, fresh):
        path.write_text("x")
    two_days_ago = (timezone.now() - timedelta(days=2)).timestamp()
    for path in (lost, folder / ImportRun.objects.get(pk=run["id"]).file):
        os.utime(path, (two_days_ago, two_days_ago))
    forget_files()
    assert {path.name for path in folder.iterdir()} == {fresh.name, ImportRun.objects.get(pk=run["id"]).file}


def test_numbers_of_persons_in_refused_values_are_covered(town: Town) -> None:
    lines = [f"510502199001011234,井盖,完好,{lon(CELL)},28.01", f"{LID_CODE},井盖,电话13800138000,{lon(CELL)},28.01"]
    text = "\n".join(["部件编码,名称,状态,经度,纬度", *lines])
    done = taken(town.community, text, record="object")
    assert [one["value"] for one in done["refusals"]] == ["•••", "电话•••"]
    bad_place = text.replace("电话13800138000", "完好").replace("28.01", "13800138000")
    assert {one["value"] for one in taken(town.community, bad_place, record="object")["refusals"]} == {
        "•••",
        f"{lon(CELL)} •••",
    }


def test_a_file_at_which_workers_die_is_given_up_after_three(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    class KilledError(BaseException):
        """What ends a process, and no handler of it."""

    def dies(*args: Any) -> None:
        raise KilledError

    run = upload(town.community, LIDS, record="object")
    with monkeypatch.context() as patched:
        patched.setattr("gridmap.intake.files.open_file", dies)
        for _ in range(3):
            with pytest.raises(KilledError):
                work_import.func("", 0, run["id"])
        work_import.func("", 0, run["id"])
    seen = look(town.community, run, "en")
    assert (seen["state"], seen["file_there"]) == ("failed", False)
    assert "broke off three times" in seen["reason"]
    ImportRun.objects.update(touched_at=timezone.now() - timedelta(minutes=5))
    assert resume_imports() == 0


def test_an_import_that_nobody_looked_at_yet_can_be_called_off(town: Town) -> None:
    run = upload(town.community, LIDS, record="object")
    step(town.community, run, "stop")
    work()
    assert (look(town.community, run)["state"], look(town.community, run)["reason"]) == ("failed", "上传后即被停止。")


def test_the_history_names_who_asked_for_the_step_and_not_who_uploaded_the_file(town: Town) -> None:
    run = upload(town.community, LIDS, record="object")
    work()
    actions.revoke(Grant.objects.get(user=town.community.user))
    step(town.administrator, run, "start")
    work()
    recorded = StreamEvent.objects.filter(kind="register.recorded")
    assert set(recorded.values_list("actor", flat=True)) == {town.administrator.user.pk}
    assert StreamEvent.objects.get(kind="import.done").actor_id == town.administrator.user.pk


def test_a_file_that_is_too_large_for_the_browser_comes_by_the_command_line(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "部件.csv"
    path.write_text(LIDS)
    asked = {"kind": "object", "area": COMMUNITY}
    call_command("import_register", str(path), user=town.community.user.username, **asked)
    work()
    run = {"id": str(ImportRun.objects.get().pk)}
    assert (look(town.community, run)["state"], look(town.community, run)["name"]) == ("ready", "部件.csv")
    step(town.community, run, "start")
    work()
    assert look(town.community, run)["made"] == 2
    for user in (town.worker.user.username, "nobody"):
        with pytest.raises(CommandError):
            call_command("import_register", str(path), user=user, **asked)
